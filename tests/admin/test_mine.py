"""A member's own pages: what it sees of itself, and that it sees nothing of others."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from alliance_hub.jobs import service as jobs
from alliance_hub.membership import quotas
from alliance_hub.membership import service as membership
from alliance_hub.people.roles import Role
from alliance_hub.records import service as records
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64, unb64
from privacy.logged import entry_leaf
from tests.admin.people import Browser
from tests.admin.told import Desk
from tests.alliance_hub.records.builders import Body, record_of, reference_of, sign_chunk


def page(browser: Browser, path: str, status: int = 200) -> str:
    answer = browser.get(f"/console/mine{path}")
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def ask(desk: Desk, member: str, *, allowed: bool = True, subjects: int = 2) -> int:
    """Write the entry of a decided question and return its number."""
    facts = {
        "member": member,
        "purpose": "post_loan_management" if allowed else "marketing",
        "agreement": member,
        "version": 1,
        "clause": "purposes.post_loan_management" if allowed else "refused_purposes",
        "allowed": allowed,
        "subjects": subjects,
    }
    with desk.hub.database.transaction() as session:
        receipt = transparency.record_entry(session, "match", facts, now=desk.clock())
        return session.scalars(select(LogRow.id).where(LogRow.leaf == unb64(receipt.leaf))).one()


def hand_in(desk: Desk, member: str, reference: str, *contracts: str, product: str = "consumer_loan") -> str:
    """Hand in one chunk, process it, and return the submission's id."""
    key_set = desk.hub.key_set
    platform = desk.members[member]
    rows = [record_of(key_set, contract) for contract in contracts[:-1]]
    rows.append(record_of(key_set, contracts[-1], product_class=product))
    body = Body(desk.hub, reference, [sign_chunk(platform, key_set, rows)])
    with desk.hub.database.transaction() as session:
        row = membership.get(session, member)
        submission = records.receive(
            session, desk.hub, row, body.pieces(), body.digest, reference, desk.clock()
        )
    jobs.run(desk.hub, submission.job)
    return submission.id


@pytest.fixture
def north(desk: Desk) -> Browser:
    browser = desk.own("North")
    browser.set_cookie("lang", "en", path="/console")
    return browser


@pytest.fixture
def south(desk: Desk) -> Browser:
    return desk.own("South")


def test_what_is_anothers_is_not_there(desk: Desk, north: Browser, south: Browser) -> None:
    submission, question = hand_in(desk, "North", "norths-own", "c1"), ask(desk, "North")
    paths = (
        "/agreements/North/1",
        "/agreements/North/1/text",
        "/agreements/North/1/document.json",
        "/agreements/North/1/compare/1",
        f"/submissions/{submission}",
        f"/submissions/{submission}/rows",
        f"/matches/{question}",
        f"/matches/{question}/receipt.json",
    )
    for path in paths:
        page(north, path)
        page(south, path, 404)
    dry_run = "/decisions/?purpose=audit&categories=flags&subjects=1"
    for register in ("/agreements/", "/submissions/", "/matches/", dry_run):
        assert "North" not in page(south, register)
        assert "norths-own" not in page(south, register)


def test_a_member_sees_a_version_once_it_is_offered(desk: Desk, north: Browser) -> None:
    version = desk.amend("North", retention_days=30)
    page(north, f"/agreements/North/{version}", 404)
    page(north, f"/agreements/North/{version}/compare/1", 404)
    desk.offer("North", version)

    shown = page(north, f"/agreements/North/{version}")
    assert "alliance-member agreements sign North" in shown
    assert "<form" not in shown.split("<main")[1]
    assert "at most 30 days" in page(north, f"/agreements/North/{version}/compare/1")
    assert "is offered: read and sign it" in page(north, "/")
    desk.sign("North", version)
    assert "You have signed." in page(north, f"/agreements/North/{version}")


def test_a_refused_row_is_told_by_place_and_reason(desk: Desk, north: Browser) -> None:
    submission = hand_in(desk, "North", "with-a-fault", "c1", "c2", product="campus_loan")
    shown = page(north, f"/submissions/{submission}")
    assert "takes no contracts of this product" in shown
    assert "At least one of its rows is refused" in shown

    lines = page(north, f"/submissions/{submission}/rows?format=csv").splitlines()
    reference = b64(reference_of("c2"))
    assert lines[1].split(",")[:3] == ["0", "1", f"{reference[:12]}…"]
    assert reference not in shown
    assert len(lines) == 2
    assert len(page(north, f"/submissions/{submission}/rows?format=csv&reason=twice").splitlines()) == 1
    assert "2 rows of submission with-a-fault were refused" in page(north, "/")


