"""What is done for an inspection: appoint an inspector, draw a sample."""

from __future__ import annotations

import secrets

from flask import url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import DateField, IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired

from admin import office, steps
from admin.attempts import attempt
from admin.choices import choices
from admin.gate import shows
from admin.inspection.blueprint import bp
from admin.inspection.words import REGISTERS
from admin.objects import Text
from admin.steps import Step, StepForm
from alliance_hub.inspection import acts, service
from alliance_hub.inspection.models import Register
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act

_NEEDED = lazy_gettext("This is needed.")


class AppointForm(StepForm):
    """Who is inspector, and until when."""

    officer = SelectField(
        lazy_gettext("Officer"),
        coerce=int,
        description=lazy_gettext("Somebody of the association without any role: invite the person first."),
    )
    last_day = DateField(
        lazy_gettext("Last day"),
        [InputRequired(_NEEDED)],
        description=lazy_gettext("It ends at 24:00 in Shanghai."),
    )


class DrawForm(StepForm):
    """From which register, and how many rows."""

    register = RadioField(
        lazy_gettext("Register"),
        [InputRequired(_NEEDED)],
        choices=choices(REGISTERS),
    )
    size = IntegerField(
        lazy_gettext("Rows"),
        [InputRequired(_NEEDED)],
        description=lazy_gettext("Between 1 and 200; what you can look through."),
    )


@bp.route("/appoint", methods=["GET", "POST"])
@shows(Act.PROPOSE_INSPECTION)
def appoint(actor: Actor) -> Response:
    """Propose an inspector."""
    hub, form = office.the_hub(), AppointForm()
    with hub.database.reading() as session:
        candidates = acts.list_candidates(session, office.now())
        days = acts.longest(session)
    form.officer.choices = choices((each.id, f"{each.name} · {each.staff_number}") for each in candidates)
    step = Step(
        gettext("Appoint an inspector"),
        [
            gettext(
                "The audit administrator is asked to approve. From then until the last day the officer reads "
                "all registers and draws samples."
            ),
            gettext("At most %(days)s days from today.", days=days),
        ],
        [
            gettext("The inspector changes nothing, and every page it views is entered in the log."),
            gettext("The appointment ends by itself."),
        ],
        gettext("Propose the inspector"),
        url_for("inspection.index"),
        second_factor=True,
        reason=True,
    )

    def act() -> Text:
        with hub.database.transaction() as session:
            reason = form.reason.data or ""
            day = form.last_day.data
            acts.propose(session, hub, actor, form.officer.data, day, reason=reason, now=office.now())
        return gettext("Proposed: the audit administrator decides.")

    return attempt(
        actor, step, form, act, then=step.back, template="inspection/appoint.html", candidates=candidates
    )


@bp.route("/draw", methods=["GET", "POST"])
@shows(Act.DRAW_SAMPLE)
def draw(actor: Actor) -> Response:
    """Draw a sample."""
    form = DrawForm(size=20)
    step = Step(
        gettext("Draw a sample"),
        [
            gettext("The register is fixed as it is now; then a seed is drawn, and from it the rows."),
            gettext("Register, seed and rows are entered in the log, so that anybody can draw them again."),
        ],
        [gettext("Nobody is told which rows were drawn; whoever reads the log can see it.")],
        gettext("Draw"),
        url_for("inspection.index"),
        reason=True,
    )

    def act() -> Response:
        wanted = Register(form.register.data)
        why = form.reason.data or ""
        with office.the_hub().database.transaction() as session:
            drawn = service.draw(
                session,
                actor,
                wanted,
                form.size.data,
                why,
                office.now(),
                randomness=secrets.token_bytes,
            )
        return steps.done(gettext("The sample is drawn."), url_for("inspection.sample", id=drawn.id))

    return attempt(actor, step, form, act, then=step.back)
