"""A hub in which North and South are members with an agreement each, and their records are in the feed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import Any

import pytest

from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import AgreementView
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from alliance_hub.settings import DATABASE_FILE
from privacy.terms import sign_terms
from tests.admin.people import Browser, Office
from tests.alliance_hub.builders import Clock, Platform
from tests.alliance_hub.matching.conftest import told
from tests.alliance_hub.matching.story import Story

__all__ = ["Desk", "desk", "told"]


@dataclass
class Desk:
    """The agreement officers' desk: what they do with services, and what they see."""

    hub: Hub
    clock: Clock
    office: Office
    members: dict[str, Platform]
    writer: Actor
    second: Actor

    def browser(self, actor: Actor) -> Browser:
        return self.office.browser_as(actor)

    def own(self, member: str, *roles: Role) -> Browser:
        """Open a browser for an officer of a member."""
        return self.browser(self.office.officer(*(roles or (Role.MEMBER_ADMIN,)), organisation=member))

    def view(self, agreement: str, version: int) -> AgreementView:
        with self.hub.database.reading() as session:
            return agreements.get_version(session, agreement, version, at=self.clock())

    def amend(self, agreement: str, **changes: Any) -> int:
        """Draft the next version and return its number."""
        with self.hub.database.transaction() as session:
            row = agreements.amend(session, self.hub, self.writer, agreement, changes, now=self.clock())
            return row.version

    def offer(self, agreement: str, version: int) -> None:
        """Take a draft through review to its member."""
        with self.hub.database.transaction() as session:
            agreements.send_to_review(session, self.writer, agreement, version, self.clock())
            agreements.review(session, self.second, agreement, version, self.clock())
            agreements.offer(session, self.hub, self.writer, agreement, version, self.clock())

    def sign(self, agreement: str, version: int) -> None:
        """Let the member sign what it was offered."""
        terms = self.view(agreement, version).terms
        signature = sign_terms(self.members[terms.member].key, terms)
        with self.hub.database.transaction() as session:
            member = membership.get(session, terms.member)
            agreements.sign(session, self.hub, member, agreement, version, signature, self.clock())


@pytest.fixture
def desk(told: Story, hub: Hub, clock: Clock, office: Office) -> Desk:
    """The told alliance under the console, with two agreement officers."""
    hub.database.close()
    shutil.copy(told.hub.settings.home / DATABASE_FILE, hub.settings.home / DATABASE_FILE)
    clock.at = told.clock.at
    writer, second = (office.officer(Role.AGREEMENT_OFFICER) for _ in range(2))
    members = {name: replace(member, clock=clock) for name, member in told.members.items()}
    return Desk(hub, clock, office, members, writer, second)
