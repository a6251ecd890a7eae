"""How an inspector is appointed: the security administrator proposes, the audit administrator approves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Kind, Proposal
from alliance_hub.approvals.registry import carries_out
from alliance_hub.errors import Conflict, Invalid
from alliance_hub.hub import Hub
from alliance_hub.parameters import service as parameters
from alliance_hub.people import grants
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import actor_of, get_officer
from alliance_hub.people.models import ASSOCIATION, Officer, OfficerState, RoleGrant
from alliance_hub.people.roles import Act, Role
from privacy.encoding import instant_text
from privacy.periods import SHANGHAI, day_of


@dataclass(frozen=True, slots=True)
class Appointment:
    """Somebody who is, was or will be inspector."""

    officer: Officer
    from_at: datetime
    until_at: datetime
    granted_by: str


def propose(
    session: Session, hub: Hub, actor: Actor, officer: int, last_day: date, *, reason: str, now: datetime
) -> Proposal:
    """Propose that an officer of the association without any role is inspector until the end of a day.

    Raises Invalid with its field, and what `approvals.propose` raises.
    """
    candidate = _candidate(session, officer, now)
    facts = {
        "officer": candidate.id,
        "ref": candidate.ref,
        "name": candidate.name,
        "last_day": last_day.isoformat(),
        "until": instant_text(end_of(last_day)),
    }
    about = f"officer/{candidate.ref}"
    return approvals.propose(
        session, hub, actor, Kind.INSPECTION, object=about, facts=facts, reason=reason, now=now
    )


def list_candidates(session: Session, now: datetime) -> list[Officer]:
    """Return the officers of the association who hold no role and may be appointed."""
    there = select(Officer).where(Officer.organisation == ASSOCIATION, Officer.state != OfficerState.DISABLED)
    found = session.scalars(there.order_by(Officer.name)).all()
    return [officer for officer in found if not _held(session, officer, now)]


def list_appointments(session: Session) -> Sequence[Appointment]:
    """Return everybody who was ever appointed, the newest first."""
    rows = session.execute(
        select(RoleGrant, Officer)
        .join(Officer, Officer.id == RoleGrant.officer)
        .where(RoleGrant.role == Role.INSPECTOR, RoleGrant.until_at.is_not(None))
        .order_by(RoleGrant.id.desc())
    )
    return [
        Appointment(officer, row.from_at, row.until_at, row.granted_by)
        for row, officer in rows
        if row.until_at is not None
    ]


def longest(session: Session) -> int:
    """Return for how many days somebody may be inspector at most."""
    return parameters.value(session, "inspection_days")


def end_of(day: date) -> datetime:
    """Return the first instant after a day in Shanghai."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


def _require_sound(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    _candidate(session, proposal.facts["officer"], now)
    last_day, today = date.fromisoformat(proposal.facts["last_day"]), day_of(now)
    if not today <= last_day <= today + timedelta(days=longest(session)):
        raise Invalid("choose a last day from today on, within the time that is set", field="last_day")


@carries_out(
    Kind.INSPECTION, proposes=Act.PROPOSE_INSPECTION, approves=Act.APPROVE_INSPECTION, check=_require_sound
)
def inspection(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Let the inspector in until the end of its last day."""
    _require_sound(session, hub, proposal, now)
    assert proposal.decided_by is not None  # approvals set it before anything is carried out
    approver = actor_of(session, get_officer(session, proposal.decided_by), at=now)
    officer = get_officer(session, proposal.facts["officer"])
    until = end_of(date.fromisoformat(proposal.facts["last_day"]))
    grants.grant(session, approver, officer, Role.INSPECTOR, now, until, now)


def _candidate(session: Session, officer: int, now: datetime) -> Officer:
    found = session.get(Officer, officer)
    if found is None or found.organisation != ASSOCIATION or found.state is OfficerState.DISABLED:
        raise Invalid("choose an officer of the association", field="officer")
    if _held(session, found, now):
        raise Conflict("an inspector reads and changes nothing: it holds no other role", slug="exclusive")
    return found


def _held(session: Session, officer: Officer, now: datetime) -> bool:
    standing = grants.standing_of(session, officer, now)
    return bool(standing.roles or standing.deputised)
