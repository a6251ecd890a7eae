"""What runs out of the agreements: terms that reach their end, notices that are over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from alliance_hub.agreements.lifecycle import EFFECTIVE
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.clocks.registry import Clock, ClockKind, collects


@collects(ClockKind.AGREEMENT_EXPIRES)
def expiring(session: Session, now: datetime, until: datetime) -> Iterator[Clock]:
    """Yield the agreements that end by themselves and that no later version goes on from."""
    by_itself = AgreementRow.terminated_at.is_(None) & ~_goes_on()
    return _ending(session, ClockKind.AGREEMENT_EXPIRES, now, until, by_itself)


@collects(ClockKind.AGREEMENT_TERMINATES)
def terminating(session: Session, now: datetime, until: datetime) -> Iterator[Clock]:
    """Yield the agreements whose notice is over soon."""
    by_notice = AgreementRow.terminated_at.is_not(None)
    return _ending(session, ClockKind.AGREEMENT_TERMINATES, now, until, by_notice)


def _ending(
    session: Session, kind: ClockKind, now: datetime, until: datetime, which: ColumnElement[bool]
) -> Iterator[Clock]:
    found = (
        select(AgreementRow.agreement, AgreementRow.version, AgreementRow.member, AgreementRow.ends_at)
        .where(AgreementRow.state.in_(EFFECTIVE), AgreementRow.ends_at > now, AgreementRow.ends_at < until)
        .where(which)
        .order_by(AgreementRow.ends_at)
    )
    for agreement, version, member, ends_at in session.execute(found):
        yield Clock(
            kind=kind,
            object=f"agreement/{agreement}",
            due_at=ends_at,
            says_params={"agreement": agreement, "version": str(version), "member": member},
            organisation=member,
        )


def _goes_on() -> ColumnElement[bool]:
    """Say that a later version, stated in the feed, holds when this one is over."""
    later = aliased(AgreementRow)
    holds = select(later.version).where(
        later.agreement == AgreementRow.agreement,
        later.version > AgreementRow.version,
        later.position.is_not(None),
        later.ends_at > AgreementRow.ends_at,
    )
    return holds.exists()
