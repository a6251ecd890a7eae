"""ristretto255 (RFC 9496) from libsodium: elements and scalars are 32-byte `bytes` in wire encoding.

An adversary would send a string that is no element, or the identity, and watch what comes back:
libsodium's `add` answers zero bytes for an invalid point without an error. So every element from
outside passes `decode_element` or is multiplied first, which refuses the same; every scalar passes
`decode_scalar`; and no secret is computed with as a Python integer.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import Executor
from itertools import repeat
from typing import Final

import gmpy2
import rbcl

from privacy.errors import DeserializeError, InvalidInputError

# rbcl unpacks libsodium into a temporary file at every import and leaves it there; once loaded, the
# file is needed by nobody, and a long-lived machine would fill its disk with copies.
with contextlib.suppress(OSError):
    os.unlink(rbcl._sodium._name)

ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""Order of the group (RFC 9496 section 4): shares are polynomials over this field."""

ELEMENT_BYTES: Final = 32
SCALAR_BYTES: Final = 32
IDENTITY: Final = bytes(ELEMENT_BYTES)

# Below this many multiplications a thread costs more than it brings.
_WORTH_A_THREAD: Final = 16


def decode_element(data: bytes) -> bytes:
    """Return `data` when it is a valid, non-identity element; raises DeserializeError (RFC 9497 s. 2.1)."""
    if not isinstance(data, bytes) or len(data) != ELEMENT_BYTES:
        raise DeserializeError("a group element has 32 bytes")
    if data == IDENTITY:
        raise DeserializeError("the identity element is refused")
    if not rbcl.crypto_core_ristretto255_is_valid_point(data):
        raise DeserializeError("not an element of ristretto255")
    return data


def decode_scalar(data: bytes) -> bytes:
    """Return `data` when it is a reduced scalar, 32 bytes little-endian; raises DeserializeError."""
    if not isinstance(data, bytes) or len(data) != SCALAR_BYTES:
        raise DeserializeError("a scalar has 32 bytes")
    if int.from_bytes(data, "little") >= ORDER:
        raise DeserializeError("a scalar is below the group order")
    return data


def scalar_from_int(value: int) -> bytes:
    """Encode `value mod ORDER`. For public numbers such as Lagrange coefficients and for key files."""
    return (value % ORDER).to_bytes(SCALAR_BYTES, "little")


def random_scalar() -> bytes:
    """Return a uniform scalar, never zero, from libsodium's generator."""
    return bytes(rbcl.crypto_core_ristretto255_scalar_random())


def reduce_scalar(wide: bytes) -> bytes:
    """Reduce 64 little-endian bytes modulo the group order."""
    return bytes(rbcl.crypto_core_ristretto255_scalar_reduce(wide))


def scalar_multiply(a: bytes, b: bytes) -> bytes:
    """Return `a * b` modulo the group order."""
    return bytes(rbcl.crypto_core_ristretto255_scalar_mul(a, b))


def scalar_subtract(a: bytes, b: bytes) -> bytes:
    """Return `a - b` modulo the group order."""
    return bytes(rbcl.crypto_core_ristretto255_scalar_sub(a, b))


def scalar_invert(a: bytes) -> bytes:
    """Return `1 / a`; raises InvalidInputError for zero.

    Masked by a random scalar and inverted as an integer, whose time then says nothing about `a`: five
    times faster than libsodium's own, which an unblinding would feel.
    """
    mask = random_scalar()
    masked = int.from_bytes(scalar_multiply(a, mask), "little")
    try:
        inverse = int(gmpy2.invert(masked, ORDER))
    except ZeroDivisionError as error:
        raise InvalidInputError("zero has no inverse", field="scalar") from error
    return scalar_multiply(scalar_from_int(inverse), mask)


def multiply(scalar: bytes, element: bytes) -> bytes:
    """Return `scalar * element`; raises InvalidInputError when the result would be the identity."""
    try:
        return bytes(rbcl.crypto_scalarmult_ristretto255(scalar, element))
    except RuntimeError as error:
        raise InvalidInputError("the product is the identity or not an element", field="element") from error


def multiply_base(scalar: bytes) -> bytes:
    """Return `scalar * G`; raises InvalidInputError for the zero scalar."""
    try:
        return bytes(rbcl.crypto_scalarmult_ristretto255_base(scalar))
    except RuntimeError as error:
        raise InvalidInputError("the zero scalar has no public element", field="scalar") from error


def add(a: bytes, b: bytes) -> bytes:
    """Return `a + b` of two elements that were decoded before."""
    return bytes(rbcl.crypto_core_ristretto255_add(a, b))


def total(elements: Sequence[bytes]) -> bytes:
    """Return the sum of one or more decoded elements."""
    first, *others = elements
    for element in others:
        first = add(first, element)
    return first


def multiply_each(
    scalars: Sequence[bytes], elements: Sequence[bytes], *, executor: Executor | None = None
) -> list[bytes]:
    """Return `[s * e for s, e in zip(scalars, elements)]`.

    libsodium runs outside the interpreter's lock, so a thread pool as `executor` gives close to one
    core per thread; without one, or for short lists, the calling thread does it all.
    """
    if executor is None or len(elements) < _WORTH_A_THREAD:
        return list(map(multiply, scalars, elements))
    width = -(-len(elements) // (os.cpu_count() or 1))
    starts = range(0, len(elements), width)
    slices = executor.map(
        multiply_each,
        [scalars[start : start + width] for start in starts],
        [elements[start : start + width] for start in starts],
    )
    return [product for part in slices for product in part]


def multiply_all(
    scalar: bytes, elements: Sequence[bytes], *, executor: Executor | None = None
) -> list[bytes]:
    """Return `[scalar * e for e in elements]`, spread over `executor` as in `multiply_each`."""
    return multiply_each(list(repeat(scalar, len(elements))), elements, executor=executor)


def _expand_message(message: bytes, domain: bytes) -> bytes:
    """expand_message_xmd with SHA-512 for 64 bytes, which is exactly one block (RFC 9380 section 5.3.1)."""
    suffix = domain + bytes([len(domain)])
    first = hashlib.sha512(bytes(128) + message + b"\x00\x40\x00" + suffix).digest()
    return hashlib.sha512(first + b"\x01" + suffix).digest()


def hash_to_group(message: bytes, domain: bytes) -> bytes:
    """Map bytes to an element, discrete logarithm unknown (RFC 9380 appendix B, RFC 9497 section 4.1)."""
    return bytes(rbcl.crypto_core_ristretto255_from_hash(_expand_message(message, domain)))


def hash_to_scalar(message: bytes, domain: bytes) -> bytes:
    """Map bytes to a scalar (RFC 9497 section 4.1)."""
    return reduce_scalar(_expand_message(message, domain))
