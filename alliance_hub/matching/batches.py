"""Many manifests at once: taken in whole, answered one by one later, fetched when they are.

Each manifest is a job of its own in the hub's table, so that one which waits for a custodian holds up no
other, and a killed worker loses at most the one that it was at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import Clause, PolicyDecision
from alliance_hub.errors import Conflict, HubError, Invalid, NotFound
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.matching import rules
from alliance_hub.matching.deciding import Signed
from alliance_hub.matching.models import ItemState, MatchJob, MatchJobItem, MatchRow
from alliance_hub.membership import service as membership
from alliance_hub.membership.models import Member
from alliance_hub.transparency import service as transparency
from privacy.encoding import Json, b64
from privacy.encoding import digest as framed_digest
from privacy.errors import InvalidInputError
from privacy.keyset import KeySet
from privacy.matching import MatchRequest
from privacy.messages import Bytes32, Count, Message, Reference, parse_json
from privacy.statements import HUB

MATCH = "match"
"""The kind of the job that answers one manifest of a match job."""

MAX_MANIFESTS = 1_000

_M = TypeVar("_M")


class Header(Message, frozen=True):
    """The first line of a match job."""

    recipient: str
    epoch: Count
    key_set: Bytes32
    reference: Reference
    manifests: Annotated[int, msgspec.Meta(ge=1, le=MAX_MANIFESTS)]


@dataclass(frozen=True, slots=True)
class Batch:
    """A match job as it was handed in, all its lines well formed."""

    reference: str
    requests: tuple[MatchRequest, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a match job is, and the manifests of it that were refused."""

    answered: int
    failed: Sequence[MatchJobItem]
    manifests: int

    @property
    def is_done(self) -> bool:
        """Say whether nothing waits any more."""
        return self.answered + len(self.failed) == self.manifests


def read(lines: Iterable[bytes], key_set: KeySet) -> Batch:
    """Read a match job's lines; raises Invalid naming line and field, Conflict for another key set."""
    rest = iter(lines)
    header = _parse(Header, next(rest, b""), "header")
    if header.recipient != HUB:
        raise Invalid("a match job is for the hub", field="header.recipient")
    rules.require_keys(header.epoch, header.key_set, key_set)
    requests = tuple(_requests(rest))
    if len(requests) != header.manifests:
        raise Invalid("the body has not as many manifests as its header says", field="header.manifests")
    if len({request.manifest.request_id for request in requests}) != len(requests):
        raise Invalid("two manifests have one request id", field="manifests")
    return Batch(header.reference, requests)


def receive(
    session: Session, member: Member, batch: Batch, digest: str, signed: Signed, now: datetime
) -> tuple[MatchJob, list[int]]:
    """Store a match job whole; return it and the ids of the jobs to send after the commit.

    `digest` is the body's Content-Digest: the same reference and body again return the same job. Raises
    Conflict for the same reference with another body, Forbidden for a member that is not active.
    """
    membership.require_active(session, member)
    own = select(MatchJob).where(MatchJob.member == member.name, MatchJob.reference == batch.reference)
    known = session.scalar(own)
    if known is not None:
        return _same(known, digest), []
    job = MatchJob(
        id=b64(framed_digest("match-job", member.name.encode(), batch.reference.encode())[:16]),
        member=member.name,
        reference=batch.reference,
        digest=digest,
        manifests=len(batch.requests),
        signature_base=signed.base,
        signature=signed.signature,
        received_at=now,
    )
    try:
        session.add(job)
        session.flush()
    except IntegrityError as error:
        raise Conflict("this reference is being received: ask for it again", slug="reference") from error
    return job, [_add(session, job, *each, now) for each in enumerate(batch.requests, 1)]


