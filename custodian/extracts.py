"""What the service reads from the state beyond `custodian.state`: what stands on the feed in whose name."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from custodian.state.schema import NEVER
from custodian.state.values import VoidReason
from privacy.encoding import b64
from privacy.statements import CutSignature

_NOT_HEARD: Final = (
    VoidReason.FOREIGN,
    VoidReason.UNKNOWN_AUTHOR,
    VoidReason.SIGNATURE,
    VoidReason.SEQUENCE,
    VoidReason.PREVIOUS,
)
"""Verdicts on what anybody could have put there: it did not advance its author."""


@dataclass(frozen=True, slots=True)
class SeenCut:
    """A valid cut; `effective_from` is the hub's stamp where the last signature stands.

    That is null before there is one, and when it lies before the checkpoint that this custodian started from.
    """

    period: str
    stamp: str
    effective: bool
    effective_from: str | None


def cuts(db: sqlite3.Connection) -> list[SeenCut]:
    """Return all valid cuts, the newest last."""
    rows = db.execute(
        "SELECT period, stamp, effective_at, (SELECT stamp FROM entries WHERE position = effective_at)"
        " FROM cuts ORDER BY position"
    )
    return [SeenCut(period, stamp, at != NEVER, effective) for period, stamp, at, effective in rows]


def is_cut(db: sqlite3.Connection, position: int) -> bool:
    """Say whether a valid cut stands at a position."""
    return db.execute("SELECT 1 FROM cuts WHERE position = ?", (position,)).fetchone() is not None


def cut_bodies(db: sqlite3.Connection, custodian: int) -> dict[str, bytes]:
    """Return by period what a custodian has signed for it on the feed; empty bytes for what fits no state."""
    rows = db.execute(
        "SELECT period, cuts.position, root, state_digest, matching FROM cut_signatures"
        " JOIN cuts ON cuts.position = cut WHERE custodian = ?",
        (custodian,),
    )
    return {
        period: _cut_signature(period, position, root, digest).canonical() if matching else b""
        for period, position, root, digest, matching in rows
    }


def cut_signature(db: sqlite3.Connection, position: int) -> CutSignature:
    """Return what an honest custodian signs for the valid cut at a position."""
    row = db.execute(
        "SELECT period, position, root, state_digest FROM cuts WHERE position = ?", (position,)
    ).fetchone()
    return _cut_signature(*row)


def cohorts(db: sqlite3.Connection, custodian: int) -> dict[str, tuple[int, bytes, int]]:
    """Return by period where on the feed a custodian has published its cohorts, with root and size."""
    rows = db.execute("SELECT period, position, root, size FROM cohorts WHERE custodian = ?", (custodian,))
    return {period: (position, root, size) for period, position, root, size in rows}


def position_of(db: sqlite3.Connection, author: str, digest: bytes) -> int | None:
    """Return where on the feed an author was heard with the statement of this digest."""
    row = db.execute(
        "SELECT position FROM entries WHERE author = ? AND digest = ?"
        f" AND ifnull(reason, '') NOT IN ({', '.join('?' * len(_NOT_HEARD))})",
        (author, digest, *_NOT_HEARD),
    ).fetchone()
    return None if row is None else int(row[0])


def was_heard(db: sqlite3.Connection, author: str, sequence: int) -> bool:
    """Say whether a statement of the author with this sequence number is known to stand on the feed.

    What stands before the checkpoint that this custodian started from is not known.
    """
    row = db.execute(
        "SELECT 1 FROM entries WHERE author = ? AND sequence = ?"
        f" AND ifnull(reason, '') NOT IN ({', '.join('?' * len(_NOT_HEARD))})",
        (author, sequence, *_NOT_HEARD),
    ).fetchone()
    return row is not None


def _cut_signature(period: str, position: int, root: bytes, digest: bytes) -> CutSignature:
    return CutSignature(period=period, position=position, head=b64(root), state_digest=b64(digest))
