"""Find officers and organisations, and say as whom an officer acts now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from alliance_hub.errors import NotFound
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import DeputyRow, Officer, Organisation, RoleGrant
from alliance_hub.people.roles import ROLES_OF, Role


def get_officer(session: Session, id: int) -> Officer:
    """Return an officer; raises NotFound."""
    officer = session.get(Officer, id)
    if officer is None:
        raise NotFound("there is no such officer")
    return officer


def get_by_ref(session: Session, ref: str) -> Officer:
    """Return an officer by `organisation/staff number`; raises NotFound."""
    organisation, _, staff_number = ref.rpartition("/")
    known = (Officer.organisation == organisation, Officer.staff_number == staff_number)
    officer = session.scalar(select(Officer).where(*known))
    if officer is None:
        raise NotFound("there is no such officer: alliance-hub officers list shows them")
    return officer


def list_all(session: Session) -> Sequence[Officer]:
    """Return every officer, by organisation and staff number."""
    return session.scalars(select(Officer).order_by(Officer.organisation, Officer.staff_number)).all()


def get_organisation(session: Session, id: str) -> Organisation:
    """Return an organisation; raises NotFound."""
    organisation = session.get(Organisation, id)
    if organisation is None:
        raise NotFound("there is no such organisation")
    return organisation


def actor_of(session: Session, officer: Officer, *, at: datetime) -> Actor:
    """Return the officer with the roles in force at `at`, its own and the deputised ones."""
    organisation = get_organisation(session, officer.organisation)
    own = frozenset(roles_of(session, officer.id, at=at))
    return Actor(
        officer=officer.id,
        ref=officer.ref,
        name=officer.name,
        organisation=organisation.id,
        kind=organisation.kind,
        roles=own & ROLES_OF[organisation.kind],
        deputised={role: whom for role, whom in _deputised(session, officer.id, at) if role not in own},
    )


def roles_of(session: Session, officer: int, *, at: datetime) -> Sequence[Role]:
    """Return the roles that an officer itself holds at `at`."""
    in_force = (RoleGrant.from_at <= at, or_(RoleGrant.until_at.is_(None), RoleGrant.until_at > at))
    return session.scalars(select(RoleGrant.role).where(RoleGrant.officer == officer, *in_force)).all()


def _deputised(session: Session, officer: int, at: datetime) -> list[tuple[Role, int]]:
    """Return the roles it stands in for, as far as the principal still holds them."""
    stands_in = (DeputyRow.deputy == officer, DeputyRow.from_at <= at, DeputyRow.until_at > at)
    rows = session.scalars(select(DeputyRow).where(*stands_in).order_by(DeputyRow.id)).all()
    return [(row.role, row.principal) for row in rows if row.role in roles_of(session, row.principal, at=at)]
