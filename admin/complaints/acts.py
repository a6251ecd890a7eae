"""What is done with complaints: enter, note, put into somebody's hands, close."""

from __future__ import annotations

from collections.abc import Callable

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin import office, steps
from admin.attempts import attempt
from admin.choices import choices
from admin.complaints.blueprint import bp
from admin.complaints.forms import AssignForm, CloseForm, EnterForm, NoteForm, officers
from admin.complaints.words import days_of
from admin.gate import shows
from admin.objects import Text
from admin.steps import Step, StepForm
from alliance_hub.complaints import service
from alliance_hub.complaints.kinds import Kind
from alliance_hub.complaints.models import Complaint
from alliance_hub.parameters import service as parameters
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from privacy.periods import SHANGHAI


@bp.route("/enter", methods=["GET", "POST"])
@shows(Act.WRITE_COMPLAINTS)
def enter(actor: Actor) -> Response:
    """Enter a complaint."""
    now = office.now()
    form = EnterForm(received_at=now.astimezone(SHANGHAI).replace(tzinfo=None), officer=str(actor.officer))
    with office.the_hub().database.reading() as session:
        form.member.choices = choices([("", "—"), *((name, name) for name in service.list_members(session))])
        handlers = officers(service.list_handlers(session, now))
        form.officer.choices = [*choices([("", gettext("Nobody yet"))]), *handlers]
        agencies = service.list_agencies(session)
        days = {kind: parameters.value(session, days_of(kind)) for kind in Kind}
    step = Step(
        gettext("Enter a complaint"),
        [
            gettext(
                "The complaint gets the next number of the year, and the last day for its answer: "
                "%(dispute)s days for a dispute about data, %(other)s days for anything else.",
                dispute=days[Kind.DISPUTE],
                other=days[Kind.SERVICE],
            )
        ],
        [
            gettext("The number, the kind and the day are entered in the log; what you write here is not."),
            gettext("The member is not told by the hub: write to it, and note that you did."),
        ],
        gettext("Enter the complaint"),
        url_for("complaints.index"),
    )

    def act() -> Response:
        with office.the_hub().database.transaction() as session:
            complaint = service.enter(session, actor, form.entry(), office.now())
        said = gettext("Entered as %(number)s.", number=complaint.number)
        return steps.done(said, url_for("complaints.show", number=complaint.number))

    return attempt(
        actor, step, form, act, then=step.back, template="complaints/enter.html", agencies=agencies
    )


@bp.route("/<number>/note", methods=["GET", "POST"])
@shows(Act.WRITE_COMPLAINTS)
def note(actor: Actor, number: str) -> Response:
    """Add a note."""
    complaint, form = _complaint(number), NoteForm()
    step = Step(
        gettext("Add a note to %(number)s", number=complaint.number),
        [gettext("The note stands on the complaint's page, with your name and the time.")],
        [gettext("It cannot be changed or taken back; that there is a note stands in the log.")],
        gettext("Add the note"),
        url_for("complaints.show", number=complaint.number),
    )

    def act(session: Session) -> Text:
        service.note(session, actor, number, form.text.data, office.now())
        return gettext("Noted.")

    return _act(actor, step, form, act)


@bp.route("/<number>/assign", methods=["GET", "POST"])
@shows(Act.WRITE_COMPLAINTS)
def assign(actor: Actor, number: str) -> Response:
    """Put a complaint into other hands."""
    complaint, form = _complaint(number), AssignForm()
    with office.the_hub().database.reading() as session:
        form.officer.choices = officers(service.list_handlers(session, office.now()))
    step = Step(
        gettext("Put %(number)s into other hands", number=complaint.number),
        [gettext("The officer whom you choose answers the complaint from now on.")],
        [gettext("It finds it among its complaints, and is reminded before the last day.")],
        gettext("Put it into these hands"),
        url_for("complaints.show", number=complaint.number),
    )

    def act(session: Session) -> Text:
        service.assign(session, actor, number, form.officer.data, office.now())
        return gettext("The complaint is in other hands.")

    return _act(actor, step, form, act)


@bp.route("/<number>/close", methods=["GET", "POST"])
@shows(Act.WRITE_COMPLAINTS)
def close(actor: Actor, number: str) -> Response:
    """Close a complaint with its outcome."""
    complaint, form = _complaint(number), CloseForm()
    step = Step(
        gettext("Close %(number)s", number=complaint.number),
        [
            gettext("The complaint ends with this outcome, and its clock stops."),
            gettext("It stays in the register; notes can still be added, the outcome stays as it is."),
        ],
        [gettext("Misconduct that is upheld counts against whoever it is about.")],
        gettext("Close the complaint"),
        url_for("complaints.show", number=complaint.number),
    )

    def act(session: Session) -> Text:
        service.close(session, actor, number, form.ending(), office.now())
        return gettext("Closed.")

    return _act(actor, step, form, act)


def _complaint(number: str) -> Complaint:
    with office.the_hub().database.reading() as session:
        return service.get(session, number)


def _act(actor: Actor, step: Step, form: StepForm, act: Callable[[Session], Text]) -> Response:
    def acted() -> Text:
        with office.the_hub().database.transaction() as session:
            return act(session)

    return attempt(actor, step, form, acted, then=step.back)
