"""One amendment, or one template, for many: choose, look at each difference, draft, and go on together.

What each member would get is found by drafting it in a transaction that is not kept: what is shown before
is then what is done after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from admin import entries, refusals, register, steps
from admin.agreements import amendment, outcomes
from admin.agreements.amendment import AmendmentForm
from admin.agreements.asking import carry_out
from admin.agreements.forms import choices_of, put_error
from admin.gate import shows
from admin.objects import Link, Text
from admin.office import now, the_hub
from admin.register import Column, Empty, Rows
from admin.steps import Step as Asked
from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import AgreementState, Campaign, Step
from alliance_hub.errors import Conflict, Invalid
from alliance_hub.membership import service as membership
from alliance_hub.membership.rules import MemberState
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.transparency import search

bp = Blueprint("campaigns", __name__, url_prefix="/campaigns")

COLUMNS = (
    Column("title", lazy_gettext("Amendment")),
    Column("template", lazy_gettext("Template")),
    Column("author", lazy_gettext("Begun by")),
    Column("began_at", lazy_gettext("Begun"), "instant"),
)
OUTCOMES = (
    Column("member", lazy_gettext("Member")),
    Column("agreement", lazy_gettext("Agreement")),
    Column("version", lazy_gettext("Version"), "number"),
    Column("state", lazy_gettext("State"), "chip"),
    Column("problem", lazy_gettext("What stood in the way")),
)
TIMELINE = 20


class _Unkept(Exception):
    """Ends a transaction whose result is only looked at."""

    def __init__(self, previews: Sequence[outcomes.Preview]) -> None:
        super().__init__()
        self.previews = previews


@dataclass(frozen=True, slots=True)
class Way:
    """A step that is taken with every version that can take it."""

    step: Step
    label: Text
    says: Text
    effect: Text
    told: Text
    before: AgreementState
    danger: bool = False


WAYS: Mapping[str, Way] = {
    "send-to-review": Way(
        Step.SEND_TO_REVIEW,
        lazy_gettext("Send all to review"),
        lazy_gettext("Every draft of this amendment is closed for changes; another officer looks them over."),
        lazy_gettext("The members see nothing yet."),
        lazy_gettext("The drafts wait for another officer's review."),
        AgreementState.DRAFT,
    ),
    "review": Way(
        Step.REVIEW,
        lazy_gettext("Review all: they may be offered"),
        lazy_gettext("You say that you have looked at every difference, and that they may be offered."),
        lazy_gettext("Drafts that you wrote yourself are left out: another officer reviews them."),
        lazy_gettext("They are reviewed and may be offered."),
        AgreementState.REVIEW,
    ),
    "offer": Way(
        Step.OFFER,
        lazy_gettext("Offer all to their members"),
        lazy_gettext("Every reviewed version is shown to its member, which may sign it with its own key."),
        lazy_gettext(
            "Nothing changes for running calls until two officers put a signed version into effect."
        ),
        lazy_gettext("They are offered; each member signs with its own key."),
        AgreementState.REVIEW,
    ),
    "withdraw": Way(
        Step.WITHDRAW,
        lazy_gettext("Withdraw all"),
        lazy_gettext("Every version of this amendment that has not taken effect ends here."),
        lazy_gettext("Members can no longer sign them. Their running agreements stay as they are."),
        lazy_gettext("What had not taken effect is withdrawn."),
        AgreementState.OFFERED,
        danger=True,
    ),
}


@bp.get("/")
@shows(Act.READ_AGREEMENTS)
def index(actor: Actor) -> Response:
    """Show the register of amendments of many."""
    query = register.parse(COLUMNS, (), sort="began_at", descending=True)
    with the_hub().database.reading() as session:
        found = [
            {
                "href": url_for(".show", id=each.id),
                "title": each.title,
                "template": each.template,
                "author": each.author,
                "began_at": each.began_at,
            }
            for each in agreements.list_campaigns(session)
        ]
    may = actor.may(Act.WRITE_AGREEMENTS)
    says = _("An amendment that is drafted for many members at once will stand here, with how far each is.")
    page = found[query.offset : query.offset + query.limit]
    return register.show(
        _("Amendments of many"),
        COLUMNS,
        (),
        query,
        Rows(page, len(found)),
        all_rows=lambda: Rows(found, len(found)),
        empty=Empty(says, _("Amend many"), url_for(".new")) if may else Empty(says),
        actions=[Link(_("Amend many"), url_for(".new"))] if may else [],
    )


@bp.route("/new", methods=["GET", "POST"])
@shows(Act.WRITE_AGREEMENTS)
def new(actor: Actor) -> AnyResponse:
    """Choose changes and members, look at what each would get, then draft."""
    form = AmendmentForm()
    with the_hub().database.reading() as session:
        _choices(session, form)
    if not form.validate_on_submit():
        return _ask(form)
    try:
        if request.form.get("confirmed"):
            return _begin(actor, form)
        return _show_previews(form, _previews(actor, form))
    except (Invalid, Conflict) as error:
        found = isinstance(error, Invalid) and put_error(form, error)
        return _ask(form, _("One value is refused: see below.") if found else refusals.sentence(error))


@bp.get("/<int:id>")
@shows(Act.READ_AGREEMENTS)
def show(actor: Actor, id: int) -> Response:
    """Show an amendment with how far it is with each member."""
    query = register.parse(OUTCOMES, (), sort="member")
    with the_hub().database.reading() as session:
        campaign = agreements.get_campaign(session, id, at=now())
        rows = search.list_about(session, f"campaign/{id}", limit=TIMELINE)
    found = [outcomes.row(each) for each in campaign.outcomes]
    return register.show(
        campaign.title,
        OUTCOMES,
        (),
        query,
        Rows(found[query.offset : query.offset + query.limit], len(found)),
        all_rows=lambda: Rows(found, len(found)),
        empty=Empty(_("This amendment is for nobody.")),
        actions=_ways(actor, campaign),
        template="agreements/campaign.html",
        campaign=campaign,
        changes=outcomes.changes(campaign.changes),
        counts=outcomes.counts(campaign),
        timeline=entries.timeline(rows, actor),
    )


@bp.route("/<int:id>/<way>", methods=["GET", "POST"])
@shows(Act.WRITE_AGREEMENTS)
def advance(actor: Actor, id: int, way: str) -> AnyResponse:
    """Take one step with every version that can take it."""
    chosen, hub = WAYS.get(way) or abort(HTTPStatus.NOT_FOUND), the_hub()
    with hub.database.reading() as session:
        campaign = agreements.get_campaign(session, id, at=now())
    step = Asked(
        _("%(act)s: %(title)s", act=chosen.label, title=campaign.title),
        [chosen.says],
        [chosen.effect, _("Where it fails for one member, the others go on, and the list says why.")],
        chosen.label,
        url_for(".show", id=id),
        danger=chosen.danger,
    )
    return carry_out(
        actor,
        step,
        lambda session, _form: agreements.advance_many(session, hub, actor, id, chosen.step, now()),
        chosen.told,
    )


def _choices(session: Session, form: AmendmentForm) -> None:
    members = [each for each in membership.list_members(session) if each.state is not MemberState.APPLIED]
    form.members.choices = choices_of({each.name: each.name for each in members})
    templates = {each.name: each.name for each in agreements.list_templates(session)}
    form.template.choices = choices_of({"": _("the agreement that is running"), **templates})


def _ask(form: AmendmentForm, refusal: Text = "") -> Response:
    page = render_template(
        "agreements/amend.html", title=_("Amend many"), form=form, clauses=amendment.CLAUSES, refusal=refusal
    )
    wrong = refusal or form.errors
    return make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK)


def _amend(session: Session, actor: Actor, form: AmendmentForm) -> Campaign:
    return agreements.amend_many(
        session,
        the_hub(),
        actor,
        amendment.members_of(form),
        amendment.changes_of(form),
        title=form.title.data,
        template=form.template.data or None,
        now=now(),
    )


def _begin(actor: Actor, form: AmendmentForm) -> AnyResponse:
    with the_hub().database.transaction() as session:
        campaign = _amend(session, actor, form)
    return steps.done(
        _("The versions are drafted. No member sees them yet."), url_for(".show", id=campaign.id)
    )


def _previews(actor: Actor, form: AmendmentForm) -> Sequence[outcomes.Preview]:
    try:
        with the_hub().database.transaction() as session:
            campaign = _amend(session, actor, form)
            raise _Unkept([outcomes.preview(session, each) for each in campaign.outcomes])
    except _Unkept as unkept:
        return unkept.previews


def _show_previews(form: AmendmentForm, previews: Sequence[outcomes.Preview]) -> Response:
    kept = [
        (key, value)
        for key, value in request.form.items(multi=True)
        if key not in ("csrf_token", "confirmed")
    ]
    drafted = sum(each.version is not None for each in previews)
    page = render_template(
        "agreements/preview.html",
        title=_("%(title)s: what each member would get", title=form.title.data),
        form=form,
        kept=kept,
        previews=previews,
        drafted=drafted,
    )
    return make_response(page)


def _ways(actor: Actor, campaign: Campaign) -> list[Link]:
    """Return the steps that at least one version can take."""
    if not actor.may(Act.WRITE_AGREEMENTS):
        return []
    states = {each.state for each in campaign.outcomes}
    found = [
        (way, each) for way, each in WAYS.items() if each.step is not Step.WITHDRAW and each.before in states
    ]
    if states & {AgreementState.DRAFT, AgreementState.REVIEW, AgreementState.OFFERED, AgreementState.SIGNED}:
        found.append(("withdraw", WAYS["withdraw"]))
    return [Link(each.label, url_for(".advance", id=campaign.id, way=way)) for way, each in found]
