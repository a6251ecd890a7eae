"""Complaints are numbered, kept in hand, answered, found again and counted; every act is in the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.clocks import service as clocks
from alliance_hub.complaints import register, service
from alliance_hub.complaints.kinds import Channel, Kind, Misconduct, Outcome
from alliance_hub.complaints.models import Complaint
from alliance_hub.complaints.register import Order, Search, State
from alliance_hub.complaints.service import Ending, Entry
from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from alliance_hub.transparency.models import LogRow
from tests.alliance_hub.builders import Clock, platform
from tests.alliance_hub.hiring import hire

ANSWER = "said sorry, and told them to stop"


@pytest.fixture
def anne(session: Session, clock: Clock) -> Actor:
    return hire(session, clock, "2001", Role.DISPUTE_OFFICER)


@pytest.fixture
def ben(session: Session, clock: Clock) -> Actor:
    return hire(session, clock, "2002", Role.RIGHTS_DESK)


@pytest.fixture
def reader(session: Session, clock: Clock) -> Actor:
    return hire(session, clock, "2003", Role.MEMBERSHIP_OFFICER)


@pytest.fixture
def north(session: Session, hub: Hub, clock: Clock) -> str:
    newcomer = platform("北辰小贷", clock)
    membership.apply(session, hub, newcomer.say(newcomer.enrolment()), clock())
    return newcomer.name


@pytest.fixture
def call(clock: Clock, north: str) -> Entry:
    """A complaint about calls at night by an agency that works for North."""
    return Entry(
        kind=Kind.MISCONDUCT,
        channel=Channel.PHONE,
        received_at=clock() - timedelta(hours=1),
        complainant="RD-2026-00017",
        summary="连续三晚在 22:00 之后来电",
        member=north,
        agency="速催咨询公司",
        misconduct=(Misconduct.QUIET_HOURS, Misconduct.TOO_MANY_CALLS),
    )


@pytest.fixture
def enter(session: Session, anne: Actor, call: Entry, clock: Clock) -> Callable[..., Complaint]:
    """Enter the complaint, with some of it changed."""
    return lambda **changes: service.enter(session, anne, replace(call, **changes), clock())


def entries(session: Session, about: Complaint) -> list[dict[str, Any]]:
    rows = session.scalars(select(LogRow).where(LogRow.object == about.object).order_by(LogRow.id))
    return [json.loads(row.entry or b"") for row in rows]


def test_a_complaint_goes_its_way(
    session: Session, enter: Callable[..., Complaint], anne: Actor, ben: Actor, clock: Clock
) -> None:
    complaint = enter()
    assert complaint.number == "C-2026-0001"
    assert complaint.due_at == datetime(2026, 11, 17, 16, tzinfo=UTC)  # 15 days after the 2nd, in Shanghai
    assert (complaint.member, complaint.about) == ("北辰小贷", "速催咨询公司")
    clock.move(days=1)
    service.assign(session, anne, complaint.number, ben.officer, clock())
    service.note(session, ben, complaint.number, "member asked for its call records", clock())
    sent = clock.move(days=5)
    clock.move(hours=1)
    service.close(session, ben, complaint.number, Ending(Outcome.UPHELD, ANSWER, sent), clock())

    assert service.standing_of(complaint, clock()) == "closed"
    assert service.misconduct_of(session, complaint) == [Misconduct.QUIET_HOURS, Misconduct.TOO_MANY_CALLS]
    assert [note.officer for note in service.notes_of(session, complaint)] == [ben.officer]
    log = entries(session, complaint)
    assert [(entry["kind"], entry["officer"]) for entry in log] == [
        ("complaint_entered", anne.ref),
        ("complaint_assigned", anne.ref),
        ("complaint_noted", ben.ref),
        ("complaint_closed", ben.ref),
    ]
    assert log[1]["to"] == ben.ref
    assert (log[3]["outcome"], log[3]["in_time"]) == ("upheld", True)


def test_what_was_written_is_not_in_the_log(session: Session, enter: Callable[..., Complaint]) -> None:
    said = json.dumps(entries(session, enter()), ensure_ascii=False)

    assert "三晚" not in said
    assert "RD-2026" not in said
    assert "速催" not in said


def test_numbers_count_by_the_year_of_shanghai(enter: Callable[..., Complaint], clock: Clock) -> None:
    clock.at = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    last = enter(), enter()
    clock.move(minutes=1)

    assert [each.number for each in last] == ["C-2026-0001", "C-2026-0002"]
    assert enter().number == "C-2027-0001"


def test_disputes_have_twenty_days(enter: Callable[..., Complaint]) -> None:
    dispute = enter(kind=Kind.DISPUTE, misconduct=())

    assert dispute.due_at == datetime(2026, 11, 22, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"summary": "打给 13800138000"}, "summary"),
        ({"complainant": "王小明"}, "complainant"),
        ({"member": None, "agency": " "}, "member"),
        ({"member": "Nowhere Bank"}, "member"),
        ({"agency": "李四 110105194912310021"}, "agency"),
        ({"misconduct": ()}, "misconduct"),
        ({"received_at": datetime(2030, 1, 1, tzinfo=UTC)}, "received_at"),
    ],
)
def test_what_is_refused_names_its_field(
    enter: Callable[..., Complaint], changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        enter(**changes)

    assert refused.value.field == field


def test_only_who_writes_complaints_enters_and_closes_them(
    session: Session, enter: Callable[..., Complaint], call: Entry, reader: Actor, clock: Clock
) -> None:
    number = enter().number
    ending = Ending(Outcome.WITHDRAWN, ANSWER, None)

    for act in (
        lambda: service.enter(session, reader, call, clock()),
        lambda: service.assign(session, reader, number, reader.officer, clock()),
        lambda: service.note(session, reader, number, "seen", clock()),
        lambda: service.close(session, reader, number, ending, clock()),
    ):
        with pytest.raises(Forbidden):
            act()


def test_it_is_put_only_into_the_hands_of_somebody_who_answers(
    session: Session, enter: Callable[..., Complaint], anne: Actor, ben: Actor, reader: Actor, clock: Clock
) -> None:
    number = enter().number
    assert {each.id for each in service.list_handlers(session, clock())} == {anne.officer, ben.officer}

    with pytest.raises(Invalid) as refused:
        service.assign(session, anne, number, reader.officer, clock())
    assert refused.value.field == "officer"

    service.assign(session, anne, number, ben.officer, clock())
    with pytest.raises(Conflict):
        service.assign(session, anne, number, ben.officer, clock())


def test_a_closed_complaint_stays_closed_and_can_still_be_noted(
    session: Session, enter: Callable[..., Complaint], anne: Actor, ben: Actor, clock: Clock
) -> None:
    complaint = enter()
    service.close(session, anne, complaint.number, Ending(Outcome.WITHDRAWN, "by letter", None), clock())

    with pytest.raises(Conflict, match="of its own"):
        service.close(session, anne, complaint.number, Ending(Outcome.WITHDRAWN, "again", None), clock())
    with pytest.raises(Conflict):
        service.assign(session, anne, complaint.number, ben.officer, clock())
    service.note(session, anne, complaint.number, "the letter is in the file", clock())


@pytest.mark.parametrize("number", ["C-2026-0002", "C-2026-1", "C-2026", "1", "", "C-二-三", "X-2026-0001"])
def test_another_number_names_nothing(session: Session, enter: Callable[..., Complaint], number: str) -> None:
    enter()
    with pytest.raises(NotFound):
        service.get(session, number)


def test_the_register_is_filtered_searched_ordered_and_paged(
    session: Session, enter: Callable[..., Complaint], anne: Actor, clock: Clock
) -> None:
    first = enter()
    clock.move(days=9)
    second = enter(kind=Kind.DISPUTE, misconduct=(), agency=None, received_at=clock())
    third = enter(agency="另一家催收", received_at=clock() - timedelta(days=12), officer=anne.officer)
    service.close(session, anne, third.number, Ending(Outcome.UPHELD, ANSWER, clock()), clock())

    def numbers(at: datetime, **wanted: Any) -> list[str]:
        found = register.search(session, Search(**wanted), at=at)
        assert found.total >= len(found.complaints)
        return [each.number for each in found.complaints]

    now = clock()
    assert numbers(now) == [third.number, second.number, first.number]
    assert numbers(now, order=Order.DUE, descending=False) == [third.number, first.number, second.number]
    assert numbers(now, order=Order.RECEIVED) == [second.number, first.number, third.number]
    assert numbers(now, state=State.OPEN) == [second.number, first.number]
    assert numbers(now, state=State.SOON) == [first.number]
    assert numbers(now + timedelta(days=8), state=State.OVERDUE) == [first.number]
    assert numbers(now, state=State.CLOSED) == [third.number]
    assert numbers(now, kind=Kind.DISPUTE) == [second.number]
    assert numbers(now, misconduct=Misconduct.QUIET_HOURS) == [third.number, first.number]
    assert numbers(now, misconduct=Misconduct.THREATS) == []
    assert numbers(now, officer=anne.officer) == [third.number]
    assert numbers(now, member="北辰小贷", text="速催") == [first.number]
    assert numbers(now, text="c-2026-0002") == [second.number]
    assert numbers(now, text="100%") == []
    assert numbers(now, limit=1, offset=1) == [second.number]
    assert register.search(session, Search(limit=1), at=now).total == 3
    assert register.search(session, Search(), at=now).officers == {anne.officer: anne.name}
    assert register.count(session, at=now) == {
        State.OPEN: 2,
        State.SOON: 1,
        State.OVERDUE: 0,
        State.CLOSED: 1,
    }


def test_misconduct_is_counted_by_who_is_complained_of(
    session: Session, enter: Callable[..., Complaint], anne: Actor, clock: Clock
) -> None:
    for number in (enter().number, enter(misconduct=(Misconduct.QUIET_HOURS,)).number):
        service.close(session, anne, number, Ending(Outcome.PARTLY, ANSWER, clock()), clock())
    enter(agency=None)
    enter(kind=Kind.SERVICE, misconduct=())
    since, until = clock() - timedelta(days=1), clock() + timedelta(days=1)

    agency, own = register.conduct(session, since=since, until=until)

    assert (agency.about, agency.member, agency.is_agency) == ("速催咨询公司", "北辰小贷", True)
    assert (agency.complaints, agency.upheld, agency.waiting) == (2, 2, 0)
    assert agency.kinds == {Misconduct.QUIET_HOURS: 2, Misconduct.TOO_MANY_CALLS: 1}
    assert (own.about, own.is_agency, own.complaints, own.waiting) == ("北辰小贷", False, 1, 1)
    assert register.conduct(session, since=until, until=until + timedelta(days=1)) == []


def test_its_clock_runs_until_it_is_closed(
    session: Session, enter: Callable[..., Complaint], anne: Actor, reader: Actor, clock: Clock
) -> None:
    complaint = enter(officer=anne.officer)
    due = complaint.due_at

    (found,) = clocks.list_clocks(session, now=clock(), until=due + timedelta(seconds=1))
    assert (found.kind, found.object, found.due_at) == ("complaint_due", "complaint/C-2026-0001", due)
    assert found.officer == anne.officer
    assert clocks.list_clocks(session, now=clock(), until=due) == []
    assert clocks.list_for(session, reader, now=clock(), until=due + timedelta(days=1)) == [found]

    service.close(session, anne, complaint.number, Ending(Outcome.WITHDRAWN, ANSWER, None), clock())
    assert clocks.list_clocks(session, now=clock(), until=due + timedelta(days=99)) == []
