"""Settings: every number that the secretariat may set, with source and history; the regulatory mode."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from admin import entries, facts, i18n, office, outlets, parameters
from admin.attempts import attempt
from admin.choices import choices
from admin.gate import shows
from admin.objects import Link, Text, TimelineEntry
from admin.register import Column
from admin.steps import Step, StepForm
from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Kind
from alliance_hub.parameters import acts, service
from alliance_hub.parameters.catalogue import Group, Parameter
from alliance_hub.parameters.rules import Standing
from alliance_hub.parameters.service import Setting
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.policy import RegulatoryMode
from alliance_hub.transparency import search
from alliance_hub.transparency.models import LogRow
from privacy.keyset import Policy

bp = Blueprint("settings", __name__, url_prefix="/settings")

MODE = "regulatory_mode"

COLUMNS = (
    Column("name", lazy_gettext("Parameter")),
    Column("value", lazy_gettext("Value")),
    Column("default", lazy_gettext("Default")),
    Column("bounds", lazy_gettext("Between")),
    Column("source", lazy_gettext("Source")),
    Column("changed", lazy_gettext("Last change"), "instant"),
)


class ValueForm(StepForm):
    """Another value of a parameter."""

    new = IntegerField(lazy_gettext("New value"), [InputRequired(lazy_gettext("Enter a whole number."))])


class ModeForm(StepForm):
    """Another regulatory mode and what it stands on."""

    mode = SelectField(lazy_gettext("Regulatory mode"), choices=choices(facts.MODES.items()))
    opinion_digest = StringField(
        lazy_gettext("SHA-256 of the legal opinion"),
        [Optional(), Length(max=64)],
        description=lazy_gettext(
            "64 hexadecimal digits: sha256sum FILE prints them. The file stays with you."
        ),
    )
    consultation = StringField(
        lazy_gettext("Consultation of the authority"),
        [Optional(), Length(max=200)],
        description=lazy_gettext("The reference under which the authority was consulted."),
    )
    names_amounts = BooleanField(lazy_gettext("The opinion names amounts"))


@bp.get("")
@shows(Act.READ_SETTINGS)
def index(actor: Actor) -> str:
    """Show every parameter by group, the mode, and what only a key ceremony changes."""
    hub = office.the_hub()
    with hub.database.reading() as session:
        settings = service.list_settings(session)
        standing = service.standing(session, hub)
        modes = service.mode_history(session)
        reminders = outlets.facts(session)
    groups = [
        (parameters.GROUPS[group], [_row(each) for each in settings if each.parameter.group is group])
        for group in Group
    ]
    return render_template(
        "settings/settings.html",
        title=gettext("Settings"),
        columns=COLUMNS,
        groups=groups,
        standing_mode=facts.MODES[standing.mode],
        mode_since=modes[0].at if modes else None,
        fixed=fixed_by_policy(hub.key_set.policy),
        reminders=reminders,
        epoch=hub.key_set.epoch,
    )


@bp.get(f"/{MODE}")
@shows(Act.READ_SETTINGS)
def mode(actor: Actor) -> str:
    """Show the regulatory mode, what it stands on and how it came to be."""
    hub = office.the_hub()
    with hub.database.reading() as session:
        standing = service.standing(session, hub)
        rows = search.list_about(session, acts.MODE, limit=50)
        waiting = approvals.find_open(session, Kind.MODE, acts.MODE)
    return render_template(
        "settings/mode.html",
        title=gettext("Regulatory mode"),
        standing=standing,
        mode_name=facts.MODES[standing.mode],
        synthetic_keys=hub.key_set.policy.synthetic,
        epoch=hub.key_set.epoch,
        timeline=entries.timeline(rows, actor),
        acts=_acts(
            actor, waiting is not None, url_for("settings.propose_mode"), gettext("Propose another mode")
        ),
        waiting=waiting and url_for("approvals.show", id=waiting.id),
    )


@bp.get("/<name>")
@shows(Act.READ_SETTINGS)
def show(actor: Actor, name: str) -> str:
    """Show one parameter, where it comes from, and every change of it."""
    hub = office.the_hub()
    with hub.database.reading() as session:
        parameter = service.get_parameter(name)
        value = service.value(session, name)
        changes = service.history(session, name)
        rows = search.list_about(session, acts.object_of(name), limit=100)
        waiting = approvals.find_open(session, Kind.PARAMETER, acts.object_of(name))
    notes = {change.proposal: _was(parameter, change.old, change.new) for change in changes}
    return render_template(
        "settings/parameter.html",
        title=parameters.name_of(name),
        says=parameters.says(parameter),
        facts=_facts(parameter, value),
        timeline=[
            TimelineEntry(each.at, each.who, each.what, each.href, notes.get(_changed_by(row) or 0, ""))
            for row, each in zip(rows, entries.timeline(rows, actor), strict=True)
        ],
        acts=_acts(
            actor,
            waiting is not None,
            url_for("settings.propose", name=name),
            gettext("Propose another value"),
        ),
        waiting=waiting and url_for("approvals.show", id=waiting.id),
    )


@bp.route("/<name>/propose", methods=["GET", "POST"])
@shows(Act.PROPOSE_SETTINGS)
def propose(actor: Actor, name: str) -> Response:
    """Propose another value of a parameter."""
    hub, parameter, form = office.the_hub(), service.get_parameter(name), ValueForm()
    with hub.database.reading() as session:
        value = service.value(session, name)
    form.new.validators = [*form.new.validators, NumberRange(parameter.low, parameter.high)]
    form.new.description = _facts(parameter, value)[2][1]
    step = Step(
        gettext("Propose another value: %(name)s", name=parameters.name_of(name)),
        [
            parameters.says(parameter),
            gettext("It is %(value)s now.", value=parameters.amount(value, parameter.unit)),
            gettext("Nothing changes before another officer approves it."),
        ],
        [gettext("Once approved it holds for everybody at once; what began before is not judged anew.")],
        gettext("Propose"),
        url_for("settings.show", name=name),
        second_factor=True,
        reason=True,
    )

    def act() -> Text:
        with hub.database.transaction() as session:
            acts.propose_value(
                session, hub, actor, name, form.new.data, reason=form.reason.data or "", now=office.now()
            )
        return gettext("Proposed: another officer decides it.")

    return attempt(actor, step, form, act, then=step.back)


@bp.route(f"/{MODE}/propose", methods=["GET", "POST"])
@shows(Act.PROPOSE_SETTINGS)
def propose_mode(actor: Actor) -> Response:
    """Propose another regulatory mode, or another opinion for it."""
    hub, form = office.the_hub(), ModeForm()
    step = Step(
        gettext("Propose another regulatory mode"),
        [
            gettext("Nothing changes before another officer approves it."),
            gettext(
                "Every mode but that for made-up data stands on a recorded legal opinion and a consultation."
            ),
        ],
        [
            gettext("Once approved, every call of every member is decided by the new mode."),
            gettext("Without an opinion that names amounts, no exposure is answered about real people."),
        ],
        gettext("Propose"),
        url_for("settings.mode"),
        danger=True,
        second_factor=True,
        reason=True,
    )

    def act() -> Text:
        wanted = Standing(
            RegulatoryMode(form.mode.data),
            (form.opinion_digest.data or "").strip().lower(),
            (form.consultation.data or "").strip(),
            bool(form.names_amounts.data),
        )
        with hub.database.transaction() as session:
            acts.propose_mode(session, hub, actor, wanted, reason=form.reason.data or "", now=office.now())
        return gettext("Proposed: another officer decides it.")

    return attempt(actor, step, form, act, then=step.back)


def _row(setting: Setting) -> dict[str, object]:
    parameter = setting.parameter
    return {
        "href": url_for("settings.show", name=parameter.name),
        "name": parameters.name_of(parameter.name),
        "value": parameters.amount(setting.value, parameter.unit),
        "default": parameters.amount(parameter.default, parameter.unit),
        "bounds": _bounds(parameter),
        "source": parameters.source(parameter.source),
        "changed": setting.changed and setting.changed.at,
    }


def _bounds(parameter: Parameter) -> str:
    return str(
        gettext("%(low)s to %(high)s", low=i18n.number(parameter.low), high=i18n.number(parameter.high))
    )


def _facts(parameter: Parameter, value: int) -> list[tuple[str, str]]:
    return [
        (gettext("Value"), parameters.amount(value, parameter.unit)),
        (gettext("Default"), parameters.amount(parameter.default, parameter.unit)),
        (gettext("Between"), _bounds(parameter)),
        (gettext("Source"), parameters.source(parameter.source)),
        (gettext("Name in the log"), parameter.name),
    ]


def fixed_by_policy(policy: Policy) -> list[tuple[str, str]]:
    """Return what all parties hold themselves to for the epoch: nobody sets it here."""
    times = gettext("%(count)s times the declared portfolio")
    return [
        (gettext("Made-up data only"), facts.plain(policy.synthetic)),
        (gettext("Fewest contributors to a total"), i18n.number(policy.min_contributors)),
        (gettext("Period"), str(PERIODS[policy.period])),
        (gettext("A record lives"), parameters.amount(policy.record_days, "days")),
        (gettext("Evaluations in an epoch"), times % {"count": policy.quotas.evaluations_per_epoch}),
        (gettext("Evaluations in a day"), times % {"count": policy.quotas.evaluations_per_day}),
        (gettext("Openings in a period"), times % {"count": policy.quotas.openings_per_period}),
    ]


def _acts(actor: Actor, waits: bool, href: str, label: str) -> list[Link]:
    return [Link(label, href)] if actor.may(Act.PROPOSE_SETTINGS) and not waits else []


def _was(parameter: Parameter, old: int, new: int) -> str:
    before, after = (parameters.amount(value, parameter.unit) for value in (old, new))
    return str(gettext("%(old)s → %(new)s", old=before, new=after))


def _changed_by(row: LogRow) -> int | None:
    """Return the proposal whose change an entry tells."""
    return entries.facts_of(row).get("proposal") if row.kind == "parameter_changed" else None


PERIODS = {
    "month": lazy_gettext("a month"),
    "week": lazy_gettext("a week"),
    "day": lazy_gettext("a day"),
    "minute": lazy_gettext("a minute (for rehearsals)"),
}
