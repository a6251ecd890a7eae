"""What is on hold, or of a suspended member, does not expire, and blocks its subject for a while.

For six effective cuts at most; then it is out. Once custodians have forgotten what was out (protocol
section 4), the end of its block does not bring it back, and must not bring it back here either: hub and
custodians count the same.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, case, false, func, literal, or_, select, update
from sqlalchemy.orm import Session

from alliance_hub.feed.cuts import forgotten_cut
from alliance_hub.feed.models import CutRow, FeedRow
from alliance_hub.membership.models import Member
from alliance_hub.policy import BLOCKING_CUTS
from alliance_hub.records.models import RecordRow

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When a record expired that nothing but a newer one brings back."""


def is_unexpired(stamp: datetime, suspended_at: int | None = None) -> ColumnElement[bool]:
    """Return the condition that a record has not expired at `stamp`, or had not when its block began.

    `suspended_at` is where its member's suspension stands; None for a member at work.
    """
    began = select(FeedRow.stamp).where(FeedRow.position == _blocked_at(suspended_at)).scalar_subquery()
    return or_(RecordRow.expires_at >= stamp, func.coalesce(RecordRow.expires_at >= began, False))


def is_out(session: Session, position: int, suspended_at: int | None = None) -> ColumnElement[bool]:
    """Return the condition that a record is blocked since before the sixth newest cut at `position`."""
    effective = select(CutRow.position).where(CutRow.effective_position <= position)
    sixth = session.scalar(effective.order_by(CutRow.position.desc()).offset(BLOCKING_CUTS - 1).limit(1))
    return false() if sixth is None else func.coalesce(_blocked_at(suspended_at) < sixth, False)


def is_over(session: Session, cut: CutRow, suspended_at: int | None = None) -> ColumnElement[bool]:
    """Return the condition that a record had ended at the cut, and that only a newer one comes back.

    To be asked once a later cut is effective: then custodians have forgotten it.
    """
    return (RecordRow.position <= cut.position) & or_(
        RecordRow.ended_at <= cut.position,
        ~is_unexpired(cut.stamp, suspended_at),
        is_out(session, cut.position, suspended_at),
    )


def end_block(session: Session, member: Member, contract_ref: bytes | None = None) -> None:
    """Let records that were forgotten while they were blocked expire; to be called before their block ends.

    Of one contract, or of all of the member's.
    """
    cut = forgotten_cut(session)
    if cut is None:
        return
    blocked = (RecordRow.member == member.name) & (RecordRow.position <= cut.position)
    if contract_ref is not None:
        blocked &= RecordRow.contract_ref == contract_ref
    spent = update(RecordRow).where(blocked, is_out(session, cut.position, member.suspended_at))
    session.execute(spent.values(expires_at=LONG_AGO), execution_options={"synchronize_session": False})


def _blocked_at(suspended_at: int | None) -> ColumnElement[int | None]:
    """Return the position at which the earliest block that stands began."""
    held = _earlier(RecordRow.member_hold, RecordRow.secretariat_hold)
    return held if suspended_at is None else _earlier(held, literal(suspended_at))


def _earlier(
    one: SQLColumnExpression[int | None], other: SQLColumnExpression[int | None]
) -> ColumnElement[int | None]:
    return case((other.is_(None), one), (one > other, other), else_=func.coalesce(one, other))
