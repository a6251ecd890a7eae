"""Those whose records were in an opened total shall hear of it, though hub and custodian would hide it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from custodian.cohorts import Accounts
from custodian.ledger import Ledger
from member import Home, Member, Report, create_member, open_member
from member.checks import Check, Verdict
from member.contributions import list_contributions
from member.errors import Declined
from privacy import merkle
from privacy.encoding import b64, canonical
from privacy.logged import LogReceipt
from privacy.sealing import ScryptCost
from privacy.statements import SignedStatement
from tests.attacks.attack import Scene, attack
from tests.feeds import Alliance, secret

PERIOD = "2026-11-01"
NOW = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
CONTRACT = b64(secret("西河", "1"))


@dataclass
class Line:
    """West's line to somebody: answers by path; what is not there is declined."""

    name: str
    answers: dict[str, Any] = field(default_factory=dict)

    def get(self, path: str) -> bytes:
        """Return what stands under this path."""
        if path not in self.answers:
            raise Declined(f"{self.name}: nothing of that kind", rule="not-found", status=404, extra={})
        return msgspec.json.encode(self.answers[path])

    def close(self) -> None:
        """Hang up."""


@pytest.fixture
def alliance() -> Alliance:
    return Alliance()


@pytest.fixture
def west(alliance: Alliance, tmp_path: Path) -> Iterator[Member]:
    """A contributor, whose lines a story fills."""
    home = Home(tmp_path / "west")
    signed, cost = alliance.signed_key_set, ScryptCost(log_n=10)
    hub = "http://127.0.0.1:1"
    create_member(home, "口令", "西河", hub=hub, key_set=signed, declared_portfolio=9, cost=cost)
    with open_member(home, "口令", clock=lambda: NOW, report=Report()) as member:
        yield member


@pytest.fixture
def accounts(alliance: Alliance, tmp_path: Path) -> Accounts:
    """Custodian 1's books: West's contract stood in three totals that it helped to open."""
    ledger = Ledger(tmp_path / "ledger.db")
    for number in range(3):
        cohort = (("西河", CONTRACT), ("东桥", b64(secret("东桥", "1"))))
        manifest = number.to_bytes(32, "big")
        usual: dict[str, Any] = {"period": PERIOD, "quota": 9, "retry_at": NOW, "now": NOW}
        ledger.charge_opening("北辰", manifest, 1, opened=[cohort], **usual)
    return Accounts(ledger, alliance.key_set, 1, secret("cohorts"))


def shown(signed: SignedStatement, position: int) -> dict[str, Any]:
    """Return a statement as the hub shows it, with its log entry."""
    entry = {"position": position, "digest": b64(signed.digest())}
    salt = secret("log salt")
    leaf = merkle.leaf_hash(hashlib.sha256(salt + canonical(entry)).digest())
    receipt = LogReceipt(entry=entry, salt=b64(salt), leaf=b64(leaf))
    return {"position": position, "stamp": "2026-11-02T00:00:00Z", "statement": signed, "receipt": receipt}


@attack(
    "openings hidden from a contributor",
    by="hub and custodian 1",
    goal="West is told of one opening where there were three",
    stopped="alarm: custodian 1 told you something else than it committed to on the feed",
    off="privacy.merkle.verify_inclusion",
)
def test_a_receipt_that_counts_less(
    scene: Scene, alliance: Alliance, west: Member, accounts: Accounts
) -> None:
    """Custodian 1 committed to its counts on the feed, where East finds its own; to West it tells less."""
    body = accounts.close(PERIOD)
    assert body is not None
    signed = alliance.custodians[1].signs(body)
    (told,) = accounts.of("西河", {PERIOD: 7})
    (record,) = told["receipt"].records
    assert record.openings == 3
    less = msgspec.structs.replace(told["receipt"], records=(msgspec.structs.replace(record, openings=1),))
    custodian = Line("custodian 1", {"/v1/cohorts": {"cohorts": [told | {"receipt": less}]}})
    west._custodians = {1: custodian}  # type: ignore[dict-item]
    west.hub = Line("the hub", {"/v1/cohorts/7": shown(signed, 7)})  # type: ignore[assignment]

    found = list_contributions(west)

    heard = [each.openings for each in found.contributions]
    scene.ends(reached=heard == [{1: 1}] and found.exit_code == 0, seen=alarms(found.checks))


def alarms(checks: list[Check]) -> str:
    """Return what the member is warned of, without the period and the reason."""
    texts = [check.says.split(": ")[1] for check in checks if check.verdict is Verdict.ALARM]
    return "; ".join(f"alarm: {text}" for text in texts) or "no alarm"
