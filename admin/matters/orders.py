"""Courts' orders: a member names one, two officers of the association have it followed.

The secretariat sees of the matter what it needs: reference, member, kind and dates; no contract, no debtor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from admin import entries, i18n, office, proposals, register
from admin.attempts import attempt
from admin.gate import shows
from admin.groups import in_groups
from admin.matters import words
from admin.objects import Chip, Link, Text
from admin.register import Column, Empty, Filter, Query, Rows
from admin.steps import Step, StepForm
from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Proposal, ProposalState
from alliance_hub.matters import service as matters
from alliance_hub.matters.orders import OrderLine
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.transparency import search

bp = Blueprint("court_orders", __name__, url_prefix="/court-orders")

READS = (Act.PROPOSE_EXISTENCE, Act.APPROVE_EXISTENCE)
ENTRIES = 50

COLUMNS = (
    Column("number", lazy_gettext("Order")),
    Column("state", lazy_gettext("State"), "chip"),
    Column("court", lazy_gettext("Court")),
    Column("ordered", lazy_gettext("Dated"), "day"),
    Column("matter", lazy_gettext("Matter")),
    Column("member", lazy_gettext("Member")),
    Column("kind", lazy_gettext("Kind")),
    Column("asked", lazy_gettext("Asked for"), "instant"),
)
WAITS, FOLLOWED, OVER = "waits", "followed", "over"
CHIPS = {
    WAITS: Chip(lazy_gettext("to be followed"), "wait"),
    FOLLOWED: Chip(lazy_gettext("certified"), "good"),
    OVER: Chip(lazy_gettext("the matter is over"), "still"),
}
FILTERS = (Filter("state", lazy_gettext("State"), [(state, chip.word) for state, chip in CHIPS.items()]),)
EMPTY = Empty(
    lazy_gettext(
        "Orders will appear here once a member names one: a court wants to know whether another member holds "
        "the debtor, and two officers decide whether that is certified."
    )
)


@bp.get("")
@shows(*READS)
def index(actor: Actor) -> Response:
    """Show the orders, those that wait first."""
    query = register.parse(COLUMNS, FILTERS, sort="")
    with office.the_hub().database.reading() as session:
        lines = matters.list_orders(session, actor, office.now())
    return register.show(
        _("Orders of courts"),
        COLUMNS,
        FILTERS,
        query,
        _page(lines, query),
        all_rows=lambda: _page(lines, query.whole()),
        empty=EMPTY,
        note=_("Compare the order with the court's seal and file number before you propose to follow it."),
        search=_("Order, court, matter or member"),
    )


@bp.get("/<int:id>")
@shows(*READS)
def show(actor: Actor, id: int) -> str:
    """Show one order, and what was decided about it."""
    with office.the_hub().database.reading() as session:
        line = matters.get_order(session, actor, id, office.now())
        about = approvals.list_about(session, line.object)
        rows = search.list_about(session, line.object, limit=ENTRIES)
    order = line.order
    return render_template(
        "matters/order.html",
        title=_("Order %(number)s", number=order.number),
        line=line,
        chip=CHIPS[_state(line)],
        acts=_acts(actor, line, about),
        facts=_facts(line),
        digest=in_groups(order.digest),
        entries=entries.timeline(rows, actor),
        proposals=[_proposal(each) for each in about],
        columns=(
            Column("what", _("Proposal")),
            Column("state", _("State"), "chip"),
            Column("at", _("Proposed at"), "instant"),
        ),
    )


@bp.route("/<int:id>/propose", methods=["GET", "POST"])
@shows(Act.PROPOSE_EXISTENCE)
def propose(actor: Actor, id: int) -> AnyResponse:
    """Propose to certify what the court wants to know."""
    hub = office.the_hub()
    with hub.database.reading() as session:
        line = matters.get_order(session, actor, id, office.now())
    order, form = line.order, StepForm()
    step = Step(
        _("Propose to follow the order %(number)s", number=order.number),
        [
            _(
                "In the matter %(matter)s of %(member)s it is certified whether another member holds the "
                "debtor: yes or no, without a name, a number or an amount.",
                matter=line.reference,
                member=line.member,
            ),
            _("Nothing happens before another officer approves it."),
        ],
        [
            _("The member hands the certificate in: every party of the case may read it."),
            _("State below how you checked that the order is genuine."),
        ],
        _("Propose"),
        url_for("court_orders.show", id=id),
        danger=True,
        second_factor=True,
        reason=True,
    )

    def act() -> Text:
        with hub.database.transaction() as session:
            matters.propose_existence(
                session, hub, actor, id, reason=form.reason.data or "", now=office.now()
            )
        return _("Proposed: another officer decides it.")

    return attempt(actor, step, form, act, then=step.back)


def _facts(line: OrderLine) -> list[tuple[str, Any]]:
    order = line.order
    return [
        (_("Court"), order.court),
        (_("Number of the order"), order.number),
        (_("Dated"), i18n.day(order.ordered_on, weekday=True)),
        (_("Asked for"), i18n.instant(order.asked_at, weekday=True)),
        (_("Matter"), line.reference),
        (_("Member"), line.member),
        (_("Kind"), words.KINDS[line.kind]),
        (_("Matter opened at"), i18n.instant(line.opened_at, weekday=True)),
        (_("Matter expires"), i18n.instant(line.until, weekday=True)),
    ]


def _acts(actor: Actor, line: OrderLine, about: Sequence[Proposal]) -> list[Link]:
    open_one = any(each.state is ProposalState.OPEN for each in about)
    if open_one or not actor.may(Act.PROPOSE_EXISTENCE) or not matters.is_waiting(line):
        return []
    return [Link(_("Propose to follow it"), url_for("court_orders.propose", id=line.order.id))]


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "href": url_for("approvals.show", id=proposal.id),
        "what": proposals.title(proposal),
        "state": proposals.chip(proposal.state),
        "at": proposal.proposed_at,
    }


def _state(line: OrderLine) -> str:
    if line.order.certificate is not None:
        return FOLLOWED
    return WAITS if matters.is_waiting(line) else OVER


def _page(lines: Sequence[OrderLine], query: Query) -> Rows:
    found = [line for line in lines if _fits(line, query)]
    return Rows([_row(line) for line in found[query.offset : query.offset + query.limit]], len(found))


def _fits(line: OrderLine, query: Query) -> bool:
    said = f"{line.order.number} {line.order.court} {line.reference} {line.member}"
    return query.filters.get("state", _state(line)) == _state(line) and query.text.lower() in said.lower()


def _row(line: OrderLine) -> dict[str, Any]:
    order = line.order
    return {
        "href": url_for("court_orders.show", id=order.id),
        "number": order.number,
        "state": CHIPS[_state(line)],
        "court": order.court,
        "ordered": order.ordered_on,
        "matter": line.reference,
        "member": line.member,
        "kind": words.KINDS[line.kind],
        "asked": order.asked_at,
    }
