"""The register of matters: a lawyer's own, or those of the officer's member."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response, abort, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from admin import office, register
from admin.gate import shows
from admin.matters import words
from admin.matters.family import READS, bp, is_lawyer, page_of
from admin.objects import Chip
from admin.register import Column, Empty, Filter, Query, Rows
from alliance_hub.matters import service as matters
from alliance_hub.matters.kinds import MatterState
from alliance_hub.matters.shown import MatterLine
from alliance_hub.people.actor import Actor

COLUMNS = (
    Column("reference", lazy_gettext("Matter"), sortable=True),
    Column("state", lazy_gettext("State"), "chip"),
    Column("kind", lazy_gettext("Kind")),
    Column("member", lazy_gettext("Member"), sortable=True),
    Column("opened", lazy_gettext("Opened"), "day", sortable=True),
    Column("until", lazy_gettext("Expires"), "left", sortable=True),
    Column("certificates", lazy_gettext("Certificates"), "number"),
    Column("warning", lazy_gettext("Warning"), "chip"),
)
SUPERSEDED = ("superseded", words.SUPERSEDED.word)
KIND = Filter("kind", lazy_gettext("Kind"), [(str(kind), label) for kind, label in words.KINDS.items()])
STATE = Filter(
    "state", lazy_gettext("State"), [(str(state), chip.word) for state, chip in words.STATES.items()]
)
WARNING = Filter("warning", lazy_gettext("Warning"), [SUPERSEDED])
TO_ACCEPT = Chip(lazy_gettext("terms to accept"), "wait")

EMPTY = {
    True: lazy_gettext(
        "Matters to which a member appoints you will appear here, until they expire. Ask the member for the "
        "reference, and whether its data agreement names your firm."
    ),
    False: lazy_gettext(
        "Your organisation's matters before courts and arbitrators will appear here. Open one with the "
        "member tool: alliance-member matters open"
    ),
}
_SORTS: Mapping[str, Callable[[MatterLine], Any]] = {
    "reference": lambda line: line.reference,
    "member": lambda line: (line.member, line.reference),
    "opened": lambda line: line.opened_at,
    "until": lambda line: line.until,
}


@bp.get("")
@shows(*READS)
def index(actor: Actor) -> Response:
    """Show the matters that the officer sees."""
    lawyer = is_lawyer(actor)
    filters = (KIND, WARNING) if lawyer else (STATE, KIND, WARNING)
    query = register.parse(COLUMNS, filters, sort="opened", descending=True)
    lines = _lines(actor)
    return register.show(
        gettext("My matters") if lawyer else gettext("Our matters"),
        COLUMNS if lawyer else (*COLUMNS[:3], *COLUMNS[4:]),
        filters,
        query,
        _page(lines, query),
        all_rows=lambda: _page(lines, query.whole()),
        empty=Empty(EMPTY[lawyer]),
        note=gettext("Debtors are not named here: the reference is what the member calls the matter."),
        search=gettext("Reference or member"),
    )


@bp.get("/by-reference/<reference>")
@shows(*READS)
def by_reference(actor: Actor, reference: str) -> AnyResponse:
    """Lead to the matter with this reference; two members may have chosen the same."""
    found = [line for line in _lines(actor) if line.reference == reference]
    if not found:
        abort(404)
    many = url_for("matters.index", q=reference)
    return redirect(_href(found[0]) if len(found) == 1 else many, 303)


def _lines(actor: Actor) -> list[MatterLine]:
    with office.the_hub().database.reading() as session:
        return matters.list_for(session, actor, office.now())


def _page(lines: Sequence[MatterLine], query: Query) -> Rows:
    found = [line for line in lines if _fits(line, query)]
    found.sort(key=_SORTS[query.sort], reverse=query.descending)
    return Rows([_row(line) for line in found[query.offset : query.offset + query.limit]], len(found))


def _fits(line: MatterLine, query: Query) -> bool:
    asked = query.filters
    return (
        asked.get("state", line.state) == line.state
        and asked.get("kind", line.kind) == line.kind
        and ("warning" not in asked or line.superseded > 0)
        and query.text.lower() in f"{line.reference} {line.member}".lower()
    )


def _row(line: MatterLine) -> dict[str, Any]:
    return {
        "href": _href(line),
        "reference": line.reference,
        "state": words.STATES[line.state] if line.accepted else TO_ACCEPT,
        "kind": None if line.kind is None else words.KINDS[line.kind],
        "member": line.member,
        "opened": line.opened_at,
        "until": line.until if line.state is MatterState.OPEN else None,
        "certificates": line.certificates if line.accepted else None,
        "warning": words.SUPERSEDED if line.superseded else None,
    }


def _href(line: MatterLine) -> str:
    return page_of(line.id) if line.accepted else url_for("matters.terms", id=line.id)
