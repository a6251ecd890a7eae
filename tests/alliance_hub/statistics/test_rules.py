"""What an entry adds to which figure, and where weeks and months begin."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from alliance_hub.statistics import rules
from alliance_hub.statistics.rules import Figure

ENTRIES: dict[str, tuple[dict[str, Any], list[tuple[Figure, str, int]]]] = {
    "an allowed match": (
        {"kind": "match", "allowed": True, "clause": "purposes.litigation", "subjects": 7},
        [(Figure.MATCHES, "allowed", 1), (Figure.SUBJECTS, "allowed", 7)],
    ),
    "a denied match": (
        {"kind": "match", "allowed": False, "clause": "validity", "subjects": 2},
        [(Figure.MATCHES, "denied", 1), (Figure.SUBJECTS, "denied", 2), (Figure.DENIED, "validity", 1)],
    ),
    "a job that is denied as a whole": (
        {"kind": "match_job", "allowed": False, "clause": "regulatory_mode"},
        [
            (Figure.MATCHES, "denied", 1),
            (Figure.SUBJECTS, "denied", 0),
            (Figure.DENIED, "regulatory_mode", 1),
        ],
    ),
    "a submission": (
        {"kind": "submission_processed", "accepted": 5, "unchanged": 0, "refused": 1},
        [(Figure.ROWS, "accepted", 5), (Figure.ROWS, "unchanged", 0), (Figure.ROWS, "refused", 1)],
    ),
    "a settlement": ({"kind": "statement", "type": "settlement"}, [(Figure.ENDED, "settlement", 1)]),
    "a chunk": ({"kind": "statement", "type": "chunk"}, []),
    "an officer's act": ({"kind": "proposal_made"}, []),
}


@pytest.mark.parametrize(("entry", "adds"), ENTRIES.values(), ids=ENTRIES.keys())
def test_what_an_entry_adds(entry: dict[str, Any], adds: list[tuple[Figure, str, int]]) -> None:
    assert list(rules.figures_of(entry)) == adds


def test_weeks_begin_on_mondays() -> None:
    # 2026-11-22 is a Sunday.
    assert rules.weeks(date(2026, 11, 22), 2) == [date(2026, 11, 9), date(2026, 11, 16)]
    assert rules.weeks(date(2026, 11, 16), 1) == [date(2026, 11, 16)]


def test_months_go_over_the_new_year() -> None:
    assert rules.months(date(2027, 1, 31), 3) == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
