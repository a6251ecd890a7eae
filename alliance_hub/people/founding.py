"""How the first officers come in: one security administrator by command, then a small secretariat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Forbidden, Invalid
from alliance_hub.people import grants, invitations
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_organisation
from alliance_hub.people.models import ASSOCIATION, Organisation, RoleGrant
from alliance_hub.people.officers import Invited
from alliance_hub.people.records import OPERATOR, By, record
from alliance_hub.people.roles import FIVE_PERSONS, Act, OrganisationKind, Role
from alliance_hub.people.service import Person, add_officer, add_organisation


def found(session: Session, person: Person, *, alliance: str, again: bool, now: datetime) -> Invited:
    """Enter the association and invite its first security administrator, in the operator's name.

    Raises Conflict when there has been one; with `again` only while one of them is active.
    """
    _require_none(session, again=again, now=now)
    place = session.get(Organisation, ASSOCIATION) or add_organisation(
        session, OPERATOR, id=ASSOCIATION, kind=OrganisationKind.ASSOCIATION, name=alliance, now=now
    )
    return _invite(session, OPERATOR, place, person, (Role.SECURITY_ADMIN,), now)


def staff(session: Session, by: By, people: Mapping[int, Person], now: datetime) -> list[Invited]:
    """Invite up to five people to the places 1 to 5 of a small secretariat (`FIVE_PERSONS`).

    A place is left out where somebody holds it already, as the first administrator does the second.
    """
    if isinstance(by, Actor) and not by.may(Act.MANAGE_OFFICERS):
        raise Forbidden("only the security administrator appoints the secretariat", slug="role")
    if not people or not set(people) <= set(range(1, len(FIVE_PERSONS) + 1)):
        raise Invalid("the places of a small secretariat are 1 to 5", field="place")
    place = get_organisation(session, ASSOCIATION)
    return [
        _invite(session, by, place, person, FIVE_PERSONS[number - 1], now)
        for number, person in sorted(people.items())
    ]


def _invite(
    session: Session, by: By, place: Organisation, person: Person, roles: tuple[Role, ...], now: datetime
) -> Invited:
    officer = add_officer(session, by, place, person, dict.fromkeys(roles), now)
    secret = invitations.issue(session, officer, now)
    record(session, by, "officer_invited", object=f"officer/{officer.ref}", now=now)
    return Invited(officer, secret)


def _require_none(session: Session, *, again: bool, now: datetime) -> None:
    if grants.list_active_holders(session, Role.SECURITY_ADMIN, ASSOCIATION, now):
        raise Conflict("an active security administrator exists: it invites the others", slug="founded")
    known = session.scalar(select(RoleGrant.id).where(RoleGrant.role == Role.SECURITY_ADMIN).limit(1))
    if known is not None and not again:
        raise Conflict(
            "a security administrator was invited before: give --again if nobody of them can log in",
            slug="founded",
        )
