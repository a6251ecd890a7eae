"""Safe primes: the sieve against trial division, the result against tests written here."""

from __future__ import annotations

import math
import secrets

import pytest

from privacy.errors import InvalidInputError
from privacy.primes import (
    JointSieve,
    are_far_apart,
    first_safe_prime,
    is_safe_prime,
    primes_below,
    safe_prime,
    safe_prime_pair,
)
from tests.privacy.paillier_keys import LARGE, OTHER, SMALL

PSEUDOPRIME = 131 * 2731  # passes the strong test to base 2, and twice it plus one is prime


def passes_miller_rabin(n: int, rounds: int = 20) -> bool:
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(rounds):
        x = pow(2 + secrets.randbelow(n - 3), odd, n)
        if x != 1 and n - 1 not in (pow(x, 1 << i, n) for i in range(twos)):
            return False
    return True


def divides_neither(half: int, primes: list[int]) -> bool:
    return all(half % prime and (2 * half + 1) % prime for prime in primes)


def test_primes_below_are_those_of_trial_division() -> None:
    expected = [n for n in range(2, 2000) if all(n % d for d in range(2, math.isqrt(n) + 1))]
    assert primes_below(2000) == expected


@pytest.mark.parametrize("offset", range(6))
def test_the_sieve_keeps_exactly_what_trial_division_keeps(offset: int) -> None:
    start, span = 10**12 + offset, 2000
    primes = primes_below(500)
    candidates = range(start, start + 6 * span)
    expected = [half for half in candidates if divides_neither(half, primes)]
    assert JointSieve(below=500, span=span).survivors(start) == expected
    assert len(expected) > 20


@pytest.mark.parametrize("bits", [64, 65, 256, 320])
def test_a_safe_prime_has_its_bits_and_is_one(bits: int) -> None:
    p = safe_prime(bits)
    assert p >> (bits - 2) == 0b11
    assert passes_miller_rabin(p)
    assert passes_miller_rabin(p // 2)


def test_two_safe_primes_make_a_modulus_of_the_bits_asked_and_show_their_progress() -> None:
    seen: list[int] = []
    p, q = safe_prime_pair(384, workers=2, progress=seen.append)
    assert (p * q).bit_length() == 768
    assert abs(p - q) > 1 << 284
    assert all(passes_miller_rabin(n) for n in (p, q, p // 2, q // 2))
    assert seen == sorted(seen)
    assert seen[0] > 0


def test_no_two_runs_agree() -> None:
    assert len({safe_prime(64) for _ in range(4)}) == 4


@pytest.mark.parametrize("p", [*SMALL, *OTHER, *LARGE, 5, 7, 11, 23, 1283])
def test_safe_primes_are_recognised(p: int) -> None:
    assert is_safe_prime(p)


@pytest.mark.parametrize(
    "p",
    [
        pytest.param(0, id="zero"),
        pytest.param(4, id="even"),
        pytest.param(13, id="prime-whose-half-is-not"),
        pytest.param(15, id="composite-whose-half-is-prime"),
        pytest.param(2 * PSEUDOPRIME + 1, id="prime-whose-half-deceives-base-2"),
        pytest.param(SMALL[0] * SMALL[1], id="product-of-two"),
        pytest.param(2**521 - 1, id="large-prime-whose-half-is-not"),
    ],
)
def test_others_are_not(p: int) -> None:
    assert not is_safe_prime(p)


def test_a_batch_gives_its_first_safe_prime_and_is_not_deceived() -> None:
    assert first_safe_prime([PSEUDOPRIME, 7, 1019, SMALL[0] >> 1, SMALL[1] >> 1]) == (2039, 3)
    assert first_safe_prime([PSEUDOPRIME, 7]) == (None, 2)


def test_primes_close_together_are_noticed() -> None:
    p, near, far = 1 << 511, (1 << 511) + (1 << 412), (1 << 511) + (1 << 412) + 1
    assert are_far_apart(p, far)
    assert are_far_apart(far, p)
    assert not any(are_far_apart(p, q) for q in (p, near))
    assert not are_far_apart(near, p)


def test_too_few_bits_are_refused() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        safe_prime(63)
    assert refusal.value.field == "bits"
