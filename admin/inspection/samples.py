"""The page of a sample; on paper it is a sheet to write on."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, make_response, render_template, request
from flask_babel import gettext, lazy_gettext

from admin import entries, i18n, office, register
from admin.gate import shows
from admin.inspection.blueprint import bp
from admin.inspection.words import REGISTERS, SAMPLES, STATES
from admin.objects import Link
from admin.register import Column, Empty, Filter, Query, Rows
from alliance_hub.inspection import service
from alliance_hub.inspection.service import Line
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_officer
from alliance_hub.people.roles import Act
from alliance_hub.transparency import search

SHEET_COLUMNS = (
    Column("place", lazy_gettext("No."), "number"),
    Column("reference", lazy_gettext("Row")),
    Column("who", lazy_gettext("Member or author")),
    Column("at", lazy_gettext("From"), "instant"),
    Column("state", lazy_gettext("State or act")),
    Column("seen", lazy_gettext("Seen")),
    Column("finding", lazy_gettext("Finding")),
)
_DRAWN = Filter("drawn", lazy_gettext("Sample"), [("random", lazy_gettext("drawn at random"))])
_NONE = Empty(lazy_gettext("This sample is empty."))


@bp.get("/samples/<int:id>")
@shows(*SAMPLES)
def sample(actor: Actor, id: int) -> Response:
    """Show a sample; on paper it is a sheet to write on."""
    with office.the_hub().database.reading() as session:
        drawn = service.get(session, id)
        lines = service.describe(session, drawn)
        by = get_officer(session, drawn.officer)
        entry = search.find_by_leaf(session, drawn.log_leaf)
    rows = [_line(place, line, actor) for place, line in enumerate(lines, 1)]
    title = gettext("Sample %(number)s: %(register)s", number=drawn.id, register=REGISTERS[drawn.register])
    if {"format", "print"} & request.args.keys():
        note = gettext(
            "%(size)s of %(population)s rows, drawn %(at)s by %(by)s. Seed %(seed)s; SHA-256 of the register "
            "%(digest)s. Why: %(reason)s",
            size=len(drawn.rows),
            population=drawn.population,
            at=i18n.instant(drawn.drawn_at),
            by=by.ref,
            seed=drawn.seed.hex(),
            digest=drawn.population_digest.hex(),
            reason=drawn.reason,
        )
        query = Query({"drawn": "random"}, limit=len(rows))
        found = Rows(rows, len(rows))
        return register.show(title, SHEET_COLUMNS, (_DRAWN,), query, found, empty=_NONE, note=note)
    page = render_template(
        "inspection/sample.html",
        title=title,
        sample=drawn,
        register=REGISTERS[drawn.register],
        by=by,
        entry_href=entries.entry_page(entry, actor) if entry else "",
        links=[
            Link(gettext("Print the sheet"), f"{request.path}?print=1"),
            Link(gettext("Export"), f"{request.path}?format=csv"),
        ],
        columns=SHEET_COLUMNS[1:5],
        rows=rows,
    )
    return make_response(page)


def _line(place: int, line: Line, actor: Actor) -> dict[str, object]:
    kind, _, key = line.reference.partition("/")
    return {
        "href": _href(kind, key, actor),
        "place": place,
        "reference": line.reference,
        "who": line.member,
        "at": line.at,
        "state": STATES[kind].get(line.state or "", line.state),
        # Room to write in.
        "seen": "\u00a0" * 8,
        "finding": "\u00a0" * 40,
    }


def _href(kind: str, key: str, actor: Actor) -> str:
    match kind:
        case "entry":
            return f"{office.ROOT}/activity/{key}" if actor.may(Act.READ_ACTIVITY) else ""
        case "agreement":
            name, _, version = key.rpartition("/")
            page = f"{office.ROOT}/agreements/{quote(name, safe='')}/{version}"
            return page if actor.may(Act.READ_AGREEMENTS) else ""
        case _:
            return entries.page_of(f"{kind}/{key}", actor)
