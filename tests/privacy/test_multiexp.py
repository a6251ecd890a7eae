"""Products of powers against one power after the other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.errors import InvalidInputError
from privacy.multiexp import product_of_powers
from privacy.residues import Residues
from tests.privacy.paillier_keys import SMALL

N = SMALL[0] * SMALL[1]
residues = st.integers(0, N * N - 1)


def naive(bases: list[int], exponents: list[int], n: int) -> int:
    result = 1
    for base, exponent in zip(bases, exponents, strict=True):
        result = result * pow(base, exponent, n * n) % (n * n)
    return result


@settings(max_examples=50)
@given(st.lists(st.tuples(residues, st.integers(0, 2**128 - 1)), max_size=20))
def test_a_product_of_powers_is_that(pairs: list[tuple[int, int]]) -> None:
    bases, exponents = [base for base, _ in pairs], [exponent for _, exponent in pairs]
    assert product_of_powers(N, bases, exponents) == naive(bases, exponents, N)


@given(st.lists(st.tuples(st.integers(0, 48), st.integers(0, 40)), min_size=1, max_size=400))
def test_so_it_is_for_many_and_narrow_ones(pairs: list[tuple[int, int]]) -> None:
    bases, exponents = [base for base, _ in pairs], [exponent for _, exponent in pairs]
    assert product_of_powers(7, bases, exponents) == naive(bases, exponents, 7)


def test_so_it_is_at_the_size_of_a_chunk() -> None:
    # Wide digits, which no small case reaches; a small modulus, so that it takes a moment only.
    bases = [pow(3, j, 1009**2) for j in range(1, 4_097)]
    exponents = [pow(5, j, 2**128 - 159) for j in range(1, 4_097)]
    assert product_of_powers(1009, bases, exponents) == naive(bases, exponents, 1009)


@pytest.mark.parametrize(
    ("bases", "exponents"),
    [([], []), ([5], [0]), ([5, 6], [0, 0]), ([0], [3]), ([N * N - 1], [1]), ([2], [1])],
    ids=["nothing", "zero", "zeros", "of-zero", "largest", "one"],
)
def test_the_edges(bases: list[int], exponents: list[int]) -> None:
    assert product_of_powers(N, bases, exponents) == naive(bases, exponents, N)


@pytest.mark.parametrize(("bases", "exponents"), [([2, 3], [1]), ([2], [1, 1]), ([2], [-1])])
def test_what_does_not_pair_is_refused(bases: list[int], exponents: list[int]) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        product_of_powers(N, bases, exponents)
    assert refusal.value.field == "exponents"


@given(residues, residues)
def test_residues_multiply_as_numbers_do(a: int, b: int) -> None:
    digits = Residues(N)
    assert digits.join(digits.split(a)) == a
    assert digits.join(digits.times(digits.split(a), digits.split(b))) == a * b % (N * N)
    assert digits.times(digits.one, digits.split(a)) == digits.split(a)
