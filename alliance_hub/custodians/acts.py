"""A key ceremony is decided by two officers before it is held; what it makes is checked against that."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Kind, Proposal
from alliance_hub.approvals.registry import carries_out
from alliance_hub.custodians import rules
from alliance_hub.custodians.rules import Plan
from alliance_hub.custodians.service import object_of
from alliance_hub.hub import Hub
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import actor_of, get_officer
from alliance_hub.people.roles import Act
from alliance_hub.transparency import service as transparency
from privacy.periods import day_of


def propose_ceremony(
    session: Session, hub: Hub, actor: Actor, plan: Plan, *, reason: str, now: datetime
) -> Proposal:
    """Propose a key ceremony for the next epoch; raises Invalid naming the field, Conflict, Forbidden."""
    facts = {
        "epoch": plan.epoch,
        "custodians": plan.custodians,
        "threshold": plan.threshold,
        "synthetic": plan.synthetic,
        "on": plan.on.isoformat(),
    }
    about = object_of(plan.epoch)
    return approvals.propose(
        session, hub, actor, Kind.CEREMONY, object=about, facts=facts, reason=reason, now=now
    )


def plan_of(proposal: Proposal) -> Plan:
    """Return the ceremony that a proposal is about."""
    facts = dict(proposal.facts)
    return Plan(on=date.fromisoformat(facts.pop("on")), **facts)


def _check(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    key_set = hub.key_set
    rules.require_plan(
        plan_of(proposal), epoch=key_set.epoch, synthetic=key_set.policy.synthetic, today=day_of(now)
    )


@carries_out(Kind.CEREMONY, proposes=Act.PROPOSE_CEREMONY, approves=Act.APPROVE_CEREMONY, check=_check)
def ceremony(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Put the decision on record; the ceremony itself is held by people, offline."""
    _check(session, hub, proposal, now)
    assert proposal.decided_by is not None  # approvals set it before anything is carried out
    actor = actor_of(session, get_officer(session, proposal.decided_by), at=now)
    facts = {"proposal": proposal.id, **proposal.facts}
    transparency.record_act(session, actor, "ceremony_decided", object=proposal.object, facts=facts, now=now)
