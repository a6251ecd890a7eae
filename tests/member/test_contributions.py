"""A contributor hears from each custodian which of its records were opened, and checks it on the feed."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from member import Member, Refused, Unavailable
from member.checks import Verdict
from member.contributions import Contributed, list_contributions, name_contracts
from member.errors import RetryLater
from member.vault import contracts
from privacy import merkle
from privacy.encoding import b64
from privacy.receipts import CohortReceipt, Opened
from privacy.signing import SigningKey
from privacy.statements import Cohorts, SignedStatement, sign_statement
from tests.feeds import secret
from tests.member.conftest import SOUTH, Alliance, Run
from tests.member.people import loan, write
from tests.member.server import Problem, Received
from tests.member.witnesses import witness

OCTOBER, NOVEMBER = "2026-10", "2026-11"
SALT = secret("salt")


def receipt(index: int, period: str, opened: dict[bytes, int], **changes: Any) -> CohortReceipt:
    records = sorted((b64(ref), openings) for ref, openings in opened.items())
    usual: dict[str, Any] = {
        "alliance": "测试联盟",
        "epoch": 1,
        "custodian": index,
        "period": period,
        "member": SOUTH,
        "records": tuple(Opened(contract_ref=ref, openings=openings) for ref, openings in records),
    }
    return CohortReceipt(**usual | changes)


@dataclass
class Offices:
    """Custodians that attest, and the hub that shows what they committed to; bent by each test."""

    alliance: Alliance
    attested: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: {1: [], 2: [], 3: []})
    shown: dict[int, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for index, custodian in self.alliance.custodians.items():
            custodian.routes[("GET", "/v1/cohorts")] = partial(self._attest, index)
        self.alliance.hub.routes[("GET", "/v1/cohorts/([^/]+)")] = self._show

    def _attest(self, index: int, received: Received) -> Any:
        return {"cohorts": self.attested[index]}

    def runs(self, given: CohortReceipt) -> None:
        """Attest of a period that is not over."""
        nothing: dict[str, Any] = {"salt": None, "index": None, "size": None, "path": [], "position": None}
        self.attested[given.custodian].append({"receipt": given, **nothing})

    def commits(self, given: CohortReceipt, *, others: int = 4) -> dict[str, Any]:
        """Attest of a period that is over: the receipt is one leaf of several under a root on the feed."""
        leaves = sorted([given.leaf(SALT), *(merkle.leaf_hash(bytes([n])) for n in range(others))])
        at = leaves.index(given.leaf(SALT))
        position = 50 + len(self.shown)
        attested = {
            "receipt": given,
            "salt": b64(SALT),
            "index": at,
            "size": len(leaves),
            "path": [b64(node) for node in merkle.inclusion_path(leaves, at)],
            "position": position,
        }
        self.attested[given.custodian].append(attested)
        self.publishes(position, self.signs(given.custodian, given.period, leaves))
        return attested

    def signs(
        self,
        index: int,
        period: str,
        leaves: Sequence[bytes],
        *,
        key: SigningKey | None = None,
        **changes: Any,
    ) -> SignedStatement:
        usual: dict[str, Any] = {
            "alliance": "测试联盟",
            "epoch": 1,
            "author": f"custodian/{index}",
            "sequence": 9,
            "previous": secret("before"),
            "signed_at": self.alliance.clock(),
        }
        body = Cohorts(period=period, root=b64(merkle.root(leaves)), size=len(leaves))
        return sign_statement(key or witness(index), body, **usual | changes)

    def publishes(self, position: int, signed: SignedStatement) -> None:
        entry = {"kind": "statement", "position": position, "digest": b64(signed.digest())}
        self.shown[position] = {
            "position": position,
            "stamp": "2026-11-01T00:00:00Z",
            "statement": signed,
            "receipt": self.alliance.hub.receipt(entry),
        }

    def _show(self, received: Received) -> dict[str, Any]:
        position = int(received.groups[0])
        if position not in self.shown:
            raise Problem(404, "not-found", "no such statement")
        return self.shown[position]


@pytest.fixture
def offices(alliance: Alliance, south: Member) -> Offices:
    return Offices(alliance)


def ref(member: Member, number: int) -> bytes:
    return contracts.ref(member.vault, f"NA-{number:06d}")


def alarms(found: Contributed) -> list[str]:
    return [each.says for each in found.checks if each.verdict is Verdict.ALARM]


def test_receipts_that_stand_under_the_root_on_the_feed_are_counted(offices: Offices, south: Member) -> None:
    one, two = ref(south, 1), ref(south, 2)
    offices.commits(receipt(1, OCTOBER, {one: 3, two: 1}))
    offices.commits(receipt(2, OCTOBER, {one: 2}), others=0)

    found = list_contributions(south)

    assert {(each.contract_ref, each.period): each.openings for each in found.contributions} == {
        (b64(one), OCTOBER): {1: 3, 2: 2},
        (b64(two), OCTOBER): {1: 1},
    }
    assert (alarms(found), found.exit_code) == ([], 0)
    assert not any(each.provisional for each in found.contributions)
    assert [each.says for each in found.checks if each.what == "custodian 3"] == [
        "attests no opening with a record of yours"
    ]
    assert south.vault.db.execute("SELECT count(*) FROM receipts").fetchone() == (2,)


def test_a_running_period_is_provisional(offices: Offices, south: Member) -> None:
    offices.runs(receipt(1, NOVEMBER, {ref(south, 1): 2}))
    offices.commits(receipt(2, NOVEMBER, {ref(south, 1): 2}))

    found = list_contributions(south)

    (only,) = found.contributions
    assert only.openings == {1: 2, 2: 2}
    assert only.provisional == frozenset({1})
    assert (Verdict.NOTE, "period 2026-11 still runs: its numbers are provisional") in [
        (each.verdict, each.says) for each in found.checks
    ]
    assert found.exit_code == 0


def test_one_period_may_be_asked_about(offices: Offices, south: Member) -> None:
    offices.commits(receipt(1, OCTOBER, {ref(south, 1): 2}))
    offices.runs(receipt(1, NOVEMBER, {ref(south, 1): 5}))

    assert [each.period for each in list_contributions(south, period=NOVEMBER).contributions] == [NOVEMBER]
    assert [each.period for each in list_contributions(south).contributions] == [NOVEMBER, OCTOBER]


@pytest.mark.parametrize("period", ["2026-13", "2026-W47", "../x", ""])
def test_what_is_no_period_is_refused(offices: Offices, south: Member, period: str) -> None:
    with pytest.raises(Refused, match="not the name of a month"):
        list_contributions(south, period=period)


# Who is at fault


@pytest.mark.parametrize(
    "change",
    [
        {"salt": b64(secret("another salt"))},
        {"salt": None},
        {"salt": "!"},
        {"index": 9},
        {"index": None},
        {"size": 6},
        {"path": []},
        {"path": ["short"]},
    ],
    ids=lambda change: "-".join(map(str, next(iter(change.items())))),
)
def test_a_receipt_that_does_not_stand_under_the_root_names_its_custodian(
    offices: Offices, south: Member, change: dict[str, Any]
) -> None:
    attested = offices.commits(receipt(1, OCTOBER, {ref(south, 1): 3}))
    attested |= change

    found = list_contributions(south)

    (alarm,) = alarms(found)
    assert "custodian 1 told you something else than it committed to on the feed" in alarm
    assert (found.contributions, found.exit_code) == ([], 1)


def test_a_custodian_that_tells_a_smaller_number_is_named(offices: Offices, south: Member) -> None:
    attested = offices.commits(receipt(1, OCTOBER, {ref(south, 1): 3}))
    attested["receipt"] = receipt(1, OCTOBER, {ref(south, 1): 1})

    assert "custodian 1 told you something else" in alarms(list_contributions(south))[0]


@pytest.mark.parametrize(
    "changes",
    [{"alliance": "另一个联盟"}, {"epoch": 2}, {"custodian": 3}, {"member": "北辰"}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_receipt_of_elsewhere_names_its_custodian(
    offices: Offices, south: Member, changes: dict[str, Any]
) -> None:
    given = receipt(1, NOVEMBER, {ref(south, 1): 3})
    offices.runs(given)
    offices.attested[1][0]["receipt"] = msgspec.structs.replace(given, **changes)

    assert (
        "custodian 1 gave a receipt of another alliance, epoch, custodian or member"
        in alarms(list_contributions(south))[0]
    )


def test_a_receipt_that_names_a_contract_twice_is_refused(offices: Offices, south: Member) -> None:
    twice = (Opened(contract_ref=b64(ref(south, 1)), openings=1),) * 2
    offices.runs(receipt(1, NOVEMBER, {}, records=twice))

    assert "names a contract twice" in alarms(list_contributions(south))[0]


def test_a_hub_that_does_not_show_the_statement_is_named(offices: Offices, south: Member) -> None:
    offices.commits(receipt(1, OCTOBER, {ref(south, 1): 3}))
    offices.shown.clear()

    (alarm,) = alarms(list_contributions(south))
    assert "the hub does not show the statement of custodian 1 that it names at position 50" in alarm


def test_a_hub_that_is_away_is_no_culprit(alliance: Alliance, offices: Offices, south: Member) -> None:
    def away(received: Received) -> Any:
        raise Problem(503, "unavailable", "the hub's database is away")

    offices.commits(receipt(1, OCTOBER, {ref(south, 1): 3}))
    alliance.hub.routes[("GET", "/v1/cohorts/([^/]+)")] = away

    found = list_contributions(south)

    assert (alarms(found), found.contributions) == ([], [])
    assert any(each.verdict is Verdict.NOTE and "is away" in each.says for each in found.checks)


@pytest.mark.parametrize("fault", ["key", "alliance", "entry", "leaf", "position"])
def test_a_statement_or_log_entry_that_does_not_hold_names_the_hub(
    alliance: Alliance, offices: Offices, south: Member, fault: str
) -> None:
    offices.commits(receipt(1, OCTOBER, {ref(south, 1): 3}))
    shown = offices.shown[50]
    signed = shown["statement"]
    entry = {"kind": "statement", "position": 50, "digest": b64(signed.digest())}
    match fault:
        case "key":
            offices.publishes(50, offices.signs(1, OCTOBER, [SALT], key=witness(2)))
        case "alliance":
            offices.publishes(50, offices.signs(1, OCTOBER, [SALT], alliance="另一个联盟"))
        case "entry":
            shown["receipt"] = alliance.hub.receipt(entry | {"digest": b64(secret("another"))})
        case "leaf":
            shown["receipt"] = msgspec.structs.replace(shown["receipt"], leaf=b64(bytes(32)))
        case _:
            shown["position"] = 51

    (alarm,) = alarms(list_contributions(south))
    assert "the hub shows a statement or a log entry that does not hold" in alarm
    assert south.vault.db.execute("SELECT count(*) FROM receipts").fetchone() == (0,)


@pytest.mark.parametrize("fault", ["another custodian", "another period"])
def test_a_position_that_holds_another_statement_binds_nothing(
    offices: Offices, south: Member, fault: str
) -> None:
    offices.commits(receipt(1, OCTOBER, {ref(south, 1): 3}))
    other = (2, OCTOBER) if fault == "another custodian" else (1, NOVEMBER)
    offices.publishes(50, offices.signs(*other, [SALT]))

    assert (
        "custodian 1 names position 50, where another statement stands"
        in alarms(list_contributions(south))[0]
    )


def test_one_false_receipt_does_not_hide_the_others(offices: Offices, south: Member) -> None:
    offices.commits(receipt(1, OCTOBER, {ref(south, 1): 3}))["size"] = 99
    offices.commits(receipt(2, OCTOBER, {ref(south, 1): 3}))

    found = list_contributions(south)

    assert [each.openings for each in found.contributions] == [{2: 3}]
    assert len(alarms(found)) == 1


def test_silent_custodians_are_noted_and_nobody_at_all_ends_with_3(
    alliance: Alliance, offices: Offices, south: Member
) -> None:
    alliance.custodians[1].close()
    offices.commits(receipt(2, OCTOBER, {ref(south, 1): 3}))
    assert list_contributions(south).exit_code == 0

    for index in (2, 3):
        alliance.custodians[index].close()
    assert list_contributions(south).exit_code == RetryLater.exit_code


def test_an_answer_of_another_form_is_an_alarm(alliance: Alliance, offices: Offices, south: Member) -> None:
    alliance.custodians[1].routes[("GET", "/v1/cohorts")] = lambda received: {"cohorts": [{"receipt": 5}]}

    assert "not of the agreed form" in alarms(list_contributions(south))[0]


def test_without_a_hub_nobody_is_asked(alliance: Alliance, offices: Offices, south: Member) -> None:
    alliance.hub.close()

    with pytest.raises(Unavailable):
        list_contributions(south)


# Names, files and the command


def test_references_are_named_from_a_file(offices: Offices, south: Member, tmp_path: Path) -> None:
    file = write(tmp_path / "loans.csv", loan(1), loan(2, id="nonsense"))

    assert name_contracts(south, file) == {b64(ref(south, 1)): "NA-000001"}


def test_the_command_shows_numbers_and_writes_all(
    offices: Offices,
    south: Member,
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    many = {ref(south, number): 1 for number in range(1, 60)}
    offices.commits(receipt(1, OCTOBER, many | {ref(south, 1): 3}))
    offices.runs(receipt(2, NOVEMBER, {ref(south, 1): 7}))
    loans = write(tmp_path / "loans.csv", loan(1))
    table, proof = tmp_path / "all.csv", tmp_path / "all.json"

    assert run("contributions", "--portfolio", loans, "--out", table) == 0
    shown = capsys.readouterr().out
    assert "who asked is never told" in shown
    assert "NA-000001" in shown
    assert "7 so far" in shown
    assert f"20 more rows are in {table}" in shown
    with table.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["contract", "reference", "period", "custodian 1", "custodian 2"]
    assert len(rows) == 61
    assert ["NA-000001", b64(ref(south, 1)), OCTOBER, "3", ""] in rows

    assert run("contributions", "--period", OCTOBER, "--out", proof) == 0
    (evidence,) = json.loads(proof.read_text(encoding="utf-8"))
    assert evidence["shown"]["receipt"]["entry"]["position"] == 50
    assert evidence["attested"]["salt"] == b64(SALT)
    assert run("contributions", "--out", tmp_path / "all.xlsx") == 4
    assert run("contributions", "--period", "soon") == 4


def test_the_command_ends_with_1_on_an_alarm(
    offices: Offices,
    south: Member,
    run: Run,
    capsys: pytest.CaptureFixture[str],
) -> None:
    offices.commits(receipt(1, OCTOBER, {ref(south, 1): 3}))["size"] = 99

    assert run("contributions") == 1
    assert "ALARM, custodian 1: period 2026-10: custodian 1 told you" in capsys.readouterr().err
