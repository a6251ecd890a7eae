"""A signed request counts once, for as long as its signature is fresh."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from alliance_hub.db import Database
from alliance_hub.errors import Unauthenticated
from alliance_hub.nonces import service as nonces
from alliance_hub.nonces.models import NonceRow
from privacy.request_signing import Verified
from tests.alliance_hub.builders import Clock


@pytest.fixture
def verified(clock: Clock) -> Verified:
    return Verified("key-1", "n" * 24, clock(), "base", "signature")


def take(database: Database, verified: Verified, clock: Clock) -> None:
    with database.transaction() as session:
        nonces.take(session, verified, now=clock())


def test_the_same_request_is_refused(either_database: Database, verified: Verified, clock: Clock) -> None:
    take(either_database, verified, clock)
    clock.move(seconds=600)
    with pytest.raises(Unauthenticated, match="seen before") as refused:
        take(either_database, verified, clock)
    assert refused.value.slug == "replayed-nonce"


def test_another_nonce_and_another_key_are_taken(
    database: Database, verified: Verified, clock: Clock
) -> None:
    take(database, verified, clock)
    take(database, replace(verified, nonce="m" * 24), clock)
    take(database, replace(verified, keyid="key-2"), clock)


def test_what_is_too_old_to_be_replayed_is_forgotten(
    database: Database, verified: Verified, clock: Clock
) -> None:
    take(database, verified, clock)
    clock.move(seconds=601)
    take(database, replace(verified, nonce="m" * 24), clock)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(NonceRow)) == 1
