"""Whether what the hub delivers continues the feed that is held here; what does not is never state.

A hub would leave out a position, date one back, swap records under a signed chunk, or show one
custodian another feed. Nothing of such a delivery is taken: the custodian stops and raises an alarm.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from custodian.errors import DeliveryFault, Fault, Forked
from custodian.state.values import Position
from privacy import merkle
from privacy.encoding import parse_instant, unb64
from privacy.errors import DeserializeError, VerifyError
from privacy.feed import FeedEntry, SignedHead, feed_leaf, verify_head
from privacy.keyset import KeySet
from privacy.merkle import Frontier
from privacy.statements import Chunk

_LAST_YEAR: Final = 9998
"""A later stamp has no following period that a calendar could name."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An entry that continues the feed, with its stamp, its statement's digest and its records' leaves."""

    entry: FeedEntry
    stamp: datetime
    digest: bytes
    leaves: list[bytes]


def head(db: sqlite3.Connection) -> Position:
    """Return how far the feed has been followed."""
    position, stamp, frontier = _last(db)
    return Position(position, frontier.root(), None if stamp is None else parse_instant(stamp))


def find_stamp(db: sqlite3.Connection, position: int) -> str | None:
    """Return the stamp of a position; before the checkpoint that was started from, cuts alone have one."""
    row = db.execute(
        "SELECT stamp FROM entries WHERE position = :at UNION ALL SELECT stamp FROM cuts WHERE position = :at"
        " UNION ALL SELECT stamp FROM feed WHERE position = :at",
        {"at": position},
    ).fetchone()
    return None if row is None else str(row[0])


def receive(db: sqlite3.Connection, entry: FeedEntry) -> Delivery:
    """Check that `entry` continues the feed, then move the head to it; raises DeliveryFault."""
    position, last_stamp, frontier = _last(db)
    if entry.position != position + 1:
        raise DeliveryFault(
            Fault.POSITION, f"position {position + 1} of the feed is next, another was delivered"
        )
    stamp = _stamp(entry)
    if last_stamp is not None and stamp < parse_instant(last_stamp):
        raise DeliveryFault(
            Fault.STAMP, f"position {entry.position} is stamped earlier than the one before it"
        )
    delivery = Delivery(entry, stamp, entry.statement.digest(), _leaves(entry))
    leaf = feed_leaf(entry.position, entry.stamp, unb64(entry.salt), delivery.digest)
    db.execute(
        "UPDATE feed SET position = ?, stamp = ?, frontier = ?",
        (entry.position, entry.stamp, frontier.append(leaf).encode()),
    )
    return delivery


def check_heartbeat(
    db: sqlite3.Connection,
    key_set: KeySet,
    signed: SignedHead,
    *,
    asked: int | None = None,
    passed: bytes | None = None,
) -> None:
    """Check the hub's signed head against the feed held here; raises DeliveryFault, Forked for a fork.

    `asked` is the position behind which the hub was asked: it owes no later one, though another process may
    have followed further since; `passed` is the root that is remembered at the head's position. A head that
    is further on says nothing yet: check it again when the feed has been followed so far.
    """
    heartbeat, here = signed.head, head(db)
    _require_from_hub(key_set, signed)
    if heartbeat.position < (here.position if asked is None else min(asked, here.position)):
        raise Forked(
            Fault.TRUNCATED,
            f"the hub signs a feed of {heartbeat.position} positions after it delivered {here.position}",
        )
    known = here.root if heartbeat.position == here.position else passed
    if heartbeat.position <= here.position and known not in (None, unb64(heartbeat.head)):
        raise Forked(
            Fault.FORKED, f"the hub signs another head at position {heartbeat.position} than it delivered"
        )


def _require_from_hub(key_set: KeySet, signed: SignedHead) -> None:
    ours = (key_set.alliance, key_set.epoch, None)
    try:
        if (signed.head.alliance, signed.head.epoch, signed.custodian) != ours:
            raise VerifyError("the head names another alliance, epoch or signer")
        verify_head(signed, key_set.hub_key)
        parse_instant(signed.head.at)
    except (VerifyError, DeserializeError) as error:
        raise DeliveryFault(Fault.HEARTBEAT, "the heartbeat is not this hub's; check its address") from error


def _last(db: sqlite3.Connection) -> tuple[int, str | None, Frontier]:
    position, stamp, frontier = db.execute("SELECT position, stamp, frontier FROM feed").fetchone()
    return position, stamp, Frontier.decode(frontier)


def _stamp(entry: FeedEntry) -> datetime:
    try:
        stamp = parse_instant(entry.stamp)
    except DeserializeError as error:
        raise DeliveryFault(Fault.STAMP, f"the stamp of position {entry.position} is no instant") from error
    if stamp.year > _LAST_YEAR:
        raise DeliveryFault(Fault.STAMP, f"the stamp of position {entry.position} is beyond the calendar")
    return stamp


def _leaves(entry: FeedEntry) -> list[bytes]:
    """Return the leaf of each record; raises DeliveryFault for records that no statement commits to."""
    body, records = entry.statement.statement.body, entry.records
    if not isinstance(body, Chunk):
        if records is None:
            return []
        raise DeliveryFault(Fault.RECORDS, f"position {entry.position} is no chunk but came with records")
    leaves = [record.leaf() for record in records or ()]
    if len(leaves) != body.size or merkle.root(leaves) != unb64(body.root):
        raise DeliveryFault(
            Fault.RECORDS, f"the records of position {entry.position} do not give the signed root"
        )
    return leaves


def seconds(at: datetime) -> int:
    """Return an instant as whole seconds, for rows that are compared by time."""
    return int(at.timestamp())
