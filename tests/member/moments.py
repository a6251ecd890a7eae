"""The clock of these tests: the real time, because requests are signed with it, but it can be set ahead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the time, ahead of the real one by what `passes` has added. Sleeping costs nothing."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def passes(self, **time: float) -> None:
        self.ahead += timedelta(**time)

    def sleep(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)
