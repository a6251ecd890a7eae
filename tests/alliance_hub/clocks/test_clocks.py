"""Which clocks there are, who sees them, who is reminded of them, and on which days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from alliance_hub.clocks import rules, service
from alliance_hub.clocks.registry import Clock, ClockKind, collectors
from alliance_hub.hub import Hub
from alliance_hub.parameters import acts
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import DeputyRow
from alliance_hub.people.roles import OrganisationKind, Role
from tests.alliance_hub.builders import Clock as FakeClock
from tests.alliance_hub.hiring import hire

DUE = datetime(2026, 11, 20, 16, tzinfo=UTC)
"""The end of the 20th in Shanghai."""


def person(*roles: Role, organisation: str = "association", number: int = 7) -> Actor:
    kind = OrganisationKind.ASSOCIATION if organisation == "association" else OrganisationKind.MEMBER
    return Actor(number, f"{organisation}/{number}", "", organisation, kind, frozenset(roles), {})


@pytest.mark.parametrize(
    ("at", "left"),
    [
        ("2026-11-20T15:59", 0),
        ("2026-11-20T16:00", -1),
        ("2026-11-19T15:59", 1),
        ("2026-11-19T16:00", 0),
        ("2026-11-06T16:00", 13),
    ],
)
def test_days_are_counted_to_the_last_day(at: str, left: int) -> None:
    assert rules.days_left(DUE, datetime.fromisoformat(at).replace(tzinfo=UTC)) == left


@pytest.mark.parametrize(
    ("days_before", "told"),
    [
        (20, False),
        (14, True),
        (13, False),
        (8, False),
        (7, True),
        (6, False),
        (1, True),
        (0, False),
        (-1, True),
    ],
)
def test_a_clock_is_told_fourteen_seven_and_one_days_before_and_once_it_is_over(
    days_before: int, told: bool
) -> None:
    at = DUE - timedelta(days=days_before, hours=8)

    assert rules.is_told(Clock(ClockKind.COMPLAINT_DUE, "complaint/C-2026-0001", DUE), at) is told


OWNED = Clock(ClockKind.COMPLAINT_DUE, "complaint/C-2026-0001", DUE, officer=7)
FREE = Clock(ClockKind.COMPLAINT_DUE, "complaint/C-2026-0001", DUE)
NORTHS = Clock(ClockKind.AGREEMENT_EXPIRES, "agreement/a/1", DUE, organisation="North")
PROPOSED = Clock(ClockKind.PROPOSAL_LAPSES, "proposal/1", DUE, officer=7)


@pytest.mark.parametrize(
    ("clock", "actor", "seen", "reminded"),
    [
        (OWNED, person(Role.DISPUTE_OFFICER), True, True),
        (OWNED, person(Role.DISPUTE_OFFICER, number=8), True, False),
        (FREE, person(Role.DISPUTE_OFFICER, number=8), True, True),
        (FREE, person(Role.MEMBERSHIP_OFFICER), True, False),
        (FREE, person(Role.AGREEMENT_OFFICER), False, False),
        (NORTHS, person(Role.AGREEMENT_OFFICER), True, True),
        (NORTHS, person(Role.INSPECTOR), True, False),
        (NORTHS, person(Role.MEMBER_ADMIN, organisation="North"), True, True),
        (NORTHS, person(Role.COLLECTOR, organisation="North"), True, False),
        (NORTHS, person(Role.MEMBER_ADMIN, organisation="South"), False, False),
        (FREE, person(Role.MEMBER_ADMIN, organisation="North"), False, False),
        (PROPOSED, person(Role.SYSTEM_ADMIN), True, True),
        (PROPOSED, person(Role.SYSTEM_ADMIN, number=8), False, False),
        (PROPOSED, person(Role.AUDIT_ADMIN, number=8), True, False),
    ],
)
def test_a_clock_is_seen_and_told_by_those_whom_it_concerns(
    clock: Clock, actor: Actor, seen: bool, reminded: bool
) -> None:
    assert rules.is_shown(clock, actor) is seen
    assert rules.is_worked_on(clock, actor) is reminded


def test_every_kind_says_who_works_on_it_and_who_reads_it() -> None:
    assert set(rules.WORKS_ON) == set(rules.READS) == set(ClockKind)


def test_every_kind_is_collected_by_somebody() -> None:
    assert set(collectors()) == set(ClockKind)


def test_proposals_and_deputies_run_out(session: Session, hub: Hub, clock: FakeClock) -> None:
    anne = hire(session, clock, "1001", Role.SYSTEM_ADMIN)
    ben = hire(session, clock, "1002")
    proposal = acts.propose_value(session, hub, anne, "exit_days", 20, reason="faster", now=clock())
    until = clock() + timedelta(days=3)
    times = {"from_at": clock(), "until_at": until}
    session.add(DeputyRow(principal=anne.officer, deputy=ben.officer, role=Role.SYSTEM_ADMIN, **times))
    session.flush()

    found = service.list_clocks(session, now=clock(), until=clock() + timedelta(days=15))

    assert [(each.kind, each.object, each.due_at) for each in found] == [
        (ClockKind.DEPUTY_ENDS, "officer/association/1002", until),
        (ClockKind.PROPOSAL_LAPSES, f"proposal/{proposal.id}", proposal.expires_at),
    ]
    assert service.list_clocks(session, now=clock(), until=until) == []
    assert service.list_clocks(session, now=until, until=until + timedelta(days=1)) == []
    only = {ClockKind.PROPOSAL_LAPSES}
    assert len(service.list_clocks(session, now=clock(), until=proposal.expires_at, kinds=only)) == 0
