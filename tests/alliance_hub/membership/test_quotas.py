"""How much a member may ask in a day, to the instant at which there is more; and who changes that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from alliance_hub.approvals import service as approvals
from alliance_hub.errors import Conflict, Invalid, QuotaExceeded
from alliance_hub.hub import Hub
from alliance_hub.membership import acts, quotas, service
from alliance_hub.people.actor import Actor
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.conftest import Join
from tests.alliance_hub.membership.conftest import Applicant, Apply

TODAY, TOMORROW = date(2026, 11, 2), date(2026, 11, 3)


def test_a_days_quota_is_taken_to_the_last_subject(session: Session, clock: Clock, join: Join) -> None:
    join()
    member = service.get(session, "North Bank")

    quotas.require_left(session, member, 300, clock())
    quotas.require_left(session, member, 100, clock())

    found = quotas.use(session, member, TODAY)
    assert (found.limit, found.used, found.left, found.is_set) == (400, 400, 0, False)
    with pytest.raises(QuotaExceeded) as refused:
        quotas.require_left(session, member, 1, clock())
    assert refused.value.retry_at == datetime(2026, 11, 2, 16, tzinfo=UTC)


def test_there_is_more_at_midnight_in_shanghai(session: Session, clock: Clock, join: Join) -> None:
    join()
    member = service.get(session, "North Bank")
    quotas.require_left(session, member, 400, clock())
    clock.at = datetime(2026, 11, 2, 15, 59, 59, tzinfo=UTC)
    with pytest.raises(QuotaExceeded):
        quotas.require_left(session, member, 1, clock())

    clock.move(seconds=1)
    quotas.require_left(session, member, 400, clock())

    assert quotas.use(session, member, TOMORROW).used == 400


def test_what_is_refused_takes_nothing(session: Session, clock: Clock, join: Join) -> None:
    join()
    member = service.get(session, "North Bank")

    with pytest.raises(QuotaExceeded):
        quotas.require_left(session, member, 401, clock())

    assert quotas.use(session, member, TODAY).used == 0


def test_two_officers_set_another_quota(
    session: Session,
    hub: Hub,
    clock: Clock,
    applies: Apply,
    reviewed: Callable[[Applicant], int],
    wang: Actor,
    li: Actor,
) -> None:
    id = reviewed(applies())
    admission = acts.propose_admission(session, hub, wang, id, reason="complete", now=clock())
    approvals.approve(session, hub, li, admission.id, clock())
    member = service.get(session, "南山")

    proposal = acts.propose_quota(session, hub, wang, "南山", 7, reason="too many", now=clock())
    assert quotas.use(session, member, TODAY).limit == 400
    approvals.approve(session, hub, li, proposal.id, clock())

    found = quotas.use(session, member, TODAY)
    assert (found.limit, found.is_set) == (7, True)
    assert (proposal.facts["old"], proposal.facts["new"]) == (400, 7)


@pytest.mark.parametrize("number", [-1, 100_000_001])
def test_no_number_that_is_none(number: int) -> None:
    with pytest.raises(Invalid):
        quotas.require_sound(number)


def test_a_member_without_a_file_has_no_quota_of_its_own(
    session: Session, hub: Hub, clock: Clock, join: Join, wang: Actor
) -> None:
    join()

    with pytest.raises(Conflict):
        acts.propose_quota(session, hub, wang, "North Bank", 5, reason="more", now=clock())
