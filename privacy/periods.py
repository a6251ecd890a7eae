"""Periods: how often totals may open anew. Months, ISO weeks, days or minutes of Asia/Shanghai.

An adversary would open twice in quick succession and subtract; one cut per period, early in it, makes
the distance between two openings the period itself.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from privacy.errors import InvalidInputError

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Period(StrEnum):
    """The length of a period, fixed by the key set's policy."""

    MONTH = "month"
    """Named `2026-11`."""
    WEEK = "week"
    """An ISO 8601 week, named `2026-W47`."""
    DAY = "day"
    """Named `2026-11-21`."""
    MINUTE = "minute"
    """Named `2026-11-21T23:45`; for made-up data only."""


_FORMATS = {
    Period.MONTH: "%Y-%m",
    Period.WEEK: "%G-W%V",
    Period.DAY: "%Y-%m-%d",
    Period.MINUTE: "%Y-%m-%dT%H:%M",
}


def name_of(period: Period, at: datetime) -> str:
    """Return the name of the period that contains the aware instant `at`; names sort as time does."""
    return at.astimezone(SHANGHAI).strftime(_FORMATS[period])


def bounds(period: Period, name: str) -> tuple[datetime, datetime]:
    """Return the period's first instant and the first instant after it, in UTC.

    Raises InvalidInputError for a name of another form, or at an end of the calendar.
    """
    try:
        start = _start(period, name)
        return start.astimezone(UTC), _end(period, start).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(f"not the name of a {period}", field="period") from error


def in_first_tenth(period: Period, name: str, at: datetime) -> bool:
    """Say whether `at` lies in the first tenth of the period: where a cut may stand."""
    start, end = bounds(period, name)
    return start <= at < start + (end - start) / 10


def day_of(at: datetime) -> date:
    """Return the calendar day of an instant where the alliance lives."""
    return at.astimezone(SHANGHAI).date()


def _start(period: Period, name: str) -> datetime:
    full, form = (f"{name}-1", "%G-W%V-%u") if period is Period.WEEK else (name, _FORMATS[period])
    start = datetime.strptime(full, form).replace(tzinfo=SHANGHAI)
    if name_of(period, start) != name:
        raise ValueError("not the spelling of a period's name")
    return start


def _end(period: Period, start: datetime) -> datetime:
    if period is Period.MONTH:
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    return start + {Period.WEEK: timedelta(7), Period.DAY: timedelta(1)}.get(period, timedelta(minutes=1))
