"""Who may decide a proposal.

- It is open, and its time is not over.
- The one who decides may approve this kind of thing, and did not propose it.
- A deputy decides nothing that its principal proposed, if the principal's role is all it has for it; and
  nobody decides what was proposed in its own name by a deputy: that would be one voice heard twice.
"""

from __future__ import annotations

from datetime import datetime

from alliance_hub.approvals.models import Proposal, ProposalState
from alliance_hub.errors import Conflict, Forbidden
from alliance_hub.people.actor import Actor, require_act
from alliance_hub.people.roles import Act


def require_decidable(proposal: Proposal, actor: Actor, act: Act, *, at: datetime) -> None:
    """Raise Conflict or Forbidden, naming the rule, unless `actor` may decide the proposal at `at`."""
    require_open(proposal, at=at)
    require_act(actor, act)
    if proposal.proposed_by == actor.officer:
        raise Forbidden("whoever proposes does not approve: another officer decides this", slug="four-eyes")
    if proposal.proposed_for == actor.officer:
        raise Forbidden("a deputy proposed this in your name: another officer decides it", slug="four-eyes")
    if actor.principals(act) == {proposal.proposed_by}:
        raise Forbidden(
            "you hold this role only as the deputy of whoever proposed it: another officer decides it",
            slug="four-eyes",
        )


def require_open(proposal: Proposal, *, at: datetime) -> None:
    """Raise Conflict unless the proposal still waits for a decision."""
    if proposal.state is not ProposalState.OPEN:
        raise Conflict(f"the proposal is {proposal.state}: nothing is left to decide", slug="decided")
    if at >= proposal.expires_at:
        raise Conflict("nobody decided in time: propose it again", slug="lapsed")


def may_decide(proposal: Proposal, actor: Actor, act: Act, *, at: datetime) -> bool:
    """Say whether `require_decidable` would let the actor decide: for lists of what waits for it."""
    try:
        require_decidable(proposal, actor, act, at=at)
    except (Conflict, Forbidden):
        return False
    return True


def may_inspect(actor: Actor) -> bool:
    """Say whether the officer reads every proposal: inspectors do; auditors see no business data."""
    return actor.may(Act.READ_ACTIVITY) and actor.may(Act.VIEW_BUSINESS)
