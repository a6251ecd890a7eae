"""An office for the demo's alliance: people with passwords and authenticators, and papers on their desks.

Everything is done by the services that the console's pages use, in one process over the hub's home. Made-up
data only: what would be secrets elsewhere lies readable in OUT, and `make serve` prints it.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
from sqlalchemy.orm import Session

from alliance_hub.hub import Hub, open_hub
from alliance_hub.membership import service as membership
from alliance_hub.parameters import service as parameters
from alliance_hub.people import founding, invitations, places, service
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import actor_of
from alliance_hub.people.grants import Terms
from alliance_hub.people.invitations import Choice
from alliance_hub.people.models import ASSOCIATION, Officer, Organisation
from alliance_hub.people.passwords import hash_password
from alliance_hub.people.records import OPERATOR
from alliance_hub.people.roles import OrganisationKind, Role
from alliance_hub.people.service import Person
from alliance_hub.policy import TOTP_SECONDS, RegulatoryMode
from alliance_hub.settings import load_settings
from demo import papers
from demo.portfolios import DemoError

FILE = "console.json"
LAW_FIRM = "minghe"
LAWYER_DAYS = 90

SECRETARIAT = {
    1: Person("1001", "演示系统", language="zh"),
    2: Person("1002", "演示安全", language="zh"),
    3: Person("1003", "演示审计", language="zh"),
    4: Person("2001", "演示会籍甲", email="two@office.example"),
    5: Person("2002", "演示会籍乙", email="three@office.example"),
}
DESK, GUEST, LAWYER = Person("3001", "演示维权"), Person("9001", "演示检查"), Person("0001", "演示律师")


@dataclass(frozen=True, slots=True)
class Login:
    """How one officer of the demo gets in."""

    organisation: str
    staff_number: str
    roles: str
    password: str
    secret: str
    """Of its authenticator, in base 32."""

    def code(self, at: float) -> str:
        """Return its authenticator's code at an instant."""
        return pyotp.TOTP(self.secret).at(int(at))


@dataclass(slots=True)
class Office:
    """The officers as they come in."""

    session: Session
    hub: Hub
    now: datetime
    logins: list[Login]

    def enter(self, place: Organisation, person: Person, roles: Terms) -> Actor:
        """Enter an officer, and let it take up its invitation."""
        officer = service.add_officer(self.session, OPERATOR, place, person, roles, self.now)
        return self.take_up(officer, invitations.issue(self.session, officer, self.now))

    def take_up(self, officer: Officer, link: str) -> Actor:
        """Choose a password and an authenticator, as the invitation's page lets an officer do."""
        password, secret = "-".join(secrets.token_hex(2) for _ in range(4)), pyotp.random_base32()
        invitations.require_choosable(officer, password)
        hashed = hash_password(password, self.hub.password_cost)
        code = pyotp.TOTP(secret).at(self.now)
        invitations.take_up(self.session, self.hub, link, Choice(hashed, secret, code), self.now)
        actor = actor_of(self.session, officer, at=self.now)
        roles = ", ".join(sorted(actor.roles)) or "inspector"
        self.logins.append(Login(actor.organisation, officer.staff_number, roles, password, secret))
        return actor


def furnish(home: Path, passphrase_file: Path, out: Path) -> list[Login]:
    """Fill the office of the hub in `home`; write the logins to `out`, readable by this account only.

    Raises DemoError in any mode but the one for made-up data.
    """
    hub = open_hub(load_settings(home, passphrase_file=passphrase_file))
    try:
        with hub.database.transaction() as session:
            if parameters.mode(session, hub) is not RegulatoryMode.SYNTHETIC:
                raise DemoError("the demo fills the office of an alliance for made-up data, and of no other")
            office = Office(session, hub, datetime.now(UTC), [])
            _fill(office)
    finally:
        hub.database.close()
    _write(out / FILE, office.logins)
    return office.logins


def read_logins(out: Path) -> list[Login]:
    """Return the logins that the demo left in `out`; raises DemoError when there are none."""
    try:
        return [Login(**each) for each in json.loads((out / FILE).read_text("utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        raise DemoError(f"no logins under {out.parent}; run `make demo` first") from error


def show_logins(address: str, logins: Sequence[Login]) -> None:
    """Print where the console is and how to get in, and that nothing of this is for real."""
    print(f"console     {address}/console/")
    print("            DEMO ONLY: whoever reads this screen gets in. Never do this with real data.")
    print(f"            {'organisation':<22} {'number':<8} {'password':<21} roles")
    for each in logins:
        print(f"            {each.organisation:<22} {each.staff_number:<8} {each.password:<21} {each.roles}")
    print("            The second factor's codes: make code")


def show_codes(logins: Sequence[Login]) -> None:
    """Print every officer's code, and how long it holds."""
    now = time.time()
    left = TOTP_SECONDS - int(now) % TOTP_SECONDS
    print(f"DEMO ONLY: codes for the next {left} s; each is taken once.")
    for each in logins:
        print(f"{each.code(now)}  {each.organisation} {each.staff_number}  {each.roles}")


def _fill(office: Office) -> None:
    session, hub, now = office.session, office.hub, office.now
    alliance = hub.key_set.alliance
    invited = [founding.found(session, SECRETARIAT[2], alliance=alliance, again=False, now=now)]
    others = {place: person for place, person in SECRETARIAT.items() if place != 2}
    invited += founding.staff(session, OPERATOR, others, now)
    security, system, audit, first, second = (office.take_up(each.officer, each.secret) for each in invited)
    association = session.get_one(Organisation, ASSOCIATION)
    desk = office.enter(association, DESK, {Role.RIGHTS_DESK: None})
    guest = office.enter(association, GUEST, {})
    members = [each.name for each in membership.list_members(session)]
    for number, name in enumerate(members, 1):
        papers.write_file(session, first, name, number, now)
        place = session.get(Organisation, name) or service.add_organisation(
            session, OPERATOR, id=name, kind=OrganisationKind.MEMBER, name=name, now=now
        )
        office.enter(place, Person(f"{number:04}", f"演示管理{number}"), {Role.MEMBER_ADMIN: None})
    firm = places.enter_law_firm(session, first, id=LAW_FIRM, name="演示明和律师事务所", uscc="", now=now)
    office.enter(firm, LAWYER, {Role.LAWYER: now + timedelta(days=LAWYER_DAYS)})
    people = papers.People(system, security, audit, first, second, desk, guest)
    papers.fill(session, hub, people, members, now)


def _write(path: Path, logins: Sequence[Login]) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump([asdict(each) for each in logins], file, ensure_ascii=False, indent=1)
