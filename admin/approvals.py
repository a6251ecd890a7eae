"""Waiting for me: what needs a second officer, what it will do, who proposed it and why; the decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from admin import entries, errors, facts, office, proposals, register
from admin.attempts import attempt
from admin.gate import shows
from admin.objects import Link, Text, TimelineEntry
from admin.register import Column, Empty, Filter, Query, Rows
from admin.steps import Step, StepForm
from alliance_hub.approvals import register as books
from alliance_hub.approvals import rules
from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Kind, Proposal, ProposalState
from alliance_hub.approvals.register import Side
from alliance_hub.approvals.registry import handler_of
from alliance_hub.errors import HubError
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import FOUR_EYES, Act
from alliance_hub.transparency import search
from alliance_hub.transparency.models import LogRow

SEEN_BY = (*FOUR_EYES, Act.DRAW_SAMPLE)
"""Whoever proposes or decides, and the inspector."""

bp = Blueprint("approvals", __name__, url_prefix="/approvals")

COLUMNS = (
    Column("what", lazy_gettext("Proposal")),
    Column("state", lazy_gettext("State"), "chip"),
    Column("by", lazy_gettext("Proposed by")),
    Column("at", lazy_gettext("Proposed at"), "instant"),
    Column("expires", lazy_gettext("Decide by"), "left"),
    Column("decided_by", lazy_gettext("Decided by")),
    Column("decided_at", lazy_gettext("Decided at"), "instant"),
)
FILTERS = (Filter("kind", lazy_gettext("Act"), list(facts.KINDS.items())),)
TITLES = {
    Side.WAITING: lazy_gettext("Waiting for me"),
    Side.MINE: lazy_gettext("Proposed by me"),
    Side.DECIDED: lazy_gettext("Decided proposals"),
    Side.ALL: lazy_gettext("All proposals"),
}
_WAITING_COLUMNS = COLUMNS[:5]
_EMPTY = {
    True: lazy_gettext("Nothing waits for you. What others propose, and you may decide, will appear here."),
    False: lazy_gettext("There are none yet. Acts that need two officers begin on the page of their object."),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A proposal with what its page says of it."""

    proposal: Proposal
    names: dict[int, str]
    timeline: Sequence[TimelineEntry]
    refusal: str
    """Why this officer may not decide it; empty when it may."""
    others: Sequence[Proposal]


@bp.get("", defaults={"side": Side.WAITING})
@bp.get("/<any(mine, decided, all):side>")
@shows(*SEEN_BY)
def index(actor: Actor, side: str) -> Response:
    """List what waits for the officer, what it proposed, or what was decided."""
    query, chosen = register.parse(COLUMNS, FILTERS, sort=""), Side(side)
    return register.show(
        TITLES[chosen],
        _WAITING_COLUMNS if chosen is Side.WAITING else COLUMNS,
        FILTERS,
        query,
        _rows(actor, chosen, query),
        all_rows=lambda: _rows(actor, chosen, query.whole()),
        empty=Empty(_EMPTY[chosen is Side.WAITING]),
        search=gettext("Member, agreement, parameter…"),
        note=gettext("Whoever proposes does not approve. What nobody decides in time lapses."),
        template="approvals/register.html",
        sides=[(url_for("approvals.index", side=each), TITLES[each], each is chosen) for each in Side],
    )


@bp.get("/<int:id>")
@shows(*SEEN_BY)
def show(actor: Actor, id: int) -> str:
    """Show one proposal."""
    page = _page(actor, id)
    proposal = page.proposal
    return render_template(
        "approvals/proposal.html",
        title=proposals.title(proposal),
        page=page,
        proposal=proposal,
        chip=proposals.chip(proposal.state),
        about=Link(entries.thing(proposal.object), entries.page_of(proposal.object, actor)),
        words=proposals.describe(proposal),
        said=[(facts.fact(name), value) for name, value in proposals.facts(proposal).items()],
        acts=_acts(actor, page),
        others=[_row(each, page.names) for each in page.others],
        columns=(COLUMNS[0], COLUMNS[1], COLUMNS[3]),
    )


@bp.route("/<int:id>/approve", methods=["GET", "POST"])
@shows(*FOUR_EYES)
def approve(actor: Actor, id: int) -> AnyResponse:
    """Approve a proposal: what it is about happens in the same moment."""
    proposal = _page(actor, id).proposal
    words = proposals.describe(proposal)
    step = Step(
        gettext("Approve: %(title)s", title=proposals.title(proposal)),
        words.says,
        words.effects,
        gettext("Approve"),
        url_for("approvals.show", id=id),
        danger=proposal.kind in proposals.DANGEROUS,
        second_factor=True,
    )

    def act(session: Session) -> Text:
        approvals.approve(session, office.the_hub(), actor, id, office.now())
        return gettext("Approved: it is in effect.")

    return _decide(actor, step, act)


