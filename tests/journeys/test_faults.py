"""One alliance's story with everything going wrong: killed, cut off, out of quota; nothing lost or doubled.

The tests stand in the order of the story: before the cut, the cut, after it.
"""

from __future__ import annotations

from typing import Any

import pytest

from demo import alliance as steps
from demo.processes import run
from tests.journeys import portfolios
from tests.journeys.conftest import Town
from tests.journeys.test_demo import shown

KILLED, DONE, LATER, REFUSED = -9, 2, 3, 4
# DONE is 2 here: every file holds one row that is rejected, and the good ones go on.
QUOTA = "evaluations_per_day"


def subjects(town: Town, name: str) -> int:
    return len({loan.subject for loan in town.loans[name]})


def everybody_agrees(town: Town, number: int, *, evaluations: int) -> None:
    """Hub, custodians and vault hold every contract once, and each subject was evaluated once."""
    member = town.members[number]
    seen = town.status(member)
    live = {
        seen.hub.live_records,
        seen.live_in_vault,
        *(each.live_records for each in seen.custodians.values()),
    }
    assert live == {len(town.loans[member.name])}
    assert seen.differences == []
    used = [each.evaluations.epoch.used for each in seen.custodians.values()]
    assert sum(used) == 2 * evaluations


def truth(town: Town, name: str) -> dict[str, Any]:
    return portfolios.expected(town.loans)[name]


def answered_rightly(town: Town, number: int) -> None:
    member = town.members[number]
    said = town.read(member)
    assert set(said) == {loan.contract for loan in town.loans[member.name]}
    assert {each["subject"]: shown(each["exposure"]) for each in said.values()} == truth(town, member.name)


def openings_used(town: Town, number: int) -> list[int]:
    custodians = town.status(town.members[number]).custodians
    return [custodians[index].openings.used for index in sorted(custodians)]


def test_a_member_killed_thrice_while_it_submits(town: Town) -> None:
    member = town.members[0]
    for point in ("submit.tokenised", "submit.outbox", "submit.posted"):
        assert town.submit(member, dies_at=point)[0] == KILLED
    code, said = town.submit(member)
    assert code == DONE, said
    everybody_agrees(town, 0, evaluations=subjects(town, "alpha"))


@pytest.mark.parametrize("point", ["submit.stored", "submit.chunk_appended"])
def test_a_hub_killed_while_it_takes_records(town: Town, point: str) -> None:
    """The first time before anything is in the feed, the second time (another member) in the middle."""
    number = {"submit.stored": 1, "submit.chunk_appended": 2}[point]
    member = town.members[number]
    with town.dying("hub", point):
        code, said = town.submit(member)
        assert code == LATER, said
    code, said = town.submit(member)
    assert code == DONE, said
    everybody_agrees(town, number, evaluations=subjects(town, member.name))


def test_asking_before_the_first_cut_says_to_wait(town: Town) -> None:
    code, said = town.match(town.members[0])
    assert code == LATER, said


def test_submitting_again_changes_nothing(town: Town) -> None:
    code, said = town.submit(town.members[0])
    assert code == DONE, said
    everybody_agrees(town, 0, evaluations=subjects(town, "alpha"))


def test_a_member_killed_with_the_answer_in_its_hand(town: Town) -> None:
    steps.cut(town.alliance)
    assert town.match(town.members[0], dies_at="match.answered")[0] == KILLED
    code, said = town.match(town.members[0])
    assert code == DONE, said
    answered_rightly(town, 0)
    opened = sum(each["status"] == "open" for each in truth(town, "alpha").values())
    assert opened
    assert sorted(openings_used(town, 0)) == [0, opened, opened]


def test_a_hub_killed_between_decision_and_custodians(town: Town) -> None:
    with town.dying("hub", "match.decided"):
        assert town.match(town.members[1])[0] == LATER
    code, said = town.match(town.members[1])
    assert code == DONE, said
    answered_rightly(town, 1)


def test_a_custodian_killed_between_charge_and_opening(town: Town) -> None:
    """With another one down too few are left; when both are back the same question is answered, paid once."""
    opened = sum(each["status"] == "open" for each in truth(town, "gamma").values())
    with town.without("custodian-1"), town.dying("custodian-2", "opening.charged"):
        code, said = town.match(town.members[2])
        assert code == LATER, said
    assert openings_used(town, 2) == [0, opened, opened]
    code, said = town.match(town.members[2])
    assert code == DONE, said
    answered_rightly(town, 2)
    assert set(openings_used(town, 2)) <= {0, opened}


def test_one_custodian_down_and_the_work_goes_on(town: Town) -> None:
    with town.without("custodian-1"):
        code, said = town.match(town.members[0])
        assert code == DONE, said
        answered_rightly(town, 0)


def test_two_custodians_down_and_nothing_is_lost(town: Town) -> None:
    before = town.read(town.members[0])
    with town.without("custodian-1", "custodian-2"):
        code, said = town.match(town.members[0])
        assert code == LATER, said
        assert town.read(town.members[0]) == before
    code, said = town.match(town.members[0])
    assert code == DONE, said
    answered_rightly(town, 0)


def set_quota(town: Town, member: str, *value: str) -> None:
    for index in steps.CUSTODIANS:
        home = ["--home", town.alliance.home(f"custodian-{index}")]
        run(["alliance-custodian", "quota", member, "--kind", QUOTA, *value, *home])


def test_an_exhausted_quota_says_when_to_return(town: Town) -> None:
    member = town.members[0]
    new = portfolios.Loan(portfolios.resident_id(901), "alpha-new", 10_000, 0, None, False, "")
    rows = [loan.row() for loan in [*town.loans["alpha"], new]]
    portfolios.write(member.portfolio, [*rows, portfolios.with_a_wrong_check_character(rows[0])])
    set_quota(town, "alpha", "--value", "0")
    code, said = town.submit(member)
    assert code == LATER, said
    assert "quota" in said
    assert "00:00 Asia/Shanghai" in said
    set_quota(town, "alpha")
    code, said = town.submit(member)
    assert code == DONE, said
    town.loans["alpha"].append(new)
    everybody_agrees(town, 0, evaluations=subjects(town, "alpha"))


def test_settled_contracts_close_their_borrower_for_the_others(town: Town) -> None:
    """`changed` until the next cut, for everybody else who holds the borrower."""
    opened = next(subject for subject, each in truth(town, "北辰 小贷").items() if each["status"] == "open")
    contract = next(loan.contract for loan in town.loans["alpha"] if loan.subject == opened)
    code, said = town.command(town.members[0], "settle", contract)
    assert code == 0, said
    assert town.command(town.members[0], "settle", contract)[0] == 0
    code, said = town.match(town.members[1])
    assert code == DONE, said
    answer = next(each for each in town.read(town.members[1]).values() if each["subject"] == opened)
    assert (answer["exposure"]["status"], answer["exposure"]["reason"]) == ("withheld", "changed")


def test_a_refused_purpose_is_named(town: Town) -> None:
    question = ["match", str(town.members[0].portfolio), "--out", str(town.folder / "never.jsonl")]
    code, said = town.command(town.members[0], *question, "--purpose", "marketing")
    assert code == REFUSED, said
    assert "marketing" in said
    assert not (town.folder / "never.jsonl").exists()
