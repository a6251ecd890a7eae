"""Shamir's secret sharing over a modulus, and Lagrange interpolation at zero in field form.

Fewer than `threshold` shares say nothing about the secret. An adversary would hope for a share at
index zero (the secret itself), a repeated index, or coefficients from a weak generator.
The integer form, for a modulus that nobody may know, stands in `paillier`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from privacy.errors import InvalidInputError


def split(secret: int, *, threshold: int, count: int, modulus: int) -> dict[int, int]:
    """Split `secret` (0 <= secret < modulus) into `count` shares, any `threshold` of which restore it.

    Returns `{index: share}`, index 1..count. Raises InvalidInputError for parameters that share nothing.
    """
    if not 1 <= threshold <= count < modulus:
        raise InvalidInputError("1 <= threshold <= count < modulus is needed", field="threshold")
    if not 0 <= secret < modulus:
        raise InvalidInputError("the secret must lie below the modulus", field="secret")
    polynomial = [secret, *(secrets.randbelow(modulus) for _ in range(threshold - 1))]
    return {index: evaluate(polynomial, index, modulus) for index in range(1, count + 1)}


def evaluate(polynomial: list[int], x: int, modulus: int) -> int:
    """Return the polynomial (coefficients from low to high) at `x`, by Horner's rule."""
    result = 0
    for coefficient in reversed(polynomial):
        result = (result * x + coefficient) % modulus
    return result


def lagrange_at_zero(indices: Iterable[int], modulus: int) -> dict[int, int]:
    """Return `{index: coefficient}` such that the sum of coefficient * share is the secret.

    Raises InvalidInputError for an index below 1 or named twice. The modulus must be prime.
    """
    points = list(indices)
    if not points or min(points) < 1 or len(set(points)) != len(points):
        raise InvalidInputError("indices must be distinct and start at 1", field="index")
    return {i: _coefficient(i, points, modulus) for i in points}


def _coefficient(i: int, points: list[int], modulus: int) -> int:
    numerator = denominator = 1
    for j in points:
        if j != i:
            numerator = numerator * j % modulus
            denominator = denominator * (j - i) % modulus
    return numerator * pow(denominator, -1, modulus) % modulus


def restore(shares: Mapping[int, int], modulus: int) -> int:
    """Return the secret from at least `threshold` shares; fewer give a number that means nothing."""
    coefficients = lagrange_at_zero(shares, modulus)
    return sum(coefficients[index] * share for index, share in shares.items()) % modulus
