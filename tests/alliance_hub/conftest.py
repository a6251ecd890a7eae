"""A hub with real keys and a migrated database of its own for each test; only the clock is faked."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from alliance_hub import schema
from alliance_hub.db import Database
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.permissions import Sender
from alliance_hub.settings import DATABASE_FILE, load_settings
from privacy.encoding import b64
from privacy.keyset import Policy
from privacy.statements import Acceptance
from tests.alliance_hub.builders import Ceremony, Clock, Platform, Speaker, custodian, hold_ceremony, platform
from tests.services.fixtures import fresh_name
from tests.services.postgres import fresh_database


@pytest.fixture
def clock() -> Clock:
    """Early on the second of November 2026 in Shanghai: in the first tenth of the month."""
    return Clock(datetime(2026, 11, 1, 18, 0, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def ceremony() -> Ceremony:
    """The keys of an alliance for made-up data, months as periods."""
    return hold_ceremony(Policy.for_synthetic_data())


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table and nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / DATABASE_FILE
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    database.close()
    return path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database of the test's own."""
    shutil.copy(migrated, tmp_path / DATABASE_FILE)
    database = Database(f"sqlite:///{tmp_path / DATABASE_FILE}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def migrated_on_postgres(postgres_url: str) -> Iterator[str]:
    """The name of a PostgreSQL database with every table and nothing in it, to be copied."""
    with fresh_database(postgres_url, fresh_name()) as url:
        database = Database(url)
        schema.upgrade(database)
        database.close()
        yield url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of each kind that the hub supports, for what depends on the kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("database")
        return
    like = request.getfixturevalue("migrated_on_postgres")
    with fresh_database(request.getfixturevalue("postgres_url"), fresh_name(), like=like) as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture
def hub_on(tmp_path: Path, ceremony: Ceremony, clock: Clock) -> Callable[[Database], Hub]:
    """Open a hub on a given database."""
    settings = load_settings(tmp_path)
    return lambda database: Hub(settings, database, ceremony.hub_keys, ceremony.signed, clock)


@pytest.fixture
def hub(hub_on: Callable[[Database], Hub], database: Database) -> Hub:
    """A hub on an empty database."""
    return hub_on(database)


@pytest.fixture
def session(hub: Hub) -> Iterator[Session]:
    """One transaction around the whole test."""
    with hub.database.transaction() as session:
        yield session


@pytest.fixture
def custodians(ceremony: Ceremony, clock: Clock) -> list[Speaker]:
    """The three custodians, by index from 0."""
    return [custodian(index, ceremony, clock) for index in (1, 2, 3)]


Join = Callable[..., Platform]


@pytest.fixture
def join(session: Session, hub: Hub, custodians: list[Speaker], clock: Clock) -> Join:
    """Let a platform join: introduced, admitted, accepted by so many custodians (two suffice)."""

    def joined(name: str = "North Bank", *, acceptances: int = 2) -> Platform:
        member = platform(name, clock)
        membership.apply(session, hub, member.say(member.enrolment()), clock())
        row = membership.admit(session, hub, name, clock())
        assert row.enrolment_digest is not None
        member.sequence, member.previous = 1, row.enrolment_digest
        for index, witness in enumerate(custodians[:acceptances], 1):
            signed = witness.say(Acceptance(enrolment=b64(row.enrolment_digest)))
            feed.receive(session, hub, signed, sender=Sender.for_custodian(index), now=clock())
            witness.said(signed)
        return member

    return joined
