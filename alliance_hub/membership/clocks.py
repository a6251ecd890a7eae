"""What runs out of a membership: licences, and the time in which a leaving member's data are erased."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.clocks.registry import Clock, ClockKind, collects
from alliance_hub.membership.models import Exit, Profile
from alliance_hub.membership.vocabulary import ExitStage
from privacy.periods import SHANGHAI


@collects(ClockKind.LICENCE_EXPIRES)
def licences(session: Session, now: datetime, until: datetime) -> Iterator[Clock]:
    """Yield the licences of members that stay whose last day ends before `until`."""
    ends = (
        select(Profile.member, Profile.licence_until)
        .outerjoin(Exit, Exit.member == Profile.member)
        .where(Profile.licence_until < until.astimezone(SHANGHAI).date(), Exit.member.is_(None))
    )
    for member, last_day in session.execute(ends):
        assert last_day is not None  # it was compared
        # The last day ends at 24:00 in Shanghai.
        due_at = datetime.combine(last_day + timedelta(days=1), time(), SHANGHAI)
        yield Clock(
            ClockKind.LICENCE_EXPIRES, f"member/{member}", due_at, {"member": member}, organisation=member
        )


@collects(ClockKind.EXIT_DUE)
def exits(session: Session, now: datetime, until: datetime) -> Iterator[Clock]:
    """Yield the leavings that are not at their end and are due before `until`."""
    under_way = select(Exit).where(Exit.stage != ExitStage.CLOSED, Exit.deadline_at < until)
    for leaving in session.scalars(under_way):
        yield Clock(
            ClockKind.EXIT_DUE,
            f"member/{leaving.member}",
            leaving.deadline_at,
            {"member": leaving.member, "stage": str(leaving.stage)},
            organisation=leaving.member,
        )
