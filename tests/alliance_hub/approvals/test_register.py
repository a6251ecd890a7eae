"""The register of proposals: what an officer sees from which side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from alliance_hub.approvals import register, service
from alliance_hub.approvals.models import Kind
from alliance_hub.approvals.register import Side
from alliance_hub.hub import Hub
from alliance_hub.parameters import acts
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.hiring import hire


@dataclass
class House:
    """Who works there; three proposals of the system administrator, the first one approved."""

    system: Actor
    security: Actor
    inspector: Actor
    membership: Actor


@pytest.fixture
def house(session: Session, hub: Hub, clock: Clock) -> House:
    found = House(
        hire(session, clock, "1", Role.SYSTEM_ADMIN, name="安妮"),
        hire(session, clock, "2", Role.SECURITY_ADMIN, name="本"),
        hire(session, clock, "3", Role.INSPECTOR),
        hire(session, clock, "4", Role.MEMBERSHIP_OFFICER),
    )
    for name, value in (("exit_days", 20), ("login_failures", 4), ("login_lock_minutes", 60)):
        acts.propose_value(session, hub, found.system, name, value, reason="so decided", now=clock())
    service.approve(session, hub, found.security, 1, clock())
    return found


def ids(session: Session, actor: Actor, side: Side, clock: Clock, **asked: object) -> list[int]:
    page = register.list_page(session, actor, side, at=clock(), limit=10, **asked)  # type: ignore[arg-type]
    assert page.total == len(page.proposals)
    return [each.id for each in page.proposals]


def test_each_side_shows_its_own(session: Session, house: House, clock: Clock) -> None:
    assert ids(session, house.security, Side.WAITING, clock) == [2, 3]
    assert ids(session, house.system, Side.WAITING, clock) == []
    assert ids(session, house.system, Side.MINE, clock) == [3, 2, 1]
    assert ids(session, house.security, Side.MINE, clock) == []
    assert ids(session, house.security, Side.DECIDED, clock) == [1]
    assert ids(session, house.inspector, Side.ALL, clock) == [3, 2, 1]
    assert ids(session, house.membership, Side.ALL, clock) == []
    assert [
        register.count_waiting(session, each, at=clock()) for each in (house.security, house.inspector)
    ] == [
        2,
        0,
    ]


def test_what_nobody_decided_in_time_waits_no_more(session: Session, house: House, clock: Clock) -> None:
    clock.move(**{"days": 14})
    assert ids(session, house.security, Side.WAITING, clock) == []


def test_it_can_be_narrowed(session: Session, house: House, clock: Clock) -> None:
    assert ids(session, house.security, Side.WAITING, clock, text="login_lock") == [3]
    assert ids(session, house.security, Side.WAITING, clock, text="%") == []
    assert ids(session, house.security, Side.ALL, clock, kind=Kind.MODE) == []


def test_a_page_names_who_proposed_and_decided(session: Session, house: House, clock: Clock) -> None:
    page = register.list_page(
        session, house.inspector, Side.ALL, at=clock() + timedelta(1), limit=1, offset=2
    )

    assert ([each.id for each in page.proposals], page.total) == ([1], 3)
    assert page.names == {house.system.officer: "安妮", house.security.officer: "本"}


def test_an_inspector_reads_what_it_does_not_decide(session: Session, house: House) -> None:
    assert service.get(session, house.inspector, 1).id == 1
    with pytest.raises(Exception, match="no such proposal"):
        service.get(session, house.membership, 1)
