"""The association's year in a browser: from the first administrator to a call that is denied.

Real hub, custodians and member's program; real Chromium, in Chinese as officers see it, the main pages in
English too.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from alliance_hub.cli import main as hub_command
from demo import alliance as steps
from demo.alliance import Alliance, Member
from demo.processes import BIN, Services
from tests.journeys import portfolios
from tests.journeys.conftest import commands_of_this_process
from tests.journeys.desk import Desk

NAME = "南山小贷"
FIRM = {
    "legal_name": "深圳南山小额贷款有限公司",
    "kind": "lending_platform",
    "uscc": "91350100M000100Y43",
    "licence_kind": "financial",
    "licence_number": "粤金监[2019]12号",
    "licence_until": "2036-12-31",
    "declared_portfolio": "40",
}
CONTACTS = {
    f"{role}_{part}": value.format(number)
    for number, role in enumerate(("business", "data_protection", "technical"))
    for part, value in (("name", "陈静{}"), ("mobile", "1380013800{}"), ("email", "chen{}@nanshan.example"))
}
ASSOCIATION = {
    "association_party_legal_name": "北京市互联网金融行业协会",
    "association_party_uscc": "91350100M000100Y43",
    "association_party_licence": "京社证字第0001号",
}


@dataclass
class Story:
    """The alliance, and where its one member's files lie."""

    alliance: Alliance
    member: Member
    folder: Path

    def run(self, *words: str) -> tuple[int, str]:
        """Run the member's program; give its exit code and what it said."""
        own = map(str, self.alliance.as_party(self.member.party))
        done = subprocess.run(
            [str(BIN / "alliance-member"), *words, *own],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def match(self) -> tuple[int, str]:
        """Ask about the member's own borrowers, under its agreement."""
        question = ["match", str(self.folder / "portfolio.csv"), "--out", str(self.folder / "answers.jsonl")]
        return self.run(*question, "--purpose", "post_loan_management", "--agreement", "data-0001")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A hub without any officer, three custodians, and a firm that has made its keys."""
    folder = tmp_path_factory.mktemp("console")
    alliance = steps.create(folder / "alliance")
    loans = portfolios.make_loans(NAME, subjects=5, seed=3)
    portfolios.write(folder / "portfolio.csv", [loan.row() for loan in loans])
    with Services() as services:
        with commands_of_this_process():
            steps.hold_ceremony(alliance)
        steps.start(alliance, services)
        yield Story(alliance, Member(1, NAME, folder / "portfolio.csv", len(loans)), folder)


@pytest.fixture
def desk(story: Story, new_page: Callable[[], Page]) -> Callable[[], Desk]:
    """Give somebody a browser of its own."""
    return lambda: Desk(new_page(), story.alliance.hub)


def test_from_the_first_administrator_to_a_denied_call(
    story: Story, desk: Callable[[], Desk], capsys: pytest.CaptureFixture[str]
) -> None:
    anna, ben = staffed(story, desk, capsys)
    applied(story, desk())
    reviewed(anna)
    admitted(story, anna, ben)
    agreed(story, anna, ben)
    allowed(story)
    denied(story, anna, ben)
    told_in_english(anna)


def staffed(story: Story, desk: Callable[[], Desk], capsys: pytest.CaptureFixture[str]) -> tuple[Desk, Desk]:
    """The first administrator comes in by command, and invites two officers who check each other."""
    first, anna, ben = desk(), desk(), desk()
    first.take_up(first_link(story, capsys))
    first.open("/officers/staff")
    assert first.title == "组建五人秘书处"
    first.confirm(name_4="李娜", number_4="A004", name_5="周伟", number_5="A005")
    for officer, link in zip((anna, ben), first.page.locator("dl.links code").all_inner_texts(), strict=True):
        officer.take_up(link)
    ben.log_out()
    ben.log_in("A005")
    assert ben.title == "工作概览"
    return anna, ben


def first_link(story: Story, capsys: pytest.CaptureFixture[str]) -> str:
    command = ["officers", "first", "--name", "王芳", "--staff-number", "A001"]
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        hub_command([*command, "--home", str(story.alliance.home("hub"))])
    assert not ended.value.code
    return next(word for word in capsys.readouterr().out.split() if "/console/invitation/" in word)


def applied(story: Story, guest: Desk) -> None:
    """A firm makes its keys, applies on the public page, is told what is wrong, and introduces its keys."""
    pins = [word for index in steps.CUSTODIANS for word in ("--pin", fingerprint(story, index))]
    key_set = str(story.alliance.root / "ceremony" / "key-set.json")
    where = ["--hub", story.alliance.hub, "--key-set", key_set, "--synthetic", *pins]
    code, said = story.run("init", NAME, *where, "--portfolio", "40")
    assert code == 0, said
    guest.open("/apply")
    assert guest.title == "入会申请"
    guest.page.set_input_files("[name=file]", str(story.alliance.home("members/1") / "card.json"))
    guest.fill(**FIRM, **CONTACTS)
    guest.send()
    assert guest.title == "申请进度"
    assert story.run("enrol")[0] == 3


def fingerprint(story: Story, index: int) -> str:
    return steps._custodian_fingerprint(story.alliance, index)


def reviewed(anna: Desk) -> None:
    """An officer works through the checklist, row by row, without the page being loaded again."""
    anna.open("/applications")
    anna.page.locator("table tbody a").first.click()
    assert anna.title == FIRM["legal_name"]
    anna.send("开始审核")
    open_rows = anna.page.locator("table.checklist tr").filter(has=anna.page.locator("input[name=note]"))
    for name in open_rows.evaluate_all("rows => rows.map(row => row.id)"):
        row = anna.page.locator(f"#{name}")
        row.locator("input[name=note]").fill("已核对")
        row.locator("button").click()
        row.locator(".found").wait_for()
    anna.send("审核完毕")


def admitted(story: Story, anna: Desk, ben: Desk) -> None:
    """One proposes, another approves; the custodians' operators compare the member's card."""
    anna.page.goto(anna.page.url + "/admit")
    anna.confirm(reason="核对清单全部符合")
    proposal = approved(ben, "入会")
    anna.page.goto(proposal)
    assert anna.says("已批准")
    for index in steps.CUSTODIANS[: steps.THRESHOLD]:
        steps._accept(story.alliance, index, story.member)
    anna.open(f"/members/{NAME}")
    assert anna.says("正常")


def approved(ben: Desk, about: str) -> str:
    """Approve the one proposal that waits; give its page."""
    ben.open("/approvals")
    assert ben.title == "待我审批"
    ben.page.locator("table tbody a").first.click()
    assert about in ben.title
    proposal = ben.page.url
    ben.page.goto(proposal + "/approve")
    ben.confirm()
    return proposal


def agreed(story: Story, anna: Desk, ben: Desk) -> None:
    """Drafted, looked at by another, offered, signed with the member's key, put in force by two."""
    anna.open(f"/agreements/new?member={NAME}")
    anna.fill(**ASSOCIATION)
    anna.send()
    agreement = anna.page.url
    for officer, act in ((anna, "send-to-review"), (ben, "review"), (anna, "offer")):
        officer.page.goto(f"{agreement}/{act}")
        officer.confirm()
    assert story.run("enrol")[0] == 0
    code, said = story.run("agreements", "sign", "--yes")
    assert code == 0, said
    anna.page.goto(f"{agreement}/activate")
    anna.confirm(reason="双方均已签署")
    approved(ben, "数据协议")


def allowed(story: Story) -> None:
    """The member submits, the period begins, and its question is answered."""
    code, said = story.run("submit", str(story.member.portfolio), "--as-of", "2026-10-31")
    assert code == 0, said
    with commands_of_this_process():
        steps.cut(story.alliance)
    code, said = story.match()
    assert code == 0, said
    answers = (story.folder / "answers.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["exposure"]["status"] for line in answers} == {"none"}


def denied(story: Story, anna: Desk, ben: Desk) -> None:
    """The agreement is suspended by two, and the same question is denied by the clause that says so."""
    anna.open("/agreements/data-0001/1/suspend")
    anna.confirm(reason="年度审计未完成")
    approved(ben, "数据协议")
    code, said = story.match()
    assert code == 4
    assert "decided by agreement data-0001 version 1, clause state" in said
    anna.open("/agreements/data-0001/1")
    assert anna.says("中止")


def told_in_english(anna: Desk) -> None:
    """The same pages in English, for the officer who chose it."""
    titles = {
        "/": "Overview",
        "/members": "Members",
        "/applications": "Applications",
        "/agreements/": "Data agreements",
        "/approvals": "Waiting for me",
        "/clocks": "Clocks running out this month",
    }
    anna.open("/?lang=en")
    found = {}
    for path in titles:
        anna.open(path)
        found[path] = anna.title
    assert found == titles
    anna.open("/agreements/data-0001/1")
    assert anna.says("Suspended")
