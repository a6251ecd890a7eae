"""Reachability as a table: who says what, and what is heard of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from alliance_hub.skip_trace.rules import Contact, freshness, reachable
from privacy.answers import Freshness, Reachability

NOW = datetime(2026, 11, 1, 18, 0, tzinfo=UTC)
"""Already the second of November in Shanghai."""

FRESH, OLD = date(2026, 10, 31), date(2026, 5, 1)


@pytest.mark.parametrize(
    ("contacts", "status", "band"),
    [
        pytest.param([], "unknown", None, id="nobody holds the subject"),
        pytest.param([Contact(None, FRESH)], "unknown", None, id="who holds it says nothing"),
        pytest.param([Contact(True, FRESH)], "no", "d30", id="the one that says anything has lost it"),
        pytest.param([Contact(True, FRESH), Contact(None, FRESH)], "no", "d30", id="silence is no word"),
        pytest.param([Contact(False, FRESH)], "yes", "d30", id="one reaches it"),
        pytest.param(
            [Contact(True, FRESH), Contact(False, OLD)], "yes", "older", id="the reaching one's age"
        ),
        pytest.param([Contact(False, OLD), Contact(False, FRESH)], "yes", "d30", id="the newest reach"),
        pytest.param([Contact(True, OLD), Contact(True, FRESH)], "no", "d30", id="the newest loss"),
    ],
)
def test_what_is_heard(contacts: list[Contact], status: str, band: str | None) -> None:
    heard = reachable(contacts, now=NOW)
    assert heard.status == Reachability(status)
    assert heard.freshness == (None if band is None else Freshness(band))
    assert heard.kinds == ()


@pytest.mark.parametrize(
    ("as_of", "band"),
    [
        (date(2026, 12, 31), "d30"),
        (date(2026, 11, 2), "d30"),
        (date(2026, 10, 3), "d30"),
        (date(2026, 10, 2), "d90"),
        (date(2026, 8, 4), "d90"),
        (date(2026, 8, 3), "d180"),
        (date(2026, 5, 6), "d180"),
        (date(2026, 5, 5), "older"),
    ],
)
def test_the_bands_end_where_they_should(as_of: date, band: str) -> None:
    assert freshness(as_of, NOW) == Freshness(band)
