"""By when matters end: told to the member's own people, and to each lawyer who has accepted the terms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.clocks.registry import Clock, ClockKind, collects
from alliance_hub.matters.models import MatterRow
from alliance_hub.matters.reading import lawyers_of
from alliance_hub.matters.terms import CURRENT


@collects(ClockKind.MATTER_EXPIRES)
def expiring(session: Session, now: datetime, until: datetime) -> Iterator[Clock]:
    """Yield the matters that end before `until`; what is over needs nobody's attention."""
    ends = select(MatterRow).where(
        MatterRow.closed_at.is_(None), MatterRow.until > now, MatterRow.until < until
    )
    for row in session.scalars(ends.order_by(MatterRow.id)):
        says = {"matter": row.reference, "member": row.member}
        yield Clock(ClockKind.MATTER_EXPIRES, row.object, row.until, says, organisation=row.member)
        for lawyer, officer in lawyers_of(session, row):
            if lawyer.terms == CURRENT.version:
                yield Clock(
                    ClockKind.MATTER_EXPIRES,
                    row.object,
                    row.until,
                    says,
                    organisation=officer.organisation,
                    officer=officer.id,
                )
