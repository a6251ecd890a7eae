"""A sample's ranks follow from its seed alone, are all different, and are all equally likely."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from alliance_hub.errors import Invalid
from alliance_hub.inspection import rules
from alliance_hub.inspection.rules import Population
from tests.alliance_hub.builders import seed


def by_the_book(seed: bytes, size: int, population: int) -> list[int]:
    """Draw as the head of the rules says, by hand."""
    drawn: list[int] = []
    index = 0
    while len(drawn) < size:
        number = int(hashlib.sha256(seed + index.to_bytes(8, "big")).hexdigest(), 16)
        index += 1
        if number < 2**256 - 2**256 % population and number % population not in drawn:
            drawn.append(number % population)
    return sorted(drawn)


@pytest.mark.parametrize(("size", "population"), [(1, 1), (5, 5), (10, 1_000_000), (200, 201)])
def test_anybody_can_draw_a_sample_again(size: int, population: int) -> None:
    ranks = rules.ranks(seed("sample"), size=size, population=population)

    assert ranks == by_the_book(seed("sample"), size, population)
    assert len(set(ranks)) == size
    assert 0 <= min(ranks) <= max(ranks) < population


def test_every_rank_is_drawn_about_equally_often() -> None:
    drawn = Counter(
        rank for number in range(2_000) for rank in rules.ranks(seed(str(number)), size=3, population=10)
    )

    # 600 each, give or take five standard deviations of a binomial: sqrt(2000 * 0.3 * 0.7) is 20.5.
    assert set(drawn) == set(range(10))
    assert all(497 < count < 703 for count in drawn.values())


@pytest.mark.parametrize(
    ("size", "population", "field"),
    [(0, 9, "size"), (-1, 9, "size"), (201, 999, "size"), (10, 9, "size"), (1, 0, "register")],
)
def test_a_sample_fits_its_register(size: int, population: int, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.require_size(size, population)

    assert refused.value.field == field


def test_a_population_is_counted_and_hashed_in_order() -> None:
    population = Population.of(["member/北辰", "member/South"])

    assert population.size == 2
    assert population.digest == hashlib.sha256("member/北辰\nmember/South\n".encode()).digest()
    assert population.digest != Population.of(["member/South", "member/北辰"]).digest
