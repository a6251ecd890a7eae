"""What the rest of the hub does with the feed: append, receive, cut; read where it stands and serve it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from alliance_hub.errors import NotFound
from alliance_hub.feed.appending import (
    FeedHead,
    append,
    append_own,
    author_state,
    head,
    lock,
    next_stamp,
)
from alliance_hub.feed.cuts import (
    cut,
    find_cut,
    missing_signatures,
    newest_cut,
    newest_effective_cut,
    signatures_of,
)
from alliance_hub.feed.forgetting import erase_oldest_records, require_remembered
from alliance_hub.feed.models import AttachmentRow, CutRow, FeedRow
from alliance_hub.feed.receiving import receive
from alliance_hub.feed.rules import AuthorState
from alliance_hub.feed.succession import find_successor, require_open, set_successor
from alliance_hub.hub import Hub
from alliance_hub.transparency import service as transparency
from privacy.encoding import b64, instant_text
from privacy.feed import Head, SignedHead, sign_head
from privacy.logged import LogReceipt
from privacy.messages import parse_json
from privacy.statements import Cohorts, SignedStatement

COHORTS = Cohorts.__struct_config__.tag

__all__ = [
    "AuthorState",
    "FeedHead",
    "append",
    "append_own",
    "author_state",
    "cut",
    "erase_oldest_records",
    "find_successor",
    "get_cohorts",
    "get_cut",
    "head",
    "heartbeat",
    "lock",
    "missing_signatures",
    "newest_cut",
    "newest_effective_cut",
    "next_stamp",
    "receipt_of",
    "receive",
    "require_open",
    "require_remembered",
    "set_successor",
    "signatures_of",
    "statement_at",
    "statements_of",
    "stream_after",
]


def heartbeat(session: Session, hub: Hub, now: datetime) -> SignedHead:
    """Return the feed's head at `now`, signed by the hub."""
    at = head(session)
    value = Head(
        alliance=hub.key_set.alliance,
        epoch=hub.key_set.epoch,
        position=at.position,
        head=b64(at.root),
        at=instant_text(now),
    )
    return sign_head(hub.keys.hub, value, custodian=None)


def stream_after(session: Session, position: int, limit: int) -> Iterator[bytes]:
    """Yield up to `limit` entries after `position` as JSON lines `{"entry": FeedEntry}`, one at a time.

    The bytes are those that were stored: nothing is decoded, and one chunk at most is in memory.
    """
    entries = (
        select(FeedRow, AttachmentRow.records)
        .outerjoin(AttachmentRow, AttachmentRow.position == FeedRow.position)
        .where(FeedRow.position > position)
        .order_by(FeedRow.position)
        .limit(limit)
        .options(undefer(FeedRow.document))
        .execution_options(yield_per=1)
    )
    for row, records in session.execute(entries):
        yield _line(row, records)


def statements_of(session: Session, author: str, after: int, limit: int) -> Sequence[FeedRow]:
    """Return up to `limit` statements of an author with a sequence number above `after`; -1 for all."""
    own = select(FeedRow).where(FeedRow.author == author, FeedRow.sequence > after)
    return session.scalars(own.order_by(FeedRow.sequence).limit(limit)).all()


def get_cut(session: Session, period: str) -> CutRow:
    """Return the cut that begins this period, effective or not; raises NotFound."""
    found = find_cut(session, period)
    if found is None:
        raise NotFound("no cut has begun this period")
    return found


def statement_at(session: Session, position: int) -> SignedStatement:
    """Return the statement at a position that is known to be one."""
    row = session.get_one(FeedRow, position, options=[undefer(FeedRow.document)])
    return parse_json(SignedStatement, row.document)


def get_cohorts(session: Session, position: int) -> FeedRow:
    """Return the custodian's commitment at this position; raises NotFound for anything else there."""
    row = session.get(FeedRow, position) if position <= head(session).position else None
    if row is None or row.type != COHORTS:
        raise NotFound("no custodian's commitment to cohorts stands at this position")
    return row


def receipt_of(session: Session, row: FeedRow) -> LogReceipt:
    """Return the receipt of the log entry that records the appending of `row`."""
    return transparency.get_receipt(session, row.log_leaf)


def _line(row: FeedRow, records: bytes | None) -> bytes:
    place = (
        f'{{"entry":{{"position":{row.position},"stamp":"{instant_text(row.stamp)}","salt":"{b64(row.salt)}"'
    )
    return b"".join(
        (place.encode(), b',"statement":', row.document, b',"records":', records or b"null", b"}}\n")
    )
