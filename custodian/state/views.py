"""What a member may be told about itself: where its chain stands, what became of it, what counts."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from custodian.state import directory
from custodian.state.delivery import head
from custodian.state.live import count_live_of
from custodian.state.schema import NEVER, snapshot
from privacy.encoding import Json, b64
from privacy.statements import member_author

LAST_STATEMENTS: Final = 50
"""How many verdicts an account shows, the newest first."""

LAST_CUTS: Final = 12
"""How many cuts an account shows, the newest first."""


def account(db: sqlite3.Connection, member: str) -> Json:
    """Return what `GET /v1/account` says of the state; raises Refused for a member that is not enrolled."""
    with snapshot(db):
        view, here = directory.get_member(db, member), head(db)
        cuts = _last_cuts(db, view.id)
        return {
            "member": view.name,
            "state": view.state.value,
            "position": here.position,
            "head": b64(here.root),
            "next_sequence": view.next_sequence,
            "previous": b64(view.previous),
            "live_records": count_live_of(db, view.id),
            "cut": cuts[0] if cuts else None,
            "cuts": cuts,
            "last_statements": _last_statements(db, view.name),
        }


def _last_cuts(db: sqlite3.Connection, member: int) -> list[Json]:
    """Return the newest valid cuts with the member's live records at each."""
    rows = db.execute(
        "SELECT position, period, stamp, effective_at,"
        " ifnull((SELECT live FROM live_counts WHERE cut = cuts.position AND member = ?), 0)"
        " FROM cuts ORDER BY position DESC LIMIT ?",
        (member, LAST_CUTS),
    )
    return [
        {
            "period": period,
            "position": position,
            "stamp": stamp,
            "effective": effective_at != NEVER,
            "signatures": _signatures(db, position),
            "live_records": live,
        }
        for position, period, stamp, effective_at, live in rows.fetchall()
    ]


def _signatures(db: sqlite3.Connection, cut: int) -> list[int]:
    """Return the custodians that signed the cut as this one sees it."""
    query = "SELECT custodian FROM cut_signatures WHERE cut = ? AND matching ORDER BY custodian"
    return [custodian for (custodian,) in db.execute(query, (cut,))]


def _last_statements(db: sqlite3.Connection, member: str) -> list[dict[str, Any]]:
    rows = db.execute(
        "SELECT sequence, position, type, digest, reason FROM entries WHERE author = ?"
        " ORDER BY position DESC LIMIT ?",
        (member_author(member), LAST_STATEMENTS),
    )
    return [
        {
            "sequence": sequence,
            "position": position,
            "type": kind,
            "digest": b64(digest),
            "valid": reason is None,
            "reason": reason,
        }
        for sequence, position, kind, digest, reason in rows
    ]
