"""Officers for the console's tests, and browsers in which they are logged in."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from alliance_hub.hub import Hub
from alliance_hub.people import factors, service, sessions
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import actor_of, get_officer
from alliance_hub.people.models import ASSOCIATION, OfficerState, Organisation
from alliance_hub.people.passwords import hash_password
from alliance_hub.people.records import OPERATOR
from alliance_hub.people.roles import EXPIRING, OrganisationKind, Role
from alliance_hub.policy import TOTP_SECONDS, PasswordCost
from tests.alliance_hub.builders import Clock

QUICK = PasswordCost(kibibytes=8, passes=1, lanes=1)
"""A test is no attacker."""
PASSWORD = "heron-over-the-moat-7"


class Browser(FlaskClient):
    """A browser at `/console`; its forms bear their token by themselves."""

    def post(self, *args: Any, data: Any = None, **values: Any) -> TestResponse:
        """Send a form, with its token unless the test brings one."""
        form = dict(data or {})
        form.setdefault("csrf_token", self.token())
        return super().post(*args, data=form, **values)

    def token(self) -> str:
        """Return what Flask-WTF puts into this browser's forms."""
        with self.session_transaction("/console/") as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        key = self.application.secret_key
        assert key is not None
        return str(URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(raw))


@dataclass
class Office:
    """The officers of one test's hub; each is active, with the password `PASSWORD` and an authenticator."""

    app: Flask
    hub: Hub
    clock: Clock
    secrets: dict[int, str] = field(default_factory=dict)
    steps: dict[int, int] = field(default_factory=dict)

    def officer(
        self,
        *roles: Role,
        organisation: str = ASSOCIATION,
        kind: OrganisationKind | None = None,
        staff_number: str = "",
        name: str = "",
        mobile: str = "",
    ) -> Actor:
        """Enter an officer with these roles, and its organisation if need be; inspectors for a week."""
        now = self.clock()
        number = len(self.secrets) + 1
        with self.hub.database.transaction() as session:
            place = session.get(Organisation, organisation) or service.add_organisation(
                session, OPERATOR, id=organisation, kind=kind or _kind_of(roles, organisation),
                name="测试金融协会" if organisation == ASSOCIATION else organisation, now=now,
            )  # fmt: skip
            person = service.Person(staff_number or f"P{number:03}", name or f"王{number}", mobile)
            terms = {role: now + timedelta(days=7) if role in EXPIRING else None for role in roles}
            row = service.add_officer(session, OPERATOR, place, person, terms, now)
            row.state, row.password = OfficerState.ACTIVE, hash_password(PASSWORD, QUICK)
            self.secrets[row.id] = factors.new_secret()
            factors.keep_secret(self.hub, row, self.secrets[row.id], 0)
            return actor_of(session, row, at=now)

    def code_for(self, actor: Actor) -> str:
        """Return a code that is right and was not used: the clock goes on where all of now were."""
        earliest = int(self.clock().timestamp()) // TOTP_SECONDS - 1
        step = max(earliest, self.steps.get(actor.officer, 0) + 1)
        self.steps[actor.officer] = step
        if step > earliest + 2:
            self.clock.move(seconds=TOTP_SECONDS)
        return pyotp.TOTP(self.secrets[actor.officer]).generate_otp(step)

    def browser(self) -> Browser:
        """Open a browser in which nobody is logged in."""
        return Browser(self.app, self.app.response_class)

    def browser_as(self, actor: Actor) -> Browser:
        """Open a browser in which this officer is logged in, until it rests for a quarter of an hour."""
        browser = self.browser()
        with self.hub.database.transaction() as session:
            secret = sessions.begin(session, get_officer(session, actor.officer), self.clock())
        with browser.session_transaction("/console/") as cookie:
            cookie["_user_id"] = secret
        return browser


def _kind_of(roles: Iterable[Role], organisation: str) -> OrganisationKind:
    if organisation == ASSOCIATION:
        return OrganisationKind.ASSOCIATION
    return OrganisationKind.LAW_FIRM if Role.LAWYER in roles else OrganisationKind.MEMBER
