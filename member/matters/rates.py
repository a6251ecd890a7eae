"""Where a claimed rate lies above a line that courts know: a hint for counsel, who decides.

Which line holds depends on who lent and when: four times the one-year loan prime rate is the ceiling for
private lending (法释〔2020〕17号, 25); 24 % is where courts cut what licensed lenders claim in all
(法发〔2017〕22号); 36 % was the old ceiling of private lending. All [M]: to be verified by counsel.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from member.matters.arrears import MILLION, Arrears
from member.matters.case import Fee, Words
from member.matters.money import percent

LINES = (240_000, 360_000)
"""Annual rates, in millionths, above which somebody asks."""

ONE_YEAR_LPR = (
    ("2019-08-20", 42_500),
    ("2019-09-20", 42_000),
    ("2019-11-20", 41_500),
    ("2020-02-20", 40_500),
    ("2020-04-20", 38_500),
    ("2021-12-20", 38_000),
    ("2022-01-20", 37_000),
    ("2022-08-22", 36_500),
    ("2023-06-20", 35_500),
    ("2023-08-21", 34_500),
    ("2024-07-22", 33_500),
    ("2024-10-21", 31_000),
    ("2025-05-20", 30_000),
)
"""From which day which one-year loan prime rate, in millionths; [M]. A case file may say another (`lpr`)."""


def lpr_on(day: date) -> int:
    """Return the one-year loan prime rate on a day, in millionths; before the first, the first."""
    known = [rate for since, rate in ONE_YEAR_LPR if since <= day.isoformat()]
    return known[-1] if known else ONE_YEAR_LPR[0][1]


def warnings_of(contract: str, rates: Sequence[int], effective: int, lpr: int) -> tuple[Words, ...]:
    """Say above which lines the highest of a loan's rates lies, or all that is charged taken together."""
    highest = max(*rates, effective)
    lines = [("四倍一年期LPR", "four times the one-year LPR", 4 * lpr)]
    lines += [("", "", each) for each in LINES]
    return tuple(
        Words(
            zh=(
                f"合同{contract}：约定利率或各项费用合计折年率{percent(highest)}，高于{zh}{percent(line)}，"
                "是否支持由法院决定，请律师核对。"
            ),
            en=(
                f"Contract {contract}: a rate, or all that is charged taken together, is {percent(highest)} "
                f"a year, above {en}{' = ' if en else ''}{percent(line)}; counsel must look at it."
            ),
        )
        for zh, en, line in lines
        if highest > line
    )


def effective_rate(found: Arrears, fees: Sequence[Fee]) -> int:
    """Return interest, penalty and fees since the opening balance, as a rate a year of what was owed.

    In millionths, rounded to a hundredth of a per cent; on calendar days, a year of 365, so that it can be
    compared whatever the contract counts.
    """
    charged = sum(each.amount for each in found.accruals) + sum(fee.amount for fee in fees)
    weight = sum(
        each.principal * (date.fromisoformat(each.end) - date.fromisoformat(each.start)).days
        for each in found.accruals
    )
    return round(charged * 365 * MILLION / weight / 100) * 100 if weight else 0
