"""Which records count at a position: the one question behind counts, cohorts and standing.

Live at P: the newest accepted of its contract at P, the contract not ended, not expired at P's stamp.
A record on hold, or of a suspended member, stays where it is: it does not expire meanwhile (its expiry is
judged where the earliest of those that still stand began), and it blocks its subject, for at most six
effective cuts; then it is out [a hub that could remove a record at will would learn it as old minus new].
One that is out comes back with the end of its block, unless it was forgotten meanwhile (forgetting.py).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from custodian.state.delivery import find_stamp, head, seconds
from custodian.state.schema import NEVER
from privacy.encoding import parse_instant

BLOCKING_CUTS: Final = 6
"""How many effective cuts a hold or suspension keeps its record in the cohort."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A position as the queries need it.

    `oldest` is the position of the sixth newest cut effective at that time, 0 before there are six: what
    has been blocked since before it is out.
    """

    at: int
    time: int
    oldest: int

    def names(self) -> dict[str, int]:
        """Return the moment as the named values of `LIVE`."""
        return {"at": self.at, "time": self.time, "oldest": self.oldest}


def moment(db: sqlite3.Connection, position: int) -> Moment:
    """Return `position`, the stamp of which is known here, as a moment."""
    time = seconds(parse_instant(find_stamp(db, position)))
    return Moment(position, time, _sixth_newest_cut(db, position))


def _now(db: sqlite3.Connection) -> Moment:
    """Return the head as a moment, also while its verdict is being found."""
    here = head(db)
    time = 0 if here.stamp is None else seconds(here.stamp)
    return Moment(here.position, time, _sixth_newest_cut(db, here.position))


def _sixth_newest_cut(db: sqlite3.Connection, position: int) -> int:
    row = db.execute(
        "SELECT position FROM cuts WHERE effective_at <= ? ORDER BY position DESC LIMIT 1 OFFSET ?",
        (position, BLOCKING_CUTS - 1),
    ).fetchone()
    return 0 if row is None else int(row[0])


def blocked_since(column: str, at: str = ":at") -> str:
    """SQL for the least `column` of the holds and suspensions that stand at `at`; NEVER without any."""
    query = f"SELECT min({column}) FROM {{}} AND from_position <= {at} AND until_position > {at}"
    hold = query.format("holds WHERE contract = contracts.id")
    suspension = query.format("suspensions WHERE member = contracts.member")
    return f"min(ifnull(({hold}), {NEVER}), ifnull(({suspension}), {NEVER}))"


LIVE: Final = f"""
    records.accepted_at <= :at AND records.superseded_at > :at AND contracts.ended_at > :at
    AND records.erased_at > :at
    AND (records.expires >= :time OR records.expires >= {blocked_since("from_time")})
    AND (:oldest = 0 OR {blocked_since("from_position")} >= :oldest)
"""
"""SQL over `records` joined with `contracts`, for the values of a `Moment`."""

_NEWEST: Final = f"FROM contracts JOIN records ON records.id = contracts.newest WHERE {LIVE}"
"""Of the head alone: the past's newest records are found by `superseded_at`."""


def count_live(db: sqlite3.Connection) -> list[tuple[int, int]]:
    """Return (member id, live records at the head) of every member that has some."""
    query = f"SELECT contracts.member, count(*) {_NEWEST} GROUP BY contracts.member ORDER BY contracts.member"
    return db.execute(query, _now(db).names()).fetchall()


def count_live_of(db: sqlite3.Connection, member: int) -> int:
    """Return how many of a member's records are live at the head."""
    query = f"SELECT count(*) {_NEWEST} AND contracts.member = :member"
    (count,) = db.execute(query, _now(db).names() | {"member": member}).fetchone()
    return int(count)
