"""What travels when identifiers become pseudonyms: a batch of blinded elements, a custodian's signed answer.

An adversary would pass one custodian's answer off as another's, or move it to another batch, request or key
set: so the custodian signs all of these with its answer. Whether the answer is right its DLEQ proof says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from privacy import signing
from privacy.encoding import Json, b64, digest, unb64
from privacy.errors import VerifyError
from privacy.messages import Bytes32, Bytes64, Count, Index, Message, Reference
from privacy.oprf import Evaluation
from privacy.signing import SigningKey

MAX_BATCH = 1_000
"""Blinded elements in one evaluation."""


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
