"""The register of data agreements: every version of every member, narrowed by state, member, purpose, end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from admin import register
from admin.agreements import words
from admin.agreements.family import bp, page_of
from admin.agreements.states import STATES
from admin.gate import shows
from admin.objects import Link
from admin.office import now, the_hub
from admin.register import Column, Empty, Filter, Query, Rows
from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import AgreementQuery, AgreementState, AgreementView
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from privacy.vocabulary import Purpose

COLUMNS = (
    Column("agreement", lazy_gettext("Agreement"), sortable=True),
    Column("version", lazy_gettext("Version"), "number"),
    Column("member", lazy_gettext("Member"), sortable=True),
    Column("state", lazy_gettext("State"), "chip"),
    Column("purposes", lazy_gettext("Purposes")),
    Column("ends_at", lazy_gettext("In force until"), "left", sortable=True),
    Column("changed_at", lazy_gettext("Last change"), "instant", sortable=True),
)
FILTERS = (
    Filter("state", lazy_gettext("State"), [(str(state), chip.word) for state, chip in STATES.items()]),
    Filter(
        "expiring",
        lazy_gettext("Ends"),
        [
            ("30", lazy_gettext("within 30 days")),
            ("90", lazy_gettext("within 90 days")),
        ],
    ),
    Filter(
        "versions",
        lazy_gettext("Versions"),
        [("newest", lazy_gettext("newest only"))],
    ),
    Filter("purpose", lazy_gettext("Purpose"), [(str(each), words.purpose(each)) for each in Purpose]),
    Filter("member", lazy_gettext("Member")),
)
SHOWN_PURPOSES = 2


@bp.get("/")
@shows(Act.READ_AGREEMENTS)
def index(actor: Actor) -> Response:
    """Show the register."""
    query = register.parse(COLUMNS, FILTERS, sort="changed_at", descending=True)
    with the_hub().database.reading() as session:
        return register.show(
            _("Data agreements"),
            COLUMNS,
            FILTERS,
            query,
            _page(session, query),
            all_rows=partial(_page, session, query.whole()),
            empty=_empty(actor),
            actions=_actions(actor),
            search=_("Part of the agreement's or the member's name"),
        )


def asked(filters: Mapping[str, str]) -> AgreementQuery:
    """Return what a register's filters ask for."""
    return AgreementQuery(
        state=AgreementState(filters["state"]) if "state" in filters else None,
        member=filters.get("member"),
        purpose=Purpose(filters["purpose"]) if "purpose" in filters else None,
        expiring_before=now() + timedelta(days=int(filters["expiring"])) if "expiring" in filters else None,
        newest_only="versions" in filters,
    )


def row_of(view: AgreementView) -> dict[str, Any]:
    """Return a version as a row of a register."""
    terms = view.terms
    return {
        "href": page_of(terms.agreement, terms.version),
        "agreement": terms.agreement,
        "version": terms.version,
        "member": terms.member,
        "state": STATES[view.state],
        "purposes": purposes(view),
        "ends_at": view.ends_at,
        "changed_at": view.changed_at,
    }


def purposes(view: AgreementView) -> str:
    """Return the first purposes by name, and how many more there are."""
    named = [str(words.purpose(each)) for each in view.terms.purposes[:SHOWN_PURPOSES]]
    more = len(view.terms.purposes) - len(named)
    listed = _(", ").join(named)
    return str(_("%(named)s and %(more)s more", named=listed, more=more)) if more else str(listed)


def _page(session: Session, query: Query) -> Rows:
    wanted = replace(
        asked(query.filters),
        text=query.text,
        sort=query.sort,
        descending=query.descending,
        offset=query.offset,
        limit=query.limit,
    )
    page = agreements.list_all(session, wanted, at=now())
    return Rows([row_of(view) for view in page.versions], page.total)


def _actions(actor: Actor) -> list[Link]:
    ways = [Link(_("Would this be allowed?"), url_for("trying.index"))]
    if actor.may(Act.WRITE_AGREEMENTS):
        ways = [
            Link(_("New draft"), url_for("agreement_pages.new")),
            Link(_("Amend many"), url_for("campaigns.new")),
            Link(_("Templates"), url_for("agreement_pages.templates")),
            *ways,
        ]
    return ways


def _empty(actor: Actor) -> Empty:
    says = _(
        "Every version of every data agreement will stand here, from the draft to its end. Without one in "
        "force a member can neither hand in nor ask."
    )
    if not actor.may(Act.WRITE_AGREEMENTS):
        return Empty(says)
    return Empty(says, _("Write the first draft"), url_for("agreement_pages.new"))