def find_denial(
    session: Session, hub: Hub, member: Member, batch: Batch, signed: Signed, now: datetime
) -> HubError | None:
    """Log and return what denies a job as a whole: more subjects than an agreement lets one request name.

    Each of its manifests is decided by itself later; the caller raises once the log entry is committed.
    """
    asked: Counter[tuple[str, str]] = Counter()
    for manifest in (request.manifest for request in batch.requests):
        asked[manifest.agreement, manifest.purpose] += len(manifest.subjects)
    for (agreement, purpose), subjects in asked.items():
        decisions = agreements.decide(
            session,
            hub,
            member,
            agreement=agreement,
            purpose=purpose,
            categories=rules.ANSWERED,
            subjects=subjects,
            at=now,
        ).values()
        denied = next((each for each in decisions if each.clause == Clause.BATCH_CAP), None)
        if denied is not None:
            facts = {"manifests": len(batch.requests), "purpose": purpose, "subjects": subjects}
            return _denied(session, member, denied, facts, signed, now)
    return None


def get(session: Session, member: Member, id: str) -> MatchJob:
    """Return a match job of the member's own; raises NotFound."""
    job = session.get(MatchJob, id)
    if job is None or job.member != member.name:
        raise NotFound("there is no such match job")
    return job


def progress(session: Session, job: MatchJob) -> Progress:
    """Tell how far a match job is."""
    items = session.scalars(
        select(MatchJobItem).where(MatchJobItem.job == job.id).order_by(MatchJobItem.number)
    ).all()
    answered = sum(item.state == ItemState.ANSWERED for item in items)
    return Progress(answered, [item for item in items if item.state == ItemState.FAILED], job.manifests)


def list_answers(session: Session, job: MatchJob, after: int, limit: int) -> list[tuple[int, bytes]]:
    """Return up to `limit` answers behind number `after`, each with its number, as JSON."""
    found = (
        select(MatchJobItem.number, MatchRow)
        .join(MatchRow, MatchRow.id == MatchJobItem.match)
        .where(MatchJobItem.job == job.id, MatchJobItem.number > after)
        .order_by(MatchJobItem.number)
        .limit(limit)
        .options(undefer(MatchRow.answer))
    )
    return [(number, match.answer or b"") for number, match in session.execute(found)]


def _add(session: Session, job: MatchJob, number: int, request: MatchRequest, now: datetime) -> int:
    work = jobs.enqueue(session, MATCH, {"match_job": job.id, "number": number}, now=now)
    session.add(
        MatchJobItem(
            job=job.id,
            number=number,
            request_id=request.manifest.request_id,
            state=ItemState.WAITING,
            work=work.id,
            request=msgspec.json.encode(request),
        )
    )
    session.flush()
    return work.id


def _denied(
    session: Session, member: Member, denied: PolicyDecision, facts: Json, signed: Signed, now: datetime
) -> HubError:
    entry = {
        "member": member.name,
        **facts,
        "agreement": denied.agreement,
        "version": denied.version,
        "clause": denied.clause,
        "allowed": False,
        "signature_base": signed.base,
        "signature": signed.signature,
    }
    receipt = transparency.record_entry(session, "match_job", entry, now=now)
    refusal = agreements.refusal(denied)
    refusal.extra["receipt"] = receipt.document()
    return refusal


def _same(known: MatchJob, digest: str) -> MatchJob:
    if known.digest != digest:
        raise Conflict("this reference was used for another match job: choose a fresh one", slug="reference")
    return known


def _requests(lines: Iterator[bytes]) -> Iterator[MatchRequest]:
    for number, line in enumerate(lines):
        if number == MAX_MANIFESTS:
            raise Invalid(f"a match job has at most {MAX_MANIFESTS} manifests", field="header.manifests")
        yield _parse(MatchRequest, line, f"manifests[{number}]")


def _parse(form: type[_M], line: bytes, where: str) -> _M:
    try:
        return parse_json(form, line)
    except InvalidInputError as error:
        raise Invalid(str(error), field=f"{where}.{error.field}".rstrip(".")) from error
