"""A custodian as a member meets it: evaluates batches with a real share. It can be told to misbehave."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

import msgspec

from privacy import oprf
from privacy.encoding import b64, unb64
from privacy.evaluating import EvaluationAnswer, EvaluationRequest, batch_digest, sign_evaluation
from privacy.group import decode_element
from privacy.messages import parse_json
from privacy.oprf import Evaluation
from privacy.signing import SigningKey
from privacy.statements import custodian_author
from tests.feeds import secret
from tests.member.moments import Clock
from tests.member.server import Problem, Received, Server, retry_at


class Manner(Enum):
    """How a custodian behaves."""

    HONEST = auto()
    FALSE_PROOF = auto()
    """One byte of the proof is another."""
    OTHER_SHARE = auto()
    """It evaluates, and proves, with a share that is not its own."""
    OTHER_SIGNATURE = auto()
    """It signs with another key than its witness key."""
    IN_ANOTHER_NAME = auto()
    """It hands on another custodian's answer."""
    OUT_OF_QUOTA = auto()
    EPOCH_SPENT = auto()
    """Out of quota, and waiting does not help."""
    UNAWARE = auto()
    """It has not heard of the member yet."""
    GARBLED = auto()
    """It answers something that is no evaluation."""


class Custodian(Server):
    """One custodian of the test alliance."""

    def __init__(self, index: int, share: bytes, key_set_digest: bytes, clock: Clock) -> None:
        super().__init__(clock)
        self.index = index
        self.share = share
        self.key = SigningKey(secret(custodian_author(index), "signing"))
        self.key_set_digest = key_set_digest
        self.manner = Manner.HONEST
        self.charged: dict[str, bytes] = {}
        self.elements = 0
        self.other: Custodian | None = None
        self.account: dict[str, Any] = {}
        self.routes = {
            ("POST", "/v1/evaluations"): self.evaluate,
            ("GET", "/v1/account"): lambda received: self.account,
        }

    def evaluate(self, received: Received) -> EvaluationAnswer | bytes:
        request = parse_json(EvaluationRequest, received.body)
        expected = (custodian_author(self.index), 1, b64(self.key_set_digest))
        if (request.recipient, request.epoch, request.key_set) != expected:
            raise Problem(403, "misdirected")
        match self.manner:
            case Manner.OUT_OF_QUOTA:
                raise Problem(
                    429, "quota-exceeded", "today's quota is used up", retry_at=retry_at(self.clock)
                )
            case Manner.EPOCH_SPENT:
                raise Problem(429, "quota-exceeded", "ask the secretariat", retry_at=None)
            case Manner.UNAWARE:
                raise Problem(403, "not-active", "this custodian does not know this key")
            case Manner.GARBLED:
                return b"<html>sorry</html>"
        elements = [decode_element(unb64(element)) for element in request.elements]
        self._charge(request.request_id, batch_digest(elements), len(elements))
        return self._answer(request, elements)

    def _charge(self, request_id: str, batch: bytes, count: int) -> None:
        if request_id not in self.charged:
            self.charged[request_id] = batch
            self.elements += count
        elif self.charged[request_id] != batch:
            raise Problem(409, "conflict")

    def _answer(self, request: EvaluationRequest, elements: list[bytes]) -> EvaluationAnswer:
        if self.manner is Manner.IN_ANOTHER_NAME and self.other is not None:
            evaluation = oprf.evaluate(self.other.share, elements)
            return sign_evaluation(self.other.key, request, evaluation, custodian=self.other.index)
        share = self.share
        if self.manner is Manner.OTHER_SHARE and self.other is not None:
            share = self.other.share
        evaluation = oprf.evaluate(share, elements)
        if self.manner is Manner.FALSE_PROOF:
            evaluation = Evaluation(
                evaluation.elements, evaluation.proof[:-1] + bytes([evaluation.proof[-1] ^ 1])
            )
        answer = sign_evaluation(self.key, request, evaluation, custodian=self.index)
        if self.manner is Manner.OTHER_SIGNATURE:
            return msgspec.structs.replace(answer, signature=b64(bytes(64)))
        return answer
