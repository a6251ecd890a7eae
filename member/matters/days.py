"""Periods of the civil code in the calendar of Shanghai (民法典 200 to 203), and its rest days as data.

The start day is not counted; a period of months or years ends on the corresponding day, else on the month's
last; if that is a rest day, on the first day after the rest.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

_SATURDAY = 5


def months_after(start: date, months: int) -> date:
    """Return the corresponding day that many months later, or that month's last day (民法典 202)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def last_day(start: date, *, years: int) -> date:
    """Return the last day of a period of years that begins on `start`, which is not counted itself."""
    day = months_after(start, 12 * years)
    while is_rest_day(day):
        day += timedelta(days=1)
    return day


def is_rest_day(day: date) -> bool:
    """Say whether nobody works that day; of a year without published holidays only week-ends are known.

    Then the day found is rather too early than too late, which is the safe side for a creditor.
    """
    if day in HOLIDAYS:
        return True
    return day.weekday() >= _SATURDAY and day not in MAKE_UP_WORKDAYS


def _days(*ranges: tuple[str, int]) -> Iterator[date]:
    for first, count in ranges:
        yield from (date.fromisoformat(first) + timedelta(days=each) for each in range(count))


HOLIDAYS = frozenset(
    _days(
        ("2025-01-01", 1),
        ("2025-01-28", 8),
        ("2025-04-04", 3),
        ("2025-05-01", 5),
        ("2025-05-31", 3),
        ("2025-10-01", 8),
        ("2026-01-01", 3),
        ("2026-02-15", 9),
        ("2026-04-04", 3),
        ("2026-05-01", 5),
        ("2026-06-19", 3),
        ("2026-09-25", 3),
        ("2026-10-01", 7),
    )
)
"""Holidays as the State Council's office publishes them each autumn for the next year; [M]."""

MAKE_UP_WORKDAYS = frozenset(
    map(
        date.fromisoformat,
        (
            "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
            "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
        ),
    )
)  # fmt: skip
"""Saturdays and Sundays on which people work instead; [M]."""
