"""`members`, `agreements`, `cut`, `status`: the secretariat's day."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from alliance_hub.agreements.keeping import get_row
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub, system_clock
from alliance_hub.membership import service as membership
from alliance_hub.membership.rules import MemberState
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64
from privacy.messages import parse
from privacy.statements import Acceptance, CutSignature, SignedStatement
from tests.alliance_hub.builders import Clock, Platform, Speaker, platform, seed
from tests.alliance_hub.cli.conftest import Run, hear


@pytest.fixture
def applicant(opened: Hub) -> Platform:
    """A platform that has introduced itself."""
    north = platform("北辰小贷", Clock(system_clock()))
    with opened.database.transaction() as session:
        membership.apply(session, opened, north.say(north.enrolment()), system_clock())
    return north


def accept(hub: Hub, witness: Speaker, name: str) -> None:
    with hub.database.reading() as session:
        digest = membership.get(session, name).enrolment_digest
    assert digest is not None
    hear(hub, witness, Acceptance(enrolment=b64(digest)))


def sign_newest(hub: Hub, witness: Speaker) -> None:
    with hub.database.reading() as session:
        cut = feed.newest_cut(session)
    assert cut is not None
    body = CutSignature(
        period=cut.period, position=cut.position, head=b64(cut.head), state_digest=b64(seed("state"))
    )
    hear(hub, witness, body)


def test_a_member_is_admitted_suspended_and_resumed(
    run: Run, adopted: Path, opened: Hub, applicant: Platform, witnesses: list[Speaker]
) -> None:
    assert "北辰小贷 is admitted" in run("members", "admit", "北辰小贷", "--home", adopted).out
    for witness in witnesses[:2]:
        accept(opened, witness, "北辰小贷")
    listed = run("members", "list", "--home", adopted).out
    assert "北辰小贷 is suspended" in run("members", "suspend", "北辰小贷", "--home", adopted).out
    assert "北辰小贷 is active" in run("members", "resume", "北辰小贷", "--home", adopted).out

    with opened.database.reading() as session:
        member = membership.get(session, "北辰小贷")
    assert member.state is MemberState.ACTIVE
    assert member.fingerprint in listed
    assert "1, 2" in listed


def test_who_is_unknown_is_refused_in_one_sentence(run: Run, adopted: Path) -> None:
    refused = run("members", "admit", "Nobody", "--home", adopted)

    assert (refused.code, refused.err.count("\n")) == (4, 1)
    assert "alliance-hub members list" in refused.err


def test_an_application_is_refused(run: Run, adopted: Path, applicant: Platform) -> None:
    assert run("members", "refuse", "北辰小贷", "--home", adopted).code == 0

    assert "北辰小贷" not in run("members", "list", "--home", adopted).out


def test_an_agreement_is_offered_with_the_usual_terms(
    run: Run, adopted: Path, opened: Hub, applicant: Platform
) -> None:
    early = run("agreements", "offer", "北辰小贷", "--home", adopted)
    assert (early.code, "members admit" in early.err) == (4, True)
    run("members", "admit", "北辰小贷", "--home", adopted)

    done = run("agreements", "offer", "北辰小贷", "--home", adopted)

    assert (done.code, "data-0001 version 1" in done.out) == (0, True)
    listed = run("agreements", "list", "--home", adopted).out
    assert "offered" in listed
    assert "post_loan_management, skip_trace" in listed


def test_an_offer_says_what_takes_effect_by_itself_and_who_made_it(
    run: Run, adopted: Path, opened: Hub, applicant: Platform
) -> None:
    run("members", "admit", "北辰小贷", "--home", adopted)

    done = run("agreements", "offer", "北辰小贷", "--activate-when-signed", "--home", adopted)

    assert done.code == 0
    with opened.database.reading() as session:
        row = get_row(session, "data-0001", 1)
        entry = session.scalars(select(LogRow).where(LogRow.leaf == row.log_leaf)).one()
    assert (row.activates_itself, entry.kind, entry.actor) == (True, "agreement_offered", "operator")
    assert "不足 2 家其他会员提供记录" in row.text


def test_an_offer_can_be_stricter_but_not_laxer(run: Run, adopted: Path, applicant: Platform) -> None:
    run("members", "admit", "北辰小贷", "--home", adopted)
    strict = run(
        *("agreements", "offer", "北辰小贷", "--agreement", "data-0001", "--min-contributors", "5"),
        *("--purpose", "litigation", "--category", "evidence", "--days", "30", "--home", adopted),
    )
    assert strict.code == 0
    assert "litigation" in run("agreements", "list", "--home", adopted).out
    again = run("agreements", "offer", "北辰小贷", "--agreement", "data-0001", "--home", adopted)
    assert "data-0001 version 2" in again.out
    assert run("agreements", "offer", "北辰小贷", "--purpose", "marketing", "--home", adopted).code == 2


def test_a_cut_without_waiting(run: Run, adopted: Path, opened: Hub) -> None:
    assert run("cut", "--home", adopted).code == 0

    with opened.database.reading() as session:
        (line,) = feed.stream_after(session, 0, 10)
    stated = parse(SignedStatement, json.loads(line)["entry"]["statement"])
    assert stated.statement.author == "hub"
    refused = run("cut", "--home", adopted)
    assert (refused.code, "has its cut" in refused.err) == (4, True)


def test_a_cut_that_is_not_signed_in_time_says_by_whom(
    run: Run, adopted: Path, opened: Hub, witnesses: list[Speaker]
) -> None:
    run("cut", "--home", adopted)
    sign_newest(opened, witnesses[1])

    late = run("cut", "--wait", "1", "--home", adopted)

    assert late.code == 3
    assert "no signature from custodian 1, 3" in late.err


def test_waiting_ends_when_the_last_custodian_signs(
    run: Run, adopted: Path, opened: Hub, witnesses: list[Speaker]
) -> None:
    run("cut", "--home", adopted)
    for witness in witnesses[:2]:
        sign_newest(opened, witness)
    last = threading.Timer(0.7, sign_newest, (opened, witnesses[2]))
    last.start()

    done = run("cut", "--wait", "30", "--home", adopted)
    last.join()

    assert done.code == 0
    with opened.database.reading() as session:
        assert feed.newest_effective_cut(session) is not None


def test_status_shows_how_things_stand(
    run: Run, adopted: Path, opened: Hub, applicant: Platform, witnesses: list[Speaker]
) -> None:
    before = run("status", "--home", adopted).out
    assert "MADE-UP DATA ONLY" in before
    assert "none yet" in before

    run("members", "admit", "北辰小贷", "--home", adopted)
    run("cut", "--home", adopted)
    sign_newest(opened, witnesses[2])
    shown = run("status", "--home", adopted).out

    assert "position 3" in shown
    assert "signed by 3, no signature from custodian 1, 2" in shown
    assert "北辰小贷" in shown
    assert "admitted" in shown


def test_custodians_that_disagree_are_named_as_such(
    run: Run, adopted: Path, opened: Hub, witnesses: list[Speaker]
) -> None:
    run("cut", "--home", adopted)
    with opened.database.reading() as session:
        cut = feed.newest_cut(session)
    assert cut is not None
    for index, witness in enumerate(witnesses):
        state = b64(seed("state", str(index // 2)))
        body = CutSignature(period=cut.period, position=cut.position, head=b64(cut.head), state_digest=state)
        hear(opened, witness, body)

    assert "not the same state" in run("status", "--home", adopted).out
    assert run("cut", "--wait", "1", "--home", adopted).code == 3


@pytest.mark.parametrize("act", ["admit", "refuse", "suspend", "resume"])
def test_with_real_data_an_act_on_a_membership_needs_two(
    run: Run, adopted: Path, applicant: Platform, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLIANCE_HUB_REGULATORY_MODE", "post_loan_match")
    monkeypatch.setenv("ALLIANCE_HUB_OPINION_DIGEST", "ab" * 32)

    refused = run("members", act, "北辰小贷", "--home", adopted)

    assert refused.code == 4
    assert "this needs two officers: use the console" in refused.err
