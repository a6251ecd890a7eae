"""Take an agreement out of effect: for a while, or for good with notice.

Both bind the hub. Custodians know only what stands in the feed: to them a suspended or terminated
agreement runs until its `valid_until`; a member whose questions they must refuse too is itself suspended.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.agreements.keeping import UNDER_WAY, current, record, take, versions_of
from alliance_hub.agreements.lifecycle import AgreementState, Step, state_at
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.errors import Conflict, NotFound
from alliance_hub.feed.appending import lock
from alliance_hub.membership.models import Member
from alliance_hub.people.actor import Actor, require_act
from alliance_hub.people.roles import Act
from alliance_hub.permissions import Permission, Sender, require_permission
from privacy.statements import member_author


def suspend(session: Session, actor: Actor, row: AgreementRow, now: datetime) -> None:
    """Take a version out of effect until further notice; questions under it are denied from now on."""
    lock(session)
    take(row, Step.SUSPEND, now=now)
    row.suspended_at = now
    record(session, actor, "agreement_suspended", row, now)


def resume(session: Session, actor: Actor, row: AgreementRow, now: datetime) -> None:
    """Put a suspended version into effect again; a notice given meanwhile goes on."""
    lock(session)
    take(row, Step.RESUME, now=now)
    row.suspended_at = None
    record(session, actor, "agreement_resumed", row, now)


def terminate(session: Session, actor: Actor, agreement: str, now: datetime) -> list[AgreementRow]:
    """Give notice for the association; the agreement ends as `last_instant` says.

    Versions that have not taken effect are withdrawn. Raises NotFound, Conflict when nothing is in effect
    or notice has been given.
    """
    require_act(actor, Act.WRITE_AGREEMENTS)
    lock(session)
    return _terminate(session, agreement, actor, now)


def terminate_own(session: Session, member: Member, agreement: str, now: datetime) -> list[AgreementRow]:
    """Give notice for the member; raises NotFound for an agreement that is not its own."""
    require_permission(Sender.for_member(member.name, member.state), Permission.END_AGREEMENT)
    lock(session)
    own = [row for row in versions_of(session, agreement) if row.member == member.name and row.offered_at]
    if not own:
        raise NotFound("this member has no agreement of this name")
    return _terminate(session, agreement, None, now)


def last_instant(row: AgreementRow, now: datetime) -> datetime:
    """Return when a version is over if notice is given now."""
    return min(row.ends_at, now.replace(microsecond=0) + timedelta(days=row.terms.notice_days))


def end_all(session: Session, actor: Actor, member: str, now: datetime) -> list[AgreementRow]:
    """End every agreement of a member that leaves, without notice: it has asked for it."""
    lock(session)
    ended = []
    for row in session.scalars(select(AgreementRow).where(AgreementRow.member == member)):
        if state_at(row.state, row.ends_at, now) is AgreementState.ENDED:
            continue
        row.state, row.ends_at, row.changed_at = AgreementState.ENDED, min(row.ends_at, now), now
        record(session, actor, "agreement_ended", row, now)
        ended.append(row)
    return ended


def _terminate(session: Session, agreement: str, actor: Actor | None, now: datetime) -> list[AgreementRow]:
    rows = versions_of(session, agreement)
    if not rows:
        raise NotFound("there is no agreement of this name")
    running = current(session, agreement, at=now)
    if running is None:
        raise Conflict(
            "nothing of this agreement is in effect: withdraw what is on offer", slug="agreement-state"
        )
    last = last_instant(running, now)
    for row in rows:
        _end_at(session, row, actor, last, now)
    return [row for row in rows if row.terminated_at is not None]


def _end_at(session: Session, row: AgreementRow, actor: Actor | None, last: datetime, now: datetime) -> None:
    state = state_at(row.state, row.ends_at, now)
    if state is AgreementState.ENDED:
        return
    if state in UNDER_WAY:
        row.state, row.ends_at, row.changed_at = AgreementState.ENDED, min(row.ends_at, now), now
        record(session, actor, "agreement_withdrawn", row, now)
        return
    take(row, Step.TERMINATE, now=now)
    row.terminated_at = now
    row.terminated_by = member_author(row.member) if actor is None else actor.ref
    row.ends_at = min(row.ends_at, last)
    record(session, actor, "agreement_terminated", row, now)
