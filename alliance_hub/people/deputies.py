"""Deputies: who stands in for whom, in which role, from when until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.people import grants, officers, rules
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_officer
from alliance_hub.people.models import DeputyRow, Officer
from alliance_hub.people.records import record
from alliance_hub.people.roles import Role
from privacy.encoding import instant_text


def appoint(
    session: Session,
    actor: Actor,
    principal: int,
    deputy: int,
    role: Role,
    from_at: datetime,
    until_at: datetime,
    now: datetime,
) -> DeputyRow:
    """Let one officer stand in for another; the principal itself or its administrator says so.

    Raises NotFound, Forbidden, Invalid as `rules.require_deputy`, Conflict for two at the same time.
    """
    whom = _principal(session, actor, principal)
    who = _colleague(session, whom, deputy)
    rules.require_deputy(
        grants.standing_of(session, whom, now),
        grants.standing_of(session, who, now),
        role,
        from_at,
        until_at,
        now=now,
    )
    if any(
        each.role is role and _overlap(each, from_at, until_at) for each in list_of(session, principal, now)
    ):
        raise Conflict("another deputy stands in for this role at that time: end it first", slug="deputised")
    row = DeputyRow(principal=principal, deputy=deputy, role=role, from_at=from_at, until_at=until_at)
    session.add(row)
    session.flush()
    _record(session, actor, "deputy_appointed", row, whom, who, now)
    return row


def end(session: Session, actor: Actor, id: int, now: datetime) -> DeputyRow:
    """End a deputy's time; the deputy itself may, too."""
    row = get_endable(session, actor, id, now)
    row.until_at = max(now, row.from_at)
    whom, who = get_officer(session, row.principal), get_officer(session, row.deputy)
    _record(session, actor, "deputy_ended", row, whom, who, now)
    return row


def get_endable(session: Session, actor: Actor, id: int, now: datetime) -> DeputyRow:
    """Return a deputy's time that is not over and that the actor may end; raises NotFound, Forbidden."""
    row = session.get(DeputyRow, id)
    if row is None or row.until_at <= now:
        raise NotFound("there is no such deputy")
    if actor.officer != row.deputy:
        _principal(session, actor, row.principal)
    return row


def list_of(session: Session, principal: int, now: datetime) -> Sequence[DeputyRow]:
    """Return who stands in for an officer, now or later."""
    rows = select(DeputyRow).where(DeputyRow.principal == principal, DeputyRow.until_at > now)
    return session.scalars(rows.order_by(DeputyRow.from_at, DeputyRow.id)).all()


def list_concerning(session: Session, officer: int, now: datetime) -> Sequence[DeputyRow]:
    """Return for whom an officer stands in and who stands in for it, now or later."""
    either = or_(DeputyRow.principal == officer, DeputyRow.deputy == officer)
    rows = select(DeputyRow).where(either, DeputyRow.until_at > now)
    return session.scalars(rows.order_by(DeputyRow.from_at, DeputyRow.id)).all()


def may_appoint(session: Session, actor: Actor, principal: Officer) -> bool:
    """Say whether the actor may name deputies of an officer."""
    return actor.officer == principal.id or officers.may_manage(session, actor, principal)


def _principal(session: Session, actor: Actor, principal: int) -> Officer:
    row = officers.get_visible(session, actor, principal)
    if not may_appoint(session, actor, row):
        raise Forbidden("deputies are named by the officer itself or its administrator", slug="own-people")
    return row


def _colleague(session: Session, principal: Officer, deputy: int) -> Officer:
    try:
        row = get_officer(session, deputy)
    except NotFound as error:
        raise _no_colleague() from error
    if row.organisation != principal.organisation:
        raise _no_colleague()
    return row


def _no_colleague() -> Invalid:
    # The same whether there is such an officer elsewhere or nowhere.
    return Invalid("a deputy is an active officer of the same organisation", field="deputy")


def _overlap(row: DeputyRow, from_at: datetime, until_at: datetime) -> bool:
    return row.from_at < until_at and from_at < row.until_at


def _record(
    session: Session, actor: Actor, kind: str, row: DeputyRow, whom: Officer, who: Officer, now: datetime
) -> None:
    facts = {
        "role": str(row.role),
        "deputy": who.ref,
        "from": instant_text(row.from_at),
        "until": instant_text(row.until_at),
    }
    record(session, actor, kind, object=f"officer/{whom.ref}", facts=facts, now=now)
