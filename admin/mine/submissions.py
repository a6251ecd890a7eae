"""What one's own member handed in: each submission with its progress, its chunks and its refused rows.

A row is named by its place and the contract's opaque reference; whose contract it is, the member alone knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from admin import register
from admin.gate import shows
from admin.mine import own, words
from admin.objects import Chip, Link
from admin.office import the_hub
from admin.register import Column, Empty, Filter, Query, Rows
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.records import register as records_register
from alliance_hub.records import service as records
from alliance_hub.records.models import (
    ChunkState,
    RowOutcome,
    Submission,
    SubmissionChunk,
    SubmissionRow,
    SubmissionState,
)
from alliance_hub.records.register import Sort, Wanted
from alliance_hub.records.rules import RowReason
from privacy.encoding import b64

bp = Blueprint("mine_submissions", __name__, url_prefix="/mine/submissions")

SHOWN_CHUNKS = 50
SHOWN_ROWS = 10
REFERENCE_SIGNS = 12
"""So much of a contract's reference tells it from the member's others, and fits a column."""

COLUMNS = (
    Column("reference", lazy_gettext("Reference")),
    Column("received_at", lazy_gettext("Received"), "instant", sortable=True),
    Column("as_of", lazy_gettext("As of"), "day", sortable=True),
    Column("rows", lazy_gettext("Rows"), "number", sortable=True),
    Column("accepted", lazy_gettext("Accepted"), "number"),
    Column("unchanged", lazy_gettext("Unchanged"), "number"),
    Column("refused", lazy_gettext("Refused"), "number", sortable=True),
    Column("state", lazy_gettext("State"), "chip"),
)
FILTERS = (
    Filter(
        "state", lazy_gettext("State"), [(str(key), chip.word) for key, chip in words.SUBMISSIONS.items()]
    ),
    Filter(
        "refused",
        lazy_gettext("Refused rows"),
        [("yes", lazy_gettext("with refused rows")), ("no", lazy_gettext("without"))],
    ),
)
EMPTY = Empty(
    lazy_gettext(
        "What your organisation hands in will stand here, with what became of each row. Begin with the "
        "member tool: alliance-member submit FILE --as-of DATE"
    )
)

CHUNK_COLUMNS = (
    Column("number", lazy_gettext("Chunk"), "number"),
    Column("sequence", lazy_gettext("Statement"), "number"),
    Column("size", lazy_gettext("Rows"), "number"),
    Column("state", lazy_gettext("State"), "chip"),
    Column("position", lazy_gettext("Position in the feed"), "number"),
    Column("reason", lazy_gettext("Why, and what to do")),
)
ROW_COLUMNS = (
    Column("chunk", lazy_gettext("Chunk"), "number"),
    Column("place", lazy_gettext("Row"), "number"),
    Column("contract", lazy_gettext("Contract (opaque reference)")),
    Column("outcome", lazy_gettext("Result"), "chip"),
    Column("reason", lazy_gettext("Why, and what to do")),
)
ROW_FILTERS = (
    Filter(
        "outcome", lazy_gettext("Result"), [(str(key), chip.word) for key, chip in words.OUTCOMES.items()]
    ),
    Filter("reason", lazy_gettext("Why refused"), [(str(key), words.ROWS[key]) for key in RowReason]),
)
NO_ROWS = Empty(lazy_gettext("Every row was accepted. Rows that are refused or unchanged will stand here."))


@bp.get("/")
@shows(Act.READ_OWN_SUBMISSIONS)
def index(actor: Actor) -> Response:
    """Show the register of submissions."""
    query = register.parse(COLUMNS, FILTERS, sort=Sort.RECEIVED_AT, descending=True)
    with the_hub().database.reading() as session:
        return register.show(
            _("Our submissions"),
            COLUMNS,
            FILTERS,
            query,
            _page(session, own.name(actor), query),
            all_rows=partial(_page, session, own.name(actor), query.whole()),
            empty=EMPTY,
            search=_("Part of a reference"),
        )


@bp.get("/<id>")
@shows(Act.READ_OWN_SUBMISSIONS)
def show(actor: Actor, id: str) -> str:
    """Show one submission."""
    with the_hub().database.reading() as session:
        submission = records.get_submission(session, own.member(session, actor), id)
        return render_template(
            "mine/submission.html",
            title=submission.reference,
            submission=submission,
            state=state_chip(submission),
            progress=records_register.progress(session, submission),
            tally=[_tally(submission, each) for each in records_register.tally(session, submission)],
            chunk_columns=CHUNK_COLUMNS,
            chunks=_chunks(submission.chunks),
            more_chunks=max(len(submission.chunks) - SHOWN_CHUNKS, 0),
            row_columns=ROW_COLUMNS,
            rows=_rows(session, submission, Query(limit=SHOWN_ROWS)),
            rows_href=url_for(".rows", id=id),
        )


@bp.get("/<id>/rows")
@shows(Act.READ_OWN_SUBMISSIONS)
def rows(actor: Actor, id: str) -> Response:
    """Show the register of a submission's rows that were not accepted."""
    query = register.parse(ROW_COLUMNS, ROW_FILTERS, sort="chunk")
    with the_hub().database.reading() as session:
        submission = records.get_submission(session, own.member(session, actor), id)
        return register.show(
            _("Rows not accepted in %(reference)s", reference=submission.reference),
            ROW_COLUMNS,
            ROW_FILTERS,
            query,
            _rows(session, submission, query),
            all_rows=partial(_rows, session, submission, query.whole()),
            empty=NO_ROWS,
            actions=[Link(_("Back to the submission"), url_for(".show", id=id))],
        )


