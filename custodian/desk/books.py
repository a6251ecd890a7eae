"""What an operator's page and report say of this custodian: questions to its ledger and its state.

Nothing here changes anything, and nothing here is a debtor's: counts per member and day, positions, names of
members. Days and months are those of Asia/Shanghai.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from custodian import state
from custodian.ledger import Alarm, Ledger, Use
from custodian.state.live import count_live
from custodian.state.schema import NEVER
from privacy.encoding import instant_text, parse_instant
from privacy.keyset import KeySet
from privacy.periods import day_of


class Condition(StrEnum):
    """Whether this custodian serves; the first that applies."""

    STOPPED = "stopped"
    """The hub's feed contradicted itself: nothing is served until a person has looked."""
    RESTORED = "restored"
    """It came back from a backup and has not reached its fellows' heads yet."""
    CLOSED = "closed"
    """Its epoch has ended: a successor was endorsed."""
    PAUSED = "paused"
    """Its operator paused it."""
    SERVING = "serving"
    """It evaluates and opens."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member as this custodian counts it; `waiting` is how many statements it handed in directly."""

    name: str
    state: state.MemberState
    accepted_here: bool
    portfolio: int
    live: int
    today: Use
    epoch: Use
    openings: Use
    waiting: int


@dataclass(frozen=True, slots=True)
class CutRow:
    """One valid cut: where and when it stood, who signed it as this custodian sees it."""

    period: str
    position: int
    stamp: datetime
    effective: bool
    signed_by: tuple[int, ...]


def condition(ledger: Ledger) -> tuple[Condition, str]:
    """Return whether this custodian serves, with the ledger's own words for why not."""
    for found in (Condition.STOPPED, Condition.RESTORED, Condition.CLOSED, Condition.PAUSED):
        if said := ledger.fact(found.value):
            return found, said
    return Condition.SERVING, ""


def members(
    db: sqlite3.Connection, ledger: Ledger, key_set: KeySet, custodian: int, now: datetime
) -> list[MemberRow]:
    """Return all enrolled members in the order of their enrolment."""
    live = dict(count_live(db))
    with ledger.transaction() as books:
        used = _evaluations(books, key_set.epoch, day_of(now).isoformat())
        opened = _openings(books, opening_period(db))
        own = {(member, kind): quota for member, kind, quota in books.execute("SELECT * FROM quotas")}
        waiting = dict(books.execute("SELECT member, count(*) FROM handed_in GROUP BY member").fetchall())

    def row(member: state.MemberView) -> MemberRow:
        quotas, portfolio = key_set.policy.quotas, member.declared_portfolio

        def use(kind: str, policy: int, spent: int) -> Use:
            return Use(own.get((member.name, kind), policy * portfolio), spent)

        epoch, today = used.get(member.name, (0, 0))
        return MemberRow(
            name=member.name,
            state=member.state,
            accepted_here=custodian in member.acceptances,
            portfolio=portfolio,
            live=live.get(member.id, 0),
            today=use("evaluations_per_day", quotas.evaluations_per_day, today),
            epoch=use("evaluations_per_epoch", quotas.evaluations_per_epoch, epoch),
            openings=use("openings_per_period", quotas.openings_per_period, opened.get(member.name, 0)),
            waiting=waiting.get(member.name, 0),
        )

    return [row(member) for member in state.members(db)]


def opening_period(db: sqlite3.Connection) -> str:
    """Return the period of the newest effective cut, in which totals open now; empty before there is one."""
    row = db.execute(f"SELECT max(period) FROM cuts WHERE effective_at < {NEVER}").fetchone()
    return row[0] or ""


def cuts(db: sqlite3.Connection, newest: int) -> list[CutRow]:
    """Return the newest valid cuts, the newest first."""
    rows = db.execute(
        "SELECT position, period, stamp, effective_at FROM cuts ORDER BY position DESC LIMIT ?", (newest,)
    ).fetchall()
    return [
        CutRow(period, position, parse_instant(stamp), effective_at < NEVER, _signed_by(db, position))
        for position, period, stamp, effective_at in rows
    ]


