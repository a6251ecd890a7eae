"""How a parameter or the mode changes: one officer proposes it, another approves it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Kind, Proposal
from alliance_hub.approvals.registry import carries_out
from alliance_hub.errors import Conflict
from alliance_hub.hub import Hub
from alliance_hub.parameters import rules, service
from alliance_hub.parameters.models import ModeChange, ParameterChange
from alliance_hub.parameters.rules import Standing
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import actor_of, get_officer
from alliance_hub.people.roles import Act
from alliance_hub.policy import RegulatoryMode
from alliance_hub.transparency import service as transparency
from privacy.encoding import unb64

MODE = "parameter/regulatory_mode"
"""What the log calls the mode."""


def object_of(name: str) -> str:
    """Return what the log calls a parameter."""
    return f"parameter/{name}"


def propose_value(
    session: Session, hub: Hub, actor: Actor, name: str, new: int, *, reason: str, now: datetime
) -> Proposal:
    """Propose another value of a parameter; raises NotFound, Invalid outside its bounds, Conflict."""
    parameter = service.get_parameter(name)
    facts = {"name": name, "old": service.value(session, name), "new": new, "unit": parameter.unit}
    about = object_of(name)
    return approvals.propose(
        session, hub, actor, Kind.PARAMETER, object=about, facts=facts, reason=reason, now=now
    )


def propose_mode(
    session: Session, hub: Hub, actor: Actor, wanted: Standing, *, reason: str, now: datetime
) -> Proposal:
    """Propose another regulatory mode, or another opinion for it; raises Invalid and Conflict."""
    facts = {
        "old": service.mode(session, hub),
        "new": wanted.mode,
        "opinion_digest": wanted.opinion_digest,
        "consultation": wanted.consultation.strip(),
        "names_amounts": wanted.names_amounts,
    }
    return approvals.propose(session, hub, actor, Kind.MODE, object=MODE, facts=facts, reason=reason, now=now)


def _require_value(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    parameter = service.get_parameter(proposal.facts["name"])
    old = service.value(session, parameter.name)
    if old != proposal.facts["old"]:
        raise Conflict("the value has changed since this was proposed: propose it again", slug="changed")
    rules.require_sound(parameter, proposal.facts["new"], old=old)


def _require_mode(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    wanted = _wanted(proposal)
    rules.require_fitting(hub.key_set, wanted.mode)
    rules.require_recorded(wanted)
    rules.require_changed(service.standing(session, hub), wanted)


@carries_out(
    Kind.PARAMETER, proposes=Act.PROPOSE_SETTINGS, approves=Act.APPROVE_SETTINGS, check=_require_value
)
def parameter(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Put another value in force."""
    _require_value(session, hub, proposal, now)
    name, old, new = (proposal.facts[fact] for fact in ("name", "old", "new"))
    leaf = _record(session, proposal, "parameter_changed", {"old": old, "new": new}, now)
    session.add(ParameterChange(name=name, old=old, new=new, at=now, proposal=proposal.id, log_leaf=leaf))
    session.flush()


@carries_out(Kind.MODE, proposes=Act.PROPOSE_SETTINGS, approves=Act.APPROVE_SETTINGS, check=_require_mode)
def mode(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Put another regulatory mode in force."""
    _require_mode(session, hub, proposal, now)
    wanted = _wanted(proposal)
    leaf = _record(session, proposal, "mode_changed", proposal.facts, now)
    row = ModeChange(
        mode=wanted.mode,
        opinion_digest=wanted.opinion_digest,
        consultation=wanted.consultation,
        names_amounts=wanted.names_amounts,
        at=now,
        proposal=proposal.id,
        log_leaf=leaf,
    )
    session.add(row)
    session.flush()


def _wanted(proposal: Proposal) -> Standing:
    facts = proposal.facts
    return Standing(
        RegulatoryMode(facts["new"]), facts["opinion_digest"], facts["consultation"], facts["names_amounts"]
    )


def _record(
    session: Session, proposal: Proposal, kind: str, facts: dict[str, object], now: datetime
) -> bytes:
    """Write what took effect under the name of whoever approved it; return the entry's leaf."""
    assert proposal.decided_by is not None  # approvals set it before anything is carried out
    actor = actor_of(session, get_officer(session, proposal.decided_by), at=now)
    facts = {"proposal": proposal.id, **facts}
    receipt = transparency.record_act(session, actor, kind, object=proposal.object, facts=facts, now=now)
    return unb64(receipt.leaf)
