"""Deputies: who names them, what they may then do, and that nobody approves its own proposal through one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.approvals import registry
from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Kind, ProposalState
from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.hub import Hub
from alliance_hub.people import deputies, officers
from alliance_hub.people.roles import Act, Role
from alliance_hub.transparency.models import LogRow
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.people.hiring import Staff

OFFICER = Role.MEMBERSHIP_OFFICER
WEEK = timedelta(days=7)


def test_the_officer_or_its_administrator_names_a_deputy(
    session: Session, staff: Staff, clock: Clock
) -> None:
    admin, audit = staff.hire(Role.SECURITY_ADMIN), staff.hire(Role.AUDIT_ADMIN)
    anne, ben, cara = staff.hire(OFFICER), staff.hire(Role.FLAG_REVIEWER), staff.hire()
    now, until = clock(), clock() + WEEK
    deputies.appoint(session, anne, anne.officer, ben.officer, OFFICER, now, until, now)
    with pytest.raises(Conflict, match="another deputy"):
        deputies.appoint(session, admin, anne.officer, cara.officer, OFFICER, now, until, now)
    deputies.appoint(session, admin, anne.officer, cara.officer, OFFICER, until, until + WEEK, now)
    for stranger in (audit, ben):
        with pytest.raises((Forbidden, NotFound)):
            deputies.appoint(session, stranger, anne.officer, cara.officer, OFFICER, now, until, now)
    entries = session.scalars(select(LogRow).where(LogRow.kind == "deputy_appointed")).all()
    assert [(entry.actor, entry.object) for entry in entries] == [
        (anne.ref, f"officer/{anne.ref}"),
        (admin.ref, f"officer/{anne.ref}"),
    ]


def test_nobody_elsewhere_is_told_of(session: Session, staff: Staff, clock: Clock) -> None:
    anne, other = staff.hire(Role.MEMBER_ADMIN, at="North"), staff.hire(Role.SUBMITTER, at="South")
    said = []
    for deputy in (other.officer, 9_999):
        with pytest.raises(Invalid) as refused:
            deputies.appoint(
                session, anne, anne.officer, deputy, Role.MEMBER_ADMIN, clock(), clock() + WEEK, clock()
            )
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_a_deputy_acts_between_two_instants(session: Session, staff: Staff, clock: Clock) -> None:
    anne, ben = staff.hire(OFFICER), staff.hire(Role.FLAG_REVIEWER)
    begin = clock() + timedelta(days=1)
    row = deputies.appoint(session, anne, anne.officer, ben.officer, OFFICER, begin, begin + WEEK, clock())
    assert not staff.now(ben).may(Act.REVIEW_APPLICATIONS)
    clock.move(days=1)
    assert staff.now(ben).deputised == {OFFICER: anne.officer}
    assert staff.now(ben).may(Act.REVIEW_APPLICATIONS)
    deputies.end(session, staff.now(ben), row.id, clock())
    assert not staff.now(ben).may(Act.REVIEW_APPLICATIONS)
    with pytest.raises(NotFound):
        deputies.end(session, anne, row.id, clock())


def test_what_the_principal_loses_the_deputy_has_lost(session: Session, staff: Staff, clock: Clock) -> None:
    admin, anne, ben = staff.hire(Role.SECURITY_ADMIN), staff.hire(OFFICER), staff.hire()
    deputies.appoint(session, anne, anne.officer, ben.officer, OFFICER, clock(), clock() + WEEK, clock())
    officers.change_roles(session, admin, anne.officer, {Role.FLAG_REVIEWER: None}, clock())
    assert staff.now(ben).deputised == {}


def test_a_deputy_in_business_is_made_no_administrator(session: Session, staff: Staff, clock: Clock) -> None:
    admin, anne, ben = staff.hire(Role.SECURITY_ADMIN), staff.hire(OFFICER), staff.hire()
    deputies.appoint(session, anne, anne.officer, ben.officer, OFFICER, clock(), clock() + WEEK, clock())
    with pytest.raises(Invalid, match="holds no other role"):
        officers.change_roles(session, admin, ben.officer, {Role.AUDIT_ADMIN: None}, clock())


def test_four_eyes_stay_four_with_a_deputy(
    session: Session, hub: Hub, staff: Staff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry._import_all()
    done: list[str] = []
    handler = registry.Handler(
        Act.PROPOSE_MEMBERSHIP, Act.APPROVE_MEMBERSHIP, lambda *given: done.append(given[2].object), None
    )
    monkeypatch.setitem(registry._HANDLERS, Kind.SUSPENSION, handler)
    anne, ben, cara = staff.hire(OFFICER), staff.hire(), staff.hire(OFFICER)
    now = clock()
    deputies.appoint(session, anne, anne.officer, ben.officer, OFFICER, now, now + WEEK, now)
    ben = staff.now(ben)

    of_ben = approvals.propose(session, hub, ben, Kind.SUSPENSION, object="member/A", reason="late", now=now)
    of_anne = approvals.propose(
        session, hub, anne, Kind.SUSPENSION, object="member/B", reason="late", now=now
    )
    for who, proposal in ((ben, of_ben), (anne, of_ben), (anne, of_anne), (ben, of_anne)):
        with pytest.raises(Forbidden) as refused:
            approvals.approve(session, hub, who, proposal.id, now)
        assert refused.value.slug == "four-eyes"
    assert done == []
    for proposal in (of_ben, of_anne):
        assert approvals.approve(session, hub, cara, proposal.id, now).state is ProposalState.APPROVED
    assert done == ["member/A", "member/B"]
