"""The association's membership officers, and firms that apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from alliance_hub.hub import Hub
from alliance_hub.membership import applications, reviewing, service
from alliance_hub.membership.applying import read_application
from alliance_hub.membership.checklist import MANUAL
from alliance_hub.membership.models import Application
from alliance_hub.people import service as people
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import actor_of
from alliance_hub.people.models import ASSOCIATION, Organisation
from alliance_hub.people.records import OPERATOR
from alliance_hub.people.roles import OrganisationKind, Role
from privacy.periods import day_of
from tests.alliance_hub.builders import Clock, Platform, platform
from tests.alliance_hub.membership.firms import card_text, facts

Officer = Callable[..., Actor]


def enter_officer(session: Session, number: str, *roles: Role, now: object) -> Actor:
    """Enter an officer of the association."""
    place = session.get(Organisation, ASSOCIATION) or people.add_organisation(
        session,
        OPERATOR,
        id=ASSOCIATION,
        kind=OrganisationKind.ASSOCIATION,
        name="测试协会",
        now=now,  # type: ignore[arg-type]
    )
    person = people.Person(number, f"王{number}")
    row = people.add_officer(session, OPERATOR, place, person, dict.fromkeys(roles), now)  # type: ignore[arg-type]
    return actor_of(session, row, at=now)  # type: ignore[arg-type]


@pytest.fixture
def wang(session: Session, clock: Clock) -> Actor:
    """A membership officer."""
    return enter_officer(session, "M001", Role.MEMBERSHIP_OFFICER, now=clock())


@pytest.fixture
def li(session: Session, clock: Clock) -> Actor:
    """Another one."""
    return enter_officer(session, "M002", Role.MEMBERSHIP_OFFICER, now=clock())


@dataclass
class Applicant:
    """A firm and its application."""

    firm: Platform
    application: Application
    secret: str


Apply = Callable[..., Applicant]


@pytest.fixture
def applies(session: Session, hub: Hub, clock: Clock) -> Apply:
    """Let a firm apply, and introduce its keys unless it forgets."""

    def applied(name: str = "南山", number: int = 1, *, enrols: bool = True, **changes: str) -> Applicant:
        firm = platform(name, clock)
        raw = {**facts(number, **changes), "card": card_text(firm)}
        card, said = read_application(raw, day_of(clock()))
        received = applications.receive(session, card, said, clock())
        if enrols:
            service.apply(session, hub, firm.say(firm.enrolment()), clock())
        return Applicant(firm, received.application, received.secret)

    return applied


@pytest.fixture
def reviewed(session: Session, clock: Clock, wang: Actor) -> Callable[[Applicant], int]:
    """Work through the whole checklist of an application, and return its number."""

    def review(applicant: Applicant) -> int:
        id = applicant.application.id
        reviewing.begin(session, wang, id, clock())
        for item in MANUAL:
            reviewing.tick(session, wang, id, str(item), "seen", clock())
        reviewing.finish(session, wang, id, clock())
        return id

    return review
