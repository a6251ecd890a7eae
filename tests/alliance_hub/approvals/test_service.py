"""Proposals through the service: what is kept, what is logged, and that approving carries the thing out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.approvals import registry, service
from alliance_hub.approvals.models import Kind, Proposal, ProposalState
from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.hub import Hub
from alliance_hub.people import directory
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import ASSOCIATION, DeputyRow, Officer, OfficerState, Organisation, RoleGrant
from alliance_hub.people.roles import Act, OrganisationKind, Role
from alliance_hub.policy import PROPOSAL_LIFE
from alliance_hub.transparency.models import LogRow
from tests.alliance_hub.builders import Clock

Hire = Callable[..., Actor]

carried_out: list[str] = []


def carry_out(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    if proposal.facts.get("fails"):
        raise Conflict("it cannot be done now")
    carried_out.append(proposal.object)


def check(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    if proposal.object == "member/Nobody":
        raise NotFound("there is no such member")


@pytest.fixture(autouse=True)
def _suspensions_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler of the test's own stands for the domain's."""
    handler = registry.Handler(Act.PROPOSE_MEMBERSHIP, Act.APPROVE_MEMBERSHIP, carry_out, check)
    registry._import_all()
    monkeypatch.setitem(registry._HANDLERS, Kind.SUSPENSION, handler)
    carried_out.clear()


@pytest.fixture
def hire(session: Session, clock: Clock) -> Hire:
    """Let somebody with these roles join the association."""
    session.add(
        Organisation(
            id=ASSOCIATION,
            kind=OrganisationKind.ASSOCIATION,
            name="The association",
            uscc=None,
            created_at=clock(),
            closed_at=None,
        )
    )
    session.flush()

    def hired(number: str, *roles: Role) -> Actor:
        officer = Officer(
            organisation=ASSOCIATION,
            staff_number=number,
            name=f"Officer {number}",
            language="zh",
            state=OfficerState.ACTIVE,
            failures=0,
            created_at=clock(),
        )
        session.add(officer)
        session.flush()
        for role in roles:
            session.add(RoleGrant(officer=officer.id, role=role, from_at=clock(), granted_by="operator"))
        session.flush()
        return directory.actor_of(session, officer, at=clock())

    return hired


def suspend(
    session: Session, hub: Hub, actor: Actor, *, object: str = "member/North", **facts: bool
) -> Proposal:
    return service.propose(
        session,
        hub,
        actor,
        Kind.SUSPENSION,
        object=object,
        facts=facts,
        reason="late reports",
        now=hub.clock(),
    )


def entries(session: Session, kind: str) -> list[dict[str, object]]:
    rows = session.scalars(select(LogRow).where(LogRow.kind == kind).order_by(LogRow.id))
    return [json.loads(row.entry or b"null") for row in rows]


def test_an_approval_carries_it_out_and_both_acts_are_logged(session: Session, hub: Hub, hire: Hire) -> None:
    anne, ben = (hire(number, Role.MEMBERSHIP_OFFICER) for number in ("A1", "B2"))
    proposal = suspend(session, hub, anne)

    assert service.list_waiting(session, anne, at=hub.clock()) == []
    assert service.list_waiting(session, ben, at=hub.clock()) == [proposal]
    service.approve(session, hub, ben, proposal.id, hub.clock())

    assert carried_out == ["member/North"]
    assert (proposal.state, proposal.decided_by) == (ProposalState.APPROVED, ben.officer)
    (made,), (approved,) = entries(session, "proposal_made"), entries(session, "proposal_approved")
    assert (made["officer"], approved["officer"]) == ("association/A1", "association/B2")
    assert made["object"] == approved["object"] == "member/North"
    found = session.scalars(select(LogRow.actor).where(LogRow.object == "member/North").order_by(LogRow.id))
    assert found.all() == ["association/A1", "association/B2"]


