"""The verifiable OPRF that turns identifiers into pseudonyms: RFC 9497, ristretto255-SHA512, mode VOPRF.

An adversary with the hub's database would hash every identifier there is; without the key there is
nothing to hash with, and the key exists only as Shamir shares that no single custodian can use. What
the member gets by combining `threshold` verified answers equals a single RFC 9497 server under the
joint key, bit for bit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import lru_cache

from privacy import dleq, group, shamir
from privacy.errors import InvalidInputError

SUITE = "ristretto255-SHA512"
MODE_VOPRF = 0x01
CONTEXT = b"OPRFV1-" + bytes([MODE_VOPRF]) + b"-" + SUITE.encode()
OUTPUT_BYTES = 64
MAX_INPUT_BYTES = 65_535


@dataclass(frozen=True, slots=True)
class Blinded:
    """What the member keeps (`blind`, secret) and what it sends (`element`)."""

    blind: bytes
    element: bytes


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A custodian's answer: one element per element asked, and one 64-byte proof `c || s` for all."""

    elements: list[bytes]
    proof: bytes


def derive_key_pair(seed: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Return `(secret scalar, public element)` from a 32-byte seed (RFC 9497 section 3.2.1)."""
    if len(seed) != 32:
        raise InvalidInputError("a seed has 32 bytes", field="seed")
    if len(info) > MAX_INPUT_BYTES:
        raise InvalidInputError("info has at most 65535 bytes", field="info")
    derive_input = seed + len(info).to_bytes(2, "big") + info
    for counter in range(256):
        secret = group.hash_to_scalar(derive_input + bytes([counter]), b"DeriveKeyPair" + CONTEXT)
        if secret != bytes(group.SCALAR_BYTES):
            return secret, group.multiply_base(secret)
    raise InvalidInputError("no key can be derived from this seed", field="seed")  # probability 2^-64512


def blind(data: bytes, *, blind: bytes | None = None) -> Blinded:
    """Hash `data` to the group and blind it (RFC 9497 section 3.3.2).

    `blind` is only given by test vectors. Raises InvalidInputError for data above 65535 bytes.
    """
    if len(data) > MAX_INPUT_BYTES:
        raise InvalidInputError("an OPRF input has at most 65535 bytes", field="data")
    scalar = group.random_scalar() if blind is None else group.decode_scalar(blind)
    return Blinded(scalar, group.multiply(scalar, group.hash_to_group(data, b"HashToGroup-" + CONTEXT)))


def evaluate(
    secret: bytes,
    elements: Sequence[bytes],
    *,
    proof_scalar: bytes | None = None,
    executor: Executor | None = None,
) -> Evaluation:
    """Evaluate a batch under one key share and prove it (BlindEvaluate, RFC 9497 section 3.3.2).

    Raises DeserializeError for a string that is no element or is the identity, InvalidInputError for
    an empty batch.
    """
    if not elements:
        raise InvalidInputError("a batch has at least one element", field="elements")
    inputs = [group.decode_element(element) for element in elements]
    outputs = group.multiply_all(group.decode_scalar(secret), inputs, executor=executor)
    proof = dleq.prove(
        secret,
        group.multiply_base(secret),
        inputs,
        outputs,
        context=CONTEXT,
        proof_scalar=proof_scalar,
        executor=executor,
    )
    return Evaluation(outputs, proof)


def verify(
    public: bytes,
    blinded_elements: Sequence[bytes],
    evaluation: Evaluation,
    *,
    executor: Executor | None = None,
) -> None:
    """Check that `evaluation` answers `blinded_elements` under `public`; raises VerifyError."""
    dleq.verify(
        public, blinded_elements, evaluation.elements, evaluation.proof, context=CONTEXT, executor=executor
    )


def finalize(data: bytes, blind: bytes, element: bytes) -> bytes:
    """Unblind one evaluated element and hash it with its input: 64 bytes (RFC 9497 section 3.3.2)."""
    return _output(data, group.multiply(group.scalar_invert(blind), group.decode_element(element)))


def combine(evaluations: Sequence[tuple[int, bytes]]) -> bytes:
    """Return the element under the joint key from `(index, element)` of `threshold` custodians."""
    weights = _weights(tuple(index for index, _ in evaluations))
    elements = [group.decode_element(element) for _, element in evaluations]
    return group.decode_element(group.total(group.multiply_each(weights, elements)))


def combine_and_finalize(data: bytes, blind: bytes, evaluations: Sequence[tuple[int, bytes]]) -> bytes:
    """Combine and unblind in one step, `sum (lambda_i / r) * Z_i`, then hash: 64 bytes.

    The same value as `finalize(data, blind, combine(evaluations))`, one multiplication cheaper. The
    elements must have passed `verify`.
    """
    unblind = group.scalar_invert(blind)
    weights = _weights(tuple(index for index, _ in evaluations))
    scalars = [group.scalar_multiply(weight, unblind) for weight in weights]
    return _output(data, group.total(group.multiply_each(scalars, [element for _, element in evaluations])))


@lru_cache(maxsize=64)
def _weights(indices: tuple[int, ...]) -> list[bytes]:
    """Lagrange coefficients at zero, encoded; public numbers, the same for a whole batch."""
    coefficients = shamir.lagrange_at_zero(indices, group.ORDER)
    return [group.scalar_from_int(coefficients[index]) for index in indices]


def _output(data: bytes, unblinded: bytes) -> bytes:
    parts = len(data).to_bytes(2, "big") + data + len(unblinded).to_bytes(2, "big") + unblinded
    return hashlib.sha512(parts + b"Finalize").digest()
