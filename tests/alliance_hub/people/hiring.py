"""Officers for the tests of their services: entered, active, with an authenticator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyotp
from sqlalchemy.orm import Session

from alliance_hub.hub import Hub
from alliance_hub.people import directory, factors, service
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import ASSOCIATION, Officer, OfficerState, Organisation
from alliance_hub.people.passwords import hash_password
from alliance_hub.people.records import OPERATOR
from alliance_hub.people.roles import EXPIRING, OrganisationKind, Role
from alliance_hub.policy import PasswordCost
from tests.alliance_hub.builders import Clock

QUICK = PasswordCost(kibibytes=8, passes=1, lanes=1)
PASSWORD = "heron-over-the-moat-7"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass
class Staff:
    """Lets people join, at one instant of the test's clock."""

    session: Session
    hub: Hub
    clock: Clock
    count: int = field(default=0)

    def hire(
        self, *roles: Role, at: str = ASSOCIATION, kind: OrganisationKind | None = None, mobile: str = ""
    ) -> Actor:
        """Enter an officer with these roles; an inspector or lawyer for a week."""
        now = self.clock()
        self.count += 1
        usual = OrganisationKind.ASSOCIATION if at == ASSOCIATION else OrganisationKind.MEMBER
        place = self.session.get(Organisation, at) or service.add_organisation(
            self.session, OPERATOR, id=at, kind=kind or usual, name=at, now=now
        )
        person = service.Person(f"{self.count:03}", f"Officer {self.count}", mobile)
        terms = {role: now + timedelta(days=7) if role in EXPIRING else None for role in roles}
        row = service.add_officer(self.session, OPERATOR, place, person, terms, now)
        row.state, row.password = OfficerState.ACTIVE, hash_password(PASSWORD, QUICK)
        factors.keep_secret(self.hub, row, SECRET, 0)
        return directory.actor_of(self.session, row, at=now)

    def row(self, actor: Actor) -> Officer:
        """Return what is kept of an officer."""
        return directory.get_officer(self.session, actor.officer)

    def now(self, actor: Actor) -> Actor:
        """Return the officer with the roles that it has by now."""
        return directory.actor_of(self.session, self.row(actor), at=self.clock())


def code_at(at: datetime, step: int = 0) -> str:
    """Return the authenticator's code so many steps from an instant: RFC 6238, by another way than ours."""
    return pyotp.TOTP(SECRET).at(at, counter_offset=step)
