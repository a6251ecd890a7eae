"""Acts on a membership that need two officers: admission, suspension, resumption, leaving, another quota."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.agreements import ending as agreements
from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Kind, Proposal
from alliance_hub.approvals.registry import carries_out
from alliance_hub.errors import Conflict
from alliance_hub.hub import Hub
from alliance_hub.membership import applications, files, leaving, quotas, reviewing, service
from alliance_hub.membership.models import Exit, Member
from alliance_hub.membership.rules import MemberState
from alliance_hub.membership.vocabulary import ApplicationState
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import actor_of, get_officer
from alliance_hub.people.roles import Act
from alliance_hub.transparency import service as transparency
from privacy.encoding import Json
from privacy.periods import day_of


def object_of(member: str) -> str:
    """Return how log entries name a member."""
    return f"member/{member}"


def propose_admission(
    session: Session, hub: Hub, actor: Actor, application: int, *, reason: str, now: datetime
) -> Proposal:
    """Propose to admit an applicant; raises NotFound, Forbidden, Conflict naming what is missing."""
    row = applications.get(session, application)
    facts: Json = {
        "application": row.id,
        "member": row.member,
        "legal_name": row.legal_name,
        "member_kind": str(row.kind),
        "fingerprint": row.fingerprint,
        "declared_portfolio": row.declared_portfolio,
    }
    about = applications.object_of(row)
    return approvals.propose(
        session, hub, actor, Kind.ADMISSION, object=about, facts=facts, reason=reason, now=now
    )


def propose_state(
    session: Session, hub: Hub, actor: Actor, kind: Kind, member: str, *, reason: str, now: datetime
) -> Proposal:
    """Propose that a member is suspended, works again, or leaves; raises NotFound, Forbidden, Conflict."""
    facts: Json = {"member": member, "state": str(service.get(session, member).state)}
    return approvals.propose(
        session, hub, actor, kind, object=object_of(member), facts=facts, reason=reason, now=now
    )


def propose_quota(
    session: Session, hub: Hub, actor: Actor, member: str, quota: int, *, reason: str, now: datetime
) -> Proposal:
    """Propose how many subjects a member may ask about in a day; raises also Invalid."""
    row = service.get(session, member)
    old = quotas.use(session, row, day_of(now)).limit
    facts: Json = {"member": member, "old": old, "new": quota}
    return approvals.propose(
        session, hub, actor, Kind.QUOTA, object=object_of(member), facts=facts, reason=reason, now=now
    )


def refusal_of(session: Session, kind: Kind, member: Member) -> str:
    """Say why an act cannot be proposed about a member now; empty when it can."""
    try:
        _CHECKS[kind](session, member)
    except Conflict as error:
        return str(error)
    return ""


def _require_ready(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    application = applications.get(session, proposal.facts["application"])
    applications.require_state(application, ApplicationState.READY)
    reviewing.require_complete(session, application, now)
    if application.fingerprint != proposal.facts["fingerprint"]:
        raise Conflict("the keys have changed since this was proposed: propose it again", slug="changed")


@carries_out(
    Kind.ADMISSION, proposes=Act.PROPOSE_MEMBERSHIP, approves=Act.APPROVE_MEMBERSHIP, check=_require_ready
)
def admission(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Countersign the enrolment, open the member's file and its organisation."""
    _require_ready(session, hub, proposal, now)
    application = applications.get(session, proposal.facts["application"])
    member = service.admit(session, hub, application.member, now)
    applications.move(application, ApplicationState.ADMITTED, now)
    files.open_file(session, member, application, now)
    files.ensure_organisation(session, member.name, _approver(session, proposal), now=now)
    _record(session, proposal, "member_admitted", member.name, now, {"application": application.id})


def _require_suspendable(session: Session, member: Member) -> None:
    if member.state in {MemberState.APPLIED, MemberState.SUSPENDED}:
        raise Conflict("the member is not at work: there is nothing to suspend")


def _require_resumable(session: Session, member: Member) -> None:
    if member.state is not MemberState.SUSPENDED:
        raise Conflict("the member is not suspended: there is no suspension to end")
    if session.get(Exit, member.name) is not None:
        raise Conflict("the member is leaving: its suspension is for good")


def _require_leavable(session: Session, member: Member) -> None:
    leaving.require_may_leave(session, member.name)


def _require_quota(session: Session, member: Member) -> None:
    if member.state is MemberState.APPLIED or session.get(Exit, member.name) is not None:
        raise Conflict("only a member that is admitted and does not leave has a quota")
    files.require_file(session, member.name)


_CHECKS = {
    Kind.SUSPENSION: _require_suspendable,
    Kind.RESUMPTION: _require_resumable,
    Kind.LEAVING: _require_leavable,
    Kind.QUOTA: _require_quota,
}


def _check(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    _CHECKS[proposal.kind](session, service.get(session, proposal.facts["member"]))


def _check_quota(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    _check(session, hub, proposal, now)
    quotas.require_sound(proposal.facts["new"])


@carries_out(Kind.SUSPENSION, proposes=Act.PROPOSE_MEMBERSHIP, approves=Act.APPROVE_MEMBERSHIP, check=_check)
def suspension(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Take a member out of work until further notice."""
    member = service.suspend(session, hub, proposal.facts["member"], now)
    _record(session, proposal, "member_suspended", member.name, now)


@carries_out(Kind.RESUMPTION, proposes=Act.PROPOSE_MEMBERSHIP, approves=Act.APPROVE_MEMBERSHIP, check=_check)
def resumption(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Let a suspended member work again."""
    member = service.resume(session, hub, proposal.facts["member"], now)
    _record(session, proposal, "member_resumed", member.name, now)


@carries_out(Kind.LEAVING, proposes=Act.PROPOSE_MEMBERSHIP, approves=Act.APPROVE_MEMBERSHIP, check=_check)
def departure(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Take a member out of work for good, and begin to return and erase what the hub holds of it."""
    begun = leaving.begin(session, hub, proposal.facts["member"], now)
    approver = actor_of(session, get_officer(session, proposal.decided_by or 0), at=now)
    agreements.end_all(session, approver, begun.member, now)
    _record(session, proposal, "member_leaving", begun.member, now)


@carries_out(Kind.QUOTA, proposes=Act.PROPOSE_MEMBERSHIP, approves=Act.APPROVE_MEMBERSHIP, check=_check_quota)
def quota(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Put another quota in force."""
    _check_quota(session, hub, proposal, now)
    member, old, new = (proposal.facts[fact] for fact in ("member", "old", "new"))
    files.require_file(session, member).quota = new
    _record(session, proposal, "member_quota_changed", member, now, {"old": old, "new": new})


def _approver(session: Session, proposal: Proposal) -> str:
    assert proposal.decided_by is not None  # it is being carried out
    return get_officer(session, proposal.decided_by).ref


def _record(
    session: Session, proposal: Proposal, kind: str, member: str, now: datetime, facts: Json | None = None
) -> None:
    """Write what took effect, as the act of whoever approved it."""
    who: Json = {"officer": _approver(session, proposal), "proposal": proposal.id}
    about = {"object": object_of(member), "member": member}
    transparency.record_entry(session, kind, {**who, **about, **(facts or {})}, now=now)
