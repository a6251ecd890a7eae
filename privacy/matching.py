"""What travels when a member asks: evaluations, manifests, openings, answers.

An adversary would ask in another's name, add subjects behind a member's back, pass one custodian's
answer off as another's, or move an answer to another question. A manifest is signed by the asker and
every subject in it by that subject's standing key; every answer names the manifest by digest and is
signed by who gives it, and what the hub must not read is sealed to the asker.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import msgspec

from privacy import sealing, signing
from privacy.encoding import Json, b64, digest, frame, label, unb64
from privacy.errors import InvalidInputError, VerifyError
from privacy.messages import (
    Base64Url,
    Bytes32,
    Bytes64,
    Count,
    Index,
    Instant,
    Message,
    Name,
    PeriodName,
    Reference,
    exactly,
    parse_json,
)
from privacy.oprf import Evaluation
from privacy.records import Flag
from privacy.sealing import SealingKey
from privacy.signing import SigningKey

MAX_BATCH = 1_000
"""Blinded elements in one evaluation."""

MAX_SUBJECTS = 1_000
"""Subjects in one manifest."""

MAX_CIPHERTEXTS = 256
"""Packed ciphertexts in one opening."""


class EvaluationRequest(Message, frozen=True):
    """A member's batch of blinded elements to one custodian; asking again with the same id is free."""

    recipient: str
    epoch: Count
    key_set: Bytes32
    request_id: Reference
    elements: Annotated[tuple[Bytes32, ...], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


class EvaluationAnswer(Message, frozen=True):
    """A custodian's evaluation; the signature covers key set, request id, batch digest and answer digest.

    The key set, because a custodian may keep its witness key for the next epoch: an honest answer, held
    against the keys of another epoch, would look like a false one.
    """

    request_id: Reference
    custodian: Index
    elements: tuple[Bytes32, ...]
    proof: Bytes64
    signature: Bytes64

    def evaluation(self) -> Evaluation:
        """Return the elements and proof as bytes."""
        return Evaluation([unb64(element) for element in self.elements], unb64(self.proof))


def batch_digest(elements: Sequence[bytes]) -> bytes:
    """Return the digest under which a custodian logs a batch before it evaluates it."""
    return digest("evaluation-batch", b"".join(elements))


def sign_evaluation(
    key: SigningKey, request: EvaluationRequest, evaluation: Evaluation, *, custodian: int
) -> EvaluationAnswer:
    """Return custodian `custodian`'s signed answer to `request`."""
    elements = [unb64(element) for element in request.elements]
    document = _evaluation_document(request.key_set, request.request_id, custodian, elements, evaluation)
    return EvaluationAnswer(
        request_id=request.request_id,
        custodian=custodian,
        elements=tuple(b64(element) for element in evaluation.elements),
        proof=b64(evaluation.proof),
        signature=key.sign_document("evaluation", document),
    )


def verify_evaluation_answer(
    answer: EvaluationAnswer,
    witness: bytes,
    *,
    key_set: bytes,
    request_id: str,
    custodian: int,
    elements: Sequence[bytes],
) -> None:
    """Check that custodian `custodian` signed this answer to this batch; raises VerifyError.

    `key_set` is the key set's digest. The proof is another matter: see `oprf.verify`.
    """
    if (answer.request_id, answer.custodian) != (request_id, custodian):
        raise VerifyError("the evaluation answers another request")
    document = _evaluation_document(b64(key_set), request_id, custodian, elements, answer.evaluation())
    signing.verify_document(witness, "evaluation", document, answer.signature)


def _evaluation_document(
    key_set: str, request_id: str, custodian: int, elements: Sequence[bytes], evaluation: Evaluation
) -> Json:
    return {
        "key_set": key_set,
        "request_id": request_id,
        "custodian": custodian,
        "batch": b64(batch_digest(elements)),
        "answer": b64(digest("evaluation-answer", b"".join(evaluation.elements), evaluation.proof)),
    }


class Manifest(Message, frozen=True):
    """What a member asks: about whom, under which agreement, for which purpose and case.

    `unpacked` asks for one subject per ciphertext: with that, a total that makes no sense spoils no other.
    `sha256()` is the manifest digest that everything else refers to.
    """

    alliance: Name
    epoch: Count
    key_set: Bytes32
    request_id: Reference
    member: Name
    agreement: Name
    purpose: Annotated[str, exactly("[a-z_]{1,40}")]
    case: Annotated[str, exactly(r"[^\x00-\x1f\x7f]{0,100}")]
    period: PeriodName
    requested_at: Instant
    unpacked: bool
    subjects: Annotated[tuple[Bytes32, ...], msgspec.Meta(min_length=1, max_length=MAX_SUBJECTS)]


class MatchRequest(Message, frozen=True):
    """A manifest with the asker's signature and, for each subject, its standing key's."""

    manifest: Manifest
    signature: Bytes64
    standing: tuple[Bytes64, ...]


def standing_message(manifest_digest: bytes, position: int) -> bytes:
    """Return what the standing key of the subject at `position` (from 0) signs."""
    return frame(label("standing"), manifest_digest, position.to_bytes(4, "big"))


def sign_match(key: SigningKey, manifest: Manifest, standing_seeds: Sequence[bytes]) -> MatchRequest:
    """Return the manifest signed by the member and by each subject's standing key, in order."""
    manifest_digest = manifest.sha256()
    standing = (
        b64(SigningKey(seed).sign(standing_message(manifest_digest, position)))
        for position, seed in enumerate(standing_seeds)
    )
    signature = key.sign_document("manifest", manifest.document())
    return MatchRequest(manifest=manifest, signature=signature, standing=tuple(standing))


def verify_match(request: MatchRequest, public: bytes) -> None:
    """Check the asker's signature and that the lists fit: distinct subjects, one signature each.

    Raises VerifyError or InvalidInputError. The standing signatures need the records' keys: see
    `verify_standing`.
    """
    subjects = request.manifest.subjects
    if len(set(subjects)) != len(subjects):
        raise InvalidInputError("a subject is named twice", field="manifest.subjects")
    if len(request.standing) != len(subjects):
        raise InvalidInputError("one standing signature per subject is needed", field="standing")
    signing.verify_document(public, "manifest", request.manifest.document(), request.signature)


def verify_standing(
    request: MatchRequest, manifest_digest: bytes, position: int, standing_key: bytes
) -> None:
    """Check the signature of the subject at `position` by its record's standing key; raises VerifyError."""
    signature = unb64(request.standing[position])
    signing.verify(standing_key, standing_message(manifest_digest, position), signature)


class Decision(Message, frozen=True):
    """What allowed a request: agreement, version and clause, and the log entry that says so."""

    allowed: bool
    agreement: Name
    version: Count
    clause: str
    leaf: Bytes32


class OpeningRequest(Message, frozen=True):
    """The hub forwards a match to one custodian, with its decision and the feed position to judge at."""

    recipient: str
    epoch: Count
    key_set: Bytes32
    match: MatchRequest
    decision: Decision
    position: Count


class Status(StrEnum):
    """What a custodian says about one subject."""

    OPEN = "open"
    """Enough distinct others hold the subject: the totals are in the ciphertexts."""
    WITHHELD = "withheld"
    """Somebody else holds the subject, but the totals stay closed; the reason says why."""
    NONE = "none"
    """Nobody else holds the subject."""


class Reason(StrEnum):
    """Why a subject is withheld."""

    TOO_FEW_CONTRIBUTORS = "too_few_contributors"
    """Fewer distinct control groups than policy and agreement ask for."""
    CHANGED = "changed"
    """A record of the cohort ended or was held since the cut; wait for the next one."""
    NO_STANDING = "no_standing"
    """The asker has no live record of this subject under this standing key."""


class Verdict(Message, frozen=True):
    """A custodian's judgement of one subject."""

    status: Status
    reason: Reason | None


class DecryptionProof(Message, frozen=True):
    """Batched proof of partial decryption (protocol, appendix A)."""

    e: Base64Url
    z: Base64Url


class Opening(Message, frozen=True):
    """A custodian's judgement of a manifest and its partials for what is open.

    `ciphertexts[j]` packs the next floor((|N|-1)/480) open subjects in manifest order (one, if the manifest
    says `unpacked`), the first of them lowest; `partials[j]` is this custodian's partial decryption of it.
    `proof` covers all of them and is null only where nothing is open.
    """

    manifest: Bytes32
    custodian: Index
    position: Count
    period: PeriodName
    cut_at: Instant
    verdicts: tuple[Verdict, ...]
    ciphertexts: tuple[Base64Url, ...]
    partials: tuple[Base64Url, ...]
    proof: DecryptionProof | None


class SignedOpening(Message, frozen=True):
    """An opening with the custodian's witness signature: what is sealed to the asker."""

    opening: Opening
    signature: Bytes64


class SealedOpening(Message, frozen=True):
    """A custodian's answer to the hub: an envelope that only the asker opens."""

    custodian: Index
    envelope: Base64Url


def seal_opening(key: SigningKey, opening: Opening, sealing_key: bytes) -> SealedOpening:
    """Sign an opening and seal it (HPKE) to the asker's sealing key."""
    signed = SignedOpening(opening=opening, signature=key.sign_document("opening", opening.document()))
    context = _opening_context(unb64(opening.manifest), opening.custodian)
    envelope = sealing.seal_to(sealing_key, msgspec.json.encode(signed), purpose="opening", context=context)
    return SealedOpening(custodian=opening.custodian, envelope=b64(envelope))


def open_opening(
    key: SealingKey, sealed: SealedOpening, *, manifest_digest: bytes, witness: bytes
) -> SignedOpening:
    """Open a custodian's answer and check its signature; raises CannotOpen, VerifyError or InvalidInputError.

    Whether its partials are right only its proof tells: see `totals.verify_opening`.
    """
    context = _opening_context(manifest_digest, sealed.custodian)
    plaintext = key.open(unb64(sealed.envelope), purpose="opening", context=context)
    signed = parse_json(SignedOpening, plaintext)
    signing.verify_document(witness, "opening", signed.opening.document(), signed.signature)
    if (signed.opening.manifest, signed.opening.custodian) != (b64(manifest_digest), sealed.custodian):
        raise VerifyError("the opening answers another manifest or is another custodian's")
    return signed


def _opening_context(manifest_digest: bytes, custodian: int) -> bytes:
    return frame(manifest_digest, custodian.to_bytes(4, "big"))


class Reachability(StrEnum):
    """Whether another member can still reach the subject."""

    YES = "yes"
    """At least one other member has not lost contact."""
    NO = "no"
    """Every other member that says anything has lost contact."""
    UNKNOWN = "unknown"
    """No other member says anything."""


class Freshness(StrEnum):
    """How old the newest information is; never whose."""

    D30 = "d30"
    """Up to 30 days."""
    D90 = "d90"
    """Up to 90 days."""
    D180 = "d180"
    """Up to 180 days."""
    OLDER = "older"
    """More than 180 days."""


class Reachable(Message, frozen=True):
    """Reachable elsewhere? Never who, never how many; `kinds` stays empty until contact points exist."""

    status: Reachability
    freshness: Freshness | None
    kinds: tuple[str, ...]


class SharedFlag(Message, frozen=True):
    """Another member's evasion flag; the narrative opens with the subject key."""

    member: Name
    flag: Flag


class SubjectAnswer(Message, frozen=True):
    """What the hub knows about one subject of a manifest, at the same position."""

    reachable: Reachable
    flags: tuple[SharedFlag, ...]


class MatchAnswer(Message, frozen=True):
    """The hub's answer to a match: its own knowledge, and the custodians' sealed openings."""

    manifest: Bytes32
    decision: Decision
    answered_at: Instant
    subjects: tuple[SubjectAnswer, ...]
    openings: tuple[SealedOpening, ...]


class LogReceipt(Message, frozen=True):
    """A log entry as its subject receives it: entry and salt give the leaf."""

    entry: Json
    salt: Bytes32
    leaf: Bytes32


class SignedMatchAnswer(Message, frozen=True):
    """A match answer, the log entry that records it, and the hub's signature over answer and leaf."""

    answer: MatchAnswer
    receipt: LogReceipt
    signature: Bytes64


def sign_answer(key: SigningKey, answer: MatchAnswer, receipt: LogReceipt) -> SignedMatchAnswer:
    """Return the hub's signed answer."""
    signature = key.sign_document("match-answer", _answer_document(answer, receipt))
    return SignedMatchAnswer(answer=answer, receipt=receipt, signature=signature)


def verify_answer(signed: SignedMatchAnswer, hub: bytes) -> None:
    """Check the hub's signature over an answer and its log leaf; raises VerifyError."""
    signing.verify_document(
        hub, "match-answer", _answer_document(signed.answer, signed.receipt), signed.signature
    )


def _answer_document(answer: MatchAnswer, receipt: LogReceipt) -> Json:
    return {"answer": answer.document(), "leaf": receipt.leaf}
