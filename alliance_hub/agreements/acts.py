"""What two officers do with an agreement together: put it into effect, let it rest, wake it.

Each proposal is about `agreement/NAME` and names the version in its facts.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.agreements import ending, signing
from alliance_hub.agreements.keeping import get_row
from alliance_hub.agreements.lifecycle import Step, require_step
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.approvals.models import Kind, Proposal
from alliance_hub.approvals.registry import carries_out
from alliance_hub.errors import Invalid
from alliance_hub.hub import Hub
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import Officer
from alliance_hub.people.roles import Act, OrganisationKind


def check_activation(session: Session, _hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Refuse what could not be activated now."""
    signing.check_activation(session, _row(session, proposal), now)


def check_suspension(session: Session, _hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Refuse to suspend what is not in effect."""
    require_step(_row(session, proposal).life_at(now), Step.SUSPEND)


def check_resumption(session: Session, _hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Refuse to resume what is not suspended."""
    require_step(_row(session, proposal).life_at(now), Step.RESUME)


@carries_out(
    Kind.ACTIVATION,
    proposes=Act.PROPOSE_AGREEMENTS,
    approves=Act.APPROVE_AGREEMENTS,
    check=check_activation,
)
def activate(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    """State the agreement in the feed."""
    signing.activate(session, hub, _approver(session, proposal), _row(session, proposal), now)


@carries_out(
    Kind.AGREEMENT_SUSPENSION,
    proposes=Act.PROPOSE_AGREEMENTS,
    approves=Act.APPROVE_AGREEMENTS,
    check=check_suspension,
)
def suspend(session: Session, _hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Take the agreement out of effect."""
    ending.suspend(session, _approver(session, proposal), _row(session, proposal), now)


@carries_out(
    Kind.AGREEMENT_RESUMPTION,
    proposes=Act.PROPOSE_AGREEMENTS,
    approves=Act.APPROVE_AGREEMENTS,
    check=check_resumption,
)
def resume(session: Session, _hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Put the agreement into effect again."""
    ending.resume(session, _approver(session, proposal), _row(session, proposal), now)


def _row(session: Session, proposal: Proposal) -> AgreementRow:
    kind, _, agreement = proposal.object.partition("/")
    version = proposal.facts.get("version")
    if kind != "agreement" or not isinstance(version, int):
        raise Invalid("a proposal about an agreement names its version", field="facts.version")
    return get_row(session, agreement, version)


def _approver(session: Session, proposal: Proposal) -> Actor:
    """Return who approves, as far as a log entry names it."""
    officer = session.get_one(Officer, proposal.decided_by)
    kind = OrganisationKind.ASSOCIATION
    return Actor(officer.id, officer.ref, officer.name, officer.organisation, kind, frozenset(), {})
