"""What is owed, counted by hand in each case."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from member.matters.arrears import Agreed, Arrears, accrued, arrears, days_between
from member.matters.case import Balance, ClaimKind, DayCount, Fee
from privacy.errors import InvalidInputError

JAN, LATE, AS_OF = date(2025, 1, 1), date(2025, 7, 1), date(2025, 12, 28)


def owed(
    principal: int = 100_000_00,
    *,
    rate: int = 120_000,
    penalty_rate: int = 180_000,
    day_count: DayCount = DayCount.ACTUAL_365,
    late_on: date = LATE,
    as_of: date = AS_OF,
    opened: dict[str, Any] | None = None,
    fees: tuple[Fee, ...] = (),
    paid: tuple[tuple[date, int], ...] = (),
) -> Arrears:
    amounts: dict[str, Any] = {
        "on": JAN.isoformat(),
        "principal": principal,
        "interest": 0,
        "penalty": 0,
        "fees": 0,
    }
    return arrears(
        Balance(**(amounts | (opened or {}))),
        Agreed(rate, penalty_rate, day_count, late_on),
        fees=fees,
        paid=paid,
        as_of=as_of,
    )


def amounts(found: Arrears) -> list[int]:
    return [line.amount for line in found.lines]


@pytest.mark.parametrize(
    ("what", "found", "expected"),
    [
        # 181 days at 12 %: 100,000 * 0.12 * 181 / 365 = 5,950.68; 180 days at 18 %: 8,876.71
        ("nothing was paid", owed(), [100_000_00, 5_950_68, 8_876_71, 0]),
        # 181 and 180 days in a year of 360: 6,033.33 and 9,000.00
        ("a year of 360", owed(day_count=DayCount.ACTUAL_360), [100_000_00, 6_033_33, 9_000_00, 0]),
        # Six months of 30 days, and 177 days: 6,000.00 and 8,850.00
        ("months of 30", owed(day_count=DayCount.THIRTY_360), [100_000_00, 6_000_00, 8_850_00, 0]),
        ("not late yet", owed(as_of=date(2025, 4, 1)), [100_000_00, 2_958_90, 0, 0]),
        ("late from the first day", owed(late_on=date(2024, 1, 1)), [100_000_00, 0, 17_802_74, 0]),
        ("the same day", owed(as_of=JAN), [100_000_00, 0, 0, 0]),
        ("no interest was agreed", owed(rate=0, penalty_rate=0), [100_000_00, 0, 0, 0]),
        (
            "what the books show is carried on",
            owed(opened={"interest": 1_00, "penalty": 2_00, "fees": 3_00}, as_of=JAN),
            [100_000_00, 1_00, 2_00, 3_00],
        ),
        # 90 days: 2,958.90; 10,000 paid takes that and 7,041.10 of the principal. Then 91 days on 92,958.90:
        # 2,781.13; then 180 days at 18 %: 8,251.69
        (
            "a payment goes to interest first",
            owed(paid=((date(2025, 4, 1), 10_000_00),)),
            [92_958_90, 2_781_13, 8_251_69, 0],
        ),
        # 7,041.10 after interest; the fee of 41.10 comes before both
        (
            "and to fees before interest",
            owed(
                as_of=date(2025, 4, 1),
                fees=(Fee("2025-04-01", 41_10, "公证费"),),
                paid=((date(2025, 4, 1), 10_000_00),),
            ),
            [93_000_00, 0, 0, 0],
        ),
        (
            "a fee that is not paid is claimed",
            owed(as_of=JAN, fees=(Fee("2025-01-01", 500_00, "律师费"),)),
            [100_000_00, 0, 0, 500_00],
        ),
        ("all was paid", owed(as_of=JAN, paid=((JAN, 100_000_00),)), [0, 0, 0, 0]),
    ],
)
def test_what_is_owed(what: str, found: Arrears, expected: list[int]) -> None:
    assert amounts(found) == expected, what
    assert found.claimed == sum(expected)


@pytest.mark.parametrize(
    ("principal", "rate", "days", "day_count", "fen"),
    [
        (1, 500_000, 365, DayCount.ACTUAL_365, 1),  # half a fen: up
        (3, 500_000, 365, DayCount.ACTUAL_365, 2),  # one and a half: up, where half-even gives two as well
        (5, 500_000, 365, DayCount.ACTUAL_365, 3),  # two and a half: up, where half-even gives two
        (1, 499_999, 365, DayCount.ACTUAL_365, 0),
        (2**33 * 100, 360_000, 3_650, DayCount.ACTUAL_360, 3_135_326_126_080),
    ],
)
def test_each_stretch_is_rounded_half_up(
    principal: int, rate: int, days: int, day_count: DayCount, fen: int
) -> None:
    assert accrued(principal, rate, days, day_count) == fen


@pytest.mark.parametrize(
    ("start", "end", "day_count", "days"),
    [
        ("2024-02-01", "2024-03-01", DayCount.ACTUAL_365, 29),
        ("2024-02-01", "2024-03-01", DayCount.THIRTY_360, 30),
        ("2025-01-31", "2025-03-31", DayCount.THIRTY_360, 60),
        ("2025-01-30", "2025-03-01", DayCount.THIRTY_360, 31),
        ("2024-12-31", "2025-12-31", DayCount.ACTUAL_360, 365),
    ],
)
def test_days_are_counted_as_agreed(start: str, end: str, day_count: DayCount, days: int) -> None:
    assert days_between(date.fromisoformat(start), date.fromisoformat(end), day_count) == days


def test_the_formula_can_be_followed_with_a_pocket_calculator() -> None:
    found = owed(paid=((date(2025, 4, 1), 10_000_00),))
    principal, interest, penalty, fees = (line.formula for line in found.lines)
    assert principal == "100,000.00 - 7,041.10 = 92,958.90"
    assert interest == (
        "100,000.00 × 12% × 90/365 [2025-01-01, 2025-04-01)"
        " + 92,958.90 × 12% × 91/365 [2025-04-01, 2025-07-01) - 2,958.90 = 2,781.13"
    )
    assert penalty == "92,958.90 × 18% × 180/365 [2025-07-01, 2025-12-28) = 8,251.69"
    assert fees == "0.00"
    assert "四舍五入到分" in found.lines[1].words.zh
    assert "rounded half up" in found.lines[1].words.en


def test_a_long_formula_gives_way_to_the_table_of_stretches() -> None:
    paid = tuple((date(2025, 1, day), 1_00) for day in range(2, 20))
    found = owed(paid=paid)
    stretches = [each for each in found.accruals if each.item is ClaimKind.INTEREST]
    assert found.lines[1].formula.startswith(f"Σ({len(stretches)}) ")
    assert sum(each.amount for each in stretches) - 18_00 == found.lines[1].amount


@given(
    day_count=st.sampled_from(DayCount),
    late_on=st.dates(JAN, AS_OF),
    paid=st.lists(st.tuples(st.dates(JAN, AS_OF), st.integers(0, 10_000_00)), max_size=6),
    charged=st.lists(st.tuples(st.dates(JAN, AS_OF), st.integers(0, 1_000_00)), max_size=3),
)
def test_nothing_is_lost_between_the_lines(
    day_count: DayCount,
    late_on: date,
    paid: list[tuple[date, int]],
    charged: list[tuple[date, int]],
) -> None:
    """The rules at the head of `case`, by which a verifier adds a case up again."""
    fees = tuple(Fee(on.isoformat(), amount, "费") for on, amount in charged)
    found = owed(day_count=day_count, late_on=late_on, fees=fees, paid=tuple(paid))
    principal, interest, penalty, other = amounts(found)
    accrued_of = {
        item: sum(each.amount for each in found.accruals if each.item is item)
        for item in (ClaimKind.INTEREST, ClaimKind.PENALTY)
    }
    assert principal == 100_000_00 - sum(each.principal for each in found.payments)
    assert interest == accrued_of[ClaimKind.INTEREST] - sum(each.interest for each in found.payments)
    assert penalty == accrued_of[ClaimKind.PENALTY] - sum(each.penalty for each in found.payments)
    assert other == sum(fee.amount for fee in fees) - sum(each.fees for each in found.payments)
    assert min(principal, interest, penalty, other) >= 0
    for each in found.payments:
        assert each.fees + each.interest + each.penalty + each.principal == each.amount
    assert [each.on for each in found.payments] == sorted(on.isoformat() for on, _ in paid)
    for accrual in found.accruals:
        days = days_between(date.fromisoformat(accrual.start), date.fromisoformat(accrual.end), day_count)
        base = 365 if day_count is DayCount.ACTUAL_365 else 360
        exact = Fraction(accrual.principal * accrual.rate * days, 1_000_000 * base)
        assert accrual.days == days
        # Half up: at most half a fen above, and less than half a fen below.
        assert Fraction(-1, 2) < accrual.amount - exact <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("as_of", {"as_of": date(2024, 12, 31)}),
        ("payments[0]", {"paid": ((date(2024, 12, 31), 1_00),)}),
        ("payments[1]", {"paid": ((JAN, 1_00), (date(2026, 1, 1), 1_00))}),
        ("payments[0]", {"paid": ((JAN, 100_000_01),)}),
        ("fees[0]", {"fees": (Fee("2026-01-01", 1_00, "律师费"),)}),
    ],
)
def test_what_cannot_be_counted_is_refused(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        owed(**changes)
    assert refused.value.field == field
