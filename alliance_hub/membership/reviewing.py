"""The secretariat's side of an application: look at it, tick the checklist, return, finish or refuse it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, undefer

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.membership import checklist, service
from alliance_hub.membership.applications import get, move, object_of
from alliance_hub.membership.checklist import AUTOMATIC, MANUAL, Finding, Item, Kin, Situation
from alliance_hub.membership.models import Application, Exit, Member, Profile, Tick
from alliance_hub.membership.rules import MemberState
from alliance_hub.membership.vocabulary import UNDER_WAY, ApplicationState
from alliance_hub.people.actor import Actor, require_act
from alliance_hub.people.roles import Act
from alliance_hub.transparency import service as transparency
from privacy.encoding import Json, parse_instant
from privacy.messages import parse_json
from privacy.periods import day_of
from privacy.statements import SignedStatement

LONGEST_NOTE = 500
LONGEST_REASON = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an application's checklist."""

    item: Item
    automatic: bool
    holds: bool
    says: str
    """Why it does not hold, where the hub found that."""
    tick: Tick | None


def checklist_of(session: Session, application: Application, now: datetime) -> list[Line]:
    """Return the whole checklist, with what the hub finds at `now`."""
    found = findings(session, application, now)
    ticks = {tick.item: tick for tick in application.ticks}
    return [_automatic(item, found) for item in AUTOMATIC] + [_manual(item, ticks) for item in MANUAL]


def findings(session: Session, application: Application, now: datetime) -> dict[Item, Finding]:
    """Judge the automatic items of an application at `now`."""
    return checklist.find(_situation(session, application, now))


def begin(session: Session, actor: Actor, id: int, now: datetime) -> Application:
    """Take an application up for review."""
    application = _own(session, actor, id)
    move(application, ApplicationState.IN_REVIEW, now)
    return _recorded(session, actor, "application_review_begun", application, now)


def tick(session: Session, actor: Actor, id: int, item: str, note: str, now: datetime) -> Application:
    """Note that an officer has checked an item, with what it found; ticking again replaces the note."""
    application, checked = _own(session, actor, id), _manual_item(item)
    _require_in_review(application)
    ticks = {each.item: each for each in application.ticks}
    row = ticks.get(checked) or Tick(application=application.id, item=checked)
    row.officer, row.note, row.at = actor.ref, _text(note, LONGEST_NOTE, "note", needed=False), now
    if checked not in ticks:
        application.ticks.append(row)
    return _recorded(session, actor, "application_item_ticked", application, now, {"item": str(checked)})


def untick(session: Session, actor: Actor, id: int, item: str, now: datetime) -> Application:
    """Take a tick back; what was ready is under review again."""
    application, checked = _own(session, actor, id), _manual_item(item)
    if application.state is ApplicationState.READY:
        move(application, ApplicationState.IN_REVIEW, now)
    _require_in_review(application)
    application.ticks = [each for each in application.ticks if each.item != checked]
    return _recorded(session, actor, "application_item_unticked", application, now, {"item": str(checked)})


def give_back(session: Session, actor: Actor, id: int, reason: str, now: datetime) -> Application:
    """Return an application to the applicant, who corrects what the reason names."""
    application = _own(session, actor, id)
    move(application, ApplicationState.RETURNED, now)
    application.reason = _text(reason, LONGEST_REASON, "reason")
    return _recorded(session, actor, "application_returned", application, now)


def finish(session: Session, actor: Actor, id: int, now: datetime) -> Application:
    """Call the review done: everything on the checklist holds; raises Conflict naming what does not."""
    application = _own(session, actor, id)
    move(application, ApplicationState.READY, now)
    require_complete(session, application, now)
    return _recorded(session, actor, "application_ready", application, now)


def refuse(session: Session, actor: Actor, id: int, reason: str, now: datetime) -> Application:
    """Turn an application down; its contacts are forgotten, and its enrolment, so that the name is free."""
    application = _own(session, actor, id)
    move(application, ApplicationState.REFUSED, now)
    application.reason = _text(reason, LONGEST_REASON, "reason")
    application.contacts = []
    introduced = session.get(Member, application.member)
    if introduced is not None and _is_its_own(introduced, application):
        service.refuse(session, application.member, now)
    return _recorded(session, actor, "application_refused_by_review", application, now)


