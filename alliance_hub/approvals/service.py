"""Propose, approve, reject and withdraw; an approval carries the thing out in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alliance_hub.approvals import rules
from alliance_hub.approvals.models import Kind, Proposal, ProposalState
from alliance_hub.approvals.registry import carries_out, handler_of
from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.hub import Hub
from alliance_hub.parameters import service as parameters
from alliance_hub.people.actor import Actor, require_act
from alliance_hub.transparency import service as transparency

__all__ = [
    "Kind",
    "Proposal",
    "ProposalState",
    "approve",
    "carries_out",
    "find_open",
    "get",
    "lapse",
    "list_about",
    "list_waiting",
    "propose",
    "reject",
    "withdraw",
]

LONGEST_REASON = 1_000


def propose(
    session: Session,
    hub: Hub,
    actor: Actor,
    kind: Kind,
    *,
    object: str,
    facts: Mapping[str, Any] | None = None,
    reason: str,
    now: datetime,
) -> Proposal:
    """Write a proposal down; it takes effect when another officer approves it.

    Raises Forbidden, Invalid without a reason, Conflict when one of this kind is open about the object,
    and whatever the kind's own check raises.
    """
    handler = handler_of(kind)
    require_act(actor, handler.proposes)
    lapse(session, now)
    principals = actor.principals(handler.proposes)
    proposal = Proposal(
        kind=kind,
        object=object,
        facts=dict(facts or {}),
        reason=_reason(reason),
        state=ProposalState.OPEN,
        proposed_by=actor.officer,
        proposed_for=min(principals, default=None),
        proposed_at=now,
        expires_at=now + timedelta(days=parameters.value(session, "proposal_days")),
    )
    if handler.check is not None:
        handler.check(session, hub, proposal, now)
    try:
        with session.begin_nested():
            session.add(proposal)
    except IntegrityError as error:
        raise Conflict("this is proposed already and waits for a decision", slug="proposed") from error
    _record(session, actor, "proposal_made", proposal, now)
    return proposal


def approve(session: Session, hub: Hub, actor: Actor, id: int, now: datetime) -> Proposal:
    """Approve a proposal and carry it out; what cannot be carried out stays open.

    Raises NotFound, Forbidden and Conflict as `rules.require_decidable` does, and what the handler raises.
    """
    proposal = _locked(session, id)
    handler = handler_of(proposal.kind)
    rules.require_decidable(proposal, actor, handler.approves, at=now)
    proposal.state, proposal.decided_by, proposal.decided_at = ProposalState.APPROVED, actor.officer, now
    _record(session, actor, "proposal_approved", proposal, now)
    handler.carry_out(session, hub, proposal, now)
    session.flush()
    return proposal


def reject(session: Session, actor: Actor, id: int, reason: str, now: datetime) -> Proposal:
    """Turn a proposal down, with a reason; the same people may do it who may approve."""
    proposal = _locked(session, id)
    rules.require_decidable(proposal, actor, handler_of(proposal.kind).approves, at=now)
    proposal.state, proposal.decided_by, proposal.decided_at = ProposalState.REJECTED, actor.officer, now
    proposal.decision_reason = _reason(reason)
    _record(session, actor, "proposal_rejected", proposal, now)
    return proposal


def withdraw(session: Session, actor: Actor, id: int, now: datetime) -> Proposal:
    """Take one's own proposal back."""
    proposal = _locked(session, id)
    rules.require_open(proposal, at=now)
    if proposal.proposed_by != actor.officer:
        raise Forbidden("only whoever proposed it takes it back: reject it instead", slug="four-eyes")
    proposal.state, proposal.decided_by, proposal.decided_at = ProposalState.WITHDRAWN, actor.officer, now
    _record(session, actor, "proposal_withdrawn", proposal, now)
    return proposal


def lapse(session: Session, now: datetime) -> None:
    """Close what nobody decided in time, so that it can be proposed again."""
    late = select(Proposal).where(Proposal.state == ProposalState.OPEN, Proposal.expires_at <= now)
    for proposal in session.scalars(late):
        proposal.state, proposal.decided_at = ProposalState.LAPSED, now
        facts = {"proposal": proposal.id, "object": proposal.object, "action": proposal.kind}
        transparency.record_entry(session, "proposal_lapsed", facts, now=now)
    session.flush()


def get(session: Session, actor: Actor, id: int) -> Proposal:
    """Return a proposal that this officer made, might decide or inspects; raises NotFound."""
    proposal = session.get(Proposal, id)
    if proposal is None or not _concerns(proposal, actor):
        raise NotFound("there is no such proposal")
    return proposal


def list_waiting(session: Session, actor: Actor, *, at: datetime) -> list[Proposal]:
    """Return the open proposals that this officer may decide now, the oldest first."""
    is_open = select(Proposal).where(Proposal.state == ProposalState.OPEN).order_by(Proposal.id)
    return [
        each
        for each in session.scalars(is_open)
        if rules.may_decide(each, actor, handler_of(each.kind).approves, at=at)
    ]


def list_about(session: Session, object: str) -> Sequence[Proposal]:
    """Return every proposal about an object, the newest first."""
    about = select(Proposal).where(Proposal.object == object).order_by(Proposal.id.desc())
    return session.scalars(about).all()


def find_open(session: Session, kind: Kind, object: str) -> Proposal | None:
    """Return the open proposal of a kind about an object, if there is one."""
    return session.scalar(
        select(Proposal).where(
            Proposal.kind == kind, Proposal.object == object, Proposal.state == ProposalState.OPEN
        )
    )


def _concerns(proposal: Proposal, actor: Actor) -> bool:
    handler = handler_of(proposal.kind)
    if proposal.proposed_by == actor.officer or rules.may_inspect(actor):
        return True
    return actor.may(handler.approves) or actor.may(handler.proposes)


def _locked(session: Session, id: int) -> Proposal:
    proposal = session.get(Proposal, id, with_for_update=True, populate_existing=True)
    if proposal is None:
        raise NotFound("there is no such proposal")
    return proposal


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid(f"a reason is needed, of at most {LONGEST_REASON} characters", field="reason")
    return reason


def _record(session: Session, actor: Actor, kind: str, proposal: Proposal, now: datetime) -> None:
    facts = {"proposal": proposal.id, "action": str(proposal.kind)}
    transparency.record_act(session, actor, kind, object=proposal.object, facts=facts, now=now)
