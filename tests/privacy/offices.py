"""Custodians as a requester meets them: each evaluates, and opens what it is told; all keys are real."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

from privacy import ceremony, decryption, exposure, oprf, paillier, threshold_paillier
from privacy.encoding import b64, encode_integer, unb64
from privacy.evaluating import EvaluationAnswer, EvaluationRequest, sign_evaluation
from privacy.exposure import Exposure
from privacy.keyset import KeySet
from privacy.matching import Manifest, Opening, Reason, SignedOpening, Status, Verdict
from tests.privacy.samples import MANIFEST, SEALING, dealt, key, text

OPEN = Verdict(status=Status.OPEN, reason=None)
TOO_FEW = Verdict(status=Status.WITHHELD, reason=Reason.TOO_FEW_CONTRIBUTORS)
VERDICTS = (OPEN, TOO_FEW, OPEN, OPEN)

SOUND = (Exposure(3, 900, 30, 1, 0, 1, 0, 0, 0, 1), Exposure(1, 5, 5, 0, 0, 0, 0, 1, 1, 0))
WILD = Exposure(1, 5, 2**40, 0, 0, 0, 0, 0, 0, 0)
"""More overdue than outstanding: no honest tool seals that."""


def key_set() -> KeySet:
    return dealt().key_set


@cache
def shares(index: int) -> ceremony.Shares:
    return ceremony.receive(
        SEALING[index], dealt().sealed[index], key_set(), witness=key(f"witness/{index}").public
    )


def manifest(*, unpacked: bool, **changes: Any) -> Manifest:
    """A question about four subjects."""
    usual = {
        "key_set": b64(key_set().digest),
        "unpacked": unpacked,
        "subjects": tuple(text(f"subject {number}") for number in range(len(VERDICTS))),
    }
    return msgspec.structs.replace(MANIFEST, **usual | changes)


def sealed_totals(*totals: Exposure) -> list[int]:
    """One ciphertext for each open subject."""
    return [
        paillier.encrypt(key_set().public_key, total.pack(), secrets.randbits(512) | 1) for total in totals
    ]


def packed(asked: Manifest, totals: Sequence[int]) -> list[int]:
    """What every honest custodian packs."""
    width = 1 if asked.unpacked else 2
    return [
        paillier.pack(key_set().public_key, totals[start : start + width], exposure.SLOTS_BITS)
        for start in range(0, len(totals), width)
    ]


def opens(asked: Manifest, index: int, totals: Sequence[int], **changes: Any) -> Opening:
    """Custodian `index`'s honest opening of these totals, but for `changes`."""
    public, share = key_set().public_key, ceremony.paillier_share(shares(index))
    ciphertexts = packed(asked, totals)
    partials = [threshold_paillier.partial(public, 3, share, c) for c in ciphertexts]
    proof = decryption.prove(
        public,
        count=3,
        custodian=index,
        share=share,
        v_i=key_set().verification_key(index),
        manifest=asked.sha256(),
        ciphertexts=ciphertexts,
        partials=partials,
    )
    usual: dict[str, Any] = {
        "manifest": b64(asked.sha256()),
        "custodian": index,
        "position": 57,
        "period": asked.period,
        "cut_at": "2026-11-01T00:00:07Z",
        "verdicts": VERDICTS,
        "ciphertexts": tuple(encode_integer(c, 256) for c in ciphertexts),
        "partials": tuple(encode_integer(p, 256) for p in partials),
        "proof": proof,
    }
    return Opening(**usual | changes)


def sign(opening: Opening, *, by: str = "") -> SignedOpening:
    """The opening with its custodian's signature, or another's."""
    signer = key(by or f"witness/{opening.custodian}")
    return SignedOpening(opening=opening, signature=signer.sign_document("opening", opening.document()))


def asks(*names: bytes, **changes: Any) -> EvaluationRequest:
    """A batch of blinded elements."""
    usual: dict[str, Any] = {
        "recipient": "custodian/2",
        "epoch": 1,
        "key_set": b64(key_set().digest),
        "request_id": "evaluation-1",
        "elements": tuple(b64(oprf.blind(name).element) for name in names),
    }
    return EvaluationRequest(**usual | changes)


def evaluates(request: EvaluationRequest, index: int, *, by: int | None = None) -> EvaluationAnswer:
    """Custodian `index`'s signed answer, evaluated under its own share, or another's."""
    elements = [unb64(element) for element in request.elements]
    evaluation = oprf.evaluate(unb64(shares(by or index).oprf), elements)
    return sign_evaluation(key(f"witness/{index}"), request, evaluation, custodian=index)
