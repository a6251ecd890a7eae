"""Roles that officers hold, from when until when: given, ended, and asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from alliance_hub.people import rules
from alliance_hub.people.directory import get_organisation
from alliance_hub.people.models import DeputyRow, Officer, OfficerState, RoleGrant
from alliance_hub.people.records import By, record, ref_of
from alliance_hub.people.roles import Role
from alliance_hub.people.rules import Standing
from privacy.encoding import instant_text

Terms = Mapping[Role, datetime | None]
"""Roles, each with the instant at which it ends, if any."""


def grant(
    session: Session,
    by: By,
    officer: Officer,
    role: Role,
    from_at: datetime,
    until_at: datetime | None,
    now: datetime,
) -> RoleGrant:
    """Give an officer one more role; raises Invalid where the rules do not let it be held."""
    standing = standing_of(session, officer, now)
    kind = get_organisation(session, officer.organisation).kind
    rules.require_roles(kind, standing.roles | standing.deputised | {role})
    rules.require_term(role, from_at, until_at, now=now)
    row = RoleGrant(officer=officer.id, role=role, from_at=from_at, until_at=until_at, granted_by=ref_of(by))
    session.add(row)
    session.flush()
    facts = {
        "role": str(role),
        "from": instant_text(from_at),
        "until": until_at and instant_text(until_at),
    }
    record(session, by, "role_granted", object=f"officer/{officer.ref}", facts=facts, now=now)
    return row


def end(session: Session, by: By, officer: Officer, row: RoleGrant, now: datetime) -> None:
    """Take a role away."""
    row.until_at = max(now, row.from_at)
    session.flush()
    facts = {"role": str(row.role)}
    record(session, by, "role_ended", object=f"officer/{officer.ref}", facts=facts, now=now)


def list_held(session: Session, officer: int, now: datetime) -> Sequence[RoleGrant]:
    """Return the roles that an officer holds, or will hold, the earliest first."""
    lasting = or_(RoleGrant.until_at.is_(None), RoleGrant.until_at > now)
    rows = select(RoleGrant).where(RoleGrant.officer == officer, lasting)
    return session.scalars(rows.order_by(RoleGrant.from_at, RoleGrant.id)).all()


def list_deputised(session: Session, officer: int, now: datetime) -> Sequence[DeputyRow]:
    """Return in what an officer stands in for others, or will."""
    rows = select(DeputyRow).where(DeputyRow.deputy == officer, DeputyRow.until_at > now)
    return session.scalars(rows.order_by(DeputyRow.from_at, DeputyRow.id)).all()


def standing_of(session: Session, officer: Officer, now: datetime) -> Standing:
    """Return what the rules ask of an officer."""
    return Standing(
        officer=officer.id,
        organisation=officer.organisation,
        active=officer.state is OfficerState.ACTIVE,
        roles=frozenset(row.role for row in list_held(session, officer.id, now)),
        deputised=frozenset(row.role for row in list_deputised(session, officer.id, now)),
    )


def list_active_holders(session: Session, role: Role, organisation: str, now: datetime) -> Sequence[int]:
    """Return the active officers of an organisation who hold a role now."""
    holding = (
        RoleGrant.role == role,
        RoleGrant.from_at <= now,
        or_(RoleGrant.until_at.is_(None), RoleGrant.until_at > now),
        Officer.organisation == organisation,
        Officer.state == OfficerState.ACTIVE,
    )
    found = select(Officer.id).join(RoleGrant, RoleGrant.officer == Officer.id).where(*holding)
    return session.scalars(found.distinct().order_by(Officer.id)).all()
