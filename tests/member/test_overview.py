"""What hub and custodians say of a member is laid side by side, and every difference is named."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from member import Member, Unavailable, Untrusted, status, wire
from member.overview import differences
from tests.member.conftest import SOUTH, Alliance

CUT: dict[str, Any] = {
    "period": "2026-11",
    "position": 30,
    "effective": True,
    "signatures": [1, 2, 3],
    "live_records": 266,
}
HUB: dict[str, Any] = {
    "member": SOUTH,
    "state": "active",
    "next_sequence": 4,
    "previous": "P",
    "feed": {"position": 40, "head": "H"},
    "cut": CUT,
    "live_records": 260,
}
CUSTODIAN: dict[str, Any] = {
    "member": SOUTH,
    "state": "active",
    "position": 40,
    "head": "H",
    "next_sequence": 4,
    "previous": "P",
    "evaluations": {
        "epoch": {"quota": 400, "used": 5},
        "day": {"quota": 200, "used": 5, "resets_at": "later"},
    },
    "openings": {"quota": 400, "used": 3, "period": "2026-11"},
    "live_records": 260,
    "cut": CUT,
    "last_statements": [{"sequence": 3, "position": 29, "type": "chunk", "valid": True, "reason": None}],
}


def seen(**changes: Any) -> list[str]:
    hub = msgspec.convert(HUB, wire.Account)
    return list(differences(hub, 2, msgspec.convert(CUSTODIAN | changes, wire.CustodianAccount)))


def test_who_agrees_is_not_mentioned() -> None:
    assert seen() == []


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"head": "X"}, "the feed's head at position 40 as X, the hub as H"),
        ({"state": "suspended"}, "your state at position 40 as suspended, the hub as active"),
        ({"next_sequence": 5}, "your next sequence number at position 40 as 5, the hub as 4"),
        ({"previous": "Q"}, "your last statement at position 40 as Q, the hub as P"),
        ({"live_records": 259}, "your live records at position 40 as 259, the hub as 260"),
        (
            {"cut": CUT | {"live_records": 1}},
            "your live records at it of the cut of 2026-11 as 1, the hub as 266",
        ),
        ({"cut": CUT | {"position": 31}}, "its position of the cut of 2026-11 as 31, the hub as 30"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_every_difference_is_named(changes: dict[str, Any], difference: str) -> None:
    assert seen(**changes) == [f"custodian 2 sees {difference}"]


@pytest.mark.parametrize(
    "changes",
    [
        {"position": 38, "head": "X", "next_sequence": 3, "previous": "O", "live_records": 10},
        {"cut": None},
        {"cut": CUT | {"period": "2026-10", "position": 3, "live_records": 1}},
    ],
    ids=["a custodian that is behind", "no cut yet", "an older cut"],
)
def test_who_speaks_of_another_moment_does_not_differ(changes: dict[str, Any]) -> None:
    assert seen(**changes) == []


def test_a_void_statement_is_named_with_its_reason() -> None:
    void = {"sequence": 2, "position": 20, "type": "chunk", "valid": False, "reason": "port\x1bfolio"}

    assert seen(last_statements=[void]) == ["custodian 2 found your chunk number 2 void: port folio"]


def test_status_asks_everybody(alliance: Alliance, south: Member) -> None:
    account = alliance.hub.account
    alliance.hub.routes[("GET", "/v1/account")] = lambda received: account(received) | HUB
    for custodian in alliance.custodians.values():
        custodian.account = CUSTODIAN
    alliance.custodians[3].account = CUSTODIAN | {"live_records": 1}
    alliance.custodians[1].close()

    result = status(south)

    assert set(result.custodians) == {2, 3}
    assert "custodian 1 does not answer" in result.silent[1]
    assert result.differences == ["custodian 3 sees your live records at position 40 as 1, the hub as 260"]
    assert (result.exit_code, result.live_in_vault) == (1, 0)
    assert [offer.terms.agreement for offer in result.agreements] == ["数据共享协议"]


def test_all_is_well(alliance: Alliance, south: Member) -> None:
    account = alliance.hub.account
    alliance.hub.routes[("GET", "/v1/account")] = lambda received: account(received) | HUB
    for custodian in alliance.custodians.values():
        custodian.account = CUSTODIAN

    assert status(south).exit_code == 0


def test_a_hub_that_is_away_is_an_error(alliance: Alliance, south: Member) -> None:
    alliance.hub.close()

    with pytest.raises(Unavailable):
        status(south)


def test_a_hub_that_speaks_of_somebody_else_is_not_believed(alliance: Alliance, south: Member) -> None:
    alliance.hub.name = "北辰"

    with pytest.raises(Untrusted):
        status(south)