def test_a_second_proposal_about_the_same_is_refused(session: Session, hub: Hub, hire: Hire) -> None:
    anne, ben = (hire(number, Role.MEMBERSHIP_OFFICER) for number in ("A1", "B2"))
    first = suspend(session, hub, anne)
    with pytest.raises(Conflict, match="proposed already"):
        suspend(session, hub, ben)

    service.withdraw(session, anne, first.id, hub.clock())
    assert suspend(session, hub, ben).state is ProposalState.OPEN


def test_a_proposal_that_nobody_decides_lapses_and_can_be_made_again(
    session: Session, hub: Hub, hire: Hire, clock: Clock
) -> None:
    anne, ben = (hire(number, Role.MEMBERSHIP_OFFICER) for number in ("A1", "B2"))
    late = suspend(session, hub, anne)
    clock.at += PROPOSAL_LIFE

    with pytest.raises(Conflict, match="nobody decided in time"):
        service.approve(session, hub, ben, late.id, clock())
    again = suspend(session, hub, anne)

    assert (late.state, again.state) == (ProposalState.LAPSED, ProposalState.OPEN)
    assert [entry["proposal"] for entry in entries(session, "proposal_lapsed")] == [late.id]


def test_what_cannot_be_carried_out_stays_open(hub: Hub, session: Session, hire: Hire) -> None:
    anne, ben = (hire(number, Role.MEMBERSHIP_OFFICER) for number in ("A1", "B2"))
    id = suspend(session, hub, anne, fails=True).id

    with pytest.raises(Conflict, match="cannot be done"), session.begin_nested():
        service.approve(session, hub, ben, id, hub.clock())

    session.expire_all()
    assert service.get(session, ben, id).state is ProposalState.OPEN
    assert entries(session, "proposal_approved") == []


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 1_001])
def test_a_rejection_needs_a_reason(session: Session, hub: Hub, hire: Hire, reason: str) -> None:
    anne, ben = (hire(number, Role.MEMBERSHIP_OFFICER) for number in ("A1", "B2"))
    proposal = suspend(session, hub, anne)
    with pytest.raises(Invalid) as caught:
        service.reject(session, ben, proposal.id, reason, hub.clock())
    assert caught.value.field == "reason"


def test_the_check_refuses_at_once_and_strangers_see_nothing(session: Session, hub: Hub, hire: Hire) -> None:
    anne, stranger = hire("A1", Role.MEMBERSHIP_OFFICER), hire("S3", Role.AUDIT_ADMIN)
    with pytest.raises(NotFound, match="no such member"):
        suspend(session, hub, anne, object="member/Nobody")
    with pytest.raises(Forbidden):
        suspend(session, hub, stranger)

    proposal = suspend(session, hub, anne)
    with pytest.raises(NotFound, match="no such proposal"):
        service.get(session, stranger, proposal.id)
    with pytest.raises(Forbidden, match="only whoever proposed"):
        service.withdraw(session, hire("B2", Role.MEMBERSHIP_OFFICER), proposal.id, hub.clock())


def test_a_deputy_speaks_for_its_principal_while_it_is_one(
    session: Session, hub: Hub, hire: Hire, clock: Clock
) -> None:
    anne, dora = hire("A1", Role.MEMBERSHIP_OFFICER), hire("D4")
    session.add(
        DeputyRow(
            principal=anne.officer,
            deputy=dora.officer,
            role=Role.MEMBERSHIP_OFFICER,
            from_at=clock(),
            until_at=clock() + timedelta(days=1),
        )
    )
    session.flush()
    deputy = directory.actor_of(session, directory.get_officer(session, dora.officer), at=clock())

    proposal = suspend(session, hub, deputy)

    assert proposal.proposed_for == anne.officer
    with pytest.raises(Forbidden, match="in your name"):
        service.approve(session, hub, anne, proposal.id, clock())
    clock.move(days=1)
    later = directory.actor_of(session, directory.get_officer(session, dora.officer), at=clock())
    assert not later.may(Act.PROPOSE_MEMBERSHIP)
