"""An application's page: what the firm says, the checklist, and what the secretariat does with it."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField

from admin import entries
from admin.attempts import attempt
from admin.gate import shows, the_hub
from admin.i18n import day, instant, number
from admin.members import words
from admin.members.acts import PROPOSED, TWO
from admin.members.family import application_page, member_page, review
from admin.objects import Chip, Link, Text
from admin.steps import Step, StepForm, done
from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.service import Kind
from alliance_hub.membership import acts, applications, reviewing
from alliance_hub.membership.models import Application
from alliance_hub.membership.moves import may_move
from alliance_hub.membership.reviewing import LONGEST_NOTE, Line
from alliance_hub.membership.vocabulary import ApplicationState
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.transparency.search import list_about

TIMELINE = 50


class TickForm(FlaskForm):  # type: ignore[misc]
    """One row of the checklist: what the officer found."""

    note = StringField()


@review.get("/applications/<int:id>")
@shows(Act.READ_MEMBERS)
def show(actor: Actor, id: int) -> str:
    """Show an application."""
    hub = the_hub()
    now = hub.clock()
    with hub.database.reading() as session:
        row = applications.get(session, id)
        lines = reviewing.checklist_of(session, row, now)
        return render_template(
            "members/application.html",
            title=row.legal_name,
            application=row,
            chips=_chips(session, row),
            facts=_facts(row),
            contacts=_contacts(actor, row),
            lines=[_line(actor, row, line) for line in lines],
            done=sum(line.holds for line in lines),
            acts=_acts(actor, row),
            begin=_may(actor, row, ApplicationState.IN_REVIEW, ApplicationState.RECEIVED),
            ready=_may(actor, row, ApplicationState.READY, ApplicationState.IN_REVIEW),
            complete=all(line.holds for line in lines),
            form=TickForm(),
            member=member_page(row.member) if row.state is ApplicationState.ADMITTED else "",
            timeline=entries.timeline(
                list_about(session, applications.object_of(row), limit=TIMELINE), actor
            ),
        )


@review.post("/applications/<int:id>/begin")
@shows(Act.REVIEW_APPLICATIONS)
def begin(actor: Actor, id: int) -> AnyResponse:
    """Take an application up for review."""
    hub = the_hub()
    with hub.database.transaction() as session:
        reviewing.begin(session, actor, id, hub.clock())
    return done(_("The review has begun."), application_page(id))


@review.post("/applications/<int:id>/items/<item>")
@shows(Act.REVIEW_APPLICATIONS)
def check(actor: Actor, id: int, item: str) -> AnyResponse:
    """Tick an item of the checklist, or take the tick back; htmx asks for the one row."""
    hub = the_hub()
    with hub.database.transaction() as session:
        if request.form.get("done") == "1":
            row = reviewing.tick(session, actor, id, item, request.form.get("note", ""), hub.clock())
        else:
            row = reviewing.untick(session, actor, id, item, hub.clock())
        lines = reviewing.checklist_of(session, row, hub.clock())
        line = next(_line(actor, row, each) for each in lines if each.item == item)
        ready = _may(actor, row, ApplicationState.READY, ApplicationState.IN_REVIEW)
    if "HX-Request" not in request.headers:
        return done(_("The checklist is kept."), application_page(id))
    given = {
        "application": row,
        "form": TickForm(),
        "ready": ready,
        "complete": all(each.holds for each in lines),
    }
    parts = ("members/checklist_row.html", "members/review_done.html")
    return make_response("".join(render_template(part, line=line, beside=True, **given) for part in parts))


@review.post("/applications/<int:id>/ready")
@shows(Act.REVIEW_APPLICATIONS)
def ready(actor: Actor, id: int) -> AnyResponse:
    """Call the review done."""
    hub = the_hub()
    with hub.database.transaction() as session:
        reviewing.finish(session, actor, id, hub.clock())
    return done(_("The application is ready: its admission can be proposed."), application_page(id))


@review.route("/applications/<int:id>/return", methods=["GET", "POST"])
@shows(Act.REVIEW_APPLICATIONS)
def give_back(actor: Actor, id: int) -> AnyResponse:
    """Return an application for correction."""
    step = _step(
        id,
        title=_("Return the application of %(member)s", member=_member(id)),
        says=[
            _("The applicant reads your reason on its page, corrects the form and sends it again."),
            _("What was ticked must be checked again then."),
        ],
        confirm=_("Return it"),
        reason=True,
    )
    form, hub = StepForm(), the_hub()

    def act() -> Text:
        with hub.database.transaction() as session:
            reviewing.give_back(session, actor, id, form.reason.data or "", hub.clock())
        return _("Returned to the applicant.")

    return attempt(actor, step, form, act, then=application_page(id))


@review.route("/applications/<int:id>/refuse", methods=["GET", "POST"])
@shows(Act.REVIEW_APPLICATIONS)
def refuse(actor: Actor, id: int) -> AnyResponse:
    """Turn an application down."""
    step = _step(
        id,
        title=_("Turn the application of %(member)s down", member=_member(id)),
        says=[
            _("The applicant reads your reason on its page. The firm may apply anew."),
            _("Its enrolment is forgotten, so that the name is free; the names of its people are erased."),
        ],
        confirm=_("Turn it down"),
        reason=True,
        danger=True,
    )
    form, hub = StepForm(), the_hub()

    def act() -> Text:
        with hub.database.transaction() as session:
            reviewing.refuse(session, actor, id, form.reason.data or "", hub.clock())
        return _("The application is turned down.")

    return attempt(actor, step, form, act, then=application_page(id))


@review.route("/applications/<int:id>/admit", methods=["GET", "POST"])
@shows(Act.PROPOSE_MEMBERSHIP)
def admit(actor: Actor, id: int) -> AnyResponse:
    """Propose an admission."""
    step = _step(
        id,
        title=_("Admit %(member)s", member=_member(id)),
        says=[
            _("The secretariat's key countersigns the enrolment, and it is stated in the feed."),
            _(
                "The operators of the custodians then compare the fingerprint with the firm's own card; once "
                "enough have accepted it, the member may hand in and ask, as its data agreement allows."
            ),
            _("Its organisation is opened in the console, so that its first administrator can be invited."),
            TWO,
        ],
        effects=[
            _("A member's name and keys stay in the feed for good; a member can be suspended, not undone."),
            _(
                "The enrolment must be less than 24 hours old when the other officer approves: if "
                "need be, let "
                "the firm run alliance-member enrol again."
            ),
        ],
        confirm=_("Propose the admission"),
        reason=True,
        second_factor=True,
    )
    form, hub = StepForm(), the_hub()

    def act() -> Text:
        with hub.database.transaction() as session:
            acts.propose_admission(session, hub, actor, id, reason=form.reason.data or "", now=hub.clock())
        return PROPOSED

    return attempt(actor, step, form, act, then=application_page(id))


def _step(
    id: int,
    *,
    title: Text,
    says: list[Text],
    confirm: Text,
    effects: list[Text] | None = None,
    **more: bool,
) -> Step:
    return Step(title, says, effects or [], confirm, application_page(id), **more)


def _member(id: int) -> str:
    with the_hub().database.reading() as session:
        return applications.get(session, id).member


def _chips(session: Session, row: Application) -> list[Chip]:
    chips = [words.application_chip(row.state)]
    if approvals.find_open(session, Kind.ADMISSION, applications.object_of(row)) is not None:
        chips.append(Chip(_("admission proposed, waits for another officer"), "wait"))
    return chips


def _facts(row: Application) -> list[tuple[Text, Any]]:
    until = day(row.licence_until) if row.licence_until else _("without end")
    return [
        (_("Member name"), row.member),
        (_("Kind"), words.KINDS[row.kind]),
        (_("Social credit code"), row.uscc),
        (_("Licence"), words.LICENCES[row.licence_kind]),
        (_("Licence number"), row.licence_number),
        (_("Licence until"), until),
        (_("Declared portfolio"), number(row.declared_portfolio)),
        (_("Controlling shareholder (social credit code)"), row.controller_uscc),
        (_("Fingerprint on the card"), row.fingerprint),
        (_("Received"), instant(row.received_at, weekday=True)),
    ]


def _contacts(actor: Actor, row: Application) -> list[dict[str, Any]]:
    if not actor.may(Act.REVIEW_APPLICATIONS):
        return []
    return [{**each, "label": words.contact_label(each["role"])} for each in row.contacts]


def _line(actor: Actor, row: Application, line: Line) -> dict[str, Any]:
    in_review = row.state in {ApplicationState.IN_REVIEW, ApplicationState.READY}
    may = not line.automatic and actor.may(Act.REVIEW_APPLICATIONS) and in_review
    may_tick = may and row.state is ApplicationState.IN_REVIEW
    return {
        "item": str(line.item),
        "label": words.ITEMS[line.item],
        "source": words.SOURCES[line.item],
        "automatic": line.automatic,
        "holds": line.holds,
        "says": _(line.says) if line.says else "",
        "tick": line.tick,
        "can_tick": may_tick and not line.holds,
        "can_untick": may and line.holds,
        "longest": LONGEST_NOTE,
        "address": url_for("admissions.check", id=row.id, item=str(line.item)),
    }


def _may(actor: Actor, row: Application, to: ApplicationState, only: ApplicationState) -> bool:
    """Say whether a plain move is open to this officer from exactly the state `only`."""
    return actor.may(Act.REVIEW_APPLICATIONS) and row.state is only and may_move(row.state, to)


def _acts(actor: Actor, row: Application) -> list[Link]:
    ways: list[tuple[ApplicationState, Act, str, Text]] = [
        (ApplicationState.ADMITTED, Act.PROPOSE_MEMBERSHIP, "admissions.admit", _("Propose its admission")),
        (
            ApplicationState.RETURNED,
            Act.REVIEW_APPLICATIONS,
            "admissions.give_back",
            _("Return for correction"),
        ),
        (ApplicationState.REFUSED, Act.REVIEW_APPLICATIONS, "admissions.refuse", _("Turn down")),
    ]
    return [
        Link(label, url_for(endpoint, id=row.id))
        for to, act, endpoint, label in ways
        if actor.may(act) and may_move(row.state, to)
    ]
