"""Who did what: the log, searched by person, organisation, act, object and time; entries and receipts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from admin import entries, facts, office, register
from admin.agreements import words
from admin.files import as_file
from admin.gate import shows
from admin.log import placing
from admin.matters import words as matter_words
from admin.objects import Link
from admin.register import Column, Empty, Filter, Query, Rows
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.transparency import search, service
from alliance_hub.transparency.models import LogRow
from alliance_hub.transparency.search import Found, Search
from privacy.encoding import b64, unb64
from privacy.errors import DeserializeError
from privacy.periods import SHANGHAI

bp = Blueprint("activity", __name__, url_prefix="/activity")

COLUMNS = (
    Column("what", lazy_gettext("What was done")),
    Column("about", lazy_gettext("About")),
    Column("who", lazy_gettext("Done by")),
    Column("organisation", lazy_gettext("Organisation")),
    Column("at", lazy_gettext("At"), "instant"),
    Column("entry", lazy_gettext("Entry"), "number"),
)
FILTERS = (
    Filter("kind", lazy_gettext("Act"), list(entries.DEEDS.items())),
    Filter("organisation", lazy_gettext("Organisation")),
    Filter("object", lazy_gettext("About")),
    Filter("since", lazy_gettext("From day")),
    Filter("until", lazy_gettext("Until day")),
)
EMPTY = Empty(lazy_gettext("The log is empty. Whatever the hub or an officer does will appear here."))

_ONE_DAY = timedelta(days=1)


@bp.get("")
@shows(Act.READ_ACTIVITY)
def index(actor: Actor) -> Response:
    """Search the log, the newest entries first."""
    query = register.parse(COLUMNS, FILTERS, sort="")
    before = request.args.get("before", type=int)
    found, names = _find(query, before if query.page > 1 else None)
    return register.show(
        gettext("Activity"),
        COLUMNS,
        FILTERS,
        query,
        _rows(found, names),
        all_rows=lambda: _rows(*_find(query.whole(), None)),
        empty=EMPTY,
        search=gettext("Officer's name, staff number or member"),
        note=gettext("Every act of the hub and of its officers, as the log holds it. Days are Shanghai's."),
        template="activity/register.html",
        further=found.further,
        looked_to=found.looked_to,
    )


@bp.get("/<int:id>")
@shows(Act.READ_ACTIVITY)
def show(actor: Actor, id: int) -> str:
    """Show one entry: what it says, and what proves it."""
    hub = office.the_hub()
    with hub.database.reading() as session:
        row = search.get_entry(session, id)
        names = search.names_of(session, [row])
        under = placing.find_under(session, hub.key_set, row)
    said = entries.facts_of(row)
    return render_template(
        "activity/entry.html",
        title=entries.deed(row.kind),
        row=row,
        about=Link(entries.thing(row.object), entries.page_of(row.object, actor)),
        proposal=_proposal(said, actor),
        facts=[(facts.fact(name), _worded(name, value)) for name, value in facts.in_order(said).items()],
        leaf=b64(row.leaf),
        salt=None if row.salt is None else b64(row.salt),
        under=under,
        who=row.actor,
        called=names.get(row.actor or ""),
    )


@bp.get("/by-leaf/<leaf>")
@shows(Act.READ_ACTIVITY)
def by_leaf(actor: Actor, leaf: str) -> AnyResponse:
    """Lead to the entry with this leaf."""
    try:
        wanted = unb64(leaf, length=32)
    except DeserializeError:
        abort(404)
    with office.the_hub().database.reading() as session:
        row = search.find_by_leaf(session, wanted)
    return abort(404) if row is None else redirect(url_for("activity.show", id=row.id), 303)


@bp.get("/<int:id>/receipt")
@shows(Act.READ_ACTIVITY)
def receipt(actor: Actor, id: int) -> Response:
    """Hand out an entry's receipt: entry, salt and leaf, with which anybody checks it."""
    with office.the_hub().database.reading() as session:
        row = search.get_entry(session, id)
        document = service.get_receipt(session, row.leaf).document()
    return _file(document, f"log-entry-{id}.json")


@bp.get("/<int:id>/proof")
@shows(Act.READ_ACTIVITY)
def proof(actor: Actor, id: int) -> Response:
    """Hand out the proof that the log holds an entry, erased or not, with the checkpoint that says so."""
    hub = office.the_hub()
    with hub.database.reading() as session:
        row = search.get_entry(session, id)
        document = placing.proof(session, hub.key_set, row)
    return _file(document, f"log-proof-{id}.json")


def _file(document: Mapping[str, object], name: str) -> Response:
    return as_file(json.dumps(document, ensure_ascii=False, indent=1) + "\n", name, "application/json")


def _find(query: Query, before: int | None) -> tuple[Found, Mapping[str, str]]:
    given = query.filters
    with office.the_hub().database.reading() as session:
        asked = Search(
            object=given.get("object"),
            actors=search.actors_named(session, query.text) if query.text else None,
            organisation=given.get("organisation"),
            kind=given.get("kind"),
            since=_midnight(given.get("since")),
            until=_midnight(given.get("until"), after=_ONE_DAY),
            before=before,
        )
        found = search.search(session, asked, limit=query.limit)
        return found, search.names_of(session, found.entries)


def _rows(found: Found, names: Mapping[str, str]) -> Rows:
    return Rows([_row(row, names) for row in found.entries], found.total, found.capped)


def _row(row: LogRow, names: Mapping[str, str]) -> dict[str, object]:
    called = names.get(row.actor or "")
    return {
        "href": url_for("activity.show", id=row.id),
        "what": entries.deed(row.kind)
        if row.entry
        else gettext("%(deed)s (erased)", deed=entries.deed(row.kind)),
        "about": entries.thing(row.object) or None,
        "who": f"{called} ({row.actor})" if called else row.actor,
        "organisation": row.organisation,
        "at": row.at,
        "entry": row.id,
    }


def _worded(name: str, value: object) -> str:
    """Return a fact's value in words, those of data agreements and matters included."""
    match name, value:
        case "clause", str():
            return str(words.clause(value))
        case "purpose", str():
            return str(words.purpose(value))
    return matter_words.worded(name, value)


def _midnight(day: str | None, *, after: timedelta = timedelta()) -> datetime | None:
    """Return the first instant of a day in Shanghai, or of the one after; a day that is none is not asked."""
    try:
        return None if not day else datetime.combine(date.fromisoformat(day) + after, time(), SHANGHAI)
    except (ValueError, OverflowError):
        return None


def _proposal(said: dict[str, object], actor: Actor) -> str:
    number = said.get("proposal")
    return entries.page_of(f"proposal/{number}", actor) if isinstance(number, int) else ""
