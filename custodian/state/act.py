"""A statement on its way into the state: who says it and where it stands, as every rule needs it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from custodian.state.delivery import Delivery, seconds
from custodian.state.values import MemberView, VoidReason
from privacy.keyset import KeySet
from privacy.statements import SignedStatement


class Void(Exception):
    """The statement has no effect; raised before anything is changed, and never outside this package."""

    def __init__(self, reason: VoidReason) -> None:
        super().__init__(reason)
        self.reason = reason


class Role(Enum):
    """What kind of party an author is."""

    MEMBER = 1
    """An enrolled member, or one that is enrolling."""
    CUSTODIAN = 2
    """One of the key set's custodians."""
    HUB = 3
    """The association's hub."""
    SECRETARIAT = 4
    """The association's secretariat."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who speaks, and the keys of which one must have signed.

    `member` is None for the others and for a member that is only enrolling; `custodian` is 0 for the others.
    """

    text: str
    role: Role
    keys: tuple[bytes, ...]
    member: MemberView | None = None
    custodian: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """A well-signed statement in its author's order, at its position."""

    db: sqlite3.Connection
    key_set: KeySet
    author: Author
    delivery: Delivery

    @property
    def position(self) -> int:
        """Where it stands in the feed."""
        return self.delivery.entry.position

    @property
    def stamp(self) -> datetime:
        """When the hub put it there."""
        return self.delivery.stamp

    @property
    def time(self) -> int:
        """The stamp in seconds."""
        return seconds(self.delivery.stamp)

    @property
    def signed(self) -> SignedStatement:
        """The statement with its signatures."""
        return self.delivery.entry.statement

    @property
    def member(self) -> MemberView:
        """The member that speaks; only rules for members ask."""
        assert self.author.member is not None
        return self.author.member
