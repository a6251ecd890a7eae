"""Enter organisations and officers, and give officers their roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.people import rules
from alliance_hub.people.grants import Terms, grant
from alliance_hub.people.models import ASSOCIATION, Officer, OfficerState, Organisation
from alliance_hub.people.records import By, record
from alliance_hub.people.roles import OrganisationKind
from privacy import identifiers
from privacy.errors import InvalidInputError

__all__ = ["Person", "add_officer", "add_organisation", "grant", "list_organisations"]

NAME_LONGEST = 120
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody who becomes an officer."""

    staff_number: str
    name: str
    mobile: str = ""
    email: str = ""
    language: str = "zh"


def add_organisation(
    session: Session,
    by: By,
    *,
    id: str,
    kind: OrganisationKind,
    name: str,
    uscc: str | None = None,
    now: datetime,
) -> Organisation:
    """Enter an organisation; raises Conflict when its id is taken."""
    row = Organisation(id=id, kind=kind, name=_named(name), uscc=_uscc(uscc), created_at=now, closed_at=None)
    _add(session, row, "there is an organisation of this name already")
    facts = {"organisation_kind": str(kind)}
    record(session, by, "organisation_added", object=f"organisation/{id}", facts=facts, now=now)
    return row


def add_officer(
    session: Session, by: By, organisation: Organisation, person: Person, roles: Terms, now: datetime
) -> Officer:
    """Enter an officer who has still to take up an invitation, with its roles from now.

    Raises Invalid naming the field, Conflict when staff number or mobile number are taken.
    """
    rules.require_roles(organisation.kind, frozenset(roles))
    row = Officer(
        organisation=organisation.id,
        staff_number=rules.require_staff_number(person.staff_number),
        mobile=_mobile(person.mobile),
        name=_named(person.name),
        email=_email(person.email),
        language=person.language if person.language in LANGUAGES else LANGUAGES[0],
        state=OfficerState.INVITED,
        password=None,
        totp=None,
        totp_step=None,
        failures=0,
        locked_until=None,
        created_at=now,
    )
    _add(session, row, "this staff number or mobile number belongs to an officer already")
    record(session, by, "officer_added", object=f"officer/{row.ref}", now=now)
    for role, until_at in roles.items():
        grant(session, by, row, role, now, until_at, now)
    return row


def list_organisations(session: Session) -> list[Organisation]:
    """Return the organisations whose officers may log in: the association first, then by name."""
    is_open = select(Organisation).where(Organisation.closed_at.is_(None))
    found = session.scalars(is_open.order_by(Organisation.name)).all()
    return sorted(found, key=lambda each: each.id != ASSOCIATION)


def _add(session: Session, row: Organisation | Officer, taken: str) -> None:
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(taken, slug="taken") from error


def _named(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > NAME_LONGEST:
        raise Invalid(f"a name is needed, of at most {NAME_LONGEST} characters", field="name")
    return name


def _mobile(text: str) -> str | None:
    return _normal(identifiers.Kind.MOBILE, text, "mobile", "this is no mobile number of mainland China")


def _email(text: str) -> str | None:
    return _normal(identifiers.Kind.EMAIL, text, "email", "this is no e-mail address")


def _uscc(text: str | None) -> str | None:
    return _normal(identifiers.Kind.USCC, text or "", "uscc", "this is no unified social credit code")


def _normal(kind: identifiers.Kind, text: str, field: str, reason: str) -> str | None:
    if not text.strip():
        return None
    try:
        return identifiers.normalise(kind, text).value
    except InvalidInputError as error:
        raise Invalid(reason, field=field) from error
