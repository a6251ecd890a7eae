"""How manifests travel and answers come back: one as one call, more as a job; each answer is checked."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

import msgspec

from member import faults, wire
from member.errors import Declined, MemberError, RetryLater, Untrusted
from member.http import refusal
from member.member import Member
from member.vault import questions, receipts
from member.vault.questions import Answered
from privacy.answers import SignedMatchAnswer, verify_answer
from privacy.encoding import b64
from privacy.errors import PrivacyError, VerifyError
from privacy.logged import LogReceipt, verify_receipt
from privacy.matching import MatchRequest

_MOVED_ON = frozenset({"period", "expired"})
"""How hub and custodians call a manifest of another time than now."""

_LATER = frozenset({"unavailable", "custodians-unavailable", "paused", "hub-silent", "stopped", "internal"})
"""How they call what asking again later mends."""

_MAX_MANIFESTS = 1_000
"""In one job."""

_PAUSE, _LONGEST_PAUSE = 0.5, 5.0
_PATIENCE = timedelta(minutes=15)


def send(member: Member, requests: Sequence[MatchRequest], *, cap: int) -> None:
    """Send manifests and keep their answers in the vault; a manifest that was answered before costs nothing.

    `cap` is how many subjects the agreement lets one request name, all manifests of a job together.

    Raises Declined, QuotaExceeded, RetryLater, or Untrusted for an answer that does not hold.
    """
    if len(requests) > 1:
        for job in _jobs(requests, cap):
            _send_job(member, job)
        return
    (request,) = requests
    with member.report.step("Asking", len(request.manifest.subjects)) as advance:
        with _keeping_denials(member):
            answer = member.hub.post("/v1/matches", msgspec.json.encode(request))
        faults.reached("match.answered")
        _keep(member, request, wire.read(SignedMatchAnswer, answer, member.hub.name))
        advance(len(request.manifest.subjects))


def _jobs(requests: Sequence[MatchRequest], cap: int) -> Iterator[list[MatchRequest]]:
    """Part manifests into jobs that the hub takes and the agreement allows."""
    job: list[MatchRequest] = []
    subjects = 0
    for request in requests:
        size = len(request.manifest.subjects)
        if job and (len(job) == _MAX_MANIFESTS or subjects + size > cap):
            yield job
            job, subjects = [], 0
        job.append(request)
        subjects += size
    yield job


def _send_job(member: Member, requests: Sequence[MatchRequest]) -> None:
    """Send manifests as one job and keep its answers; raises the first failure at the end.

    The reference is fresh every time: what makes a repeat free is each manifest's own request id, and under
    an old reference the hub would only show how an earlier attempt failed.
    """
    reference = secrets.token_urlsafe(24)
    header = {**member.addressed("hub"), "reference": reference, "manifests": len(requests)}
    lines = [msgspec.json.encode(each) + b"\n" for each in (header, *requests)]
    with _keeping_denials(member):
        answer = member.hub.stream("/v1/match-jobs", lambda: lines, headers={"Idempotency-Key": reference})
    job = _await(member, wire.read(wire.Job, answer, member.hub.name).id, len(requests))
    waiting = {b64(request.manifest.sha256()): request for request in requests}
    for signed in _answers(member, job.id):
        faults.reached("match.answered")
        if (request := waiting.pop(signed.answer.manifest, None)) is not None:
            _keep(member, request, signed)
    if waiting:
        raise _failure(member, job)


def _await(member: Member, job_id: wire.Id, total: int) -> wire.Job:
    """Wait until the job is done; raises RetryLater when nothing is answered for a long time."""
    answered, deadline, pause = 0, member.clock() + _PATIENCE, _PAUSE
    with member.report.step("Asking, in parts of 1,000 debtors", total) as advance:
        while True:
            job = wire.read(wire.Job, member.hub.get(f"/v1/match-jobs/{job_id}"), member.hub.name)
            if job.answered > answered:
                advance(job.answered - answered)
                answered, deadline, pause = job.answered, member.clock() + _PATIENCE, _PAUSE
            if job.state == "done":
                return job
            if member.clock() > deadline:
                raise RetryLater("the hub is still at work on the question: run the same command again later")
            member.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def _answers(member: Member, job_id: wire.Id) -> Iterator[SignedMatchAnswer]:
    query: dict[str, str | int] = {"limit": 10}
    while True:
        body = member.hub.get(f"/v1/match-jobs/{job_id}/answers", query)
        page = wire.read(wire.JobAnswers, body, member.hub.name)
        yield from page.answers
        if page.next is None or not page.answers:
            return
        query["after"] = page.next


def _failure(member: Member, job: wire.Job) -> MemberError:
    """Return why a job left manifests unanswered: first what can be mended by asking anew."""
    errors = [
        refusal(member.hub.name, _status(failed.problem), msgspec.json.encode(failed.problem))
        for failed in job.failed
    ]
    for error in errors:
        _keep_denial(member, error)
    mendable = [error for error in errors if isinstance(error, Declined) and has_moved_on(error)]
    unknown = RetryLater(
        "the hub left a manifest unanswered and does not say why: run the same command again"
    )
    return (mendable or errors or [unknown])[0]


def _status(problem: Mapping[str, object]) -> int:
    """Return a problem's status; in a job's list it may be missing, then its name decides."""
    status = problem.get("status")
    if isinstance(status, int):
        return status
    slug = str(problem.get("type", "")).rpartition(":")[2]
    return 429 if slug == "quota-exceeded" else 503 if slug in _LATER else 403


def has_moved_on(error: Declined) -> bool:
    """Say whether a manifest is refused because of its time only: then a new one is needed."""
    fields = {each.get("field") for each in error.extra.get("errors", []) if isinstance(each, dict)}
    return error.rule in _MOVED_ON or "manifest.requested_at" in fields


def _keep(member: Member, request: MatchRequest, signed: SignedMatchAnswer) -> None:
    """Check an answer and keep it with its receipt; raises Untrusted."""
    try:
        _verify(member, request, signed)
    except PrivacyError as error:
        raise Untrusted(f"the hub gave an answer that does not hold, it was not used: {error}") from error
    receipts.keep(member.vault, signed.receipt, at=member.clock(), answer=signed)
    questions.answer(member.vault, request.manifest.request_id, Answered(answer=signed))


@contextmanager
def _keeping_denials(member: Member) -> Iterator[None]:
    try:
        yield
    except MemberError as error:
        _keep_denial(member, error)
        raise


def _keep_denial(member: Member, error: MemberError) -> None:
    """Keep the log entry of a denial, where it has one: that this member asked stands in the log too."""
    extra = error.extra if isinstance(error, (Declined, RetryLater)) else {}
    try:
        receipt = msgspec.convert(extra.get("receipt"), LogReceipt)
        verify_receipt(receipt)
    except (msgspec.ValidationError, PrivacyError):
        return
    receipts.keep(member.vault, receipt, at=member.clock())


def _verify(member: Member, request: MatchRequest, signed: SignedMatchAnswer) -> None:
    verify_answer(signed, member.key_set.hub_key)
    verify_receipt(signed.receipt)
    answer, manifest = signed.answer, request.manifest
    if answer.manifest != b64(manifest.sha256()):
        raise VerifyError("it answers another manifest")
    if not answer.decision.allowed or answer.decision.agreement != manifest.agreement:
        raise VerifyError("its decision allows something else than was asked")
    if len(answer.subjects) != len(manifest.subjects):
        raise VerifyError("it does not answer every subject")
