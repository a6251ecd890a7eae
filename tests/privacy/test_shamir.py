"""A published example first, then every subset, then what shares nothing."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import shamir
from privacy.errors import InvalidInputError
from privacy.group import ORDER

PUBLISHED = {1: 1494, 2: 329, 3: 965, 4: 176, 5: 1188, 6: 775}
"""Of 1234 + 166 x + 94 x^2 modulo 1613, an example found in many textbooks and encyclopedias."""


def test_the_published_example() -> None:
    shares = {index: shamir.evaluate([1234, 166, 94], index, 1613) for index in range(1, 7)}
    assert shares == PUBLISHED
    for subset in itertools.combinations(PUBLISHED, 3):
        assert shamir.restore({index: PUBLISHED[index] for index in subset}, 1613) == 1234


def test_the_coefficients_for_two_of_three_by_hand() -> None:
    assert shamir.lagrange_at_zero([1, 2], 101) == {1: 2, 2: -1 % 101}
    assert shamir.lagrange_at_zero([1, 3], 101) == {1: 3 * 51 % 101, 3: -51 % 101}  # 51 is one half


@given(st.integers(0, ORDER - 1), st.integers(1, 6), st.data())
def test_any_subset_of_threshold_shares_restores(secret: int, count: int, data: st.DataObject) -> None:
    threshold = data.draw(st.integers(1, count))
    shares = shamir.split(secret, threshold=threshold, count=count, modulus=ORDER)
    assert set(shares) == set(range(1, count + 1))
    assert all(0 <= share < ORDER for share in shares.values())
    for subset in itertools.combinations(shares, threshold):
        assert shamir.restore({index: shares[index] for index in subset}, ORDER) == secret


@given(st.integers(0, ORDER - 1))
def test_fewer_shares_give_another_number(secret: int) -> None:
    shares = shamir.split(secret, threshold=3, count=4, modulus=ORDER)
    for subset in itertools.combinations(shares, 2):
        assert shamir.restore({index: shares[index] for index in subset}, ORDER) != secret


@pytest.mark.parametrize("secret", [0, 3, 6])
def test_one_share_of_two_takes_every_value_whatever_the_secret(secret: int) -> None:
    first = {shamir.split(secret, threshold=2, count=2, modulus=7)[1] for _ in range(400)}
    assert first == set(range(7))


@pytest.mark.parametrize(
    ("secret", "threshold", "count", "field"),
    [
        pytest.param(5, 0, 3, "threshold", id="no-threshold"),
        pytest.param(5, 4, 3, "threshold", id="threshold-above-count"),
        pytest.param(5, 2, 101, "threshold", id="as-many-shares-as-the-modulus"),
        pytest.param(101, 2, 3, "secret", id="secret-as-large-as-the-modulus"),
        pytest.param(-1, 2, 3, "secret", id="negative-secret"),
    ],
)
def test_parameters_that_share_nothing_are_refused(
    secret: int, threshold: int, count: int, field: str
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        shamir.split(secret, threshold=threshold, count=count, modulus=101)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "indices",
    [
        pytest.param([], id="none"),
        pytest.param([0, 1], id="the-secret-itself"),
        pytest.param([-1, 2], id="negative"),
        pytest.param([2, 2], id="twice"),
    ],
)
def test_indices_that_no_dealer_gave_are_refused(indices: list[int]) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        shamir.lagrange_at_zero(indices, 101)
    assert refusal.value.field == "index"
