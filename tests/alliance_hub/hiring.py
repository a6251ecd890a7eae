"""Officers of the association for the services' tests, without a console around them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from alliance_hub.people import directory
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import ASSOCIATION, Officer, OfficerState, Organisation, RoleGrant
from alliance_hub.people.roles import OrganisationKind, Role
from tests.alliance_hub.builders import Clock


def hire(session: Session, clock: Clock, number: str, *roles: Role, name: str = "") -> Actor:
    """Let somebody with these roles join the association."""
    if session.get(Organisation, ASSOCIATION) is None:
        session.add(
            Organisation(
                id=ASSOCIATION,
                kind=OrganisationKind.ASSOCIATION,
                name="The association",
                uscc=None,
                created_at=clock(),
                closed_at=None,
            )
        )
        session.flush()
    officer = Officer(
        organisation=ASSOCIATION,
        staff_number=number,
        name=name or f"Officer {number}",
        language="zh",
        state=OfficerState.ACTIVE,
        failures=0,
        created_at=clock(),
    )
    session.add(officer)
    session.flush()
    for role in roles:
        session.add(RoleGrant(officer=officer.id, role=role, from_at=clock(), granted_by="operator"))
    session.flush()
    return directory.actor_of(session, officer, at=clock())
