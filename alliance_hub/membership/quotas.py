"""How many subjects a member may ask this hub about in a day, and how many it has.

The custodians keep quotas of their own, which the key set fixes and nobody can change within an epoch. The
hub's is the secretariat's brake: it goes by the portfolio with which the member enrolled, unless two
officers have set another number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Invalid, QuotaExceeded
from alliance_hub.membership.models import Member, Profile, QuotaUse
from privacy.periods import SHANGHAI, day_of

PORTFOLIOS_A_DAY = 4
"""Subjects a day, in declared portfolios: as many as the custodians open in a whole period [D]."""

LARGEST = 100_000_000


@dataclass(frozen=True, slots=True)
class Quota:
    """What a member may ask on one day, and has asked."""

    limit: int
    used: int
    is_set: bool
    """Whether two officers set the limit; else it follows from the declared portfolio."""

    @property
    def left(self) -> int:
        """How many subjects are left of the day."""
        return max(self.limit - self.used, 0)


def use(session: Session, member: Member, day: date) -> Quota:
    """Return the member's quota on a day of Asia/Shanghai, and what is used of it."""
    used = session.scalar(
        select(QuotaUse.subjects).where(QuotaUse.member == member.name, QuotaUse.day == day)
    )
    chosen = session.scalar(select(Profile.quota).where(Profile.member == member.name))
    return Quota(limit_of(member.declared_portfolio, chosen), used or 0, chosen is not None)


def limit_of(declared_portfolio: int, chosen: int | None) -> int:
    """Return how many subjects a member may ask about in a day."""
    return PORTFOLIOS_A_DAY * declared_portfolio if chosen is None else chosen


def require_left(session: Session, member: Member, subjects: int, now: datetime) -> None:
    """Take `subjects` from what is left of the member's day, or raise QuotaExceeded.

    To be called once for each new question, in the transaction that keeps it: what is rolled back was not
    asked. `retry_at` is the next midnight of Asia/Shanghai.
    """
    today = day_of(now)
    quota = use(session, member, today)
    if subjects > quota.left:
        raise QuotaExceeded(
            f"this member may ask about {quota.limit} subjects a day, and {quota.left} are left: go on "
            "tomorrow, or ask the secretariat for another quota",
            slug="member-quota",
            retry_at=next_midnight(now),
        )
    row = session.get(QuotaUse, (member.name, today), with_for_update=True)
    if row is None:
        session.add(QuotaUse(member=member.name, day=today, subjects=subjects))
    else:
        row.subjects += subjects
    session.flush()


def require_sound(quota: int) -> None:
    """Raise Invalid for a number that is no quota."""
    if not 0 <= quota <= LARGEST:
        raise Invalid(f"a quota is a number from 0 to {LARGEST:,}", field="quota")


def next_midnight(at: datetime) -> datetime:
    """Return the first instant of the next day of Asia/Shanghai."""
    return datetime.combine(day_of(at) + timedelta(days=1), time(), SHANGHAI)
