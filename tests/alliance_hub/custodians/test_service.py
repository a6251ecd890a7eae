"""Custodians by the hub's books, and the ceremonies that two officers decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest
from sqlalchemy.orm import Session

from alliance_hub.approvals import service as approvals
from alliance_hub.custodians import acts, service
from alliance_hub.custodians.rules import Plan
from alliance_hub.errors import Conflict, Forbidden
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.people.roles import Role
from alliance_hub.permissions import Sender
from privacy.encoding import b64
from privacy.keyset import KeySet, Policy
from privacy.statements import CutSignature
from tests.alliance_hub.builders import Clock, Speaker, seed
from tests.alliance_hub.conftest import Join
from tests.alliance_hub.hiring import hire

PLAN = Plan(epoch=2, custodians=3, threshold=2, synthetic=True, on=date(2026, 11, 20))


@pytest.fixture
def cut(session: Session, hub: Hub, join: Join, custodians: list[Speaker], clock: Clock) -> None:
    """One member, accepted by two custodians; one cut, signed by the third."""
    join("North Bank")
    row = feed.cut(session, hub, clock())
    head = b64(feed.head(session).root)
    body = CutSignature("2026-11", row.position, head, b64(seed("state")))
    witness = custodians[2]
    feed.receive(session, hub, witness.say(body), sender=Sender.for_custodian(3), now=clock())


@pytest.mark.usefixtures("cut")
def test_the_books_tell_acceptances_and_signatures(session: Session, hub: Hub, clock: Clock) -> None:
    found = service.list_custodians(session, hub)

    assert [(each.index, each.acceptances, each.last_signed) for each in found] == [
        (1, 1, None),
        (2, 1, None),
        (3, 0, "2026-11"),
    ]
    assert len({each.fingerprint for each in found}) == 3
    (newest,) = service.list_cuts(session, hub, limit=5)
    assert (newest.period, newest.signed, newest.missing) == ("2026-11", (3,), (1, 2))
    assert newest.effective_at is None


def test_a_ceremony_is_decided_by_two(session: Session, hub: Hub, clock: Clock) -> None:
    anne, ben = hire(session, clock, "1", Role.SYSTEM_ADMIN), hire(session, clock, "2", Role.SECURITY_ADMIN)
    real = real_key_set(hub)
    with pytest.raises(Conflict, match="2 of 3 custodians"):
        service.require_ceremony(session, real)
    with pytest.raises(Forbidden):
        acts.propose_ceremony(session, hub, ben, PLAN, reason="a custodian changes", now=clock())

    proposal = acts.propose_ceremony(session, hub, anne, PLAN, reason="a custodian changes", now=clock())
    with pytest.raises(Conflict, match="no two officers"):
        service.require_ceremony(session, real)
    approvals.approve(session, hub, ben, proposal.id, clock())

    service.require_ceremony(session, real)
    assert acts.plan_of(service.list_ceremonies(session, 2)[0]) == PLAN
    with pytest.raises(Conflict, match="3 of 3 custodians"):
        service.require_ceremony(session, msgspec.structs.replace(real, threshold=3))


def test_made_up_data_need_no_decision(session: Session, hub: Hub) -> None:
    service.require_ceremony(session, hub.key_set)


def test_a_decision_that_has_become_impossible_stays_open(session: Session, hub: Hub, clock: Clock) -> None:
    anne, ben = hire(session, clock, "1", Role.SYSTEM_ADMIN), hire(session, clock, "2", Role.SECURITY_ADMIN)
    soon = replace(PLAN, on=date(2026, 11, 3))
    proposal = acts.propose_ceremony(session, hub, anne, soon, reason="soon", now=clock())
    clock.move(days=2)

    with pytest.raises(Exception, match="today or later"), session.begin_nested():
        approvals.approve(session, hub, ben, proposal.id, clock())

    session.refresh(proposal)
    assert proposal.state is approvals.ProposalState.OPEN


def real_key_set(hub: Hub) -> KeySet:
    """Return the key set of the next epoch, if it were for real data."""
    return msgspec.structs.replace(hub.key_set, epoch=2, policy=Policy.for_real_data())
