"""Records come in as one stream; what became of them is asked for later."""

from __future__ import annotations

from http import HTTPStatus

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from alliance_hub.membership import service as membership
from alliance_hub.permissions import Permission
from alliance_hub.records import service as records
from alliance_hub.records.models import Submission, SubmissionRow
from api import answers, bodies
from api.forms import (
    ChunkShown,
    RowPage,
    RowShown,
    SubmissionPage,
    SubmissionShown,
    SubmissionTaken,
)
from api.jobs import send
from api.openapi import describe
from api.paging import NamedPage, Page, next_mark
from api.signatures import Caller, allows, the_hub
from privacy.encoding import b64

bp = APIBlueprint("submissions", __name__, tag="Submissions")


class Key(BaseModel):
    """The reference under which a submission is made once."""

    idempotency_key: str = Field(pattern=r"^[A-Za-z0-9._:-]{8,64}$")


@bp.post("/submissions")
@describe(bp, streams=True, answers={202: SubmissionTaken}, refuses=(403, 409, 422))
@allows(Permission.SUBMIT_RECORDS)
@bp.input(Key, location="headers")
def create(caller: Caller, headers_data: Key) -> Response:
    """Hand in records.

    NDJSON: a header `{"recipient": "hub", "epoch", "key_set", "reference", "as_of", "rows", "chunks"}`, then
    for each chunk `{"statement": SignedStatement}` and its records, one SubmittedRecord a line in the order
    of its leaves. `Idempotency-Key` is the reference: the same with the same body is the same submission.
    It is stored whole and processed later; a chunk with a refused row is refused whole.
    """
    hub = the_hub()
    with hub.database.reading() as session:
        member = membership.get(session, caller.member)
    with hub.database.transaction() as session:
        submission = records.receive(
            session,
            hub,
            member,
            bodies.pieces(),
            bodies.signed_digest(),
            headers_data.idempotency_key,
            hub.clock(),
        )
        taken = SubmissionTaken(id=submission.id, reference=submission.reference, state=str(submission.state))
    send(submission.job)
    return answers.form(taken, HTTPStatus.ACCEPTED)


@bp.get("/submissions")
@describe(bp, answers={200: SubmissionPage}, refuses=(403, 404, 422))
@allows(Permission.READ_OWN)
@bp.input(NamedPage, location="query")
def list_all(caller: Caller, query_data: NamedPage) -> Response:
    """List your submissions.

    The oldest first; `after` is the id of the last one that you have seen.
    """
    with the_hub().database.reading() as session:
        member = membership.get(session, caller.member)
        found = records.list_submissions(session, member, query_data.after, query_data.limit)
        page = SubmissionPage(
            submissions=tuple(_present(submission) for submission in found),
            next=next_mark(found, query_data.limit, lambda submission: submission.id),
        )
    return answers.form(page)


@bp.get("/submissions/<id>")
@describe(bp, answers={200: SubmissionShown}, refuses=(403, 404))
@allows(Permission.READ_OWN)
def show(caller: Caller, id: str) -> Response:
    """Show a submission.

    How many rows were accepted, unchanged and refused, and what became of each chunk.
    """
    with the_hub().database.reading() as session:
        member = membership.get(session, caller.member)
        shown = _present(records.get_submission(session, member, id))
    return answers.form(shown)


@bp.get("/submissions/<id>/rows")
@describe(bp, answers={200: RowPage}, refuses=(403, 404, 422))
@allows(Permission.READ_OWN)
@bp.input(Page, location="query")
def rows(caller: Caller, id: str, query_data: Page) -> Response:
    """List the rows of a submission that were not accepted.

    `unchanged` rows stand exactly so already; a `refused` row says why: drop it, and sign the rest again.
    """
    with the_hub().database.reading() as session:
        submission = records.get_submission(session, membership.get(session, caller.member), id)
        found = records.list_rows(session, submission, query_data.after, query_data.limit)
    page = RowPage(
        rows=tuple(_present_row(row) for row in found),
        next=next_mark(found, query_data.limit, lambda row: row.cursor),
    )
    return answers.form(page)


def _present(submission: Submission) -> SubmissionShown:
    return SubmissionShown(
        id=submission.id,
        reference=submission.reference,
        as_of=submission.as_of.isoformat(),
        state=str(submission.state),
        rows=submission.rows,
        accepted=submission.accepted,
        unchanged=submission.unchanged,
        refused=submission.refused,
        chunks=tuple(
            ChunkShown(
                sequence=chunk.sequence, state=str(chunk.state), position=chunk.position, reason=chunk.reason
            )
            for chunk in submission.chunks
        ),
    )


def _present_row(row: SubmissionRow) -> RowShown:
    return RowShown(
        chunk=row.chunk,
        index=row.place,
        contract_ref=b64(row.contract_ref),
        outcome=str(row.outcome),
        reason=row.reason,
    )
