"""Enter a complaint, take it in hand, note what was done, close it with its outcome."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alliance_hub.complaints import rules
from alliance_hub.complaints.kinds import Channel, Kind, Misconduct, Outcome
from alliance_hub.complaints.models import Complaint, ComplaintMisconduct, ComplaintNote
from alliance_hub.errors import Conflict, Invalid, NotFound
from alliance_hub.membership.models import Member
from alliance_hub.parameters import service as parameters
from alliance_hub.people.actor import Actor, require_act
from alliance_hub.people.directory import actor_of
from alliance_hub.people.models import ASSOCIATION, Officer, OfficerState, RoleGrant
from alliance_hub.people.roles import ACTS, Act
from alliance_hub.transparency import service as transparency
from privacy.periods import day_of

_SETTLED = "this complaint is closed: what comes later is a complaint of its own"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is entered of a complaint; nothing of it says who complains."""

    kind: Kind
    channel: Channel
    received_at: datetime
    complainant: str
    summary: str
    member: str | None = None
    agency: str | None = None
    misconduct: Collection[Misconduct] = ()
    officer: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a complaint ends."""

    outcome: Outcome
    conclusion: str
    replied_at: datetime | None


def enter(session: Session, actor: Actor, entry: Entry, now: datetime) -> Complaint:
    """Enter a complaint under the next number of the year; raises Forbidden, or Invalid with its field."""
    require_act(actor, Act.WRITE_COMPLAINTS)
    rules.require_received(entry.received_at, now=now)
    rules.require_about(entry.member, entry.agency)
    rules.require_misconduct(entry.kind, entry.misconduct)
    days = parameters.value(session, rules.DAYS_OF[entry.kind])
    year = day_of(now).year
    complaint = Complaint(
        year=year,
        sequence=_next(session, year),
        kind=entry.kind,
        channel=entry.channel,
        member=_member(session, entry.member),
        agency=_agency(entry.agency),
        complainant=rules.reference(entry.complainant),
        summary=rules.words(entry.summary, field="summary"),
        received_at=entry.received_at,
        due_at=rules.due_at(entry.received_at, days),
        entered_at=now,
        entered_by=actor.officer,
        officer=None if entry.officer is None else _require_handler(session, entry.officer, now).id,
    )
    _add(session, complaint, entry.misconduct)
    facts = {"complaint_kind": complaint.kind, "channel": complaint.channel, "about": complaint.member}
    _record(session, actor, "complaint_entered", complaint, facts, now)
    return complaint


def assign(session: Session, actor: Actor, number: str, officer: int, now: datetime) -> Complaint:
    """Put a complaint into an officer's hands; raises Invalid for one who may not write complaints."""
    complaint = _open(session, actor, number)
    handler = _require_handler(session, officer, now)
    if complaint.officer == handler.id:
        raise Conflict("this officer has it already: choose another", slug="same")
    complaint.officer = handler.id
    _record(session, actor, "complaint_assigned", complaint, {"to": handler.ref}, now)
    return complaint


def note(session: Session, actor: Actor, number: str, text: str, now: datetime) -> ComplaintNote:
    """Note what was done about a complaint, also about a closed one."""
    require_act(actor, Act.WRITE_COMPLAINTS)
    complaint = get(session, number)
    row = ComplaintNote(
        complaint=complaint.id, officer=actor.officer, at=now, text=rules.words(text, field="text")
    )
    session.add(row)
    session.flush()
    _record(session, actor, "complaint_noted", complaint, {"note": row.id}, now)
    return row


def close(session: Session, actor: Actor, number: str, ending: Ending, now: datetime) -> Complaint:
    """Close a complaint with its outcome and the reply; raises Conflict when it is closed already."""
    complaint = _open(session, actor, number)
    conclusion = rules.words(ending.conclusion, field="conclusion")
    rules.require_reply(ending.outcome, ending.replied_at, received_at=complaint.received_at, now=now)
    complaint.outcome, complaint.conclusion = ending.outcome, conclusion
    complaint.replied_at, complaint.closed_at = ending.replied_at, now
    standing = standing_of(complaint, now)
    facts = {"outcome": ending.outcome, "in_time": standing is rules.Standing.CLOSED}
    _record(session, actor, "complaint_closed", complaint, facts, now)
    return complaint


def get(session: Session, number: str) -> Complaint:
    """Return the complaint with a number such as `C-2026-0001`; raises NotFound."""
    complaint = find(session, number)
    if complaint is None:
        raise NotFound("there is no such complaint")
    return complaint


