"""A refusal that was kept says later what it said at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alliance_hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound, QuotaExceeded
from alliance_hub.matching import refusals

RETRY_AT = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "error",
    [
        Forbidden("not allowed", extra={"clause": "purposes", "version": 1}),
        NotFound("not there", slug="gone"),
        Conflict("another period", slug="period", extra={"period": "2026-12"}),
        Invalid("too old", field="manifest.requested_at"),
        QuotaExceeded("enough", retry_at=RETRY_AT),
        QuotaExceeded("enough"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_kept_and_recalled(error: HubError) -> None:
    recalled = refusals.recall(refusals.keep(error))
    assert type(recalled) is type(error)
    assert str(recalled) == str(error)
    assert vars(recalled) == vars(error)
