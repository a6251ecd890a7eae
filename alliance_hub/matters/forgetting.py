"""Forget what names a debtor once a matter has been over for three years; that there was one stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from alliance_hub.hub import Hub
from alliance_hub.matters import rules
from alliance_hub.matters.models import MatterCertificate, MatterContract, MatterRow


def forget_over(hub: Hub, now: datetime) -> int:
    """Forget every matter that was over long ago, one transaction each; return how many there were."""
    before = now - rules.KEPT_AFTER
    over = or_(MatterRow.until < before, MatterRow.closed_at < before)
    with hub.database.reading() as session:
        ids = session.scalars(
            select(MatterRow.id).where(over, MatterRow.forgotten_at.is_(None)).order_by(MatterRow.id)
        ).all()
    for id in ids:
        with hub.database.transaction() as session:
            _forget(session, id, now)
    return len(ids)


def forget_own(session: Session, member: str, now: datetime) -> int:
    """Forget every matter of a member that leaves, and close it; return how many there were."""
    own = select(MatterRow).where(MatterRow.member == member, MatterRow.forgotten_at.is_(None))
    rows = session.scalars(own).all()
    for row in rows:
        row.closed_at = row.closed_at or now
        _forget(session, row.id, now)
    return len(rows)


def _forget(session: Session, id: int, now: datetime) -> None:
    gone = {"pseudonym": None, "standing_key": None, "request": None, "forgotten_at": now}
    session.execute(update(MatterRow).where(MatterRow.id == id).values(gone))
    session.execute(update(MatterCertificate).where(MatterCertificate.matter == id).values(document=None))
    session.execute(delete(MatterContract).where(MatterContract.matter == id))
