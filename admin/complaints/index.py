"""The register of complaints."""

from __future__ import annotations

from datetime import datetime

from flask import Response, url_for
from flask_babel import gettext, lazy_gettext

from admin import office, register
from admin.clocks import last_moment
from admin.complaints.blueprint import bp
from admin.complaints.words import KINDS, MISCONDUCT, STATES, state_chip
from admin.gate import shows
from admin.objects import Link
from admin.register import Column, Empty, Filter, Query, Rows
from alliance_hub.complaints import register as books
from alliance_hub.complaints.kinds import Kind, Misconduct
from alliance_hub.complaints.models import Complaint
from alliance_hub.complaints.register import Found, Order, Search, State
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act

COLUMNS = (
    Column("number", lazy_gettext("Number"), sortable=True),
    Column("state", lazy_gettext("State"), "chip"),
    Column("due", lazy_gettext("Answer by"), "left", sortable=True),
    Column("about", lazy_gettext("Complained of")),
    Column("member", lazy_gettext("Member")),
    Column("kind", lazy_gettext("Kind")),
    Column("received", lazy_gettext("Received"), "day", sortable=True),
    Column("officer", lazy_gettext("In the hands of")),
)
FILTERS = (
    Filter("state", lazy_gettext("State"), [(str(state), STATES[state]) for state in State]),
    Filter("kind", lazy_gettext("Kind"), [(str(kind), KINDS[kind]) for kind in Kind]),
    Filter("hands", lazy_gettext("In the hands of"), [("mine", lazy_gettext("me"))]),
    Filter("misconduct", lazy_gettext("Misconduct"), [(str(each), MISCONDUCT[each]) for each in Misconduct]),
)


@bp.get("")
@shows(Act.READ_COMPLAINTS, Act.WRITE_COMPLAINTS)
def index(actor: Actor) -> Response:
    """Show complaints, the newest first."""
    query = register.parse(COLUMNS, FILTERS, sort="number", descending=True)
    writes = actor.may(Act.WRITE_COMPLAINTS)
    begin = Link(gettext("Enter a complaint"), url_for("complaints.enter"))
    conduct = Link(gettext("Misconduct by agency"), url_for("complaints.conduct"))
    with office.the_hub().database.reading() as session:
        counts = books.count(session, at=office.now())
    return register.show(
        gettext("Complaints"),
        COLUMNS,
        FILTERS,
        query,
        _rows(actor, query),
        all_rows=lambda: _rows(actor, query.whole()),
        empty=Empty(
            gettext(
                "Complaints about members and their agencies will appear here, with the day of the answer."
            ),
            begin.label if writes else "",
            begin.href if writes else "",
        ),
        note=gettext(
            "A dispute about data is answered within 20 days. No debtor's name or number is kept here: the "
            "rights desk knows whom its reference means."
        ),
        actions=[begin, conduct] if writes else [conduct],
        search=gettext("Number, reference, member or agency"),
        template="complaints/register.html",
        figures=[(state, STATES[state], counts[state]) for state in State],
    )


def _rows(actor: Actor, query: Query) -> Rows:
    asked, now = query.filters, office.now()
    wanted = Search(
        state=State(asked["state"]) if "state" in asked else None,
        kind=Kind(asked["kind"]) if "kind" in asked else None,
        misconduct=Misconduct(asked["misconduct"]) if "misconduct" in asked else None,
        officer=actor.officer if "hands" in asked else None,
        text=query.text,
        order=Order(query.sort),
        descending=query.descending,
        limit=query.limit,
        offset=query.offset,
    )
    with office.the_hub().database.reading() as session:
        found = books.search(session, wanted, at=now)
    return Rows([_row(each, found, now) for each in found.complaints], found.total)


def _row(complaint: Complaint, found: Found, now: datetime) -> dict[str, object]:
    return {
        "href": url_for("complaints.show", number=complaint.number),
        "number": complaint.number,
        "state": state_chip(complaint, now),
        "due": None if complaint.closed_at else last_moment(complaint.due_at),
        "about": complaint.about,
        # Named once where it is complained of itself.
        "member": complaint.member if complaint.agency else None,
        "kind": KINDS[complaint.kind],
        "received": complaint.received_at,
        "officer": found.officers.get(complaint.officer or 0),
    }