def test_submissions_are_narrowed(desk: Desk, north: Browser) -> None:
    hand_in(desk, "North", "october-one", "c1")
    hand_in(desk, "North", "november-one", "c2", product="campus_loan")

    def references(asked: str) -> list[str]:
        lines = page(north, f"/submissions/?format=csv&{asked}").splitlines()[1:]
        return sorted(line.split(",")[0] for line in lines)

    assert references("") == ["november-one", "october-one", "reference-1"]
    assert references("refused=yes") == references("q=NOVEMBER") == ["november-one"]
    assert references("state=received") == []


def test_questions_stand_with_their_clause_and_receipt(desk: Desk, north: Browser) -> None:
    allowed, denied = ask(desk, "North"), ask(desk, "North", allowed=False)
    assert "refused_purposes" not in page(north, "/matches/?decision=allowed")
    assert page(north, "/matches/?decision=denied&format=csv").splitlines()[1].endswith(f",{denied}")
    assert "Denied by clause refused_purposes" in page(north, f"/matches/{denied}")
    assert "/console/mine/agreements/North/1" in page(north, f"/matches/{allowed}")

    receipt = json.loads(page(north, f"/matches/{allowed}/receipt.json"))
    assert b64(entry_leaf(receipt["entry"], unb64(receipt["salt"]))) == receipt["leaf"]


def test_the_quota_page_tells_what_is_used(desk: Desk, north: Browser) -> None:
    ask(desk, "North", subjects=7)
    ask(desk, "North", allowed=False)
    with desk.hub.database.transaction() as session:
        quotas.require_left(session, membership.get(session, "North"), 7, desk.clock())
    shown = page(north, "/quota/")
    assert "of 400; a new day begins" in shown
    assert re.search(r">\s*393\b", shown)
    figures = json.loads(page(north, "/quota/questions.json"))
    assert [series["values"][-1] for series in figures["series"]] == [1, 1]
    assert json.loads(page(north, "/quota/subjects.json"))["series"][0]["values"][-2:] == [0, 7]


def test_keys_are_shown_with_how_to_replace_them(desk: Desk, north: Browser) -> None:
    shown = page(north, "/keys/")
    with desk.hub.database.reading() as session:
        member = membership.get(session, "North")
    assert member.fingerprint in shown
    assert member.key_id in shown
    assert "alliance-member keys rotate" in shown
    assert "alliance-member keys revoke" in shown


def test_a_dry_run_is_for_the_own_member(desk: Desk, north: Browser) -> None:
    asked = "purpose=scoring&categories=exposure&subjects=1"
    assert "no agreement can allow the purpose scoring" in page(north, f"/decisions/?{asked}")
    assert 'name="member"' not in page(north, f"/decisions/?{asked}&member=South")


def test_each_role_of_a_member_sees_its_own_part(desk: Desk) -> None:
    collector, submitter = desk.own("North", Role.COLLECTOR), desk.own("North", Role.SUBMITTER)
    page(collector, "/matches/")
    page(collector, "/submissions/", 404)
    page(submitter, "/submissions/")
    page(submitter, "/matches/", 404)
    for path in ("/", "/agreements/", "/quota/", "/keys/"):
        page(collector, path)
        page(submitter, path)
        page(desk.browser(desk.writer), path, 404)


def test_before_the_member_is_there_every_page_says_how_to_begin(desk: Desk) -> None:
    newcomer = desk.own("East")
    assert "alliance-member enrol" in page(newcomer, "/")
    for path in ("/agreements/", "/quota/", "/keys/", "/decisions/"):
        answer = newcomer.get(f"/console/mine{path}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/console/mine/")


def test_an_end_that_comes_near_waits_for_the_member(desk: Desk) -> None:
    desk.clock.move(days=340)
    browser = desk.own("North")
    browser.set_cookie("lang", "en", path="/console")
    assert "ends soon" in page(browser, "/")
    desk.clock.at += timedelta(days=30)
    later = desk.own("North")
    later.set_cookie("lang", "en", path="/console")
    assert "ends soon" not in page(later, "/")
