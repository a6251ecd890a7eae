"""Custodians and the key set: who holds the shares, whether they keep up, what they signed; ceremonies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, current_app, render_template, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import DateField, IntegerField
from wtforms.validators import InputRequired

from admin import facts, office, proposals
from admin.attempts import attempt
from admin.gate import shows
from admin.objects import Chip, Link, Text, Tone
from admin.register import Column
from admin.settings import fixed_by_policy
from admin.steps import Step, StepForm
from alliance_hub.approvals.models import Proposal, ProposalState
from alliance_hub.custodians import acts, rules, service
from alliance_hub.custodians.health import Health, Heard, Watch
from alliance_hub.custodians.rules import Plan, Standing
from alliance_hub.custodians.service import Custodian, Cut
from alliance_hub.feed import service as feed
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from privacy.encoding import b64

bp = Blueprint("custodians", __name__, url_prefix="/custodians")

WATCH = "alliance_custodians"
"""Under this name `app.extensions` holds what was heard of the custodians last."""

CUTS = 12
"""Newest cuts on the page."""

STANDINGS: Mapping[Standing, tuple[Text, Tone]] = {
    Standing.UNKNOWN: (lazy_gettext("not asked yet"), "still"),
    Standing.WELL: (lazy_gettext("keeps up"), "good"),
    Standing.BEHIND: (lazy_gettext("falls behind"), "wait"),
    Standing.SILENT: (lazy_gettext("does not answer"), "bad"),
    Standing.STRANGE: (lazy_gettext("is not this custodian"), "bad"),
    Standing.FORKED: (lazy_gettext("holds another feed: stop and compare"), "bad"),
}

HEALTH = (
    Column("name", lazy_gettext("Custodian")),
    Column("standing", lazy_gettext("Now"), "chip"),
    Column("position", lazy_gettext("Head signed at"), "number"),
    Column("lag", lazy_gettext("Entries behind"), "number"),
    Column("signed", lazy_gettext("Last cut signed")),
    Column("accepted", lazy_gettext("Members accepted"), "number"),
    Column("address", lazy_gettext("Address")),
)
CUT_COLUMNS = (
    Column("period", lazy_gettext("Period")),
    Column("begun", lazy_gettext("Begun at"), "instant"),
    Column("state", lazy_gettext("State"), "chip"),
    Column("signed", lazy_gettext("Signed by custodian")),
    Column("missing", lazy_gettext("Missing")),
)
CEREMONY_COLUMNS = (
    Column("what", lazy_gettext("Ceremony")),
    Column("state", lazy_gettext("State"), "chip"),
    Column("at", lazy_gettext("Proposed at"), "instant"),
)


class CeremonyForm(StepForm):
    """The ceremony of the next epoch."""

    custodians = IntegerField(
        lazy_gettext("Custodians"), [InputRequired(lazy_gettext("Enter a whole number."))]
    )
    threshold = IntegerField(
        lazy_gettext("Custodians needed"),
        [InputRequired(lazy_gettext("Enter a whole number."))],
        description=lazy_gettext("More than half of them. So many that conspire can open everything."),
    )
    on = DateField(lazy_gettext("Day of the ceremony"), [InputRequired(lazy_gettext("Choose a day."))])


@bp.record_once
def _begin(state: BlueprintSetupState) -> None:
    state.app.extensions[WATCH] = Watch()


def watch() -> Watch:
    """Return what remembers how the custodians answered."""
    found: Watch = current_app.extensions[WATCH]
    return found


@bp.get("")
@shows(Act.READ_CUSTODIANS, Act.VIEW_SYSTEM)
def index(actor: Actor) -> str:
    """Show the key set and its custodians; how they stand now is asked once the page is there."""
    hub = office.the_hub()
    key_set = hub.key_set
    with hub.database.reading() as session:
        cuts = service.list_cuts(session, hub, limit=CUTS)
        ceremonies = service.list_ceremonies(session, key_set.epoch + 1)
        position = feed.head(session).position
    return render_template(
        "custodians/custodians.html",
        title=gettext("Custodians and key set"),
        key_set=key_set,
        digest=b64(key_set.digest),
        position=position,
        policy=fixed_by_policy(key_set.policy),
        together=[facts.plain(each) for each in rules.shared_machines(hub.settings.custodians)],
        cut_columns=CUT_COLUMNS,
        cuts=[_cut(cut) for cut in cuts],
        ceremony_columns=CEREMONY_COLUMNS,
        ceremonies=[_ceremony(each) for each in ceremonies],
        plan=_decided(ceremonies),
        hub_addresses=hub.settings.custodians,
        acts=_acts(actor, ceremonies),
        **health_now(),
    )


@bp.get("/health")
@shows(Act.READ_CUSTODIANS, Act.VIEW_SYSTEM)
def health(actor: Actor) -> str:
    """Ask the custodians how they stand, unless they were asked just now; answers the table alone."""
    return render_template("custodians/health.html", **_health(watch().look(office.the_hub())))


@bp.route("/ceremony", methods=["GET", "POST"])
@shows(Act.PROPOSE_CEREMONY)
def propose_ceremony(actor: Actor) -> Response:
    """Propose a key ceremony for the next epoch."""
    hub = office.the_hub()
    key_set = hub.key_set
    form = CeremonyForm(custodians=key_set.count, threshold=key_set.threshold)
    step = Step(
        gettext("Propose a key ceremony for epoch %(epoch)s", epoch=key_set.epoch + 1),
        [
            gettext(
                "Nothing happens before another officer approves it; then it is on record, and can be held."
            ),
            gettext(
                "The ceremony is held by people, offline; this page then shows its commands for printing."
            ),
        ],
        [
            gettext("The new epoch begins with a feed of its own; this one ends with its last cut."),
            gettext("Every member renews with the new keys and hands in its records anew."),
        ],
        gettext("Propose"),
        url_for("custodians.index"),
        second_factor=True,
        reason=True,
    )

    def act() -> Text:
        plan = Plan(
            key_set.epoch + 1,
            form.custodians.data,
            form.threshold.data,
            key_set.policy.synthetic,
            form.on.data,
        )
        with hub.database.transaction() as session:
            acts.propose_ceremony(session, hub, actor, plan, reason=form.reason.data or "", now=office.now())
        return gettext("Proposed: another officer decides it.")

    return attempt(actor, step, form, act, then=step.back)


def health_now() -> dict[str, object]:
    """Return what `custodians/health.html` shows of what was heard last; nobody is asked."""
    return _health(watch().last(office.the_hub()))


def _health(health: Health) -> dict[str, object]:
    hub = office.the_hub()
    with hub.database.reading() as session:
        custodians = service.list_custodians(session, hub)
    rows = [_custodian(each, heard) for each, heard in zip(custodians, health.heard, strict=True)]
    return {"health_columns": HEALTH, "health_rows": rows, "asked_at": health.at, "custodians": custodians}


def _custodian(custodian: Custodian, heard: Heard) -> dict[str, object]:
    return {
        "name": gettext("Custodian %(number)s", number=custodian.index),
        "standing": Chip(*STANDINGS[heard.standing]),
        "position": heard.position,
        "lag": heard.lag,
        "signed": custodian.last_signed,
        "accepted": custodian.acceptances,
        "address": custodian.address,
    }


def _cut(cut: Cut) -> dict[str, object]:
    effective = cut.effective_at is not None
    return {
        "period": cut.period,
        "begun": cut.begun_at,
        "state": Chip(gettext("in effect"), "good")
        if effective
        else Chip(gettext("waits for signatures"), "wait"),
        "signed": facts.plain(cut.signed),
        "missing": facts.plain(cut.missing) or None,
    }


def _ceremony(proposal: Proposal) -> dict[str, object]:
    return {
        "href": url_for("approvals.show", id=proposal.id),
        "what": " ".join(proposals.describe(proposal).says),
        "state": proposals.chip(proposal.state),
        "at": proposal.proposed_at,
    }


def _decided(ceremonies: Sequence[Proposal]) -> Plan | None:
    """Return the ceremony that two officers decided, if they have."""
    decided = (each for each in ceremonies if each.state is ProposalState.APPROVED)
    return next((acts.plan_of(each) for each in decided), None)


def _acts(actor: Actor, ceremonies: Sequence[Proposal]) -> list[Link]:
    waits = any(each.state is ProposalState.OPEN for each in ceremonies)
    if waits or not actor.may(Act.PROPOSE_CEREMONY):
        return []
    return [Link(gettext("Propose a key ceremony"), url_for("custodians.propose_ceremony"))]
