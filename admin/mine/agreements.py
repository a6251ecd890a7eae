"""The data agreements that one's own member was offered: to read, and how to sign them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from admin import register
from admin.agreements import clauses, listing, page
from admin.agreements.states import STATES
from admin.gate import shows
from admin.mine import own
from admin.objects import Link
from admin.office import now, the_hub
from admin.register import Column, Empty, Filter, Query, Rows
from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.keeping import get_row
from alliance_hub.agreements.service import AgreementState, AgreementView
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act

bp = Blueprint("mine_agreements", __name__, url_prefix="/mine/agreements")

COLUMNS = (
    Column("agreement", lazy_gettext("Agreement")),
    Column("version", lazy_gettext("Version"), "number"),
    Column("state", lazy_gettext("State"), "chip"),
    Column("purposes", lazy_gettext("Purposes")),
    Column("valid_from", lazy_gettext("In force from"), "instant"),
    Column("ends_at", lazy_gettext("In force until"), "left"),
    Column("signed_at", lazy_gettext("Signed by us"), "instant"),
)
HIDDEN = {AgreementState.DRAFT, AgreementState.REVIEW}
FILTERS = (
    Filter(
        "state",
        lazy_gettext("State"),
        [(str(state), chip.word) for state, chip in STATES.items() if state not in HIDDEN],
    ),
)
EMPTY = Empty(
    lazy_gettext(
        "Agreements that the association offers you will stand here. Without one in force your organisation "
        "can neither hand in nor ask: ask the secretariat for one."
    )
)
VERSION_COLUMNS = (
    Column("version", lazy_gettext("Version"), "number"),
    Column("state", lazy_gettext("State"), "chip"),
    Column("ends_at", lazy_gettext("In force until"), "day"),
    Column("compare", lazy_gettext("Difference"), "link"),
)


@bp.get("/")
@shows(Act.READ_OWN)
def index(actor: Actor) -> Response:
    """Show the register of the member's agreements."""
    query = register.parse(COLUMNS, FILTERS, sort="agreement")
    with the_hub().database.reading() as session:
        views = _own(session, actor)
        return register.show(
            _("Our agreements"),
            COLUMNS,
            FILTERS,
            query,
            _page(views, query),
            all_rows=partial(_page, views, query.whole()),
            empty=EMPTY,
            actions=[Link(_("Would this be allowed?"), url_for("mine_trying.index"))],
        )


@bp.get("/<agreement>/<int:version>")
@shows(Act.READ_OWN)
def show(actor: Actor, agreement: str, version: int) -> str:
    """Show one version that was offered to the member."""
    hub = the_hub()
    with hub.database.reading() as session:
        view = agreements.get_own(session, own.name(actor), agreement, version, at=now())
        versions = [each for each in _own(session, actor) if each.terms.agreement == agreement]
        return render_template(
            "mine/agreement.html",
            title=_("%(agreement)s, version %(version)s", agreement=agreement, version=version),
            view=view,
            terms=view.terms,
            state=STATES[view.state],
            groups=clauses.groups(view.terms),
            signatures=agreements.signatures(session, hub, get_row(session, agreement, version)),
            sides=page.SIDES,
            version_columns=VERSION_COLUMNS,
            versions=[_version(each, versions) for each in reversed(versions)],
        )


@bp.get("/<agreement>/<int:version>/document.json")
@shows(Act.READ_OWN)
def document(actor: Actor, agreement: str, version: int) -> Response:
    """Give out the canonical terms: the bytes that both sides sign."""
    return page.as_file(_view(actor, agreement, version))


@bp.get("/<agreement>/<int:version>/text")
@shows(Act.READ_OWN)
def text(actor: Actor, agreement: str, version: int) -> str:
    """Show the Chinese text that prevails."""
    back = url_for(".show", agreement=agreement, version=version)
    return page.as_text(_view(actor, agreement, version), back=back)


@bp.get("/<agreement>/<int:version>/compare/<int:before>")
@shows(Act.READ_OWN)
def compare(actor: Actor, agreement: str, version: int, before: int) -> str:
    """Show what a version says otherwise than another; both were offered to the member."""
    with the_hub().database.reading() as session:
        for each in (version, before):
            agreements.get_own(session, own.name(actor), agreement, each, at=now())
        difference = agreements.diff(session, agreement, before, version)
    back = url_for(".show", agreement=agreement, version=version)
    return page.as_difference(agreement, before, version, difference, back=back)


def _own(session: Session, actor: Actor) -> list[AgreementView]:
    return agreements.list_for(session, own.member(session, actor), at=now())


def _view(actor: Actor, agreement: str, version: int) -> AgreementView:
    with the_hub().database.reading() as session:
        return agreements.get_own(session, own.name(actor), agreement, version, at=now())


def _page(views: Sequence[AgreementView], query: Query) -> Rows:
    state = query.filters.get("state")
    found = [view for view in views if state is None or view.state == state]
    # A member has few: those that wait for it first, then the newest.
    found.sort(key=lambda view: view.changed_at, reverse=True)
    found.sort(key=lambda view: view.state is not AgreementState.OFFERED)
    return Rows([_row(view) for view in found[query.offset : query.offset + query.limit]], len(found))


def _row(view: AgreementView) -> dict[str, Any]:
    terms = view.terms
    return {
        "href": url_for("mine_agreements.show", agreement=terms.agreement, version=terms.version),
        "agreement": terms.agreement,
        "version": terms.version,
        "state": STATES[view.state],
        "purposes": listing.purposes(view),
        "valid_from": clauses.begins(terms),
        "ends_at": view.ends_at,
        "signed_at": view.signed_at,
    }


def _version(view: AgreementView, offered: Sequence[AgreementView]) -> dict[str, Any]:
    """Return a version as a row, compared with the one before it that the member was offered."""
    named = {"agreement": view.terms.agreement, "version": view.terms.version}
    earlier = [each.terms.version for each in offered if each.terms.version < view.terms.version]
    before = max(earlier, default=0)
    link = Link(
        _("against version %(version)s", version=before),
        url_for("mine_agreements.compare", **named, before=before),  # type: ignore[arg-type]
    )
    return {
        "href": url_for("mine_agreements.show", **named),  # type: ignore[arg-type]
        "version": view.terms.version,
        "state": STATES[view.state],
        "ends_at": view.ends_at,
        "compare": link if before else None,
    }
