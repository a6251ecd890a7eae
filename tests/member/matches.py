"""The matching side of the test hub: what others hold, opened with real shares by real custodians."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from privacy import decryption, exposure, matching, paillier, signing, threshold_paillier
from privacy.answers import (
    Freshness,
    MatchAnswer,
    Reachability,
    Reachable,
    SharedFlag,
    SignedMatchAnswer,
    SubjectAnswer,
    sign_answer,
)
from privacy.ceremony import Shares, paillier_share
from privacy.encoding import b64, encode_integer, frame, instant_text, label, unb64
from privacy.exposure import Exposure
from privacy.keyset import KeySet
from privacy.matching import Decision, MatchRequest, Opening, Reason, SealedOpening, Status, Verdict
from privacy.messages import parse_json
from privacy.signing import SigningKey
from privacy.statements import custodian_author
from tests.feeds import secret
from tests.member.server import Problem, Received

if TYPE_CHECKING:
    from tests.member.hub import Hub

CUT_AT = "2026-11-01T00:00:00Z"

Falsify = Callable[[Opening], Opening]

Held: TypeAlias = Exposure | int
"""What one other member has sealed: an honest contribution, or whatever number it liked."""


def make_opening(
    key_set: KeySet,
    shares: Shares,
    request: MatchRequest,
    others: Mapping[str, Sequence[Held]],
    *,
    period: str,
) -> Opening:
    """Judge a manifest against what `others` hold by pseudonym, and open one custodian's part."""
    public = key_set.public_key
    manifest_digest = request.manifest.sha256()
    verdicts, totals = [], []
    for number, subject in enumerate(request.manifest.subjects):
        held = others.get(subject, [])
        match len(held):
            case 0:
                verdicts.append(Verdict(status=Status.NONE, reason=None))
            case 1:
                verdicts.append(Verdict(status=Status.WITHHELD, reason=Reason.TOO_FEW_CONTRIBUTORS))
            case _:
                verdicts.append(Verdict(status=Status.OPEN, reason=None))
                # Fixed randomness: every custodian packs the same ciphertexts.
                sealed = [
                    paillier.encrypt(public, plaintext_of(each) % public.n, 10**40 + number) for each in held
                ]
                totals.append(paillier.product(public, sealed))
    width = 1 if request.manifest.unpacked else exposure.positions_per_ciphertext(public.bits)
    packed = [
        paillier.pack(public, totals[start : start + width], exposure.SLOTS_BITS)
        for start in range(0, len(totals), width)
    ]
    share = paillier_share(shares)
    partials = [threshold_paillier.partial(public, key_set.count, share, c) for c in packed]
    octets = 2 * public.bits // 8
    proof = (
        decryption.prove(
            public,
            count=key_set.count,
            custodian=shares.custodian,
            share=share,
            v_i=key_set.verification_key(shares.custodian),
            manifest=manifest_digest,
            ciphertexts=packed,
            partials=partials,
        )
        if packed
        else None
    )
    return Opening(
        manifest=b64(manifest_digest),
        custodian=shares.custodian,
        position=7,
        period=period,
        cut_at=CUT_AT,
        verdicts=tuple(verdicts),
        ciphertexts=tuple(encode_integer(c, octets) for c in packed),
        partials=tuple(encode_integer(p, octets) for p in partials),
        proof=proof,
    )


def plaintext_of(held: Held) -> int:
    return held.pack() if isinstance(held, Exposure) else held


def verify_standing(request: MatchRequest, position: int, standing_key: str) -> None:
    """Check one standing signature, its message written out as the protocol has it."""
    message = frame(label("standing"), request.manifest.sha256(), position.to_bytes(4, "big"))
    signing.verify(unb64(standing_key), message, unb64(request.standing[position]))


def _unchanged(opening: Opening) -> Opening:
    return opening


