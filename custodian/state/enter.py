"""Who may be heard: the checks that every statement passes before its own rule is asked.

- It names this alliance and epoch, and an author that may speak.
- It is signed with the author's key in force: a rotation may bear the recovery key's signature, an
  enrolment bears the secretariat's countersignature too, and nothing else bears one [or a hub could
  change a statement's digest, and with it break its author's chain].
- It is its author's next: sequence and previous digest.

What fails here leaves the author's sequence where it was; from here on the sequence advances.

- It was signed neither before its author's last one nor more than 24 hours from its stamp. One that was
  does not count as the last: else a wrong clock would silence its author until that day.
- Its author may say this kind of thing.
"""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Final

from custodian.state import directory
from custodian.state.act import Act, Author, Role, Void
from custodian.state.delivery import Delivery
from custodian.state.values import AuthorState, VoidReason
from privacy import statements
from privacy.encoding import b64, parse_instant, unb64
from privacy.errors import DeserializeError, VerifyError
from privacy.keyset import KeySet
from privacy.statements import HUB, SECRETARIAT, SignedStatement, Statement

CLOCK_LIMIT: Final = timedelta(hours=24)
"""How far an author's clock may be from the hub's stamp."""

OF_A_MEMBER: Final = (
    statements.Rotation,
    statements.Chunk,
    statements.Settlement,
    statements.Withdrawal,
    statements.Hold,
    statements.Release,
)
"""What a member says after its enrolment."""

_SAYS: Final[dict[Role, tuple[type, ...]]] = {
    Role.MEMBER: (statements.Enrolment, *OF_A_MEMBER),
    Role.CUSTODIAN: (statements.Acceptance, statements.CutSignature, statements.Cohorts),
    Role.HUB: (statements.Cut,),
    Role.SECRETARIAT: (
        statements.Suspension,
        statements.Resumption,
        statements.Agreement,
        statements.Hold,
        statements.Release,
    ),
}


def enter(db: sqlite3.Connection, key_set: KeySet, delivery: Delivery) -> Act:
    """Let a statement in and advance its author's sequence; raises Void."""
    signed = delivery.entry.statement
    if (signed.statement.alliance, signed.statement.epoch) != (key_set.alliance, key_set.epoch):
        raise Void(VoidReason.FOREIGN)
    author = _author(db, key_set, signed.statement)
    _require_signature(key_set, author, signed)
    _require_next(author_state(db, author.text), signed.statement)
    timely = _advance(db, delivery)
    if not timely:
        raise Void(VoidReason.SIGNED_AT)
    if not isinstance(signed.statement.body, _SAYS[author.role]):
        raise Void(VoidReason.TYPE)
    return Act(db, key_set, author, delivery)


def author_state(db: sqlite3.Connection, author: str) -> AuthorState:
    """Return what an author's next statement must name; also for one that never spoke."""
    row = db.execute("SELECT next_sequence, previous FROM authors WHERE author = ?", (author,)).fetchone()
    return AuthorState(0, None) if row is None else AuthorState(*row)


def _author(db: sqlite3.Connection, key_set: KeySet, statement: Statement) -> Author:
    """Return who speaks under this name; raises Void for a name that nobody has."""
    name, custodians = statement.author, range(1, key_set.count + 1)
    if name == HUB:
        return Author(name, Role.HUB, (key_set.hub_key,))
    if name == SECRETARIAT:
        return Author(name, Role.SECRETARIAT, (key_set.secretariat_key,))
    for index in custodians:
        if name == statements.custodian_author(index):
            return Author(name, Role.CUSTODIAN, (key_set.witness(index),), custodian=index)
    return _member_author(db, statement)


def _member_author(db: sqlite3.Connection, statement: Statement) -> Author:
    """An enrolled member speaks with its keys in force, a new one with the key that it introduces."""
    text, body = statement.author, statement.body
    prefix = statements.member_author("")
    member = directory.find_member(db, text.removeprefix(prefix)) if text.startswith(prefix) else None
    if member is not None:
        recovers = isinstance(body, statements.Rotation)
        keys = (member.signing, member.recovery) if recovers else (member.signing,)
        return Author(text, Role.MEMBER, keys, member)
    if text.startswith(prefix) and isinstance(body, statements.Enrolment):
        return Author(text, Role.MEMBER, (unb64(body.signing),))
    raise Void(VoidReason.UNKNOWN_AUTHOR)


def _require_signature(key_set: KeySet, author: Author, signed: SignedStatement) -> None:
    if not any(is_signed_with(signed, key) for key in author.keys):
        raise Void(VoidReason.SIGNATURE)
    if isinstance(signed.statement.body, statements.Enrolment):
        try:
            statements.verify_countersignature(signed, key_set.secretariat_key)
        except VerifyError as error:
            raise Void(VoidReason.SIGNATURE) from error
    elif signed.countersignature is not None:
        raise Void(VoidReason.SIGNATURE)


def is_signed_with(signed: SignedStatement, key: bytes) -> bool:
    """Say whether `key` made the author's signature: for rules that choose between two keys."""
    try:
        statements.verify_statement(signed, key)
    except VerifyError:
        return False
    return True


def _require_next(state: AuthorState, statement: Statement) -> None:
    if statement.sequence != state.next_sequence:
        raise Void(VoidReason.SEQUENCE)
    if statement.previous != (None if state.previous is None else b64(state.previous)):
        raise Void(VoidReason.PREVIOUS)


def _advance(db: sqlite3.Connection, delivery: Delivery) -> bool:
    """Chain the author's next statement behind this one; say whether it was signed in time."""
    statement = delivery.entry.statement.statement
    timely = _is_timely(db, delivery, statement)
    db.execute(
        "INSERT INTO authors (author, next_sequence, previous, signed_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (author) DO UPDATE SET next_sequence = excluded.next_sequence,"
        " previous = excluded.previous, signed_at = ifnull(excluded.signed_at, signed_at)",
        (statement.author, statement.sequence + 1, delivery.digest, statement.signed_at if timely else None),
    )
    return timely


def _is_timely(db: sqlite3.Connection, delivery: Delivery, statement: Statement) -> bool:
    row = db.execute("SELECT signed_at FROM authors WHERE author = ?", (statement.author,)).fetchone()
    last = row[0] if row is not None else None
    try:
        signed_at = parse_instant(statement.signed_at)
    except DeserializeError:  # such as 30 February: well formed, but no instant
        return False
    return abs(signed_at - delivery.stamp) <= CLOCK_LIMIT and (last is None or last <= statement.signed_at)