def find(session: Session, number: str) -> Complaint | None:
    """Return the complaint with this number, if there is one."""
    match number.strip().upper().split("-"):
        case ["C", year, sequence] if (year + sequence).isascii() and (year + sequence).isdigit():
            place = (Complaint.year == int(year[:9]), Complaint.sequence == int(sequence[:9]))
            found = session.scalar(select(Complaint).where(*place))
            # One spelling: `C-2026-1` names nothing.
            return found if found is not None and found.number == number.strip().upper() else None
        case _:
            return None


def standing_of(complaint: Complaint, at: datetime) -> rules.Standing:
    """Return how a complaint stands at `at`."""
    return rules.standing(
        complaint.due_at, replied_at=complaint.replied_at, closed_at=complaint.closed_at, at=at
    )


def misconduct_of(session: Session, complaint: Complaint) -> list[Misconduct]:
    """Return which misconduct is complained of, in the order of the kinds."""
    rows = select(ComplaintMisconduct.kind).where(ComplaintMisconduct.complaint == complaint.id)
    found = set(session.scalars(rows))
    return [kind for kind in Misconduct if kind in found]


def notes_of(session: Session, complaint: Complaint) -> Sequence[ComplaintNote]:
    """Return what was noted, the oldest first."""
    rows = select(ComplaintNote).where(ComplaintNote.complaint == complaint.id).order_by(ComplaintNote.id)
    return session.scalars(rows).all()


def list_handlers(session: Session, now: datetime) -> list[Officer]:
    """Return the officers of the association who may take a complaint in hand, by name."""
    writing = [role for role, acts in ACTS.items() if Act.WRITE_COMPLAINTS in acts]
    holders = select(RoleGrant.officer).where(RoleGrant.role.in_(writing))
    found = select(Officer).where(
        Officer.organisation == ASSOCIATION, Officer.state == OfficerState.ACTIVE, Officer.id.in_(holders)
    )
    return [
        officer
        for officer in session.scalars(found.order_by(Officer.name))
        if actor_of(session, officer, at=now).may(Act.WRITE_COMPLAINTS)
    ]


def list_members(session: Session) -> Sequence[str]:
    """Return the names of all members: whom a complaint may be about."""
    return session.scalars(select(Member.name).order_by(Member.name)).all()


def list_agencies(session: Session) -> Sequence[str]:
    """Return the agencies that were complained of, so that each is spelt in one way."""
    named = select(Complaint.agency).where(Complaint.agency.is_not(None)).distinct()
    return [name for name in session.scalars(named.order_by(Complaint.agency)) if name]


def _open(session: Session, actor: Actor, number: str) -> Complaint:
    require_act(actor, Act.WRITE_COMPLAINTS)
    complaint = session.get(Complaint, get(session, number).id, with_for_update=True, populate_existing=True)
    if complaint is None or complaint.closed_at is not None:
        raise Conflict(_SETTLED, slug="closed")
    return complaint


def _add(session: Session, complaint: Complaint, misconduct: Collection[Misconduct]) -> None:
    try:
        with session.begin_nested():
            session.add(complaint)
    except IntegrityError as error:
        raise Conflict("another complaint took this number: enter it again", slug="number") from error
    session.add_all(ComplaintMisconduct(complaint=complaint.id, kind=kind) for kind in set(misconduct))
    session.flush()


def _next(session: Session, year: int) -> int:
    newest = session.scalar(select(func.max(Complaint.sequence)).where(Complaint.year == year))
    return (newest or 0) + 1


def _member(session: Session, name: str | None) -> str | None:
    if not name:
        return None
    if session.get(Member, name) is None:
        raise Invalid("there is no member of this name: choose one from the list", field="member")
    return name


def _agency(name: str | None) -> str | None:
    text = " ".join((name or "").split())
    return rules.words(text, field="agency", longest=rules.LONGEST_NAME) if text else None


def _require_handler(session: Session, officer: int, now: datetime) -> Officer:
    for handler in list_handlers(session, now):
        if handler.id == officer:
            return handler
    raise Invalid("choose an officer who answers complaints", field="officer")


def _record(
    session: Session,
    actor: Actor,
    kind: str,
    complaint: Complaint,
    facts: Mapping[str, object],
    now: datetime,
) -> None:
    # What was written stays out of the log, which is never erased at a person's wish.
    transparency.record_act(session, actor, kind, object=complaint.object, facts=dict(facts), now=now)
