"""What one's own member asked and what was decided, allowed or denied: each with its clause and log entry."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from admin import register
from admin.agreements import words as agreement_words
from admin.gate import shows
from admin.mine import own, words
from admin.office import the_hub
from admin.register import Column, Empty, Filter, Query, Rows
from alliance_hub.matching import register as matches
from alliance_hub.matching.register import Asked, Wanted
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from privacy.vocabulary import Purpose, RefusedPurpose

bp = Blueprint("mine_matches", __name__, url_prefix="/mine/matches")

COLUMNS = (
    Column("at", lazy_gettext("Asked"), "instant"),
    Column("purpose", lazy_gettext("Purpose")),
    Column("agreement", lazy_gettext("Agreement")),
    Column("version", lazy_gettext("Version"), "number"),
    Column("subjects", lazy_gettext("Subjects"), "number"),
    Column("decision", lazy_gettext("Decision"), "chip"),
    Column("clause", lazy_gettext("Clause")),
    Column("entry", lazy_gettext("Log entry"), "number"),
)
FILTERS = (
    Filter(
        "decision", lazy_gettext("Decision"), [("allowed", words.ALLOWED.word), ("denied", words.DENIED.word)]
    ),
    Filter(
        "purpose",
        lazy_gettext("Purpose"),
        [(str(each), agreement_words.purpose(each)) for each in (*Purpose, *RefusedPurpose)],
    ),
    Filter("agreement", lazy_gettext("Agreement")),
    Filter("clause", lazy_gettext("Clause")),
)
EMPTY = Empty(
    lazy_gettext(
        "What your organisation asks will stand here, with the clause that allowed or denied it. Begin with "
        "the member tool: alliance-member match FILE --out ANSWERS --purpose PURPOSE --case CASE"
    )
)


@bp.get("/")
@shows(Act.READ_OWN_MATCHES)
def index(actor: Actor) -> Response:
    """Show the register of questions."""
    query = register.parse(COLUMNS, FILTERS, sort="at", descending=True)
    with the_hub().database.reading() as session:
        return register.show(
            _("Our matches"),
            COLUMNS,
            FILTERS,
            query,
            _page(session, own.name(actor), query),
            all_rows=partial(_page, session, own.name(actor), query.whole()),
            empty=EMPTY,
            note=_(
                "How many subjects were asked about, never whom. Whether totals opened or were withheld is "
                "sealed to your organisation: its answers say so, the hub does not know."
            ),
        )


@bp.get("/<int:entry>")
@shows(Act.READ_OWN_MATCHES)
def show(actor: Actor, entry: int) -> str:
    """Show one question with the log entry that decided it."""
    with the_hub().database.reading() as session:
        found = matches.get(session, own.name(actor), entry)
    asked = found.asked
    return render_template(
        "mine/match.html",
        title=_("Match of log entry %(entry)s", entry=entry),
        found=found,
        asked=asked,
        decision=words.ALLOWED if asked.allowed else words.DENIED,
        state=None if found.state is None else words.MATCHES[found.state],
        purpose=agreement_words.purpose(asked.purpose),
        clause=agreement_words.clause(asked.clause),
        agreement_href=_agreement(asked),
        entry_text=_pretty(found.receipt.entry),
    )


@bp.get("/<int:entry>/receipt.json")
@shows(Act.READ_OWN_MATCHES)
def receipt(actor: Actor, entry: int) -> Response:
    """Give out the log entry with its salt and leaf, to be checked apart from the hub."""
    with the_hub().database.reading() as session:
        found = matches.get(session, own.name(actor), entry)
    response = Response(found.receipt.canonical(), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="receipt-{entry}.json"'
    return response


def _page(session: Session, member: str, query: Query) -> Rows:
    asked = query.filters
    wanted = Wanted(
        allowed=asked["decision"] == "allowed" if "decision" in asked else None,
        purpose=asked.get("purpose", ""),
        agreement=asked.get("agreement", ""),
        clause=asked.get("clause", ""),
    )
    page = matches.list_page(session, member, wanted, offset=query.offset, limit=query.limit)
    return Rows([_row(each) for each in page.rows], page.total, page.capped)


def _row(asked: Asked) -> dict[str, Any]:
    return {
        "href": url_for("mine_matches.show", entry=asked.entry),
        "at": asked.at,
        "purpose": agreement_words.purpose(asked.purpose),
        "agreement": asked.agreement,
        "version": asked.version or None,
        "subjects": asked.subjects,
        "decision": words.ALLOWED if asked.allowed else words.DENIED,
        "clause": asked.clause,
        "entry": asked.entry,
    }


def _agreement(asked: Asked) -> str:
    if not asked.version:
        return ""
    return url_for("mine_agreements.show", agreement=asked.agreement, version=asked.version)


def _pretty(entry: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(entry, order="sorted"), indent=2).decode()
