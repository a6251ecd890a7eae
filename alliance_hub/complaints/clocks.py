"""By when complaints must be answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.clocks.registry import Clock, ClockKind, collects
from alliance_hub.complaints.models import Complaint


@collects(ClockKind.COMPLAINT_DUE)
def due(session: Session, now: datetime, until: datetime) -> Iterator[Clock]:
    """Return every complaint that waits for its answer and is due before `until`."""
    waiting = select(Complaint).where(Complaint.closed_at.is_(None), Complaint.due_at < until)
    for row in session.scalars(waiting):
        says = {"number": row.number, "about": row.about}
        yield Clock(ClockKind.COMPLAINT_DUE, row.object, row.due_at, says, officer=row.officer)