class Matches:
    """Answers matches for a `Hub`. `answered` counts what custodians were asked to open."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.shares: dict[int, Shares] = {}
        self.others: dict[str, list[Held]] = {}
        self.flags: dict[str, tuple[SharedFlag, ...]] = {}
        self.falsify: dict[int, Falsify] = {}
        self.requests: list[MatchRequest] = []
        self.answers: dict[str, bytes] = {}
        self.opened: list[tuple[int, str]] = []
        self.down = False
        self.falsify_answer: Callable[[SignedMatchAnswer], SignedMatchAnswer] = lambda answer: answer
        self.jobs: dict[str, list[str]] = {}
        self.failed: dict[str, list[dict[str, Any]]] = {}
        self.routes = {
            ("POST", "/v1/matches"): self.match,
            ("POST", "/v1/matches/([^/]+)/openings"): self.further,
            ("POST", "/v1/match-jobs"): self.start_job,
            ("GET", "/v1/match-jobs/([^/]+)"): self.show_job,
            ("GET", "/v1/match-jobs/([^/]+)/answers"): self.job_answers,
        }

    def match(self, received: Received) -> bytes:
        return self.answer(parse_json(MatchRequest, received.body))

    def answer(self, request: MatchRequest) -> bytes:
        """Answer one manifest; the same one again gives the same answer."""
        self.requests.append(request)
        manifest = request.manifest
        known = self.answers.get(manifest.request_id)
        if known is not None:
            return known
        assert self.hub.enrolment
        matching.verify_match(request, unb64(self.hub.enrolment.signing))
        for position, subject in enumerate(manifest.subjects):
            record = next((each for each in self.hub.records.values() if each.pseudonym == subject), None)
            if record is not None:
                verify_standing(request, position, record.standing_key)
        if manifest.period != self.hub.period:
            raise Problem(409, "period", period=self.hub.period)
        if self.down:
            raise Problem(503, "custodians-unavailable", "too few custodians answer")
        openings = tuple(self._open(request, index) for index in (1, 2))
        answer = MatchAnswer(
            manifest=b64(manifest.sha256()),
            decision=Decision(
                allowed=True, agreement=manifest.agreement, version=1, clause="purposes", leaf=b64(bytes(32))
            ),
            answered_at=instant_text(self.hub.clock()),
            subjects=tuple(self._say(subject) for subject in manifest.subjects),
            openings=openings,
        )
        signed = sign_answer(self.hub.key, answer, self.hub.receipt({"kind": "match"}))
        self.answers[manifest.request_id] = msgspec.json.encode(self.falsify_answer(signed))
        return self.answers[manifest.request_id]

    def _say(self, subject: str) -> SubjectAnswer:
        reachable = Reachable(status=Reachability.YES, freshness=Freshness.D30, kinds=())
        return SubjectAnswer(reachable=reachable, flags=self.flags.get(subject, ()))

    def _open(self, request: MatchRequest, index: int) -> SealedOpening:
        self.opened.append((index, request.manifest.request_id))
        opening = make_opening(
            self.hub.signed.key_set, self.shares[index], request, self.others, period=request.manifest.period
        )
        opening = self.falsify.get(index, _unchanged)(opening)
        assert self.hub.enrolment
        key = SigningKey(secret(custodian_author(index), "signing"))
        return matching.seal_opening(key, opening, unb64(self.hub.enrolment.sealing))

    def further(self, received: Received) -> SealedOpening:
        (request_id,) = received.groups
        request = next(each for each in self.requests if each.manifest.request_id == request_id)
        return self._open(request, json.loads(received.body)["custodian"])

    def start_job(self, received: Received) -> Any:
        header, *lines = received.body.splitlines()
        reference = json.loads(header)["reference"]
        assert json.loads(header)["manifests"] == len(lines)
        if reference not in self.jobs:
            self.jobs[reference], self.failed[reference] = [], []
            for line in lines:
                self._one_of_a_job(reference, parse_json(MatchRequest, line))
        return {"id": reference, "state": "received"}

    def _one_of_a_job(self, reference: str, request: MatchRequest) -> None:
        request_id = request.manifest.request_id
        try:
            self.answer(request)
            self.jobs[reference].append(request_id)
        except Problem as problem:
            document = {"type": problem.document["type"], "detail": problem.document["detail"]}
            self.failed[reference].append({"request_id": request_id, "problem": document})

    def show_job(self, received: Received) -> Any:
        (job,) = received.groups
        answered, failed = self.jobs[job], self.failed[job]
        count = len(answered) + len(failed)
        return {"id": job, "state": "done", "manifests": count, "answered": len(answered), "failed": failed}

    def job_answers(self, received: Received) -> bytes:
        (job,) = received.groups
        after = int(received.query.get("after", 0))
        page = self.jobs[job][after : after + 1]
        answers = b",".join(self.answers[each] for each in page)
        following = str(after + 1) if page else "null"
        return b'{"answers":[' + answers + b'],"next":' + following.encode() + b"}"