@bp.route("/<int:id>/reject", methods=["GET", "POST"])
@shows(*FOUR_EYES)
def reject(actor: Actor, id: int) -> AnyResponse:
    """Turn a proposal down."""
    proposal = _page(actor, id).proposal
    step = Step(
        gettext("Reject: %(title)s", title=proposals.title(proposal)),
        [gettext("Nothing of what was proposed happens. Whoever proposed it sees your reason.")],
        [gettext("It can be proposed again.")],
        gettext("Reject"),
        url_for("approvals.show", id=id),
        reason=True,
    )
    form = StepForm()

    def act(session: Session) -> Text:
        approvals.reject(session, actor, id, form.reason.data or "", office.now())
        return gettext("Rejected.")

    return _decide(actor, step, act, form)


@bp.route("/<int:id>/withdraw", methods=["GET", "POST"])
@shows(*FOUR_EYES)
def withdraw(actor: Actor, id: int) -> AnyResponse:
    """Take one's own proposal back."""
    proposal = _page(actor, id).proposal
    step = Step(
        gettext("Withdraw: %(title)s", title=proposals.title(proposal)),
        [gettext("Nothing of what you proposed happens, and nobody has to decide it any more.")],
        [gettext("It can be proposed again.")],
        gettext("Withdraw"),
        url_for("approvals.show", id=id),
    )

    def act(session: Session) -> Text:
        approvals.withdraw(session, actor, id, office.now())
        return gettext("Withdrawn.")

    return _decide(actor, step, act)


def _decide(
    actor: Actor, step: Step, act: Callable[[Session], Text], form: StepForm | None = None
) -> AnyResponse:
    def acted() -> Text:
        with office.the_hub().database.transaction() as session:
            return act(session)

    return attempt(actor, step, form or StepForm(), acted, then=step.back)


def _rows(actor: Actor, side: Side, query: Query) -> Rows:
    kind = query.filters.get("kind")
    with office.the_hub().database.reading() as session:
        page = books.list_page(
            session,
            actor,
            side,
            at=office.now(),
            kind=None if kind is None else Kind(kind),
            text=query.text,
            limit=query.limit,
            offset=query.offset,
        )
    return Rows([_row(each, page.names) for each in page.proposals], page.total)


def _row(proposal: Proposal, names: dict[int, str]) -> dict[str, object]:
    return {
        "href": url_for("approvals.show", id=proposal.id),
        "what": proposals.title(proposal),
        "state": proposals.chip(proposal.state),
        "by": names.get(proposal.proposed_by, ""),
        "at": proposal.proposed_at,
        "expires": proposal.expires_at if proposal.state is ProposalState.OPEN else None,
        "decided_by": names.get(proposal.decided_by or 0),
        "decided_at": proposal.decided_at,
    }


def _page(actor: Actor, id: int) -> Page:
    """Read a proposal; raises NotFound when it does not concern the officer."""
    with office.the_hub().database.reading() as session:
        proposal = approvals.get(session, actor, id)
        rows = search.list_about(session, proposal.object, limit=200)
        others = [each for each in approvals.list_about(session, proposal.object) if each.id != id][:10]
        names = books.names(session, [proposal, *others])
    own = [row for row in rows if entries.facts_of(row).get("proposal") == id]
    timeline = [_entry(row, proposal, actor) for row in own]
    return Page(proposal, names, timeline, _refusal(proposal, actor), others)


def _entry(row: LogRow, proposal: Proposal, actor: Actor) -> TimelineEntry:
    """Return an entry with the reason that was given, which stands in the proposal and not in the log."""
    note = {"proposal_made": proposal.reason, "proposal_rejected": proposal.decision_reason or ""}
    who, href = row.actor or "", entries.entry_page(row, actor)
    return TimelineEntry(row.at, who, entries.deed(row.kind), href, note.get(row.kind, ""))


def _refusal(proposal: Proposal, actor: Actor) -> str:
    try:
        rules.require_decidable(proposal, actor, handler_of(proposal.kind).approves, at=office.now())
    except HubError as error:
        return errors.sentence(error)
    return ""


def _acts(actor: Actor, page: Page) -> list[Link]:
    """Return what the officer may do with the proposal now."""
    id, is_open = page.proposal.id, page.proposal.state is ProposalState.OPEN
    if not page.refusal:
        return [
            Link(gettext("Approve"), url_for("approvals.approve", id=id)),
            Link(gettext("Reject"), url_for("approvals.reject", id=id)),
        ]
    if is_open and page.proposal.proposed_by == actor.officer:
        return [Link(gettext("Withdraw"), url_for("approvals.withdraw", id=id))]
    return []
