"""Inspectors come by four eyes and go by themselves; a sample stands in the log and can be drawn again."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.approvals import service as approvals
from alliance_hub.clocks import service as clocks
from alliance_hub.errors import Conflict, Forbidden, Invalid
from alliance_hub.hub import Hub
from alliance_hub.inspection import acts, rules, service
from alliance_hub.inspection.models import Register
from alliance_hub.membership import service as membership
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import actor_of, get_officer
from alliance_hub.people.roles import Act, Role
from alliance_hub.transparency.models import LogRow
from tests.alliance_hub.builders import Clock, platform, seed
from tests.alliance_hub.hiring import hire

DAY = date(2026, 11, 20)
END = datetime(2026, 11, 20, 16, tzinfo=UTC)


@pytest.fixture
def ben(session: Session, clock: Clock) -> Actor:
    return hire(session, clock, "1002", Role.SECURITY_ADMIN)


@pytest.fixture
def carl(session: Session, clock: Clock) -> Actor:
    return hire(session, clock, "1003", Role.AUDIT_ADMIN)


@pytest.fixture
def guest(session: Session, clock: Clock) -> Actor:
    return hire(session, clock, "9001")


@pytest.fixture
def inspector(session: Session, hub: Hub, ben: Actor, carl: Actor, guest: Actor, clock: Clock) -> Actor:
    proposal = acts.propose(session, hub, ben, guest.officer, DAY, reason="yearly visit", now=clock())
    approvals.approve(session, hub, carl, proposal.id, clock())
    return actor_of(session, get_officer(session, guest.officer), at=clock())


@pytest.fixture
def members(session: Session, hub: Hub, clock: Clock) -> list[str]:
    """Twelve applicants, entered in no order of their names."""
    names = [f"Bank {number}" for number in (5, 12, 1, 9, 3, 11, 2, 8, 4, 10, 7, 6)]
    for name in names:
        newcomer = platform(name, clock)
        membership.apply(session, hub, newcomer.say(newcomer.enrolment()), clock())
    return names


def test_an_inspector_reads_until_the_last_days_end(session: Session, inspector: Actor, clock: Clock) -> None:
    assert inspector.roles == {Role.INSPECTOR}
    assert inspector.may(Act.DRAW_SAMPLE)
    officer = get_officer(session, inspector.officer)

    assert actor_of(session, officer, at=END - timedelta(seconds=1)).roles == {Role.INSPECTOR}
    assert actor_of(session, officer, at=END).roles == frozenset()
    (appointment,) = acts.list_appointments(session)
    assert (appointment.until_at, appointment.granted_by) == (END, "association/1003")
    (clock_found,) = clocks.list_clocks(
        session, now=clock(), until=END + timedelta(days=1), kinds={clocks.ClockKind.INSPECTOR_ENDS}
    )
    assert (clock_found.object, clock_found.due_at) == ("officer/association/9001", END)


def test_whoever_proposes_an_inspector_does_not_approve(
    session: Session, hub: Hub, ben: Actor, guest: Actor, clock: Clock
) -> None:
    proposal = acts.propose(session, hub, ben, guest.officer, DAY, reason="yearly visit", now=clock())

    with pytest.raises(Forbidden):
        approvals.approve(session, hub, ben, proposal.id, clock())


@pytest.mark.parametrize("day", [date(2026, 11, 1), date(2026, 12, 3)], ids=["yesterday", "too long"])
def test_the_last_day_lies_within_the_time_that_is_set(
    session: Session, hub: Hub, ben: Actor, guest: Actor, clock: Clock, day: date
) -> None:
    with pytest.raises(Invalid) as refused:
        acts.propose(session, hub, ben, guest.officer, day, reason="yearly visit", now=clock())

    assert refused.value.field == "last_day"


def test_only_somebody_without_a_role_becomes_inspector(
    session: Session, hub: Hub, ben: Actor, carl: Actor, guest: Actor, clock: Clock
) -> None:
    assert [each.id for each in acts.list_candidates(session, clock())] == [guest.officer]
    with pytest.raises(Conflict):
        acts.propose(session, hub, ben, carl.officer, DAY, reason="yearly visit", now=clock())
    with pytest.raises(Invalid):
        acts.propose(session, hub, ben, 999, DAY, reason="yearly visit", now=clock())


def test_a_sample_is_drawn_written_down_and_drawn_again(
    session: Session, inspector: Actor, members: list[str], clock: Clock
) -> None:
    sample = service.draw(
        session, inspector, Register.MEMBERS, 5, "yearly visit", clock(), randomness=secrets.token_bytes
    )

    row = session.scalar(select(LogRow).where(LogRow.kind == "sample_drawn"))
    assert row is not None
    assert row.leaf == sample.log_leaf
    entry = json.loads(row.entry or b"")
    assert (entry["officer"], entry["object"]) == (inspector.ref, "register/members")
    assert (entry["population"], entry["rows"]) == (12, sample.rows)
    register = sorted(f"member/{name}" for name in members)
    again = rules.ranks(bytes.fromhex(entry["seed"]), size=5, population=entry["population"])
    assert [register[rank] for rank in again] == entry["rows"]
    assert rules.Population.of(register).digest.hex() == entry["population_digest"]
    assert service.get(session, sample.id).rows == sample.rows
    assert [each.id for each in service.list_samples(session)] == [sample.id]
    assert [line.state for line in service.describe(session, sample)] == ["applied"] * 5


def test_each_drawing_has_a_seed_of_its_own(
    session: Session, inspector: Actor, members: list[str], clock: Clock
) -> None:
    seeds = iter((seed("one"), seed("two")))
    drawn = [
        service.draw(
            session, inspector, Register.MEMBERS, 6, "visit", clock(), randomness=lambda _size: next(seeds)
        )
        for _ in range(2)
    ]

    assert drawn[0].rows != drawn[1].rows


def test_every_register_can_be_listed_and_described(
    session: Session, inspector: Actor, members: list[str], clock: Clock
) -> None:
    log = service.draw(session, inspector, Register.LOG, 3, "visit", clock(), randomness=secrets.token_bytes)
    assert all(line.at == clock() and line.state for line in service.describe(session, log))
    for register in Register:
        references = service.list_references(session, register)
        if register not in (Register.LOG, Register.MEMBERS):
            assert references == []
            with pytest.raises(Invalid, match="empty"):
                service.draw(
                    session, inspector, register, 1, "visit", clock(), randomness=secrets.token_bytes
                )


def test_only_inspectors_draw(session: Session, ben: Actor, members: list[str], clock: Clock) -> None:
    with pytest.raises(Forbidden):
        service.draw(session, ben, Register.MEMBERS, 1, "visit", clock(), randomness=secrets.token_bytes)
