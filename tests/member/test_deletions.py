"""Deletion certificates: each is checked, and one stands when enough custodians say the same."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from member import Member
from member.checks import Verdict
from member.deletions import Certified, list_deletions
from member.errors import RetryLater
from privacy.encoding import b64
from privacy.receipts import Deletion, SignedDeletion, sign_deletion
from tests.feeds import secret
from tests.member.conftest import SOUTH, Alliance, Run
from tests.member.server import Received
from tests.member.witnesses import witness

ROOT = b64(secret("leaves"))


def certificate(index: int, *, signer: int | None = None, **changes: Any) -> SignedDeletion:
    usual: dict[str, Any] = {
        "alliance": "测试联盟",
        "epoch": 1,
        "custodian": index,
        "member": SOUTH,
        "period": "2026-11",
        "position": 44,
        "size": 3,
        "root": ROOT,
    }
    return sign_deletion(witness(signer or index), Deletion(**usual | changes))


class Offices:
    """Custodians that certify what a test puts into `given`."""

    def __init__(self, alliance: Alliance) -> None:
        self.given: dict[int, list[Any]] = {index: [certificate(index)] for index in (1, 2, 3)}
        for index, custodian in alliance.custodians.items():
            custodian.routes[("GET", "/v1/deletions")] = partial(self._give, index)

    def _give(self, index: int, received: Received) -> Any:
        return {"deletions": self.given[index]}


@pytest.fixture
def offices(alliance: Alliance, south: Member) -> Offices:
    return Offices(alliance)


def alarms(found: Certified) -> list[str]:
    return [each.says for each in found.checks if each.verdict is Verdict.ALARM]


def test_what_all_say_alike_stands(offices: Offices, south: Member) -> None:
    found = list_deletions(south)

    (erased,) = found.erased
    assert (erased.period, erased.position, erased.size, erased.root) == ("2026-11", 44, 3, ROOT)
    assert (erased.custodians, erased.stands, found.exit_code) == ((1, 2, 3), True, 0)
    assert found.certificates == [certificate(1), certificate(2), certificate(3)]


def test_as_many_as_the_threshold_are_enough_and_fewer_are_not(
    alliance: Alliance, offices: Offices, south: Member
) -> None:
    offices.given[2] = []
    assert list_deletions(south).erased[0].stands

    alliance.custodians[1].close()
    found = list_deletions(south)
    assert [(each.custodians, each.stands) for each in found.erased] == [((3,), False)]
    assert (Verdict.NOTE, "period 2026-11: certified by custodian 3 only, 2 are needed") in [
        (each.verdict, each.says) for each in found.checks
    ]
    assert found.exit_code == 0


@pytest.mark.parametrize(
    "changes",
    [{"size": 2}, {"root": b64(secret("other leaves"))}, {"position": 45}],
    ids=lambda c: next(iter(c)),
)
def test_custodians_that_certify_different_things_are_named(
    offices: Offices, south: Member, changes: dict[str, Any]
) -> None:
    offices.given[2] = [certificate(2, **changes)]

    found = list_deletions(south)

    (alarm,) = alarms(found)
    assert "period 2026-11: custodians certify different things" in alarm
    assert "custodian 2" in alarm
    assert "custodians 1 and 3" in alarm
    assert found.exit_code == 1
    assert [each.custodians for each in found.erased if each.stands] == [(1, 3)]


def test_cuts_are_told_apart_and_the_newest_comes_first(offices: Offices, south: Member) -> None:
    for index in (1, 2, 3):
        offices.given[index].append(certificate(index, period="2026-12", position=60, size=1))

    found = list_deletions(south)

    assert [each.period for each in found.erased] == ["2026-12", "2026-11"]
    assert alarms(found) == []


def test_a_certificate_said_twice_counts_once(offices: Offices, south: Member) -> None:
    offices.given = {1: [certificate(1), certificate(1)], 2: [], 3: []}

    assert [each.stands for each in list_deletions(south).erased] == [False]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (certificate(2, signer=3), "not signed with its witness key"),
        (
            msgspec.structs.replace(certificate(2), deletion=certificate(2, size=9).deletion),
            "not signed with",
        ),
        (
            msgspec.structs.replace(certificate(2), signature=b64(bytes(64))),
            "not signed with its witness key",
        ),
        (certificate(3, signer=2), "of another alliance, epoch, custodian or member"),
        (certificate(2, member="北辰"), "of another alliance, epoch, custodian or member"),
        (certificate(2, alliance="另一个联盟"), "of another alliance, epoch, custodian or member"),
        (certificate(2, epoch=2), "of another alliance, epoch, custodian or member"),
        ({"deletion": {}}, "not of the agreed form"),
    ],
    ids=[
        "another's key",
        "changed",
        "no signature",
        "in another name",
        "member",
        "alliance",
        "epoch",
        "form",
    ],
)
def test_a_certificate_that_does_not_hold_is_an_alarm_and_counts_for_nothing(
    offices: Offices, south: Member, given: Any, reason: str
) -> None:
    offices.given[2] = [given]

    found = list_deletions(south)

    (alarm,) = alarms(found)
    assert "custodian 2" in alarm
    assert reason in alarm
    assert [each.custodians for each in found.erased] == [(1, 3)]


def test_nothing_certified_is_no_alarm(offices: Offices, south: Member) -> None:
    offices.given = {1: [], 2: [], 3: []}

    found = list_deletions(south)

    assert (found.erased, found.exit_code) == ([], 0)
    assert "none certified yet" in found.checks[0].says


def test_when_nobody_answers_it_ends_with_3(alliance: Alliance, offices: Offices, south: Member) -> None:
    south.custodians()
    for custodian in alliance.custodians.values():
        custodian.close()

    assert list_deletions(south).exit_code == RetryLater.exit_code


def test_the_command_shows_and_keeps_them(
    offices: Offices,
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "deletions.json"

    assert run("deletions", "--out", out) == 0
    shown = capsys.readouterr().out
    assert "custodians 1, 2 and 3" in shown
    assert "3 in 1 certificates that stand" in shown
    kept = [msgspec.convert(each, SignedDeletion) for each in json.loads(out.read_text(encoding="utf-8"))]
    assert kept == [certificate(1), certificate(2), certificate(3)]
    assert run("deletions", "--out", tmp_path / "deletions.csv") == 4
