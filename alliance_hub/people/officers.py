"""What an administrator does about officers: invite, change roles, disable, unlock, reset."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.people import grants, invitations, rules, sessions
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_officer, get_organisation
from alliance_hub.people.grants import Terms
from alliance_hub.people.models import Officer, OfficerState, Organisation, Passkey, RecoveryCode
from alliance_hub.people.records import By, record
from alliance_hub.people.roles import Role
from alliance_hub.people.service import Person, add_officer

APPOINTED = frozenset({Role.INSPECTOR})
"""Given by four eyes only."""


@dataclass(frozen=True, slots=True)
class Invited:
    """An officer who is expected, and the secret of its link: shown once, to whoever invited."""

    officer: Officer
    secret: str


def invite(
    session: Session, actor: Actor, organisation: str, person: Person, roles: Terms, now: datetime
) -> Invited:
    """Invite somebody to be an officer with these roles.

    Raises NotFound where the organisation is none of the actor's, Invalid, Conflict.
    """
    place = _place(session, actor, organisation)
    _require_invitable(session, actor, place, frozenset(roles), now)
    if place.closed_at is not None:
        raise Conflict("the organisation is closed: nobody can be invited to it")
    officer = add_officer(session, actor, place, person, roles, now)
    return _invited(session, actor, officer, now)


def reset(session: Session, by: By, officer: int, now: datetime) -> Invited:
    """Take an officer's password and second factors away, end its session and invite it anew.

    It is as if it came for the first time, with the roles that it holds.
    """
    row = _manageable(session, by, officer, now) if isinstance(by, Actor) else get_officer(session, officer)
    if isinstance(by, Actor):
        rules.require_other(by, officer)
    if row.state is OfficerState.DISABLED:
        raise Conflict("the officer is disabled: enable it first")
    row.state, row.password, row.totp, row.totp_step = OfficerState.INVITED, None, None, None
    row.failures, row.locked_until = 0, None
    for factor in (RecoveryCode, Passkey):
        session.execute(delete(factor).where(factor.officer == officer))
    sessions.end_all(session, officer, now)
    record(session, by, "officer_reset", object=f"officer/{row.ref}", now=now)
    return _invited(session, by, row, now)


def change_roles(session: Session, actor: Actor, officer: int, roles: Terms, now: datetime) -> Officer:
    """Let an officer hold exactly these roles from now; what it keeps with the same end stays as it is."""
    row = _managed(session, actor, officer, now)
    kind = get_organisation(session, row.organisation).kind
    rules.require_roles(kind, frozenset(roles))
    held = {each.role: each for each in grants.list_held(session, officer, now)}
    if (frozenset(roles) - held.keys()) & APPOINTED:
        raise Invalid(
            "an inspector is appointed by two officers: propose it", field="roles", slug="four-eyes"
        )
    kept = {role for role, until in roles.items() if role in held and held[role].until_at == until}
    if not kept >= held.keys() & {Role.SECURITY_ADMIN}:
        _require_another(session, row, now)
    for role in held.keys() - kept:
        grants.end(session, actor, row, held[role], now)
    for role in roles.keys() - kept:
        grants.grant(session, actor, row, role, now, roles[role], now)
    return row


def disable(session: Session, actor: Actor, officer: int, now: datetime) -> Officer:
    """Let an officer in no more; what it did stays, and its session ends."""
    row = _managed(session, actor, officer, now)
    if row.state is OfficerState.DISABLED:
        raise Conflict("the officer is disabled already")
    _require_another(session, row, now)
    row.state = OfficerState.DISABLED
    invitations.withdraw(session, officer, now)
    sessions.end_all(session, officer, now)
    record(session, actor, "officer_disabled", object=f"officer/{row.ref}", now=now)
    return row


def enable(session: Session, actor: Actor, officer: int, now: datetime) -> Officer:
    """Let a disabled officer in again, with the password and second factor it had."""
    row = _managed(session, actor, officer, now)
    if row.state is not OfficerState.DISABLED:
        raise Conflict("the officer is not disabled")
    row.state = OfficerState.ACTIVE if row.password else OfficerState.INVITED
    row.failures, row.locked_until = 0, None
    record(session, actor, "officer_enabled", object=f"officer/{row.ref}", now=now)
    return row


def unlock(session: Session, actor: Actor, officer: int, now: datetime) -> Officer:
    """End the half hour for which failures locked an officer's login."""
    row = _managed(session, actor, officer, now)
    row.failures, row.locked_until = 0, None
    record(session, actor, "officer_unlocked", object=f"officer/{row.ref}", now=now)
    return row


