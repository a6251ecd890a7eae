"""Which figures a log entry adds to.

The log is what the hub knows of its own work. Whether an opening gave a total or was withheld for want of
contributors is sealed to the member that asked: the hub cannot count it, and no figure here pretends to.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

from privacy.encoding import Json


class Figure(StrEnum):
    """What is counted, by day; what the labels stand for."""

    MATCHES = "matches"
    """Questions that were decided: `allowed` and `denied`."""
    DENIED = "denied"
    """Questions that were denied, by the clause that denied them."""
    SUBJECTS = "subjects"
    """Subjects in questions that were `allowed` and `denied`."""
    ROWS = "rows"
    """Rows of submissions: `accepted`, `unchanged`, `refused`."""
    ENDED = "ended"
    """Contracts that their member has ended: `settlement`, `withdrawal`."""


ALLOWED, DENIED = "allowed", "denied"

COUNTED = frozenset({"match", "match_job", "submission_processed", "statement"})
"""The kinds of entry that any figure is made of."""

_ENDINGS = frozenset({"settlement", "withdrawal"})


def figures_of(entry: Json) -> Iterator[tuple[Figure, str, int]]:
    """Yield what one entry adds: figure, label, amount."""
    match entry.get("kind"):
        # A job is logged as such only where it is denied as a whole: one question about all its subjects.
        case "match" | "match_job":
            yield from _of_match(entry)
        case "submission_processed":
            for label in ("accepted", "unchanged", "refused"):
                yield Figure.ROWS, label, int(entry.get(label, 0))
        case "statement" if entry.get("type") in _ENDINGS:
            yield Figure.ENDED, str(entry["type"]), 1


def weeks(today: date, count: int) -> list[date]:
    """Return the Mondays of the last `count` weeks, the one of `today` last."""
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(count))]


def months(today: date, count: int) -> list[date]:
    """Return the first days of the last `count` months, the one of `today` last."""
    number = today.year * 12 + today.month - 1
    return [date((number - back) // 12, (number - back) % 12 + 1, 1) for back in reversed(range(count))]


def _of_match(entry: Json) -> Iterator[tuple[Figure, str, int]]:
    label = ALLOWED if entry.get("allowed") else DENIED
    yield Figure.MATCHES, label, 1
    yield Figure.SUBJECTS, label, int(entry.get("subjects", 0))
    if label == DENIED:
        yield Figure.DENIED, str(entry.get("clause")), 1
