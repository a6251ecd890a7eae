"""What officers may be, who may change them, and which passwords are refused: pure rules (domain section 8).

- Roles belong to the organisation's kind; an administrator's role and an inspector's are held alone; an
  inspector and a lawyer are appointed until a day. At the association somebody may have no role yet: an
  inspector-to-be, whom two officers appoint.
- Nobody changes its own roles. A member's administrator manages its own people, the security administrator
  those of the association and of law firms; a member's first administrator is invited by the association.
- A deputy is of the same organisation, for a time, in a role that its principal holds, and never so that
  an administrator would do business.
- Somebody who appoints officers is always left.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from alliance_hub.errors import Conflict, Forbidden, Invalid
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import (
    EXPIRING,
    ROLES_OF,
    Act,
    OrganisationKind,
    Role,
    excluded,
)
from alliance_hub.policy import DEPUTY_LONGEST, EXPIRING_LONGEST, PASSWORD_LETTERS, PASSWORD_LONGEST

STAFF_NUMBER_LONGEST = 32

COMMON = (
    "password",
    "passw0rd",
    "qwertyuiop",
    "qwerty123456",
    "1qaz2wsx3edc",
    "iloveyou",
    "welcome",
    "letmein",
    "administrator",
    "admin123",
    "abc123456",
    "woaini1314",
    "5201314",
    "zhongguo",
    "beijing2008",
    "alliancehub",
)
"""Beginnings of passwords that guessers try first; also any that counts up, or repeats one letter."""

_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def require_password(password: str, *, known: Iterable[str | None]) -> None:
    """Raise Invalid unless a password is long enough and not easily guessed.

    `known` is what others know of the officer (staff number, mobile number, name): it must not be in it.
    """
    if not PASSWORD_LETTERS <= len(password) <= PASSWORD_LONGEST:
        raise _password("a password has 12 to 128 characters")
    plain = _plain(password)
    if any(word and len(word) > 1 and word in plain for word in map(_plain, filter(None, known))):
        raise _password("the password contains your name or a number of yours: choose another")
    if plain.startswith(COMMON) or _is_monotonous(plain):
        raise _password("this password is one of those that are guessed first: choose another")


def require_staff_number(text: str) -> str:
    """Return a staff number as it is kept; raises Invalid."""
    number = unicodedata.normalize("NFKC", text).strip()
    fits = number.isascii() and number.replace("-", "").replace("_", "").replace(".", "").isalnum()
    if not fits or len(number) > STAFF_NUMBER_LONGEST:
        raise Invalid(
            "a staff number has letters, digits, hyphens, dots, at most 32",
            field="staff_number",
            slug="staff",
        )
    return number


def require_roles(kind: OrganisationKind, roles: Collection[Role]) -> None:
    """Raise Invalid unless an officer of this kind of organisation may hold these roles together."""
    if not roles and kind is not OrganisationKind.ASSOCIATION:
        raise Invalid("choose at least one role", field="roles")
    if not ROLES_OF[kind].issuperset(roles):
        raise Invalid("this kind of organisation has no such role", field="roles", slug="foreign-role")
    if excluded(roles):
        raise Invalid(
            "whoever holds an administrator's role holds no other role", field="roles", slug="exclusive"
        )
    if Role.INSPECTOR in roles and len(set(roles)) > 1:
        raise Invalid(
            "an inspector reads and changes nothing: it holds no other role", field="roles", slug="exclusive"
        )


def require_term(role: Role, from_at: datetime, until_at: datetime | None, *, now: datetime) -> None:
    """Raise Invalid unless a role may be held for this time."""
    if until_at is None:
        if role in EXPIRING:
            raise Invalid("inspectors and lawyers are appointed until a day", field="until", slug="expiring")
        return
    if until_at <= from_at or until_at <= now:
        raise Invalid("the last day lies before the first, or is over", field="until", slug="term")
    if role in EXPIRING and until_at - from_at > EXPIRING_LONGEST:
        raise Invalid("inspectors and lawyers are appointed for a year at most", field="until", slug="term")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules ask of an officer."""

    officer: int
    organisation: str
    active: bool
    roles: frozenset[Role]
    """Its own, now or later."""
    deputised: frozenset[Role]
    """Those it stands in for, now or later."""


def require_deputy(
    principal: Standing, deputy: Standing, role: Role, from_at: datetime, until_at: datetime, *, now: datetime
) -> None:
    """Raise Invalid unless one officer may stand in for the other in a role for this time."""
    if principal.officer == deputy.officer:
        raise Invalid("nobody is its own deputy", field="deputy")
    if deputy.organisation != principal.organisation or not deputy.active:
        raise Invalid("a deputy is an active officer of the same organisation", field="deputy")
    if role not in principal.roles:
        raise Invalid("only a role that the officer holds itself is deputised", field="role")
    if role in EXPIRING:
        raise Invalid("an inspector's or lawyer's appointment is personal", field="role", slug="personal")
    if role in deputy.roles:
        raise Invalid("the deputy holds this role itself", field="deputy")
    if excluded(deputy.roles | deputy.deputised | {role}):
        raise Invalid(
            "an administrator does no business, also as a deputy: choose somebody without such roles",
            field="deputy",
            slug="exclusive",
        )
    if until_at <= from_at or until_at <= now or until_at - from_at > DEPUTY_LONGEST:
        raise Invalid("a deputy stands in for a stated time of at most 92 days", field="until", slug="term")


def may_see(actor: Actor, organisation: str, kind: OrganisationKind) -> bool:
    """Say whether an officer may read about the officers of an organisation."""
    if actor.may(Act.READ_OFFICERS):
        return True
    if actor.may(Act.MANAGE_OWN_OFFICERS) and actor.organisation == organisation:
        return True
    return kind is OrganisationKind.MEMBER and actor.may(Act.INVITE_MEMBER_ADMINS)


def may_manage(actor: Actor, organisation: str, kind: OrganisationKind) -> bool:
    """Say whether an officer may change the officers of an organisation."""
    if kind is OrganisationKind.MEMBER:
        return actor.may(Act.MANAGE_OWN_OFFICERS) and actor.organisation == organisation
    return actor.may(Act.MANAGE_OFFICERS)


def may_invite_first(actor: Actor, kind: OrganisationKind, *, administrators: int) -> bool:
    """Say whether an officer may invite a member's administrator: as long as the member has no active one."""
    return kind is OrganisationKind.MEMBER and administrators == 0 and actor.may(Act.INVITE_MEMBER_ADMINS)


def require_other(actor: Actor, officer: int) -> None:
    """Raise Forbidden when an officer would change itself."""
    if actor.officer == officer:
        raise Forbidden("nobody changes its own roles or access: another officer does", slug="own-roles")


def require_one_left(active: Collection[int], *, without: int) -> None:
    """Raise Conflict when no security administrator would be left; `active` are the present ones."""
    if set(active) == {without}:
        raise Conflict(
            "this is the last active security administrator: appoint another one first",
            slug="last-administrator",
        )


def _password(reason: str) -> Invalid:
    return Invalid(reason, field="password", slug="password")


def _plain(text: str) -> str:
    """Return letters and digits only, in small letters: how a guesser would vary a word."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if each.isalnum())


def _is_monotonous(plain: str) -> bool:
    if len(set(plain)) < 5:
        return True
    return any(plain in run or plain in run[::-1] for run in _RUNS)
