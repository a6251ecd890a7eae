"""Periods by name: bounds in Shanghai's time, the turn of years, the first tenth."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import periods
from privacy.errors import InvalidInputError
from privacy.messages import PeriodName, parse
from privacy.periods import Period

SHANGHAI_AHEAD = timedelta(hours=8)
"""Since 1992 the clocks there have stood still at UTC+8, so that plain arithmetic checks the calendar's."""

every_period = pytest.mark.parametrize("period", list(Period))
instants = st.datetimes(datetime(1992, 1, 1), datetime(2999, 12, 1)).map(lambda at: at.replace(tzinfo=UTC))


def shanghai(*clock: int) -> datetime:
    """Return what the clock shows in Shanghai, as an instant in UTC."""
    return datetime(*clock, tzinfo=UTC) - SHANGHAI_AHEAD  # type: ignore[misc]


@pytest.mark.parametrize(
    ("period", "name", "start", "end"),
    [
        (Period.MONTH, "2026-11", (2026, 11, 1), (2026, 12, 1)),
        (Period.MONTH, "2026-12", (2026, 12, 1), (2027, 1, 1)),
        (Period.MONTH, "2028-02", (2028, 2, 1), (2028, 3, 1)),
        (Period.MONTH, "2026-02", (2026, 2, 1), (2026, 3, 1)),
        (Period.WEEK, "2026-W47", (2026, 11, 16), (2026, 11, 23)),
        (Period.WEEK, "2026-W53", (2026, 12, 28), (2027, 1, 4)),
        (Period.WEEK, "2027-W01", (2027, 1, 4), (2027, 1, 11)),
        (Period.WEEK, "2026-W01", (2025, 12, 29), (2026, 1, 5)),
        (Period.WEEK, "2025-W52", (2025, 12, 22), (2025, 12, 29)),
        (Period.DAY, "2026-11-21", (2026, 11, 21), (2026, 11, 22)),
        (Period.DAY, "2028-02-29", (2028, 2, 29), (2028, 3, 1)),
        (Period.DAY, "2026-12-31", (2026, 12, 31), (2027, 1, 1)),
        (Period.MINUTE, "2026-11-21T23:45", (2026, 11, 21, 23, 45), (2026, 11, 21, 23, 46)),
        (Period.MINUTE, "2026-12-31T23:59", (2026, 12, 31, 23, 59), (2027, 1, 1)),
    ],
)
def test_a_period_runs_from_midnight_in_shanghai(
    period: Period, name: str, start: tuple[int, ...], end: tuple[int, ...]
) -> None:
    first, after = periods.bounds(period, name)
    assert (first, after) == (shanghai(*start), shanghai(*end))
    assert first.tzinfo is after.tzinfo is UTC
    assert periods.name_of(period, first) == name
    assert periods.name_of(period, after - timedelta(seconds=1)) == name
    assert periods.name_of(period, after) != name
    assert periods.name_of(period, first - timedelta(seconds=1)) != name
    assert parse(PeriodName, name) == name  # type: ignore[arg-type]


def test_the_turn_of_a_day_is_shanghais_midnight() -> None:
    before = datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC)
    after = datetime(2026, 10, 31, 16, 0, 0, tzinfo=UTC)
    assert [periods.name_of(Period.MONTH, at) for at in (before, after)] == ["2026-10", "2026-11"]
    assert [periods.day_of(at) for at in (before, after)] == [date(2026, 10, 31), date(2026, 11, 1)]


@every_period
@given(at=instants)
def test_an_instant_lies_in_the_period_that_it_names(period: Period, at: datetime) -> None:
    name = periods.name_of(period, at)
    start, end = periods.bounds(period, name)
    assert start <= at < end
    assert periods.name_of(period, start) == name
    assert periods.bounds(period, periods.name_of(period, end))[0] == end


@every_period
@given(at=instants, later=st.timedeltas(timedelta(0), timedelta(days=800)))
def test_names_sort_as_time_does(period: Period, at: datetime, later: timedelta) -> None:
    assert periods.name_of(period, at) <= periods.name_of(period, at + later)


@given(at=instants)
def test_a_week_is_the_iso_calendars(at: datetime) -> None:
    year, week, _ = (at + SHANGHAI_AHEAD).isocalendar()
    assert periods.name_of(Period.WEEK, at) == f"{year}-W{week:02}"


@pytest.mark.parametrize(
    ("period", "name", "tenth"),
    [
        (Period.MONTH, "2026-11", timedelta(days=3)),
        (Period.MONTH, "2026-12", timedelta(days=3, hours=2, minutes=24)),
        (Period.WEEK, "2026-W53", timedelta(hours=16, minutes=48)),
        (Period.DAY, "2026-11-21", timedelta(hours=2, minutes=24)),
        (Period.MINUTE, "2026-11-21T23:45", timedelta(seconds=6)),
    ],
)
def test_the_first_tenth_ends_before_the_second_begins(period: Period, name: str, tenth: timedelta) -> None:
    start, _ = periods.bounds(period, name)
    second = timedelta(seconds=1)
    assert periods.in_first_tenth(period, name, start)
    assert periods.in_first_tenth(period, name, start + tenth - second)
    assert not periods.in_first_tenth(period, name, start + tenth)
    assert not periods.in_first_tenth(period, name, start - second)


@pytest.mark.parametrize(
    ("period", "name"),
    [
        (Period.MONTH, "2026-13"),
        (Period.MONTH, "2026-00"),
        (Period.MONTH, "2026-1"),
        (Period.MONTH, "26-11"),
        (Period.MONTH, "2026-11-01"),
        (Period.MONTH, "2026-11 "),
        (Period.MONTH, "2026-11\n"),
        (Period.MONTH, "２０２６-11"),
        (Period.MONTH, "9999-12"),
        (Period.MONTH, "0001-01"),
        (Period.WEEK, "2025-W53"),
        (Period.WEEK, "2026-W54"),
        (Period.WEEK, "2026-W00"),
        (Period.WEEK, "2026-W1"),
        (Period.WEEK, "2026-w47"),
        (Period.WEEK, "9999-W52"),
        (Period.DAY, "2026-02-29"),
        (Period.DAY, "2026-11-31"),
        (Period.DAY, "2026-11"),
        (Period.DAY, "9999-12-31"),
        (Period.MINUTE, "2026-11-21T24:00"),
        (Period.MINUTE, "2026-11-21T23:60"),
        (Period.MINUTE, "2026-11-21 23:45"),
        (Period.MINUTE, "2026-11-21T23:45:00"),
        *((period, "") for period in Period),
        *((period, "%Y") for period in Period),
    ],
)
def test_what_names_no_period_is_refused(period: Period, name: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        periods.bounds(period, name)
    assert refusal.value.field == "period"
    with pytest.raises(InvalidInputError):
        periods.in_first_tenth(period, name, datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize(("period", "other"), [(a, b) for a in Period for b in Period if a != b])
def test_the_name_of_one_length_is_none_of_another(period: Period, other: Period) -> None:
    name = periods.name_of(other, shanghai(2026, 11, 21, 23, 45))
    with pytest.raises(InvalidInputError):
        periods.bounds(period, name)
