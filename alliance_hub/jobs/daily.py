"""What is done once a day, when the office opens; after a standstill it is done at once.

The worker's reaper looks at the clock. Whatever is registered here finds out by itself what is left to do: it
may run twice on a day, and in two processes at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta

from alliance_hub.hub import Hub
from privacy.periods import SHANGHAI

OFFICE_OPENS = time(8, 30)
"""In Shanghai; quiet hours end at 8:00 [D]."""

AFTER_FAILURE = timedelta(minutes=10)

Work = Callable[[Hub, datetime], object]

_WORKS: dict[str, Work] = {}

log = logging.getLogger(__name__)


def daily(name: str) -> Callable[[Work], Work]:
    """Register something to be done every day, when its module is imported."""

    def register(work: Work) -> Work:
        _WORKS[name] = work
        return work

    return register


class Days:
    """Tells when a day's work is due, and has it done."""

    def __init__(self, now: datetime) -> None:
        opens = opening(now)
        self._next = now if now >= opens else opens

    def tick(self, hub: Hub, now: datetime) -> None:
        """Do the day's work if its hour has come and it has not been done since."""
        if now < self._next:
            return
        done = [_do(hub, now, name, work) for name, work in _WORKS.items()]
        self._next = opening(now + timedelta(days=1)) if all(done) else now + AFTER_FAILURE


def opening(at: datetime) -> datetime:
    """Return when the office opens on the day of `at` in Shanghai."""
    return datetime.combine(at.astimezone(SHANGHAI).date(), OFFICE_OPENS, SHANGHAI)


def _do(hub: Hub, now: datetime, name: str, work: Work) -> bool:
    try:
        work(hub, now)
    except Exception as error:
        # The name alone: a message could quote what the work was about.
        log.error("the daily work %s failed: %s", name, type(error).__name__)
        return False
    return True
