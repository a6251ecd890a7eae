"""Append to the feed: one at a time, gapless, never back in time.

Whoever appends holds the head row's lock until its transaction ends, so positions follow each other
even where two requests write at once, and a reader never sees a position without the one before it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from alliance_hub.feed.models import ONLY_HEAD, AttachmentRow, AuthorRow, FeedRow, HeadRow
from alliance_hub.feed.rules import AuthorState, require_alliance, require_next, require_timely
from alliance_hub.feed.succession import require_open
from alliance_hub.hub import Hub
from alliance_hub.transparency import service as transparency
from privacy.encoding import b64, instant_text, unb64
from privacy.feed import feed_leaf
from privacy.merkle import Frontier
from privacy.records import Record
from privacy.signing import SigningKey
from privacy.statements import HUB, SECRETARIAT, AnyBody, SignedStatement, sign_statement

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class FeedHead:
    """Where the feed ends: position 0, the empty root and no stamp before its first entry."""

    position: int
    root: bytes
    stamp: datetime | None


def head(session: Session) -> FeedHead:
    """Return the feed's head as this session sees it."""
    return _value(session.get_one(HeadRow, ONLY_HEAD, populate_existing=True))


def lock(session: Session) -> FeedHead:
    """Take the head's lock until the transaction ends, and return the head."""
    return _value(_locked(session))


def author_state(session: Session, author: str) -> AuthorState:
    """Return what this author's next statement must carry."""
    row = session.get(AuthorRow, author, populate_existing=True)
    return AuthorState() if row is None else AuthorState(row.next_sequence, row.previous, row.signed_at)


def append(
    session: Session,
    hub: Hub,
    signed: SignedStatement,
    records: Sequence[Record] | None = None,
    *,
    now: datetime,
) -> FeedRow:
    """Append a statement whose signatures the caller has verified, with a chunk's records in leaf order.

    Raises Conflict `sequence` when another statement of the author came first, `closed` when the epoch has
    ended, Invalid for another alliance or epoch and for a `signed_at` that custodians would void.
    """
    row = _locked(session)
    require_open(session)
    statement = signed.statement
    stamp = next_stamp(_value(row), now)
    author = author_state(session, statement.author)
    require_alliance(statement, hub.key_set)
    require_next(statement, author)
    signed_at = require_timely(statement, author, stamp)

    entry = _entry(signed, position=row.position + 1, stamp=stamp)
    entry.log_leaf = _record(session, entry, now)
    session.add(entry)
    session.merge(
        AuthorRow(
            author=entry.author, next_sequence=entry.sequence + 1, previous=entry.digest, signed_at=signed_at
        )
    )
    row.position, row.stamp = entry.position, stamp
    row.frontier = Frontier.decode(row.frontier).append(entry.leaf).encode()
    session.flush()
    if records is not None:
        session.add(
            AttachmentRow(position=entry.position, size=len(records), records=msgspec.json.encode(records))
        )
        session.flush()
    return entry


def append_own(session: Session, hub: Hub, body: AnyBody, *, author: str, now: datetime) -> FeedRow:
    """Say `body` as the hub or the secretariat: sign it as that author's next statement and append it."""
    stamp = next_stamp(lock(session), now)
    state = author_state(session, author)
    signed = sign_statement(
        _own_key(hub, author),
        body,
        alliance=hub.key_set.alliance,
        epoch=hub.key_set.epoch,
        author=author,
        sequence=state.next_sequence,
        previous=state.previous,
        signed_at=stamp,
    )
    return append(session, hub, signed, now=now)


def next_stamp(head: FeedHead, now: datetime) -> datetime:
    """Return the stamp of the next position, in whole seconds: now, or the last one if a clock went back."""
    whole = now.replace(microsecond=0)
    return whole if head.stamp is None else max(whole, head.stamp)


def _own_key(hub: Hub, author: str) -> SigningKey:
    return {HUB: hub.keys.hub, SECRETARIAT: hub.keys.secretariat}[author]


def _locked(session: Session) -> HeadRow:
    return session.get_one(HeadRow, ONLY_HEAD, with_for_update=True, populate_existing=True)


def _value(row: HeadRow) -> FeedHead:
    return FeedHead(row.position, Frontier.decode(row.frontier).root(), row.stamp)


def _entry(signed: SignedStatement, *, position: int, stamp: datetime) -> FeedRow:
    salt, digest = secrets.token_bytes(SALT_BYTES), signed.digest()
    return FeedRow(
        position=position,
        stamp=stamp,
        salt=salt,
        leaf=feed_leaf(position, instant_text(stamp), salt, digest),
        author=signed.statement.author,
        sequence=signed.statement.sequence,
        type=signed.statement.document()["body"]["type"],
        digest=digest,
        document=msgspec.json.encode(signed),
    )


def _record(session: Session, entry: FeedRow, now: datetime) -> bytes:
    facts = {
        "author": entry.author,
        "sequence": entry.sequence,
        "type": entry.type,
        "position": entry.position,
        "digest": b64(entry.digest),
    }
    return unb64(transparency.record_entry(session, "statement", facts, now=now).leaf)