def state_chip(submission: Submission) -> Chip:
    """Return a submission's state, which says so when rows were refused."""
    state = SubmissionState(submission.state)
    if state is SubmissionState.DONE and submission.refused:
        return words.REFUSED_ROWS
    return words.SUBMISSIONS[state]


def _page(session: Session, member: str, query: Query) -> Rows:
    wanted = Wanted(
        state=SubmissionState(query.filters["state"]) if "state" in query.filters else None,
        refused=query.filters["refused"] == "yes" if "refused" in query.filters else None,
        text=query.text,
    )
    found = records_register.list_submissions(
        session,
        member,
        wanted,
        sort=Sort(query.sort),
        descending=query.descending,
        offset=query.offset,
        limit=query.limit,
    )
    total = records_register.count_submissions(session, member, wanted)
    return Rows([_row(each) for each in found], total)


def _row(submission: Submission) -> dict[str, Any]:
    return {
        "href": url_for("mine_submissions.show", id=submission.id),
        "reference": submission.reference,
        "received_at": submission.received_at,
        "as_of": submission.as_of,
        "rows": submission.rows,
        "accepted": submission.accepted,
        "unchanged": submission.unchanged,
        "refused": submission.refused,
        "state": state_chip(submission),
    }


def _chunks(chunks: Sequence[SubmissionChunk]) -> list[dict[str, Any]]:
    """Return the chunks to look at first: refused ones, then those that wait, then the others."""
    order = [ChunkState.REFUSED, ChunkState.WAITING, ChunkState.APPENDED]
    ordered = sorted(chunks, key=lambda chunk: (order.index(ChunkState(chunk.state)), chunk.number))
    return [
        {
            "number": chunk.number,
            "sequence": chunk.sequence,
            "size": chunk.size,
            "state": words.CHUNKS[ChunkState(chunk.state)],
            "position": chunk.position,
            "reason": words.CHUNK_REASONS.get(chunk.reason or "", chunk.reason),
        }
        for chunk in ordered[:SHOWN_CHUNKS]
    ]


def _tally(submission: Submission, tally: records_register.Tally) -> dict[str, Any]:
    narrowed = f"reason={tally.reason}" if tally.reason else f"outcome={tally.outcome}"
    return {
        "href": f"{url_for('mine_submissions.rows', id=submission.id)}?{narrowed}",
        "reason": words.ROWS.get(tally.reason or "", words.OUTCOMES[tally.outcome].word),
        "outcome": words.OUTCOMES[tally.outcome],
        "rows": tally.rows,
    }


def _rows(session: Session, submission: Submission, query: Query) -> Rows:
    outcome = RowOutcome(query.filters["outcome"]) if "outcome" in query.filters else None
    reason = query.filters.get("reason", "")
    found = records_register.list_rows(
        session, submission, outcome=outcome, reason=reason, offset=query.offset, limit=query.limit
    )
    total = records_register.count_rows(session, submission, outcome=outcome, reason=reason)
    return Rows([_refused(each) for each in found], total)


def _refused(row: SubmissionRow) -> dict[str, Any]:
    return {
        "chunk": row.chunk,
        "place": row.place,
        "contract": f"{b64(row.contract_ref)[:REFERENCE_SIGNS]}…",
        "outcome": words.OUTCOMES[RowOutcome(row.outcome)],
        "reason": words.ROWS.get(row.reason or "", row.reason),
    }
