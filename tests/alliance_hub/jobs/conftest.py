"""A kind of job that does as the test says, registered for the test alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.jobs.models import Job, Key
from alliance_hub.jobs.service import Lease, handles

KIND = "errand"


@dataclass
class Errands:
    """Does jobs of kind `errand` by `act`, and remembers which."""

    hub: Hub
    act: Callable[[Hub, Key, Lease], None] = lambda _hub, _key, _lease: None
    done: list[Key] = field(default_factory=list)

    def __call__(self, hub: Hub, key: Key, lease: Lease) -> None:
        self.done.append(key)
        self.act(hub, key, lease)

    def enqueue(self, number: int = 1) -> int:
        with self.hub.database.transaction() as session:
            return jobs.enqueue(session, KIND, {"number": number}, now=self.hub.clock()).id

    def look(self, job_id: int) -> Job:
        with self.hub.database.reading() as session:
            return session.get_one(Job, job_id)


@pytest.fixture
def errands(hub: Hub) -> Iterator[Errands]:
    """Errands on SQLite."""
    yield from registered(hub)


def registered(hub: Hub) -> Iterator[Errands]:
    """Register errands of this hub, and forget them at the end."""
    found = Errands(hub)
    handles(KIND)(found)
    yield found
    del jobs._HANDLERS[KIND]
