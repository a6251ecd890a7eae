"""What a member's administrator does with a matter: appoint and dismiss lawyers, shorten it, close it."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import DateField, RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from admin import days, i18n, office
from admin.attempts import attempt
from admin.choices import choices
from admin.gate import shows
from admin.matters.family import bp, get, page_of
from admin.objects import Text
from admin.steps import Step, StepForm
from alliance_hub.matters import service as matters
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act

_NEEDED = lazy_gettext("This is needed.")

DoAct = Callable[[Session], None]


class AppointForm(StepForm):
    """Lawyers of the matter's firm."""

    lawyers = SelectMultipleField(
        lazy_gettext("Lawyers"),
        [InputRequired(lazy_gettext("Choose somebody."))],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )


class FirmForm(StepForm):
    """A law firm for a matter that has none, and one of its lawyers."""

    law_firm = StringField(
        lazy_gettext("Law firm"),
        [InputRequired(_NEEDED), Length(max=100)],
        description=lazy_gettext("The short name under which the association has entered it."),
    )
    lawyer = StringField(lazy_gettext("Staff number of the lawyer"), [InputRequired(_NEEDED), Length(max=60)])


class DismissForm(StepForm):
    """One of the matter's lawyers."""

    lawyer = RadioField(lazy_gettext("Lawyer"), [InputRequired(lazy_gettext("Choose somebody."))])


class ShortenForm(StepForm):
    """An earlier last day."""

    last_day = DateField(lazy_gettext("Last day"), [InputRequired(lazy_gettext("Choose a day."))])


@bp.route("/<int:id>/appoint", methods=["GET", "POST"])
@shows(Act.MANAGE_OWN_MATTERS)
def appoint(actor: Actor, id: int) -> Response:
    """Appoint lawyers to a matter."""
    matter = get(actor, id)
    form = AppointForm() if matter.law_firm else FirmForm()
    if isinstance(form, AppointForm):
        with office.the_hub().database.reading() as session:
            found = matters.list_candidates(session, actor, id, office.now())
            form.lawyers.choices = choices(
                (each.staff_number, f"{each.name} ({each.staff_number})") for each in found
            )
    step = Step(
        _("Appoint a lawyer to %(matter)s", matter=matter.reference),
        [
            _("The lawyer sees this matter in the console until it expires, once it has accepted the terms."),
            _("It sees the hub's certificates and your bundles' seals. The bundle itself you hand over."),
        ],
        [_("The data agreement must name sub-processing by law firms; the appointment stands in the log.")],
        _("Appoint"),
        page_of(id),
    )

    def act(session: Session) -> None:
        if isinstance(form, AppointForm):
            matters.appoint(session, actor, id, form.lawyers.data or [], office.now())
        else:
            firm, lawyer = form.law_firm.data or "", form.lawyer.data or ""
            matters.appoint(session, actor, id, [lawyer.strip()], office.now(), firm=firm.strip())

    return _act(actor, step, form, act, _("Appointed."))


@bp.route("/<int:id>/dismiss", methods=["GET", "POST"])
@shows(Act.MANAGE_OWN_MATTERS)
def dismiss(actor: Actor, id: int) -> Response:
    """Let a lawyer see the matter no longer."""
    matter, form = get(actor, id), DismissForm()
    form.lawyer.choices = choices((each.officer, f"{each.name} ({each.number})") for each in matter.lawyers)
    step = Step(
        _("Dismiss a lawyer from %(matter)s", matter=matter.reference),
        [_("The lawyer does not see this matter any more, from now on.")],
        [_("What it has downloaded, it has: ask for it back as your mandate says.")],
        _("Dismiss"),
        page_of(id),
        danger=True,
    )

    def act(session: Session) -> None:
        matters.dismiss(session, actor, id, int(form.lawyer.data), office.now())

    return _act(actor, step, form, act, _("Dismissed."))


@bp.route("/<int:id>/shorten", methods=["GET", "POST"])
@shows(Act.MANAGE_OWN_MATTERS)
def shorten(actor: Actor, id: int) -> Response:
    """Let a matter end earlier."""
    matter, form = get(actor, id), ShortenForm()
    step = Step(
        _("Let %(matter)s end earlier", matter=matter.reference),
        [
            _(
                "It expires at %(until)s. It will end with the day that you choose, and never later again.",
                until=i18n.instant(matter.until, weekday=True),
            )
        ],
        [_("From then on its lawyers do not see it, and nothing is certified in it any more.")],
        _("Let it end earlier"),
        page_of(id),
    )

    def act(session: Session) -> None:
        until = days.end_of(form.last_day.data)
        assert until is not None  # the form asks for it
        matters.shorten(session, actor, id, until, office.now())

    return _act(actor, step, form, act, _("Shortened."))


@bp.route("/<int:id>/close", methods=["GET", "POST"])
@shows(Act.MANAGE_OWN_MATTERS)
def close(actor: Actor, id: int) -> Response:
    """Close a matter."""
    matter = get(actor, id)
    step = Step(
        _("Close %(matter)s", matter=matter.reference),
        [_("The matter is over: nothing is certified in it any more. It cannot be opened again.")],
        [_("Its lawyers do not see it any more. Bundles that were handed over stay what they are.")],
        _("Close the matter"),
        page_of(id),
        danger=True,
    )

    def act(session: Session) -> None:
        matters.close(session, actor, id, office.now())

    return _act(actor, step, StepForm(), act, _("Closed."))


def _act(actor: Actor, step: Step, form: StepForm, act: DoAct, said: Text) -> Response:
    def acted() -> Text:
        with office.the_hub().database.transaction() as session:
            act(session)
        return said

    return attempt(actor, step, form, acted, then=step.back)
