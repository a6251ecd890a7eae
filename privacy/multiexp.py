"""Many powers multiplied at once, `prod b_i^e_i mod N^2`: what makes one proof for a whole chunk cheap.

Pippenger's bucket method ("On the evaluation of powers and related problems", 1976; in the form of Bernstein,
Doumen, Lange and Oosterwijk, "Faster batch forgery identification", 2012): the bases whose exponents have the
same digit are multiplied first, so that thousands of bases share the work of a few hundred.

An adversary with a watch would learn exponents: where they go decides what is read. So exponents here are
only such as everybody may know, weights drawn from a hash of what is public.
"""

from __future__ import annotations

from collections.abc import Sequence

from privacy.errors import InvalidInputError
from privacy.residues import Digits, Residues

_WIDEST = 16


def product_of_powers(n: int, bases: Sequence[int], exponents: Sequence[int]) -> int:
    """Return `prod bases[i]^exponents[i] mod n^2`, bases in `[0, n^2)`, exponents public and not negative.

    Raises InvalidInputError when there is not one exponent for each base.
    """
    if len(bases) != len(exponents) or min(exponents, default=0) < 0:
        raise InvalidInputError("each base needs an exponent that is not negative", field="exponents")
    residues = Residues(n)
    digits = [residues.split(base) for base in bases]
    bits = max((exponent.bit_length() for exponent in exponents), default=0)
    width = _width(len(bases), bits)
    product = residues.one
    for low in reversed(range(0, bits, width)):
        for _ in range(width):
            product = residues.times(product, product)
        product = residues.times(product, _window(residues, digits, exponents, low, width))
    return residues.join(product)


def _window(
    residues: Residues, bases: Sequence[Digits], exponents: Sequence[int], low: int, width: int
) -> Digits:
    """Return `prod b_i^d_i`, `d_i` the `width` bits of `e_i` from bit `low` on."""
    mask, times = (1 << width) - 1, residues.times
    buckets: list[Digits | None] = [None] * (mask + 1)
    for base, exponent in zip(bases, exponents, strict=True):
        digit = exponent >> low & mask
        here = buckets[digit]
        buckets[digit] = base if here is None else times(here, base)
    # Bucket d counts d times: it is in the running product from its turn on, for d turns.
    running = product = residues.one
    for bucket in reversed(buckets[1:]):
        running = running if bucket is None else times(running, bucket)
        product = times(product, running)
    return product


def _width(count: int, bits: int) -> int:
    """Return the digits' width that costs the fewest products."""
    return min(range(1, _WIDEST + 1), key=lambda width: -(-bits // width) * (count + 2 * (1 << width)) + bits)
