"""What the rest of the hub does with records: take submissions in, read them, end and hold contracts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import insert, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from alliance_hub.agreements import service as agreements
from alliance_hub.errors import Conflict, NotFound
from alliance_hub.faults import reached
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.membership import service as membership
from alliance_hub.membership.models import Member
from alliance_hub.records.effects import end_contract, hold, release
from alliance_hub.records.holders import Holder, holders, live_count
from alliance_hub.records.holding import hold_as_secretariat, release_as_secretariat
from alliance_hub.records.models import (
    ChunkBody,
    ChunkState,
    Submission,
    SubmissionChunk,
    SubmissionRow,
    SubmissionState,
)
from alliance_hub.records.spool import Spool, spooled
from alliance_hub.transparency import service as transparency
from privacy.encoding import b64
from privacy.encoding import digest as framed_digest
from privacy.statements import MAX_CHUNK

__all__ = [
    "PROCESS",
    "Holder",
    "end_contract",
    "get_submission",
    "hold",
    "hold_as_secretariat",
    "holders",
    "list_rows",
    "list_submissions",
    "live_count",
    "receive",
    "release",
    "release_as_secretariat",
]

PROCESS = "submission"
"""The kind of the job that processes a submission."""


def receive(
    session: Session,
    hub: Hub,
    member: Member,
    stream: Iterable[bytes],
    digest: str,
    reference: str,
    now: datetime,
) -> Submission:
    """Store a submission whole and enqueue its processing; send `submission.job` after the commit.

    `stream` gives the NDJSON body in pieces, `digest` is the Content-Digest that the member signed. The
    body is read to its end before the session is first used, so that no lock is held meanwhile: use the
    session for nothing before. The same reference and body again return the same submission, and let its
    job begin anew if it was given up.

    Raises Forbidden, Conflict, Invalid (naming chunk, record and field) or Unauthenticated.
    """
    body = spooled(
        stream,
        member=member.name,
        key_set=hub.key_set,
        reference=reference,
        digest=digest,
        folder=hub.settings.home,
    )
    with body as spool:
        membership.require_active(session, membership.get(session, member.name))
        known = _find(session, member, reference)
        if known is not None:
            return _same(session, known, digest, now)
        feed.require_open(session)
        agreements.require_in_force(session, member, at=now)
        submission = _store(session, member, spool, digest, now)
    reached("submit.stored")
    return submission


def get_submission(session: Session, member: Member, id: str) -> Submission:
    """Return a submission of the member's own, with its chunks; raises NotFound."""
    own = select(Submission).where(Submission.id == id, Submission.member == member.name)
    submission = session.scalar(own.options(selectinload(Submission.chunks)))
    if submission is None:
        raise NotFound("there is no such submission")
    return submission


def list_submissions(session: Session, member: Member, after: str | None, limit: int) -> Sequence[Submission]:
    """Return up to `limit` of the member's submissions, oldest first, from the one behind `after` on."""
    own = select(Submission).where(Submission.member == member.name).options(selectinload(Submission.chunks))
    if after is not None:
        last = get_submission(session, member, after)
        own = own.where(tuple_(Submission.received_at, Submission.id) > (last.received_at, last.id))
    return session.scalars(own.order_by(Submission.received_at, Submission.id).limit(limit)).all()


def list_rows(session: Session, submission: Submission, after: int, limit: int) -> Sequence[SubmissionRow]:
    """Return up to `limit` rows that were not accepted, in order, behind cursor `after`; -1 for all."""
    chunk, place = divmod(after, MAX_CHUNK)
    behind = tuple_(SubmissionRow.chunk, SubmissionRow.place) > (chunk, place)
    rows = select(SubmissionRow).where(SubmissionRow.submission == submission.id, behind)
    return session.scalars(rows.order_by(SubmissionRow.chunk, SubmissionRow.place).limit(limit)).all()


def _find(session: Session, member: Member, reference: str) -> Submission | None:
    own = select(Submission).where(Submission.member == member.name, Submission.reference == reference)
    return session.scalar(own.options(selectinload(Submission.chunks)))


def _same(session: Session, known: Submission, digest: str, now: datetime) -> Submission:
    if known.digest != digest:
        raise Conflict("this reference was used for another submission: choose a fresh one", slug="reference")
    jobs.try_again(session, known.job, now=now)
    return known


def _store(session: Session, member: Member, spool: Spool, digest: str, now: datetime) -> Submission:
    submission = _new(session, member, spool, digest, now)
    for segment, body in spool.bodies():
        place = {"submission": submission.id, "number": segment.number}
        fields = {**place, "sequence": segment.sequence, "size": segment.size, "state": ChunkState.WAITING}
        session.execute(insert(SubmissionChunk), fields)
        session.execute(insert(ChunkBody), {**place, "body": body})
    facts = {"member": member.name, "submission": submission.id, "digest": digest, "rows": submission.rows}
    transparency.record_entry(session, "submission_received", facts, now=now)
    return submission


def _new(session: Session, member: Member, spool: Spool, digest: str, now: datetime) -> Submission:
    header = spool.header
    id = b64(framed_digest("submission", member.name.encode(), header.reference.encode())[:16])
    job = jobs.enqueue(session, PROCESS, {"submission": id}, now=now)
    submission = Submission(
        id=id,
        member=member.name,
        reference=header.reference,
        digest=digest,
        as_of=date.fromisoformat(header.as_of),
        state=SubmissionState.RECEIVED,
        rows=header.rows,
        received_at=now,
        job=job.id,
    )
    try:
        session.add(submission)
        session.flush()
    except IntegrityError as error:
        raise Conflict("this reference is being received: ask for it again", slug="reference") from error
    return submission
