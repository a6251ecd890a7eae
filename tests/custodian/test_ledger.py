"""What only this custodian knows: charged once, durably, and never beyond a quota."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custodian.errors import OtherContent, QuotaExhausted
from custodian.ledger import Ledger, next_midnight

NOON = datetime(2026, 10, 31, 4, 0, tzinfo=UTC)
"""Noon in Shanghai."""


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")


def charge(
    ledger: Ledger, request: str, count: int, *, batch: bytes = b"batch", now: datetime = NOON
) -> None:
    ledger.charge_evaluation("nanshan", request, batch, count, epoch=1, quota=(10, 6), now=now)


def test_a_batch_is_charged_once_however_often_it_is_asked(ledger: Ledger) -> None:
    for _ in range(3):
        charge(ledger, "request-1", 5)
    assert ledger.evaluations_used("nanshan", epoch=1, now=NOON) == (5, 5)


def test_a_request_id_cannot_carry_another_batch(ledger: Ledger) -> None:
    charge(ledger, "request-1", 5)
    with pytest.raises(OtherContent):
        charge(ledger, "request-1", 5, batch=b"another")


def test_the_daily_quota_says_when_to_come_back(ledger: Ledger) -> None:
    charge(ledger, "request-1", 6)
    with pytest.raises(QuotaExhausted) as caught:
        charge(ledger, "request-2", 1)
    assert caught.value.retry_at == datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
    charge(ledger, "request-2", 1, now=NOON + timedelta(days=1))
    assert ledger.evaluations_used("nanshan", epoch=1, now=NOON + timedelta(days=1)) == (7, 1)


def test_the_quota_of_the_epoch_does_not_come_back(ledger: Ledger) -> None:
    charge(ledger, "request-1", 6)
    charge(ledger, "request-2", 4, now=NOON + timedelta(days=1))
    with pytest.raises(QuotaExhausted) as caught:
        charge(ledger, "request-3", 1, now=NOON + timedelta(days=2))
    assert caught.value.retry_at is None


def test_what_is_refused_is_not_charged_and_members_do_not_share(ledger: Ledger) -> None:
    with pytest.raises(QuotaExhausted):
        charge(ledger, "request-1", 11)
    ledger.charge_evaluation("xihe", "request-1", b"batch", 6, epoch=1, quota=(10, 6), now=NOON)
    charge(ledger, "request-1", 6)


def test_charges_survive_the_process(tmp_path: Path) -> None:
    charge(Ledger(tmp_path / "ledger.db"), "request-1", 5)
    assert Ledger(tmp_path / "ledger.db").evaluations_used("nanshan", epoch=1, now=NOON) == (5, 5)


def test_an_opening_is_charged_once_and_within_its_period(ledger: Ledger) -> None:
    retry = NOON + timedelta(days=1)

    def opening(manifest: bytes, count: int) -> None:
        ledger.charge_opening(
            "nanshan", manifest, count, period="2026-10", quota=10, retry_at=retry, now=NOON
        )

    opening(b"one", 7)
    opening(b"one", 7)
    assert ledger.openings_used("nanshan", period="2026-10") == 7
    with pytest.raises(QuotaExhausted) as caught:
        opening(b"two", 4)
    assert caught.value.retry_at == retry
    assert ledger.openings_used("nanshan", period="2026-11") == 0


def test_a_nonce_counts_once_within_its_life(ledger: Ledger) -> None:
    assert ledger.first_use("key", "nonce", now=NOON)
    assert not ledger.first_use("key", "nonce", now=NOON + timedelta(seconds=600))
    assert ledger.first_use("other key", "nonce", now=NOON)
    assert ledger.first_use("key", "nonce", now=NOON + timedelta(seconds=602))


def test_one_cut_is_signed_for_a_period(ledger: Ledger) -> None:
    assert ledger.sign_once("2026-10", b"body")
    assert ledger.sign_once("2026-10", b"body")
    assert not ledger.sign_once("2026-10", b"another body")


def test_an_operators_quota_goes_before_the_policys_until_taken_back(ledger: Ledger) -> None:
    ledger.set_quota("nanshan", "evaluations_per_day", 0)
    assert ledger.quota("nanshan", "evaluations_per_day") == 0
    ledger.set_quota("nanshan", "evaluations_per_day", None)
    assert ledger.quota("nanshan", "evaluations_per_day") is None


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        (datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC), datetime(2026, 10, 31, 16, tzinfo=UTC)),
        (datetime(2026, 10, 31, 16, 0, 0, tzinfo=UTC), datetime(2026, 11, 1, 16, tzinfo=UTC)),
    ],
)
def test_days_are_those_of_shanghai(now: datetime, midnight: datetime) -> None:
    assert next_midnight(now) == midnight
