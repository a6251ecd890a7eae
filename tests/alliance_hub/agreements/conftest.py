"""A member that has joined, two agreement officers, and drafts for them to work on."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Kind
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from privacy.terms import sign_terms
from tests.alliance_hub.builders import Clock, Platform
from tests.alliance_hub.conftest import Join
from tests.alliance_hub.hiring import hire
from tests.terms import ASSOCIATION, MEMBER, ROLES

FACTS: dict[str, Any] = {
    "member": "North Bank",
    "association_party": ASSOCIATION.document(),
    "member_party": MEMBER.document(),
    "roles": ROLES.document(),
    "purposes": ["post_loan_management"],
    "contributes": ["exposure", "flags"],
    "receives": ["exposure"],
    "subjects_per_day": 1_000,
    "subjects_per_request": 100,
    "retention_days": 365,
    "consent_version": "2026-1",
    "dispute_days": 20,
    "incident_hours": 24,
    "audit_right": True,
    "sub_processing": False,
    "exit_days": 30,
    "notice_days": 30,
}
"""What an officer fills in; name, version, contributors and dates are found."""


@pytest.fixture
def anne(session: Session, clock: Clock) -> Actor:
    """An agreement officer."""
    return hire(session, clock, "0001", Role.AGREEMENT_OFFICER)


@pytest.fixture
def ben(session: Session, clock: Clock, anne: Actor) -> Actor:
    """Another one."""
    return hire(session, clock, "0002", Role.AGREEMENT_OFFICER)


class Desk:
    """What two officers and a member do with an agreement, each step by its own service."""

    def __init__(self, session: Session, hub: Hub, clock: Clock, anne: Actor, ben: Actor) -> None:
        self.session, self.hub, self.clock, self.anne, self.ben = session, hub, clock, anne, ben

    def drafts(self, **changes: Any) -> AgreementRow:
        return agreements.draft(self.session, self.hub, self.anne, FACTS | changes, now=self.clock())

    def offers(self, row: AgreementRow) -> AgreementRow:
        name = (row.agreement, row.version)
        agreements.send_to_review(self.session, self.anne, *name, self.clock())
        agreements.review(self.session, self.ben, *name, self.clock())
        return agreements.offer(self.session, self.hub, self.anne, *name, self.clock())

    def signs(self, member: Platform, row: AgreementRow) -> AgreementRow:
        own = membership.get(self.session, member.name)
        signature = sign_terms(member.key, row.terms)
        return agreements.sign(
            self.session, self.hub, own, row.agreement, row.version, signature, self.clock()
        )

    def proposes(self, kind: Kind, row: AgreementRow) -> int:
        proposal = approvals.propose(
            self.session,
            self.hub,
            self.anne,
            kind,
            object=f"agreement/{row.agreement}",
            facts={"version": row.version},
            reason="as agreed",
            now=self.clock(),
        )
        return proposal.id

    def decides(self, kind: Kind, row: AgreementRow) -> None:
        """Propose and approve, by two people."""
        approvals.approve(self.session, self.hub, self.ben, self.proposes(kind, row), self.clock())

    def activates(self, member: Platform, **changes: Any) -> AgreementRow:
        """From the draft to the feed."""
        row = self.signs(member, self.offers(self.drafts(**{"member": member.name, **changes})))
        self.decides(Kind.ACTIVATION, row)
        return row


@pytest.fixture
def desk(session: Session, hub: Hub, clock: Clock, anne: Actor, ben: Actor) -> Desk:
    return Desk(session, hub, clock, anne, ben)


@pytest.fixture
def north(join: Join) -> Platform:
    return join()
