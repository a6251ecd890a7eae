"""Find officers and organisations for a register: narrowed, sorted and paged in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, true
from sqlalchemy.orm import Session

from alliance_hub.people.actor import Actor
from alliance_hub.people.models import DeputyRow, Officer, OfficerState, Organisation, RoleGrant
from alliance_hub.people.roles import Act, OrganisationKind, Role


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which officers, or organisations, are asked for; what is empty is not asked about."""

    text: str = ""
    """Part of a name or staff number, or of an organisation's name."""
    organisation: str = ""
    kind: OrganisationKind | None = None
    role: Role | None = None
    state: OfficerState | None = None
    sort: str = "name"
    descending: bool = False
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """One officer as a register shows it."""

    officer: Officer
    organisation: Organisation
    roles: Sequence[Role]
    """Its own, now or later."""
    deputised: Sequence[Role]


_SORTS: Mapping[str, Any] = {
    "name": Officer.name,
    "staff_number": Officer.staff_number,
    "organisation": Organisation.name,
    "created": Officer.created_at,
}
_PLACE_SORTS: Mapping[str, Any] = {"name": Organisation.name, "created": Organisation.created_at}


def list_officers(session: Session, actor: Actor, wanted: Wanted, now: datetime) -> tuple[list[Listed], int]:
    """Return one page of the officers whom the actor may read about, and how many there are in all."""
    found = (
        select(Officer, Organisation)
        .join(Organisation, Organisation.id == Officer.organisation)
        .where(_visible(actor), *_officer_conditions(wanted, now))
    )
    rows = session.execute(_page(found, _SORTS, wanted, Officer.id)).all()
    ids = [officer.id for officer, _ in rows]
    held, deputised = _roles(session, ids, now), _deputised(session, ids, now)
    listed = [
        Listed(officer, place, held.get(officer.id, ()), deputised.get(officer.id, ()))
        for officer, place in rows
    ]
    return listed, _count(session, found)


def list_places(session: Session, wanted: Wanted) -> tuple[list[tuple[Organisation, int]], int]:
    """Return one page of the organisations, each with its number of active officers; and how many in all."""
    active = (
        select(func.count())
        .where(Officer.organisation == Organisation.id, Officer.state == OfficerState.ACTIVE)
        .scalar_subquery()
    )
    conditions = [_like(wanted.text, Organisation.name, Organisation.id)]
    if wanted.kind is not None:
        conditions.append(Organisation.kind == wanted.kind)
    found = select(Organisation, active).where(*conditions)
    rows = session.execute(_page(found, _PLACE_SORTS, wanted, Organisation.id)).all()
    return [(place, count) for place, count in rows], _count(session, found)


def list_colleagues(session: Session, officer: Officer) -> Sequence[Officer]:
    """Return the other active officers of an officer's organisation, by name."""
    others = select(Officer).where(
        Officer.organisation == officer.organisation,
        Officer.id != officer.id,
        Officer.state == OfficerState.ACTIVE,
    )
    return session.scalars(others.order_by(Officer.name)).all()


def _visible(actor: Actor) -> ColumnElement[bool]:
    """As `rules.may_see` says of one organisation."""
    if actor.may(Act.READ_OFFICERS):
        return true()
    seen = [Officer.id == actor.officer]
    if actor.may(Act.MANAGE_OWN_OFFICERS):
        seen.append(Officer.organisation == actor.organisation)
    if actor.may(Act.INVITE_MEMBER_ADMINS):
        seen.append(Organisation.kind == OrganisationKind.MEMBER)
    return or_(*seen)


def _officer_conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    conditions = [_like(wanted.text, Officer.name, Officer.staff_number, Organisation.name)]
    if wanted.organisation:
        conditions.append(Officer.organisation == wanted.organisation)
    if wanted.kind is not None:
        conditions.append(Organisation.kind == wanted.kind)
    if wanted.state is not None:
        conditions.append(Officer.state == wanted.state)
    if wanted.role is not None:
        held = exists().where(RoleGrant.officer == Officer.id, RoleGrant.role == wanted.role, _lasts(now))
        conditions.append(held)
    return conditions


def _like(text: str, *columns: Any) -> ColumnElement[bool]:
    if not text:
        return true()
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def _lasts(now: datetime) -> ColumnElement[bool]:
    return or_(RoleGrant.until_at.is_(None), RoleGrant.until_at > now)


def _page(
    found: Select[*tuple[Any, ...]], sorts: Mapping[str, Any], wanted: Wanted, last: Any
) -> Select[Any]:
    column = sorts.get(wanted.sort, sorts["name"])
    ordered = found.order_by(column.desc() if wanted.descending else column, last)
    return ordered.offset(wanted.offset).limit(wanted.limit)


def _count(session: Session, found: Select[*tuple[Any, ...]]) -> int:
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _roles(session: Session, officers: Sequence[int], now: datetime) -> dict[int, list[Role]]:
    rows = select(RoleGrant.officer, RoleGrant.role).where(RoleGrant.officer.in_(officers), _lasts(now))
    return _grouped(session.execute(rows).all())


def _deputised(session: Session, officers: Sequence[int], now: datetime) -> dict[int, list[Role]]:
    standing_in = (DeputyRow.deputy.in_(officers), DeputyRow.from_at <= now, DeputyRow.until_at > now)
    return _grouped(session.execute(select(DeputyRow.deputy, DeputyRow.role).where(*standing_in)).all())


def _grouped(rows: Sequence[Any]) -> dict[int, list[Role]]:
    found: dict[int, list[Role]] = {}
    for officer, role in rows:
        found.setdefault(officer, []).append(role)
    return found
