"""Law firms as organisations: entered, closed and opened again. Members come and go by their own acts."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Forbidden, Invalid
from alliance_hub.people import sessions
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_organisation
from alliance_hub.people.models import Officer, Organisation
from alliance_hub.people.records import record
from alliance_hub.people.roles import Act, OrganisationKind
from alliance_hub.people.service import add_organisation

_NAME = re.compile(r"[\w](?:[\w -]{0,38}[\w])")


def enter_law_firm(
    session: Session, actor: Actor, *, id: str, name: str, uscc: str, now: datetime
) -> Organisation:
    """Enter a law firm under a short name; raises Forbidden, Invalid, Conflict."""
    _require_may_enter(actor)
    if not _NAME.fullmatch(id.strip()):
        raise Invalid("a short name has 2 to 40 letters, digits or hyphens", field="id")
    return add_organisation(
        session, actor, id=id.strip(), kind=OrganisationKind.LAW_FIRM, name=name, uscc=uscc, now=now
    )


def close(session: Session, actor: Actor, id: str, now: datetime) -> Organisation:
    """Let none of a law firm's officers in any more, and end their sessions."""
    place = _law_firm(session, actor, id)
    if place.closed_at is not None:
        raise Conflict("the organisation is closed already")
    place.closed_at = now
    for officer in session.scalars(select(Officer.id).where(Officer.organisation == id)):
        sessions.end_all(session, officer, now)
    record(session, actor, "organisation_closed", object=f"organisation/{id}", now=now)
    return place


def open_again(session: Session, actor: Actor, id: str, now: datetime) -> Organisation:
    """Let a closed law firm's officers in again."""
    place = _law_firm(session, actor, id)
    if place.closed_at is None:
        raise Conflict("the organisation is not closed")
    place.closed_at = None
    record(session, actor, "organisation_opened", object=f"organisation/{id}", now=now)
    return place


def may_enter(actor: Actor) -> bool:
    """Say whether an officer may enter and close law firms."""
    return actor.may(Act.MANAGE_OFFICERS) or actor.may(Act.INVITE_MEMBER_ADMINS)


def _require_may_enter(actor: Actor) -> None:
    if not may_enter(actor):
        raise Forbidden(
            "law firms are entered by a membership officer or the security administrator", slug="role"
        )


def _law_firm(session: Session, actor: Actor, id: str) -> Organisation:
    _require_may_enter(actor)
    place = get_organisation(session, id)
    if place.kind is not OrganisationKind.LAW_FIRM:
        raise Forbidden("a member leaves by its own proposal, and the association stays", slug="law-firm")
    return place