def first_charge(ledger: Ledger, now: datetime) -> datetime:
    """Return when this custodian first charged anybody: before that nothing can be forgotten."""
    query = "SELECT min(at) FROM (SELECT at FROM evaluations UNION ALL SELECT at FROM openings)"
    with ledger.transaction() as books:
        (first,) = books.execute(query).fetchone()
    return now if first is None else parse_instant(first)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that this custodian said on the feed: when, where, and about what."""

    at: str
    position: int
    about: str


@dataclass(frozen=True, slots=True)
class Count:
    """How much was asked by one member, or on one day: evaluations, manifests, subjects opened."""

    key: str
    evaluations: int
    manifests: int
    opened: int


def counts(ledger: Ledger, start: datetime, end: datetime, *, by_day: bool) -> list[Count]:
    """Return what was asked from `start` to before `end`, by day in Shanghai or by member, sorted.

    What only counts as spent after a restoration was asked by nobody, and is left out.
    """
    key = "date(at, '+8 hours')" if by_day else "member"
    between = (instant_text(start), instant_text(end))
    with ledger.transaction() as books:
        evaluated = dict(_between(books, f"{key}, sum(count)", "evaluations", between))
        opened = {
            name: (manifests, subjects)
            for name, manifests, subjects in _between(
                books, f"{key}, count(*), sum(count)", "openings", between
            )
        }
    return [
        Count(name, evaluated.get(name, 0), *opened.get(name, (0, 0)))
        for name in sorted(evaluated.keys() | opened.keys())
    ]


def accepted(db: sqlite3.Connection, custodian: int, start: datetime, end: datetime) -> list[Act]:
    """Return the acceptances of this custodian between two instants, as the feed has them."""
    query = (
        "SELECT entries.stamp, entries.position, members.name FROM acceptances"
        " JOIN entries ON entries.position = acceptances.position"
        " JOIN members ON members.id = acceptances.member"
        " WHERE acceptances.custodian = ?"
    )
    return _acts(db, query, custodian, start, end)


def cuts_signed(db: sqlite3.Connection, custodian: int, start: datetime, end: datetime) -> list[Act]:
    """Return the cuts that this custodian signed between two instants, as the feed has them."""
    query = (
        "SELECT entries.stamp, entries.position, cuts.period FROM cut_signatures"
        " JOIN entries ON entries.position = cut_signatures.position"
        " JOIN cuts ON cuts.position = cut_signatures.cut"
        " WHERE cut_signatures.custodian = ?"
    )
    return _acts(db, query, custodian, start, end)


def cohorts_committed(db: sqlite3.Connection, custodian: int, start: datetime, end: datetime) -> list[Act]:
    """Return the periods whose cohorts this custodian committed to between two instants."""
    query = (
        "SELECT entries.stamp, entries.position, cohorts.period FROM cohorts"
        " JOIN entries ON entries.position = cohorts.position"
        " WHERE cohorts.custodian = ?"
    )
    return _acts(db, query, custodian, start, end)


def alarms(ledger: Ledger, start: datetime, end: datetime) -> list[Alarm]:
    """Return the alarms between two instants, the oldest first."""
    between = (instant_text(start), instant_text(end))
    return [alarm for alarm in reversed(ledger.alarms()) if between[0] <= alarm.at < between[1]]


def _acts(db: sqlite3.Connection, query: str, custodian: int, start: datetime, end: datetime) -> list[Act]:
    between = f"{query} AND entries.stamp >= ? AND entries.stamp < ? ORDER BY entries.position"
    return [Act(*row) for row in db.execute(between, (custodian, instant_text(start), instant_text(end)))]


def _between(books: sqlite3.Connection, columns: str, table: str, between: tuple[str, str]) -> sqlite3.Cursor:
    name = "request_id" if table == "evaluations" else "manifest"
    return books.execute(
        f"SELECT {columns} FROM {table} WHERE at >= ? AND at < ? AND CAST({name} AS TEXT) NOT LIKE 'spent/%'"
        " GROUP BY 1",
        between,
    )


def _evaluations(books: sqlite3.Connection, epoch: int, day: str) -> dict[str, tuple[int, int]]:
    query = (
        "SELECT member, sum(count), sum(CASE WHEN day = ? THEN count ELSE 0 END)"
        " FROM evaluations WHERE epoch = ? GROUP BY member"
    )
    return {member: (total, today) for member, total, today in books.execute(query, (day, epoch))}


def _openings(books: sqlite3.Connection, period: str) -> dict[str, int]:
    query = "SELECT member, sum(count) FROM openings WHERE period = ? GROUP BY member"
    return dict(books.execute(query, (period,)).fetchall())


def _signed_by(db: sqlite3.Connection, cut: int) -> tuple[int, ...]:
    query = "SELECT custodian FROM cut_signatures WHERE cut = ? AND matching ORDER BY custodian"
    return tuple(index for (index,) in db.execute(query, (cut,)))
