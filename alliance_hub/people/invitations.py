"""Links by which officers come in: each works once, for three days, and the newest ends the ones before."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from alliance_hub.errors import Invalid, NotFound
from alliance_hub.hub import Hub
from alliance_hub.parameters import service as parameters
from alliance_hub.people import factors, rules
from alliance_hub.people.login import record_own, succeeded
from alliance_hub.people.models import Invitation, Officer, OfficerState

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Choice:
    """What an officer brings when it takes an invitation up."""

    password: str
    """Already hashed: that takes its time, and must not hold up a transaction."""
    secret: str
    """Its new authenticator's."""
    code: str
    """By which the authenticator shows that it has the secret."""


def issue(session: Session, officer: Officer, now: datetime) -> str:
    """Make a link's secret for an officer; earlier ones work no more."""
    withdraw(session, officer.id, now)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    until = now + parameters.span(session, "invitation_hours")
    row = Invitation(digest=_digest(secret), officer=officer.id, expires_at=until, used_at=None)
    session.add(row)
    session.flush()
    return secret


def withdraw(session: Session, officer: int, now: datetime) -> None:
    """End every link of an officer that still works."""
    works = (Invitation.officer == officer, Invitation.used_at.is_(None), Invitation.expires_at > now)
    session.execute(update(Invitation).where(*works).values(expires_at=now))


def find_running(session: Session, officer: int, now: datetime) -> Invitation | None:
    """Return the link of an officer that still works."""
    works = (Invitation.officer == officer, Invitation.used_at.is_(None), Invitation.expires_at > now)
    return session.scalar(select(Invitation).where(*works))


def get_invited(session: Session, secret: str, now: datetime) -> Officer:
    """Return who was invited with this link; raises NotFound when it is used, late or none."""
    return session.get_one(Officer, _running(session, secret, now).officer)


def require_choosable(officer: Officer, password: str) -> None:
    """Raise Invalid unless an officer may choose this password."""
    rules.require_password(
        password, known=(officer.staff_number, officer.mobile, _short(officer.mobile), officer.name)
    )


def take_up(
    session: Session, hub: Hub, secret: str, choice: Choice, now: datetime
) -> tuple[Officer, list[str]]:
    """Make an officer active with what it chose; return it with its recovery codes, to be shown once.

    Raises NotFound for the link, Invalid for field `code` when the authenticator's code is not right.
    """
    invitation = _running(session, secret, now)
    step = factors.matching_step(choice.secret, choice.code, now, after=None)
    if step is None:
        raise Invalid(
            "the code does not fit: scan the picture again, and check the telephone's clock", field="code"
        )
    officer = session.get_one(Officer, invitation.officer)
    invitation.used_at = now
    officer.state, officer.password = OfficerState.ACTIVE, choice.password
    succeeded(officer)
    factors.keep_secret(hub, officer, choice.secret, step)
    codes = factors.renew_recovery_codes(session, hub, officer.id)
    record_own(session, officer, "invitation_taken", now)
    return officer, codes


def _running(session: Session, secret: str, now: datetime) -> Invitation:
    row = session.get(Invitation, _digest(secret), with_for_update=True)
    if row is None or row.used_at is not None or now >= row.expires_at:
        raise NotFound("this link does not work any more: ask whoever invited you for a new one")
    return row


def _short(mobile: str | None) -> str | None:
    """Return a mobile number as people say it, without the country."""
    return mobile and mobile.removeprefix("86")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
