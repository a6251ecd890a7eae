"""Days as a form takes them, and the instants that they mean: whole days in Shanghai, the last included."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from privacy.periods import SHANGHAI


def start_of(day: date) -> datetime:
    """Return the first instant of a day."""
    return datetime.combine(day, time.min, SHANGHAI)


def end_of(day: date | None) -> datetime | None:
    """Return the instant at which a last day is over."""
    return None if day is None else start_of(day + timedelta(days=1))


def last_day(until: datetime | None) -> date | None:
    """Return the last day that lies before an end."""
    return None if until is None else (until - timedelta(microseconds=1)).astimezone(SHANGHAI).date()


def today(now: datetime) -> date:
    """Return the day that it is."""
    return now.astimezone(SHANGHAI).date()
