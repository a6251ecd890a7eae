"""What a custodian's own clock is good for: it refuses, and never becomes state.

A hub that stamps the feed ahead would begin periods early and let records expire; one that asks for a
period's cut after its end would make two totals of one day. Nobody else's state depends on the answers here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from privacy import periods
from privacy.periods import Period

AHEAD = timedelta(minutes=5)
"""How far a stamp may be ahead of this custodian's clock."""

LATE = timedelta(minutes=10)
"""For how long after its end a period's cut is still signed, and what the hub says counts as new."""


def is_ahead(stamp: datetime | None, now: datetime) -> bool:
    """Say whether the hub has stamped what this custodian's clock says is yet to come."""
    return stamp is not None and stamp - now > AHEAD


def is_behind(heard_at: datetime | None, now: datetime) -> bool:
    """Say whether what the hub says now is dated as if it were long ago, or was never heard."""
    return heard_at is None or now - heard_at > LATE


def is_near(at: datetime, now: datetime) -> bool:
    """Say whether an instant that somebody signed is about now."""
    return not is_ahead(at, now) and not is_behind(at, now)


def is_over(period: Period, name: str, now: datetime) -> bool:
    """Say whether a period has ended so long ago that its cut is not signed any more."""
    _, end = periods.bounds(period, name)
    return now - end > LATE
