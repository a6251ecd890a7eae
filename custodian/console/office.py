"""What the page works with: the home, its follower with the unlocked witness key, and the clock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Lock

from custodian import server, state
from custodian.desk import acceptance
from custodian.follower import Follower
from custodian.home import Home, Keys, Settings
from custodian.ledger import Ledger
from custodian.server import Clock
from privacy.ceremony import CustodianCard
from privacy.keyset import KeySet
from privacy.messages import parse_json


@dataclass(frozen=True, slots=True)
class Office:
    """One custodian as its operator sees it."""

    name: str
    settings: Settings
    follower: Follower
    accepting: Lock
    clock: Clock

    @property
    def key_set(self) -> KeySet:
        """The pinned key set."""
        return self.follower.key_set

    @property
    def ledger(self) -> Ledger:
        """What only this custodian knows."""
        return self.follower.ledger

    @contextmanager
    def feed(self) -> Iterator[sqlite3.Connection]:
        """A connection to the state of its own for one page."""
        with closing(state.open_state(self.follower.state_path)) as db:
            yield db

    def accept(self, member: str, fingerprint: str) -> bool:
        """Accept a member whose card bears this fingerprint, as `acceptance.accept`; one at a time."""
        with self.accepting:
            return acceptance.accept(self.follower, member, fingerprint)


def open_office(home: Home, keys: Keys, clock: Clock) -> Office:
    """Return the office of a home; raises OperatorError when it has no key set or addresses yet."""
    card = parse_json(CustodianCard, home.card.read_bytes())
    return Office(
        name=card.name,
        settings=home.settings(),
        follower=server.follower(home, keys, clock),
        accepting=Lock(),
        clock=clock,
    )