def end_session(session: Session, actor: Actor, officer: int, now: datetime) -> Officer:
    """End an officer's session: it has to log in again."""
    row = _managed(session, actor, officer, now)
    sessions.end_all(session, officer, now)
    record(session, actor, "officer_sessions_ended", object=f"officer/{row.ref}", now=now)
    return row


def get_visible(session: Session, actor: Actor, officer: int) -> Officer:
    """Return an officer whom the actor may read about; raises NotFound."""
    row = get_officer(session, officer)
    place = get_organisation(session, row.organisation)
    if actor.officer != officer and not rules.may_see(actor, place.id, place.kind):
        raise NotFound("there is no such officer")
    return row


def may_manage(session: Session, actor: Actor, officer: Officer) -> bool:
    """Say whether the actor may change an officer."""
    place = get_organisation(session, officer.organisation)
    return actor.officer != officer.id and rules.may_manage(actor, place.id, place.kind)


def may_reinvite(session: Session, actor: Actor, officer: Officer, now: datetime) -> bool:
    """Say whether the actor may give an officer a new link: also a member's first administrator's."""
    if may_manage(session, actor, officer):
        return True
    place = get_organisation(session, officer.organisation)
    return _is_first(session, actor, place, officer, now)


def _is_first(session: Session, actor: Actor, place: Organisation, officer: Officer, now: datetime) -> bool:
    # An active one is reset by its own colleagues or by the operator: whoever holds the link is the member.
    active = len(grants.list_active_holders(session, Role.MEMBER_ADMIN, place.id, now))
    held = {row.role for row in grants.list_held(session, officer.id, now)}
    return Role.MEMBER_ADMIN in held and rules.may_invite_first(actor, place.kind, administrators=active)


def _require_invitable(
    session: Session, actor: Actor, place: Organisation, roles: Collection[Role], now: datetime
) -> None:
    if not APPOINTED.isdisjoint(roles):
        raise Invalid(
            "an inspector is appointed by two officers: propose it", field="roles", slug="four-eyes"
        )
    if rules.may_manage(actor, place.id, place.kind):
        return
    active = len(grants.list_active_holders(session, Role.MEMBER_ADMIN, place.id, now))
    if not rules.may_invite_first(actor, place.kind, administrators=active):
        raise Forbidden("this organisation's people are invited by its own administrator", slug="own-people")
    if set(roles) != {Role.MEMBER_ADMIN}:
        raise Invalid("the association invites a member's administrator, and nobody else", field="roles")


def _place(session: Session, actor: Actor, organisation: str) -> Organisation:
    place = get_organisation(session, organisation)
    if not rules.may_see(actor, place.id, place.kind):
        raise NotFound("there is no such organisation")
    return place


def _managed(session: Session, actor: Actor, officer: int, now: datetime) -> Officer:
    row = _manageable(session, actor, officer, now, first=False)
    rules.require_other(actor, officer)
    return row


def _manageable(
    session: Session, actor: Actor, officer: int, now: datetime, *, first: bool = True
) -> Officer:
    row = get_visible(session, actor, officer)
    place = get_organisation(session, row.organisation)
    if rules.may_manage(actor, place.id, place.kind):
        return row
    if first and _is_first(session, actor, place, row, now):
        return row
    raise Forbidden("only this officer's own administrator changes it", slug="own-people")


def _require_another(session: Session, officer: Officer, now: datetime) -> None:
    """Let somebody be left who appoints officers."""
    active = grants.list_active_holders(session, Role.SECURITY_ADMIN, officer.organisation, now)
    rules.require_one_left(active, without=officer.id)


def _invited(session: Session, by: By, officer: Officer, now: datetime) -> Invited:
    secret = invitations.issue(session, officer, now)
    record(session, by, "officer_invited", object=f"officer/{officer.ref}", now=now)
    return Invited(officer, secret)
