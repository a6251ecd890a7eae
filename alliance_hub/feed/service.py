"""What the rest of the hub does with the feed: append, receive, cut; read where it stands and serve it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

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
    missing_signatures,
    newest_cut,
    newest_effective_cut,
    signatures_of,
)
from alliance_hub.feed.models import AttachmentRow, FeedRow
from alliance_hub.feed.receiving import receive
from alliance_hub.feed.rules import AuthorState
from alliance_hub.hub import Hub
from alliance_hub.transparency import service as transparency
from privacy.encoding import b64, instant_text
from privacy.feed import Head, SignedHead, sign_head
from privacy.matching import LogReceipt

__all__ = [
    "AuthorState",
    "FeedHead",
    "append",
    "append_own",
    "author_state",
    "cut",
    "head",
    "heartbeat",
    "lock",
    "missing_signatures",
    "newest_cut",
    "newest_effective_cut",
    "next_stamp",
    "receipt_of",
    "receive",
    "signatures_of",
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
