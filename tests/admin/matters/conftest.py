"""North goes to court against Lin, with a law firm and two lawyers, one of them appointed.

It is told once and copied for every test, as the alliance is on which it stands.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from alliance_hub.db import Database
from alliance_hub.hub import Hub
from alliance_hub.matters import service as matters
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from alliance_hub.settings import DATABASE_FILE, load_settings
from tests.admin.people import Browser
from tests.admin.told import Desk
from tests.alliance_hub.builders import Ceremony, Clock, seed
from tests.alliance_hub.matching.story import Story
from tests.alliance_hub.matters.court import COURT_ORDER, Court
from tests.alliance_hub.records.conftest import Alliance

SEAL = seed("seal")


@dataclass
class Case:
    """A matter that is open, seen from the console."""

    court: Court
    desk: Desk
    lawyer: Actor
    colleague: Actor
    """Of the same firm, and not appointed."""
    admin: Actor
    id: int

    def browser(self, actor: Actor) -> Browser:
        return self.desk.browser(actor)

    def accept(self) -> Browser:
        """Let the lawyer accept the terms, and return its browser."""
        browser = self.browser(self.lawyer)
        assert browser.post(f"/console/matters/{self.id}/terms").status_code == 303
        return browser

    def seal(self, seal: bytes = SEAL) -> None:
        """Let North report a bundle that it has sealed just now."""
        hub, now = self.desk.hub, self.desk.clock()
        with hub.database.transaction() as session:
            matters.report_bundle(session, self.court.row(session), seal, now, now)

    def order(self) -> int:
        """Let North name a court's order, and return its number."""
        self.court.ask(matters.CertificateKind.EXISTENCE, order=COURT_ORDER)
        return self.court.detail().orders[-1].id


@pytest.fixture(scope="session")
def told(told: Story, ceremony: Ceremony, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The told alliance, in which North has opened a matter; nobody may change it."""
    home: Path = tmp_path_factory.mktemp("matter")
    shutil.copy(told.hub.settings.home / DATABASE_FILE, home / DATABASE_FILE)
    database = Database(f"sqlite:///{home / DATABASE_FILE}")
    clock = Clock(told.clock.at)
    hub = Hub(load_settings(home), database, ceremony.hub_keys, ceremony.signed, clock)
    story = _story(told, hub, clock, ceremony)
    court = Court(story, story.members["North"])
    court.agree()
    court.found_firm()
    for number in ("L-1", "L-2"):
        court.hire("Firm", number, Role.LAWYER)
    court.open()
    database.close()
    return story


@pytest.fixture
def case(desk: Desk, told: Story, ceremony: Ceremony) -> Case:
    """North's matter."""
    story = _story(told, desk.hub, desk.clock, ceremony)
    court = Court(story, story.members["North"])
    lawyer, colleague = (court.now("Firm", number) for number in ("L-1", "L-2"))
    admin = desk.office.officer(Role.MEMBER_ADMIN, organisation="North")
    return Case(court, desk, lawyer, colleague, admin, court.detail().id)


@pytest.fixture
def two_officers(desk: Desk) -> tuple[Actor, Actor]:
    """A dispute officer and a membership officer."""
    return desk.office.officer(Role.DISPUTE_OFFICER), desk.office.officer(Role.MEMBERSHIP_OFFICER)


def _story(told: Story, hub: Hub, clock: Clock, ceremony: Ceremony) -> Story:
    """Return the same story on another hub; its custodians answer nobody."""
    alliance = Alliance(hub, clock, ceremony)
    alliance.custodians = [replace(each, clock=clock) for each in told.alliance.custodians]
    story = Story(alliance, [])
    story.submitted = told.submitted
    for member in told.members.values():
        story.know(replace(member, clock=clock))
    return story