def require_complete(session: Session, application: Application, now: datetime) -> None:
    """Raise Conflict, naming the first item, unless the whole checklist holds at `now`."""
    lines = checklist_of(session, application, now)
    missing = next((line for line in lines if not line.holds), None)
    if missing is not None:
        says = missing.says or "no officer has checked it yet"
        raise Conflict(f"the checklist is not done at {missing.item}: {says}", slug="checklist")


def refusals(session: Session, application: Application, now: datetime) -> Mapping[ApplicationState, str]:
    """Say why each next state that an officer could ask for is not open now; the others are missing here."""
    found: dict[ApplicationState, str] = {}
    try:
        require_complete(session, application, now)
    except Conflict as error:
        found[ApplicationState.READY] = found[ApplicationState.ADMITTED] = str(error)
    return found


def _own(session: Session, actor: Actor, id: int) -> Application:
    require_act(actor, Act.REVIEW_APPLICATIONS)
    return get(session, id)


def _require_in_review(application: Application) -> None:
    if application.state is not ApplicationState.IN_REVIEW:
        raise Conflict(
            "the checklist is worked on while the application is in review", slug="application-state"
        )


def _manual_item(item: str) -> Item:
    if item not in set(MANUAL):
        raise Invalid("this is no item that an officer ticks", field="item")
    return Item(item)


def _text(text: str, longest: int, field: str, *, needed: bool = True) -> str:
    found = " ".join(text.split())
    if (needed and not found) or len(found) > longest:
        raise Invalid(f"write what was found, in at most {longest} characters", field=field)
    return found


def _automatic(item: Item, found: Mapping[Item, Finding]) -> Line:
    return Line(item, True, found[item].holds, found[item].says, None)


def _manual(item: Item, ticks: Mapping[str, Tick]) -> Line:
    return Line(item, False, item in ticks, "", ticks.get(item))


def _recorded(
    session: Session,
    actor: Actor,
    kind: str,
    application: Application,
    now: datetime,
    facts: Json | None = None,
) -> Application:
    session.flush()
    about = {"member": application.member, **(facts or {})}
    transparency.record_act(session, actor, kind, object=object_of(application), facts=about, now=now)
    return application


def _situation(session: Session, application: Application, now: datetime) -> Situation:
    introduced = session.get(Member, application.member, options=[undefer(Member.enrolment)])
    waits = introduced is not None and introduced.state is MemberState.APPLIED
    enrolled = introduced if waits else None
    group = None if enrolled is None else enrolled.control_group
    return Situation(
        at=now,
        today=day_of(now),
        uscc=application.uscc,
        controller_uscc=application.controller_uscc,
        licence_until=application.licence_until,
        fingerprint=application.fingerprint,
        enrolled_fingerprint=None if enrolled is None else enrolled.fingerprint,
        enrolled_group=group,
        enrolled_at=None if enrolled is None else _signed_at(enrolled),
        others=_others(session, application, group),
    )


def _signed_at(member: Member) -> datetime:
    return parse_instant(parse_json(SignedStatement, member.enrolment).statement.signed_at)


def _is_its_own(introduced: Member, application: Application) -> bool:
    return introduced.state is MemberState.APPLIED and introduced.fingerprint == application.fingerprint


def _others(session: Session, application: Application, group: str | None) -> Sequence[Kin]:
    """Return members that have not left and other applicants that control could tie to this one."""
    codes = [code for code in (application.uscc, application.controller_uscc) if code is not None]
    members = (
        select(Profile.member, Member.control_group, Profile.uscc, Profile.controller_uscc)
        .join(Member, Member.name == Profile.member)
        .outerjoin(Exit, Exit.member == Member.name)
        .where(
            Exit.member.is_(None),
            or_(
                Profile.uscc.in_(codes),
                Profile.controller_uscc.in_(codes),
                # None before the enrolment, which is no group of anybody.
                Member.control_group == group,
            ),
        )
    )
    applicants = (
        select(Application.member, Member.control_group, Application.uscc, Application.controller_uscc)
        .outerjoin(Member, Member.name == Application.member)
        .where(
            Application.state.in_(UNDER_WAY),
            Application.id != application.id,
            or_(Application.uscc.in_(codes), Application.controller_uscc.in_(codes)),
        )
    )
    return [Kin(*row) for query in (members, applicants) for row in session.execute(query)]
