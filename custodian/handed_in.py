"""Statements that members hand in directly, because the hub may be hiding them.

A hub that swallows a member's chunk or settlement would begin a period without it. While a statement that
was handed in is missing from the feed, this custodian signs no cut; all n must sign, so one honest custodian
is enough. What a member can do with that is bounded: at most 16 statements, each for 24 hours, while the
member is active; and an alarm names who is waited for.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from custodian import extracts, state
from custodian.errors import Refused
from custodian.ledger import Ledger
from custodian.state.enter import CLOCK_LIMIT, OF_A_MEMBER
from privacy import statements
from privacy.encoding import b64, instant_text, parse_instant
from privacy.errors import DeserializeError, VerifyError
from privacy.keyset import KeySet
from privacy.statements import SignedStatement

MAX_WAITING: Final = 16
"""Statements of one member that are waited for."""

MAX_BYTES: Final = 20_000
"""Of one statement; a chunk's proof of knowledge is the largest part, some 2,000."""

LIFE: Final = CLOCK_LIMIT
"""How long one is waited for since it was signed: after that it would be void on the feed."""

SKEW: Final = timedelta(minutes=5)
"""How far ahead of this clock it may be signed."""

PATIENCE: Final = timedelta(minutes=1)
"""How long the hub may take before the alarm, unless a cut waits."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A statement that is waited for; `statement` is its canonical JSON."""

    member: str
    sequence: int
    digest: bytes
    statement: bytes
    signed_at: str
    received_at: str
    alarmed: bool

    @property
    def author(self) -> str:
        """The member as an author of the feed."""
        return statements.member_author(self.member)


def require_sound(key_set: KeySet, member: state.MemberView, signed: SignedStatement, now: datetime) -> None:
    """Check that it is the member's own, well signed by its key in force, and of today; raises Refused."""
    said = signed.statement
    own = (key_set.alliance, key_set.epoch, statements.member_author(member.name))
    if (said.alliance, said.epoch, said.author) != own:
        raise Refused("misdirected", "hand in statements of your own, of this alliance and epoch")
    if not isinstance(said.body, OF_A_MEMBER) or signed.countersignature is not None:
        raise Refused("statement", "no member's statement of this kind would be heard on the feed")
    if len(signed.canonical()) > MAX_BYTES:
        raise Refused("too-large", f"a statement of more than {MAX_BYTES} bytes is not taken")
    recovers = isinstance(said.body, statements.Rotation)
    if not any(_signed_with(signed, key) for key in (member.signing, *(recovers * (member.recovery,)))):
        raise Refused("statement", "the statement is not signed with the key in force")
    if not -SKEW <= now - _signed_at(said) < LIFE:
        raise Refused("expired", "the statement was signed more than 24 hours ago, or ahead of time")


def take(
    ledger: Ledger, db: sqlite3.Connection, member: state.MemberView, signed: SignedStatement, now: datetime
) -> int | None:
    """Wait for a sound statement, durably, unless the feed has it; returns its position there.

    None also when it would stand before the checkpoint that this custodian started from: then nobody waits.
    Raises Refused when the feed has another one in its place, or too many are waited for.
    """
    said, digest = signed.statement, signed.digest()
    found = extracts.position_of(db, said.author, digest)
    if found is not None:
        return found
    if said.sequence < member.next_sequence:
        if extracts.was_heard(db, said.author, said.sequence):
            raise Refused("conflict", "the feed has passed this sequence number without this statement")
        return None
    if said.sequence == member.next_sequence and said.previous != b64(member.previous):
        raise Refused("conflict", "the statement does not follow your last one on the feed")
    row = (member.name, said.sequence, digest, signed.canonical(), said.signed_at, instant_text(now), False)
    _keep(ledger, HandedIn(*row), member.next_sequence)
    return None


def waiting(ledger: Ledger) -> list[HandedIn]:
    """Return what members have handed in and the feed was not seen to carry, oldest first."""
    with ledger.transaction() as db:
        rows = db.execute(
            "SELECT member, sequence, digest, statement, signed_at, received_at, alarmed FROM handed_in"
            " ORDER BY received_at, member, sequence"
        )
        return [HandedIn(*row) for row in rows]


def settle(ledger: Ledger, db: sqlite3.Connection, *, cut_waits: bool, now: datetime) -> list[str]:
    """Drop what the feed has or nobody waits for any more; returns the members that are still waited for."""
    missing = set()
    for each in waiting(ledger):
        member = state.find_member(db, each.member)
        if member is not None and member.next_sequence > each.sequence:
            _found(ledger, db, each, now)
        elif now - parse_instant(each.signed_at) >= LIFE:
            _alarm(ledger, each, f"{each.member} handed in a statement that the feed never carried", now)
            _drop(ledger, each)
        elif member is not None and member.active:
            missing.add(each.member)
            if cut_waits or now - parse_instant(each.received_at) >= PATIENCE:
                _alarm(ledger, each, f"{each.member} handed in a statement that the feed lacks", now)
    return sorted(missing)


def _found(ledger: Ledger, db: sqlite3.Connection, each: HandedIn, now: datetime) -> None:
    if extracts.position_of(db, each.author, each.digest) is None:
        _alarm(ledger, each, f"the feed carries another statement than {each.member} handed in", now)
    _drop(ledger, each)


def _keep(ledger: Ledger, new: HandedIn, following: int) -> None:
    """Keep one more; the first with a sequence number stands. `following` is the member's next."""
    with ledger.transaction() as db:
        known = dict(
            db.execute("SELECT sequence, digest FROM handed_in WHERE member = ?", (new.member,)).fetchall()
        )
        if known.get(new.sequence, new.digest) != new.digest:
            raise Refused("conflict", "another statement with this sequence number was handed in before")
        if new.sequence not in known and len(known) >= MAX_WAITING:
            raise Refused("too-many", f"{MAX_WAITING} of your statements are waited for already")
        if new.sequence >= following + MAX_WAITING:
            raise Refused("too-many", "hand in the statements before this one first")
        db.execute(
            "INSERT OR IGNORE INTO handed_in VALUES (?, ?, ?, ?, ?, ?, ?)",
            (new.member, new.sequence, new.digest, new.statement, new.signed_at, new.received_at, 0),
        )


def _drop(ledger: Ledger, each: HandedIn) -> None:
    with ledger.transaction() as db:
        db.execute("DELETE FROM handed_in WHERE member = ? AND sequence = ?", (each.member, each.sequence))


def _alarm(ledger: Ledger, each: HandedIn, detail: str, now: datetime) -> None:
    """Raise the alarm once for each statement, with the member's signature as evidence."""
    if each.alarmed:
        return
    ledger.raise_alarm("hand-in", detail, each.statement, now=now)
    with ledger.transaction() as db:
        db.execute(
            "UPDATE handed_in SET alarmed = 1 WHERE member = ? AND sequence = ?", (each.member, each.sequence)
        )


def _signed_with(signed: SignedStatement, key: bytes) -> bool:
    try:
        statements.verify_statement(signed, key)
    except VerifyError:
        return False
    return True


def _signed_at(said: statements.Statement) -> datetime:
    try:
        return parse_instant(said.signed_at)
    except DeserializeError as error:
        raise Refused("statement", "the statement's time is no instant") from error
