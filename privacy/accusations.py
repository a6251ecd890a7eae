"""A falsehood that somebody signed, so that anybody can check it against the key set, whoever hands it over.

An adversary would frame a custodian: with an answer that it never signed, with a true answer held against
another question, another key set or another manifest, or with one changed on the way. So an accusation is the
accused's own signature and what makes the words under it false; one that does not show both shows nothing.
An answer without a good signature accuses nobody: the hub or the line may have spoilt it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from privacy import oprf, signing, totals
from privacy.encoding import b64, unb64
from privacy.errors import PrivacyError, VerifyError
from privacy.evaluating import EvaluationAnswer, EvaluationRequest, verify_evaluation_answer
from privacy.keyset import KeySet
from privacy.matching import MAX_SUBJECTS, Manifest, Opening, SignedOpening, Status
from privacy.messages import Message, parse_json


class FalseEvaluation(Message, frozen=True, tag_field="kind", tag="false_evaluation"):
    """A custodian signed evaluations that its own proof does not carry (RFC 9497 section 2.2.2)."""

    request: EvaluationRequest
    answer: EvaluationAnswer


class FalsePartial(Message, frozen=True, tag_field="kind", tag="false_partial"):
    """A custodian signed an opening whose proof of partial decryption is missing or does not hold."""

    manifest: Manifest
    opening: SignedOpening


class UnsoundTotal(Message, frozen=True, tag_field="kind", tag="unsound_total"):
    """`threshold` custodians opened one subject alone, and what its contributors sealed makes no sense.

    `subject` is its position in the manifest, from 0. The custodians are cleared by their proofs; at least
    one contributor sealed what no honest tool seals, and all must open theirs to the auditor (section 5
    step 5). Whoever receives this can open that total.
    """

    manifest: Manifest
    openings: Annotated[tuple[SignedOpening, ...], msgspec.Meta(min_length=2, max_length=255)]
    subject: Annotated[int, msgspec.Meta(ge=0, le=MAX_SUBJECTS - 1)]


Accusation = FalseEvaluation | FalsePartial | UnsoundTotal


def read_accusation(data: bytes | str) -> Accusation:
    """Read an accusation from JSON text; raises InvalidInputError naming the field."""
    return parse_json(Accusation, data)  # type: ignore[arg-type]


def verify_accusation(accusation: Accusation, key_set: KeySet) -> str:
    """Return one sentence that names who is at fault; it carries no pseudonym and no amount.

    The key set must have been verified. Raises VerifyError when the accusation does not show what it claims.
    """
    try:
        match accusation:
            case FalseEvaluation():
                return _false_evaluation(accusation, key_set)
            case FalsePartial():
                return _false_partial(accusation, key_set)
            case UnsoundTotal():
                return _unsound_total(accusation, key_set)
    except VerifyError:
        raise
    except PrivacyError as error:
        raise VerifyError("the accusation is not well formed") from error


def _false_evaluation(accusation: FalseEvaluation, key_set: KeySet) -> str:
    request, answer = accusation.request, accusation.answer
    _require_same_keys(request.epoch, request.key_set, key_set)
    elements = [unb64(element) for element in request.elements]
    verify_evaluation_answer(
        answer,
        key_set.witness(answer.custodian),
        key_set=key_set.digest,
        request_id=request.request_id,
        custodian=answer.custodian,
        elements=elements,
    )
    try:
        oprf.verify(key_set.oprf_public(answer.custodian), elements, answer.evaluation())
    except VerifyError as fault:
        return f"custodian {answer.custodian} signed a false answer to request {request.request_id}: {fault}"
    raise VerifyError("the evaluation is right: it accuses nobody")


def _false_partial(accusation: FalsePartial, key_set: KeySet) -> str:
    opening = _signed_opening(accusation.manifest, accusation.opening, key_set)
    try:
        totals.verify_opening(accusation.manifest, opening, key_set)
    except VerifyError as fault:
        request_id = accusation.manifest.request_id
        return f"custodian {opening.custodian} signed a false opening for request {request_id}: {fault}"
    raise VerifyError("the opening is right: it accuses nobody")


def _unsound_total(accusation: UnsoundTotal, key_set: KeySet) -> str:
    manifest = accusation.manifest
    if not manifest.unpacked:
        raise VerifyError("only a total that was opened alone accuses its contributors: ask again, unpacked")
    signed = [_signed_opening(manifest, each, key_set) for each in accusation.openings]
    for opening in signed:
        totals.verify_opening(manifest, opening, key_set)
    number = _ciphertext_of(accusation.subject, signed, key_set)
    openings = {opening.custodian: opening for opening in signed}
    if totals.open_ciphertext(openings, key_set, number, size=1) is not None:
        raise VerifyError("the total makes sense: it accuses nobody")
    return (
        f"at least one contributor to subject {accusation.subject + 1} of request {manifest.request_id} in "
        f"period {signed[0].period} is at fault: the total makes no sense, and each of them must open its "
        "contributions to the auditor; the custodians opened it rightly"
    )


def _ciphertext_of(subject: int, openings: Sequence[Opening], key_set: KeySet) -> int:
    """Return which ciphertext holds the subject alone, as `threshold` custodians say; raises VerifyError."""
    custodians = {opening.custodian for opening in openings}
    if len(custodians) != len(openings) or len(custodians) < key_set.threshold:
        raise VerifyError(f"openings of {key_set.threshold} different custodians are needed")
    if len({_said(opening) for opening in openings}) != 1:
        raise VerifyError("the custodians did not say the same")
    verdicts = openings[0].verdicts
    if subject >= len(verdicts) or verdicts[subject].status is not Status.OPEN:
        raise VerifyError("the custodians opened no such subject")
    return totals.open_subjects(openings[0]).index(subject)


def _said(opening: Opening) -> tuple[object, ...]:
    return opening.position, opening.period, opening.cut_at, opening.verdicts, opening.ciphertexts


def _signed_opening(manifest: Manifest, signed: SignedOpening, key_set: KeySet) -> Opening:
    """Return an opening of this manifest that its custodian signed; raises VerifyError."""
    _require_same_keys(manifest.epoch, manifest.key_set, key_set)
    opening = signed.opening
    if opening.manifest != b64(manifest.sha256()):
        raise VerifyError("the opening answers another manifest")
    witness = key_set.witness(opening.custodian)
    signing.verify_document(witness, "opening", opening.document(), signed.signature)
    return opening


def _require_same_keys(epoch: int, digest: str, key_set: KeySet) -> None:
    if (epoch, digest) != (key_set.epoch, b64(key_set.digest)):
        raise VerifyError("the accusation is about another key set: check it against that one")
