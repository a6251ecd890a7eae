"""Many manifests at once: handed in as one stream, answered one by one, fetched when they are."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from alliance_hub.matching import batches, refusals
from alliance_hub.matching.batches import Progress
from alliance_hub.matching.models import MatchJob, MatchJobItem
from alliance_hub.matching.service import Signed
from alliance_hub.membership import service as membership
from alliance_hub.permissions import Permission
from api import answers, bodies, problems
from api.forms import AnswerPage, FailedManifest, JobShown, JobTaken
from api.jobs import send
from api.openapi import describe
from api.paging import next_mark
from api.signatures import Caller, allows, the_hub

LARGEST = 256 * 2**20
"""Bytes: 1,000 manifests of 1,000 subjects have 140 MB."""


class Page(BaseModel):
    """Which part of a job's answers. Few at once: each may have some megabytes."""

    after: int = Field(0, ge=0, le=batches.MAX_MANIFESTS)
    limit: int = Field(10, ge=1, le=50)


bp = APIBlueprint("match_jobs", __name__, tag="Match jobs")


@bp.post("/match-jobs")
@describe(bp, streams=True, answers={202: JobTaken}, refuses=(403, 409, 422))
@allows(Permission.MATCH)
def create(caller: Caller) -> Response:
    """Hand in up to 1,000 manifests at once.

    NDJSON: a header `{"recipient": "hub", "epoch", "key_set", "reference", "manifests"}`, then one
    MatchRequest a line. Each is answered on its own, also while others are refused or wait for a custodian.
    The same reference with the same body is the same job. 403 `batch_cap`: more subjects than the agreement
    lets one request name, all manifests counted together.
    """
    hub = the_hub()
    with bodies.spooled(largest=LARGEST) as body:
        batch = batches.read(body.lines(), hub.key_set)
    signed = Signed(caller.verified.base, caller.verified.signature)
    with hub.database.transaction() as session:
        member = membership.get(session, caller.member)
        denied = batches.find_denial(session, hub, member, batch, signed, hub.clock())
        if denied is None:
            job, work = batches.receive(session, member, batch, bodies.signed_digest(), signed, hub.clock())
            taken = JobTaken(id=job.id, state=_state(batches.progress(session, job)))
    if denied is not None:
        raise denied
    for job_id in work:
        send(job_id)
    return answers.form(taken, HTTPStatus.ACCEPTED)


@bp.get("/match-jobs/<id>")
@describe(bp, answers={200: JobShown}, refuses=(403, 404))
@allows(Permission.READ_OWN)
def show(caller: Caller, id: str) -> Response:
    """Show a match job.

    How many of its manifests are answered, and which were refused and why.
    """
    with the_hub().database.reading() as session:
        job = batches.get(session, membership.get(session, caller.member), id)
        progress = batches.progress(session, job)
    return answers.form(_present(job, progress))


@bp.get("/match-jobs/<id>/answers")
@describe(bp, answers={200: AnswerPage}, refuses=(403, 404, 422))
@allows(Permission.READ_OWN)
@bp.input(Page, location="query")
def list_answers(caller: Caller, id: str, query_data: Page) -> Response:
    """List the answers of a match job.

    In the order in which the manifests were handed in; one that is answered late appears where it belongs,
    so fetch from the beginning once the job is done.
    """
    with the_hub().database.reading() as session:
        job = batches.get(session, membership.get(session, caller.member), id)
        found = batches.list_answers(session, job, query_data.after, query_data.limit)
    return answers.document(_page(found, query_data.limit))


def _state(progress: Progress) -> str:
    if progress.is_done:
        return "done"
    return "processing" if progress.answered or progress.failed else "received"


def _present(job: MatchJob, progress: Progress) -> JobShown:
    return JobShown(
        id=job.id,
        state=_state(progress),
        manifests=progress.manifests,
        answered=progress.answered,
        failed=tuple(_present_failed(item) for item in progress.failed),
    )


def _present_failed(item: MatchJobItem) -> FailedManifest:
    error = refusals.recall(item.refusal or b"")
    return FailedManifest(request_id=item.request_id, problem=problems.document_of(error))


def _page(found: Sequence[tuple[int, bytes]], limit: int) -> bytes:
    """Return an AnswerPage around answers that are JSON already."""
    answers = [msgspec.Raw(answer) for _, answer in found]
    return msgspec.json.encode({"answers": answers, "next": next_mark(found, limit, lambda each: each[0])})
