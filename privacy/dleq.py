"""Batched proof that two lists of elements share one discrete logarithm (RFC 9497 section 2.2).

A custodian that wanted to tag one borrower would evaluate that element alone under another key; one
proof over the whole batch, against the public share that everybody pinned, makes this impossible.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from concurrent.futures import Executor

from privacy import group
from privacy.errors import DeserializeError, InvalidInputError, VerifyError

PROOF_BYTES = 64
MAX_BATCH = 65_535
"""An index in the composite transcript has two bytes."""


def prove(
    secret: bytes,
    public: bytes,
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
    *,
    context: bytes,
    proof_scalar: bytes | None = None,
    executor: Executor | None = None,
) -> bytes:
    """Return the proof `c || s` (64 bytes) that every `outputs[i] = secret * inputs[i]`.

    `proof_scalar` is the nonce and is only ever given by test vectors (RFC 9497 section 2.2.1).
    """
    nonce = group.random_scalar() if proof_scalar is None else proof_scalar
    weights = _weights(public, inputs, outputs, context)
    m = group.total(group.multiply_each(weights, inputs, executor=executor))
    z = group.multiply(secret, m)
    c = _challenge(public, m, z, group.multiply_base(nonce), group.multiply(nonce, m), context)
    return c + group.scalar_subtract(nonce, group.scalar_multiply(c, secret))


def verify(
    public: bytes,
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
    proof: bytes,
    *,
    context: bytes,
    executor: Executor | None = None,
) -> None:
    """Check a proof over strings from outside; raises VerifyError (RFC 9497 section 2.2.2).

    Nothing is decoded beforehand but the key: each string is multiplied once, and multiplying refuses
    what is no element, and the identity.
    """
    if len(inputs) != len(outputs) or not inputs or len(proof) != PROOF_BYTES:
        raise VerifyError("the proof does not fit the batch")
    if any(len(element) != group.ELEMENT_BYTES for element in (*inputs, *outputs)):
        raise VerifyError("the evaluation is not made of group elements")
    try:
        group.decode_element(public)
        c, s = group.decode_scalar(proof[:32]), group.decode_scalar(proof[32:])
        weights = _weights(public, inputs, outputs, context)
        m = group.total(group.multiply_each(weights, inputs, executor=executor))
        z = group.total(group.multiply_each(weights, outputs, executor=executor))
        t2 = group.add(group.multiply_base(s), group.multiply(c, public))
        t3 = group.add(group.multiply(s, m), group.multiply(c, z))
    except (DeserializeError, InvalidInputError) as error:
        raise VerifyError("the evaluation proof does not hold") from error
    if not hmac.compare_digest(_challenge(public, m, z, t2, t3, context), c):
        raise VerifyError("the evaluation proof does not hold")


def _sized(*fields: bytes) -> bytes:
    """Join fields behind two-byte lengths, the transcript form of RFC 9497."""
    return b"".join(len(field).to_bytes(2, "big") + field for field in fields)


def _weights(public: bytes, inputs: Sequence[bytes], outputs: Sequence[bytes], context: bytes) -> list[bytes]:
    """The coefficients `d_i` of ComputeComposites (RFC 9497 section 2.2.1)."""
    if len(inputs) > MAX_BATCH:
        raise InvalidInputError(f"a batch has at most {MAX_BATCH} elements", field="elements")
    seed = _sized(hashlib.sha512(_sized(public, b"Seed-" + context)).digest())
    domain = b"HashToScalar-" + context
    return [
        group.hash_to_scalar(seed + index.to_bytes(2, "big") + _sized(c, d) + b"Composite", domain)
        for index, (c, d) in enumerate(zip(inputs, outputs, strict=True))
    ]


def _challenge(public: bytes, m: bytes, z: bytes, t2: bytes, t3: bytes, context: bytes) -> bytes:
    return group.hash_to_scalar(_sized(public, m, z, t2, t3) + b"Challenge", b"HashToScalar-" + context)
