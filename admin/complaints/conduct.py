"""Misconduct by who is complained of: which member or agency, how often, of what, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from flask import Response, url_for
from flask_babel import gettext, lazy_gettext

from admin import office, register
from admin.complaints.blueprint import bp
from admin.complaints.words import MISCONDUCT
from admin.days import start_of, today
from admin.gate import shows
from admin.objects import Link
from admin.register import Column, Empty, Filter, Query, Rows
from alliance_hub.complaints import register as books
from alliance_hub.complaints.register import Conduct
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act

COLUMNS = (
    Column("about", lazy_gettext("Complained of"), sortable=True),
    Column("member", lazy_gettext("Worked for")),
    Column("complaints", lazy_gettext("Complaints"), "number", sortable=True),
    Column("upheld", lazy_gettext("Upheld"), "number", sortable=True),
    Column("waiting", lazy_gettext("Not answered yet"), "number", sortable=True),
    Column("kinds", lazy_gettext("What was complained of")),
)
YEARS = 5


@bp.get("/misconduct")
@shows(Act.READ_COMPLAINTS, Act.WRITE_COMPLAINTS)
def conduct(actor: Actor) -> Response:
    """Count complaints of misconduct in a year."""
    year = today(office.now()).year
    filters = (
        Filter(
            "year", lazy_gettext("Year"), [(str(each), str(each)) for each in range(year, year - YEARS, -1)]
        ),
    )
    query = register.parse(COLUMNS, filters, sort="complaints", descending=True)
    first, last = int(query.filters.get("year", year - YEARS + 1)), int(query.filters.get("year", year))
    since, until = start_of(date(first, 1, 1)), start_of(date(last + 1, 1, 1))
    rows = _rows(since, until, query)
    return register.show(
        gettext("Misconduct by agency"),
        COLUMNS,
        filters,
        query,
        Rows(rows[query.offset : query.offset + query.limit], len(rows)),
        all_rows=lambda: Rows(rows, len(rows)),
        empty=Empty(
            gettext(
                "Nobody was complained of for misconduct in this time. Whoever is, will stand here with how "
                "often and of what."
            )
        ),
        note=gettext(
            "Complaints of misconduct received from %(first)s to %(last)s. One complaint can name several "
            "kinds. Whoever is complained of most stands first.",
            first=first,
            last=last,
        ),
        actions=[Link(gettext("To the complaints"), url_for("complaints.index"))],
    )


def _rows(since: datetime, until: datetime, query: Query) -> list[Mapping[str, object]]:
    with office.the_hub().database.reading() as session:
        found = books.conduct(session, since=since, until=until)
    found.sort(key=lambda each: getattr(each, query.sort), reverse=query.descending)
    return [_row(each) for each in found]


def _row(each: Conduct) -> Mapping[str, object]:
    counted = each.kinds.most_common()
    kinds = (
        f"{MISCONDUCT[kind]} ×{count}" if count > 1 else str(MISCONDUCT[kind]) for kind, count in counted
    )
    return {
        "href": url_for("complaints.index", q=each.about, kind="misconduct"),
        "about": each.about,
        "member": each.member if each.is_agency else gettext("itself"),
        "complaints": each.complaints,
        "upheld": each.upheld,
        "waiting": each.waiting,
        "kinds": gettext("; ").join(kinds),
    }
