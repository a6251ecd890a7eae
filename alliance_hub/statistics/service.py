"""Read what was counted, with the few entries that came since, and what the hub's own tables say now."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from alliance_hub.feed import service as feed
from alliance_hub.jobs.models import Job
from alliance_hub.membership import quotas
from alliance_hub.membership.models import Member, QuotaUse
from alliance_hub.membership.rules import MemberState
from alliance_hub.statistics import counting
from alliance_hub.statistics.counting import Sums
from alliance_hub.statistics.models import ONLY_TALLY, FigureRow, TallyRow
from alliance_hub.statistics.rules import Figure

AT_ONCE = 2_000
"""Entries that a page counts itself; more wait for the worker, and the page says so."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted from a day on."""

    sums: Sums
    entry: int
    """The last entry of the log that is in it, ..."""
    behind: int
    """... and how many came since."""
    live_records: int | None
    records_at: datetime | None

    def total(self, name: Figure, label: str, *, since: date = date.min) -> int:
        """Return a figure's sum from a day on."""
        return sum(
            amount
            for (own, day, its), amount in self.sums.items()
            if own == name and its == label and day >= since
        )

    def series(self, name: Figure, label: str, starts: Sequence[date]) -> list[int]:
        """Return a figure's sums over stretches of days, each from one of `starts` until before the next."""
        found = [0] * len(starts)
        for (own, day, its), amount in self.sums.items():
            if own == name and its == label and day >= starts[0]:
                found[bisect_right(starts, day) - 1] += amount
        return found

    def by_label(self, name: Figure, *, since: date = date.min) -> list[tuple[str, int]]:
        """Return a figure's sums by label from a day on, the largest first."""
        found: Counter[str] = Counter()
        for (own, day, label), amount in self.sums.items():
            if own == name and day >= since:
                found[label] += amount
        return found.most_common()


@dataclass(frozen=True, slots=True)
class Standing:
    """What the hub's tables say now."""

    members: Mapping[MemberState, int]
    position: int
    """Of the feed."""
    period: str | None
    """That is opened now."""
    jobs_waiting: int
    """Jobs that a worker is at, or will be."""
    jobs_failed: int
    """Jobs that were given up: a person must look."""


@dataclass(frozen=True, slots=True)
class Use:
    """What one member used of its day."""

    member: str
    used: int
    limit: int

    @property
    def share(self) -> float:
        """Between 0 and 1, if the limit was not lowered since."""
        return self.used / self.limit if self.limit else 1.0


def figures(session: Session, *, since: date) -> Figures:
    """Return what was counted since a day, the newest entries included where they are few."""
    tally = session.get_one(TallyRow, ONLY_TALLY)
    rows = session.execute(
        select(FigureRow.name, FigureRow.day, FigureRow.label, FigureRow.value).where(FigureRow.day >= since)
    )
    sums: Sums = Counter({(name, day, label): value for name, day, label, value in rows})
    newest, counted = counting.newest_entry(session), tally.entry
    if newest - counted <= AT_ONCE:
        sums.update(counting.sums(session, counted, newest))
        counted = newest
    live = tally.live_records if tally.records_at else None
    return Figures(sums, counted, newest - counted, live, tally.records_at)


def standing(session: Session) -> Standing:
    """Return how many members, jobs and entries of the feed there are now."""
    members = dict(session.execute(select(Member.state, func.count()).group_by(Member.state)).all())
    # Jobs at rest have no due time; the index of those that were given up is asked by its own words.
    waiting = select(func.count()).select_from(Job).where(Job.due_at.is_not(None))
    failed = select(func.count()).select_from(Job).where(text("state = 'failed'"))
    newest = feed.newest_effective_cut(session)
    return Standing(
        members=members,
        position=feed.head(session).position,
        period=newest.period if newest else None,
        jobs_waiting=session.scalar(waiting) or 0,
        jobs_failed=session.scalar(failed) or 0,
    )


def busiest(session: Session, day: date, *, limit: int) -> Sequence[Use]:
    """Return the members that asked about the most subjects on a day."""
    most = (
        select(Member)
        .join(QuotaUse, QuotaUse.member == Member.name)
        .where(QuotaUse.day == day)
        .order_by(QuotaUse.subjects.desc(), Member.name)
        .limit(limit)
    )
    found = [(member.name, quotas.use(session, member, day)) for member in session.scalars(most)]
    return [Use(name, quota.used, quota.limit) for name, quota in found]
