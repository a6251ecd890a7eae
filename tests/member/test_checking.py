"""A member finds out who lies to it: forks, cuts not signed by all, statements withheld, changed or void."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from member import Member, Refused, RetryLater, Unavailable, Untrusted, settle, submit, withdraw
from member.checking import Checked, check
from member.checks import Verdict
from member.vault import drafts, outbox, statements
from privacy.encoding import instant_text
from tests.member.conftest import Alliance, Run
from tests.member.people import loan, write
from tests.member.server import Problem
from tests.member.witnesses import OTHER, PERIOD, Witnesses, witness

AS_OF = date(2026, 10, 31)


@pytest.fixture
def told(alliance: Alliance, south: Member) -> Witnesses:
    """South has made two statements; everybody tells the truth about them."""
    told = Witnesses(alliance, south)
    settle(south, "NA-000001")
    withdraw(south, "NA-000002")
    # As a command does: it asks the hub anew where the custodians are.
    south._alliance, south._custodians = None, {}
    return told


def alarms(checked: Checked) -> list[str]:
    return [f"{each.what}: {each.says}" for each in checked.checks if each.verdict is Verdict.ALARM]


def says(checked: Checked, what: str) -> list[tuple[Verdict, str]]:
    return [(each.verdict, each.says) for each in checked.checks if each.what == what]


# All is well


def test_when_nobody_lies_every_check_is_fine(told: Witnesses, south: Member, tmp_path: Path) -> None:
    submit(south, write(tmp_path / "loans.csv", loan(3)), as_of=AS_OF)

    checked = check(south)

    root = told.alliance.hub.log.paper.newest().text().split("\n")[2]
    assert [(each.what, each.says) for each in checked.checks] == [
        ("the feed's head", "custodians 1, 2 and 3 signed the same at position 40"),
        ("the hub's account", "agrees with custodians 1, 2 and 3"),
        ("the cuts", "2026-11: signed by all 3 custodians over one head and one state"),
        ("your statements", "3 on the feed as signed, and valid"),
        ("withheld", "nothing that was signed here is missing from the feed"),
        ("live contracts", "1, as in this vault"),
        ("the log", f"size 2, root {root}, cosigned by custodians 1 and 2"),
        ("the log", "what custodians 1, 2 and 3 cosigned last is the same log"),
        ("receipts", "2 log entries of yours proven to stand in the log"),
    ]
    assert {each.verdict for each in checked.checks} == {Verdict.FINE}
    assert (checked.exit_code, checked.missing) == (0, [])


# Heads


def test_two_heads_at_one_position_are_a_fork_that_names_both_sides(told: Witnesses, south: Member) -> None:
    told.heads[2] = OTHER

    checked = check(south)

    (fork,) = [text for text in alarms(checked) if "FORK" in text]
    assert "position 40, custodians 1 and 3 against custodian 2" in fork
    assert checked.exit_code == 1
    assert [signed.head.head for signed in checked.evidence["heads"]] == [told.heads[i] for i in (1, 2, 3)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"alliance": "另一个联盟"}, "of another custodian, alliance or epoch"),
        ({"epoch": 2}, "of another custodian, alliance or epoch"),
        ({"at": "2020-01-01T00:00:00Z"}, "of another time"),
    ],
    ids=["alliance", "epoch", "replayed"],
)
def test_a_head_of_elsewhere_is_an_alarm(
    told: Witnesses, south: Member, change: dict[str, Any], reason: str
) -> None:
    told.head_changes[1] = change

    (alarm,) = alarms(check(south))
    assert alarm.startswith("custodian 1: ")
    assert reason in alarm


def test_a_head_signed_by_somebody_else_is_an_alarm(told: Witnesses, south: Member) -> None:
    told.head_keys[1] = witness(2)

    (alarm,) = alarms(check(south))
    assert "custodian 1" in alarm
    assert "not signed with its witness key" in alarm


# Accounts


def test_a_hub_that_counts_otherwise_than_the_custodians_is_an_alarm(told: Witnesses, south: Member) -> None:
    told.hub_changes = {"live_records": 7}

    checked = check(south)
    assert alarms(checked)[0] == (
        "the hub's account: custodian 1 sees your live records at position 40 as 0, the hub as 7"
    )


def test_an_account_of_somebody_else_is_an_alarm(told: Witnesses, south: Member) -> None:
    told.account_changes[2] = {"member": "北辰"}

    assert alarms(check(south)) == ["custodian 2: custodian 2 answers for another member"]


# Statements that are missing


@pytest.fixture
def withheld(told: Witnesses, south: Member) -> Witnesses:
    """The hub has taken the withdrawal, number 2, and no custodian has heard of it."""
    told.unheard = {2}
    told.hub_changes = {"next_sequence": 2, "previous": told.account(1)["previous"]}
    return told


def test_what_the_hub_withholds_is_an_alarm_after_a_minute(
    alliance: Alliance, withheld: Witnesses, south: Member
) -> None:
    assert check(south).missing == []

    alliance.clock.passes(seconds=61)
    checked = check(south)

    (alarm,) = alarms(checked)
    assert alarm.startswith("withheld: the hub withholds statement 2 (withdrawal of ")
    assert "--hand-in" in alarm
    assert [each.sequence for each in checked.missing] == [2]
    assert checked.evidence["missing"] == [alliance.hub.said[1]]
    assert all(not handed for handed in withheld.handed.values())


def test_a_custodian_that_is_behind_the_hub_is_given_time(
    alliance: Alliance, withheld: Witnesses, south: Member
) -> None:
    withheld.hub_changes |= {"feed": {"position": 41, "head": OTHER, "stamp": None}}
    alliance.clock.passes(seconds=61)
    assert check(south).missing == []

    alliance.clock.passes(minutes=10)
    assert [each.sequence for each in check(south).missing] == [2]


def test_what_one_custodian_knows_is_not_withheld(
    alliance: Alliance, withheld: Witnesses, south: Member
) -> None:
    withheld.account_changes[3] = {"next_sequence": 3}
    alliance.clock.passes(minutes=11)

    assert check(south).missing == []


def test_what_is_withheld_is_handed_to_every_custodian(
    alliance: Alliance, withheld: Witnesses, south: Member
) -> None:
    alliance.clock.passes(seconds=61)

    checked = check(south, hand_in=True)

    for handed in withheld.handed.values():
        assert [each.statement for each in handed] == [alliance.hub.said[1]]
    assert says(checked, "handed in") == [
        (Verdict.FINE, f"statement 2 to custodian {index}: it signs no cut until the feed carries it")
        for index in (1, 2, 3)
    ]
    assert checked.exit_code == 1


@pytest.mark.parametrize(
    ("answer", "verdict", "text"),
    [
        ({"position": 41, "waiting": False}, Verdict.FINE, "it stands at position 41 by now"),
        ({"position": None, "waiting": False}, Verdict.NOTE, "it does not wait for it"),
        (Problem(403, "hand-in", "too many are waiting"), Verdict.NOTE, "too many are waiting"),
    ],
    ids=["there", "not taken", "refused"],
)
def test_what_came_of_handing_in_is_told(
    alliance: Alliance, withheld: Witnesses, south: Member, answer: Any, verdict: Verdict, text: str
) -> None:
    def take(received: object) -> Any:
        if isinstance(answer, Problem):
            raise answer
        return answer

    alliance.custodians[2].routes[("POST", "/v1/statements")] = take
    alliance.clock.passes(seconds=61)

    (of_two,) = [each for each in says(check(south, hand_in=True), "handed in") if "custodian 2" in each[1]]
    assert of_two[0] is verdict
    assert text in of_two[1]


def test_what_is_too_old_to_count_is_not_handed_in(
    alliance: Alliance, withheld: Witnesses, south: Member
) -> None:
    alliance.clock.passes(hours=25)

    checked = check(south, hand_in=True)

    assert "too old now to count" in alarms(checked)[0]
    assert says(checked, "handed in")[0][0] is Verdict.NOTE
    assert all(not handed for handed in withheld.handed.values())


def test_nothing_is_handed_in_when_nothing_is_missing(told: Witnesses, south: Member) -> None:
    assert says(check(south, hand_in=True), "handed in")[0][0] is Verdict.NOTE
    assert all(not handed for handed in told.handed.values())


def test_a_statement_under_way_accuses_nobody_and_can_be_handed_in(
    alliance: Alliance, told: Witnesses, south: Member
) -> None:
    alliance.hub.routes[("POST", "/v1/statements")] = away
    with pytest.raises(Unavailable):
        settle(south, "NA-000003")
    alliance.clock.passes(seconds=61)

    checked = check(south, hand_in=True)

    assert alarms(checked) == []
    assert "statement 3" in says(checked, "withheld")[0][1]
    assert "still under way" in says(checked, "withheld")[0][1]
    assert [len(handed) for handed in told.handed.values()] == [1, 1, 1]


def test_a_submission_under_way_accuses_nobody(
    alliance: Alliance, told: Witnesses, south: Member, tmp_path: Path
) -> None:
    alliance.hub.routes[("POST", "/v1/submissions")] = away
    with pytest.raises(Unavailable):
        submit(south, write(tmp_path / "more.csv", loan(3)), as_of=AS_OF)
    assert outbox.header(south.vault) is not None
    alliance.clock.passes(seconds=61)

    assert alarms(check(south)) == []


# Cuts


def test_a_hub_that_hides_a_cut_is_an_alarm_and_one_that_is_away_is_none(
    alliance: Alliance, told: Witnesses, south: Member
) -> None:
    del alliance.hub.routes[("GET", "/v1/cuts/([^/]+)")]
    assert any(
        "the hub shows no signatures under the cut of 2026-11" in text for text in alarms(check(south))
    )

    alliance.hub.routes[("GET", "/v1/cuts/([^/]+)")] = away
    assert says(check(south), "the cuts")[0][0] is Verdict.NOTE


def test_a_name_that_is_no_period_is_not_asked_for(
    alliance: Alliance, told: Witnesses, south: Member
) -> None:
    cut = {"period": "../x?y", "position": 3, "effective": True, "signatures": [], "live_records": 0}
    told.account_changes[1] = {"cut": cut, "cuts": [cut]}

    check(south)

    assert {each.path for each in alliance.hub.received if "cuts" in each.path} == {f"/v1/cuts/{PERIOD}"}


# Silence, and lines of one's own


def test_one_silent_custodian_is_noted(alliance: Alliance, told: Witnesses, south: Member) -> None:
    alliance.custodians[2].close()

    checked = check(south)

    ((verdict, text),) = says(checked, "custodian 2")
    assert (verdict, checked.exit_code) == (Verdict.NOTE, 0)
    assert "does not answer" in text


def test_with_too_few_custodians_nothing_is_certain(
    alliance: Alliance, told: Witnesses, south: Member
) -> None:
    alliance.custodians[1].close()
    alliance.custodians[2].close()

    assert check(south).exit_code == RetryLater.exit_code


def test_a_silent_hub_is_noted_when_custodians_were_named(
    alliance: Alliance, told: Witnesses, south: Member
) -> None:
    addresses = {index: custodian.url for index, custodian in alliance.custodians.items()}
    alliance.hub.close()

    checked = check(south, addresses=addresses)

    assert says(checked, "the hub")[0][0] is Verdict.NOTE
    assert says(checked, "your statements") == [(Verdict.FINE, "2 on the feed as signed, and valid")]


def test_a_hub_that_is_away_leaves_only_the_custodians_that_were_named(
    alliance: Alliance, told: Witnesses, south: Member, heard: Any
) -> None:
    alliance.hub.close()

    checked = check(south, addresses={2: alliance.custodians[2].url})

    assert says(checked, "the feed's head") == [(Verdict.NOTE, "only custodian 2 signed one, at position 40")]
    assert any("only the custodians that you named" in text for text in heard.warned)
    assert checked.exit_code == RetryLater.exit_code


def test_without_addresses_a_hub_that_is_away_ends_it(
    alliance: Alliance, told: Witnesses, south: Member
) -> None:
    alliance.hub.close()

    with pytest.raises(Unavailable):
        check(south)


def test_a_custodian_is_asked_where_it_says_itself(
    alliance: Alliance, told: Witnesses, south: Member
) -> None:
    # The hub names a server of its own as custodian 2.
    alliance.hub.addresses[2] = alliance.custodians[1].url
    assert any("custodian 2" in alarm for alarm in alarms(check(south)))

    assert alarms(check(south, addresses={2: alliance.custodians[2].url})) == []


@pytest.mark.parametrize("index", [0, 4, -1])
def test_the_key_set_has_no_other_custodian(told: Witnesses, south: Member, index: int) -> None:
    with pytest.raises(Refused, match="custodians 1 to 3"):
        check(south, addresses={index: "http://127.0.0.1:1"})


def test_an_address_over_plain_http_is_refused(told: Witnesses, south: Member) -> None:
    with pytest.raises(Refused, match="use https"):
        check(south, addresses={1: "http://keys.example"})


def test_another_key_set_is_not_believed(alliance: Alliance, told: Witnesses, south: Member) -> None:
    alliance.hub.signed = msgspec.structs.replace(
        alliance.signed, key_set=msgspec.structs.replace(alliance.key_set, epoch=2)
    )

    with pytest.raises(Untrusted, match="another key set"):
        check(south)


# What the vault remembers


def test_statements_are_kept_once_and_by_epoch(told: Witnesses, south: Member) -> None:
    first, second = statements.list_statements(south.vault, 1)
    statements.keep(south.vault, first.signed, at=south.clock() + timedelta(days=1))

    again = statements.list_statements(south.vault, 1)
    assert [each.sequence for each in again] == [1, 2]
    assert [each.type for each in again] == ["settlement", "withdrawal"]
    assert instant_text(again[0].at) == instant_text(first.at)
    assert statements.list_statements(south.vault, 2) == []
    assert statements.list_drafted(south.vault) == set()
    drafts.keep(south.vault, "settled/x", second.signed)
    assert statements.list_drafted(south.vault) == {second.signed.digest()}


# The command


def test_the_command_shows_one_line_for_each_check(
    told: Witnesses,
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("check") == 0
    shown = capsys.readouterr().out
    assert "fine   the feed's head    custodians 1, 2 and 3 signed the same at position 40" in shown

    told.heads[2] = OTHER
    out = tmp_path / "evidence.json"
    assert run("check", "--out", out, "--custodian", f"2={told.alliance.custodians[2].url}") == 1
    said = capsys.readouterr()
    assert "ALARM  the feed's head" in said.out
    assert "ALARM, the feed's head: FORK" in said.err
    heads = json.loads(out.read_text(encoding="utf-8"))["heads"]
    assert [each["head"]["head"] for each in heads] == [told.heads[i] for i in (1, 2, 3)]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--custodian", "2"),
        ("--custodian", "two=https://keys.example"),
        ("--custodian", "2=https://a.example", "--custodian", "2=https://b.example"),
    ],
    ids=["no address", "no index", "twice"],
)
def test_an_address_that_is_not_understood_ends_with_64(
    told: Witnesses,
    run: Run,
    arguments: tuple[str, ...],
) -> None:
    assert run("check", *arguments) == 64


def test_evidence_is_written_as_json_only(
    told: Witnesses,
    run: Run,
    tmp_path: Path,
) -> None:
    assert run("check", "--out", tmp_path / "evidence.pdf") == 4


def away(received: object) -> object:
    raise Problem(503, "unavailable", "the hub's database is away")
