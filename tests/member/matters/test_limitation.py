"""When a claim's time ends: named cases, on a calendar that was looked up."""

from __future__ import annotations

from datetime import date

import pytest

from member.matters.case import Event, EventKind, Judgment, LimitationState, Payment
from member.matters.days import is_rest_day, last_day, months_after
from member.matters.limitation import of_claim, of_judgment

TODAY = date(2026, 11, 22)


def demand(on: str) -> Event:
    return Event(EventKind.DEMAND, on, None, "催收", None)


def suit(on: str, until: str | None) -> Event:
    return Event(EventKind.SUIT, on, until, "起诉后撤诉", None)


def paid(on: str) -> Payment:
    return Payment(on, 1_00, 0, 0, 0, 1_00)


@pytest.mark.parametrize(
    ("what", "due_on", "events", "payments", "ends_on", "state"),
    [
        ("three years on the corresponding day", "2025-01-10", [], [], "2028-01-10", "running"),
        ("a day that the last month lacks", "2024-02-29", [], [], "2027-03-01", "running"),
        ("the last day is a Sunday", "2023-11-26", [], [], "2026-11-26", "near"),
        ("a Sunday: the next day is the last", "2023-11-29", [], [], "2026-11-30", "near"),
        ("90 days are left", "2024-02-20", [], [], "2027-02-22", "running"),
        ("a day less", "2024-02-19", [], [], "2027-02-19", "near"),
        ("it ended yesterday", "2023-11-20", [], [], "2026-11-20", "past"),
        ("it ends today", "2023-11-22", [], [], "2026-11-23", "near"),
        ("a demand begins it anew", "2023-01-10", [demand("2025-06-01")], [], "2028-06-01", "running"),
        ("the newest of them counts", "2023-01-10", [demand("2025-06-02"), demand("2024-06-01")], [],
         "2028-06-02", "running"),
        ("a demand before the debt was due counts nothing", "2025-01-10", [demand("2024-12-01")], [],
         "2028-01-10", "running"),
        ("a demand after the end begins nothing anew", "2020-01-10", [demand("2024-06-01")], [],
         "2023-01-10", "past"),
        ("a demand that lies ahead does not count yet", "2025-01-10", [demand("2026-12-01")], [],
         "2028-01-10", "running"),
        ("a payment is an acknowledgement", "2023-01-10", [], [paid("2025-06-03")], "2028-06-05", "running"),
        ("a payment before the debt was due is none", "2025-01-10", [], [paid("2024-06-01")],
         "2028-01-10", "running"),
        ("a suit counts from its end", "2023-01-10", [suit("2025-06-01", "2026-03-02")], [],
         "2029-03-02", "running"),
        ("while a suit lasts no time runs", "2020-01-10", [suit("2022-06-01", None)], [],
         "2029-11-22", "running"),
        ("never later than twenty years", "2006-06-01", [demand(f"{2008 + 2 * n}-06-01") for n in range(9)],
         [], "2026-06-01", "past"),
    ],
)  # fmt: skip
def test_a_claims_time(
    what: str, due_on: str, events: list[Event], payments: list[Payment], ends_on: str, state: str
) -> None:
    found = of_claim("NA-1", date.fromisoformat(due_on), events, payments, TODAY)
    assert (found.ends_on, found.state.value) == (ends_on, state), what
    assert found.years == 3
    assert found.judged_on == "2026-11-22"
    assert ends_on in found.words.zh
    assert ends_on in found.words.en


def test_what_counted_is_told_in_order() -> None:
    found = of_claim(
        "NA-1", date(2023, 1, 10), [demand("2025-06-02"), demand("2022-01-01")], [paid("2024-03-01")], TODAY
    )
    assert [event.on for event in found.events] == ["2024-03-01", "2025-06-02"]
    assert "中断2次" in found.words.zh


def test_enforcement_has_two_years() -> None:
    judgment = Judgment("某法院", "（2025）某01民初1号", "2025-01-10", "2025-01-25")
    found = of_judgment(judgment, [], TODAY)
    assert (found.years, found.ends_on, found.state) == (2, "2027-01-25", LimitationState.NEAR)
    assert of_judgment(judgment, [demand("2026-01-04")], TODAY).ends_on == "2028-01-04"
    assert "执行" in found.words.zh


@pytest.mark.parametrize(
    ("day", "rests"),
    [
        ("2026-11-22", True),
        ("2026-11-23", False),
        ("2026-10-10", False),  # a Saturday on which people work instead
        ("2026-10-07", True),  # a Wednesday of the national holiday
        ("2026-02-28", False),
        ("2027-02-28", True),
    ],
)
def test_rest_days_are_data(day: str, rests: bool) -> None:
    assert is_rest_day(date.fromisoformat(day)) is rests


def test_months_end_on_the_corresponding_day() -> None:
    assert months_after(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert months_after(date(2023, 12, 31), 2) == date(2024, 2, 29)
    assert months_after(date(2026, 11, 30), 1) == date(2026, 12, 30)
    # The alliance's own example: a notice of New Year's Eve ends on the Monday after February's last Sunday.
    assert last_day(date(2024, 2, 28), years=3) == date(2027, 3, 1)
