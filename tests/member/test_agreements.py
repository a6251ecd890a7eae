"""A member's agreements: every clause in words, the text by its digest, signature, notice and dry run."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from member import (
    Member,
    Refused,
    Untrusted,
    enrol,
    find_version,
    list_agreements,
    sign_agreement,
    terminate_agreement,
    text_of,
    try_question,
)
from member.clauses import clauses
from privacy.encoding import b64
from privacy.terms import Terms, text_digest
from privacy.vocabulary import Category
from tests.member.conftest import SOUTH, Alliance, Run
from tests.terms import TEXT


def test_every_clause_is_told_in_words(alliance: Alliance) -> None:
    terms = alliance.agrees(SOUTH, subjects_per_day=12_345, dispute_days=17, incident_hours=36)
    told = dict(clauses(terms))

    assert told["quota"] == "12,345 subjects a day"
    assert told["objections"].endswith("within 17 days")
    assert told["incidents"] == "told within 36 hours"
    assert told["law firms"].startswith("may not")
    assert terms.text in told["Chinese text"]
    # Each clause of the terms changes what is told.
    other = alliance.agrees(SOUTH)
    assert len(told) == len(Terms.__struct_fields__) + 1
    assert told != dict(clauses(other))


def test_the_text_is_taken_only_if_its_digest_is_the_one_that_is_signed(
    alliance: Alliance, south: Member
) -> None:
    terms = find_version(south, "数据共享协议", None).terms
    assert text_of(south, terms) == TEXT
    assert terms.text == b64(hashlib.sha256(TEXT.encode()).digest())

    alliance.hub.text = TEXT + "乙方放弃一切异议。"

    with pytest.raises(Untrusted, match="sign nothing"):
        text_of(south, terms)


def test_the_newest_version_is_found_or_the_one_that_is_named(alliance: Alliance, south: Member) -> None:
    alliance.agrees(SOUTH, version=2, state="offered")
    assert find_version(south, "数据共享协议", None).terms.version == 2
    assert find_version(south, "数据共享协议", 1).state == "active"
    with pytest.raises(Refused):
        find_version(south, "数据共享协议", 3)


def test_what_is_signed_waits_for_two_officers(alliance: Alliance, south: Member) -> None:
    terms = alliance.agrees(SOUTH, agreement="新协议", state="offered")
    alliance.hub.signed_state = "signed"

    assert (sign_agreement(south, terms).state, sign_agreement(south, terms).position) == ("signed", None)

    assert [each.agreement for each in enrol(south).signed] == ["新协议"]


def test_notice_says_when_the_agreement_is_over(alliance: Alliance, south: Member) -> None:
    in_whole_seconds = alliance.clock().replace(microsecond=0)
    assert terminate_agreement(south, "数据共享协议") == in_whole_seconds + timedelta(days=30)
    assert [offer.state for offer in list_agreements(south)] == ["terminating"]
    with pytest.raises(Refused):
        terminate_agreement(south, "数据共享协议")


def test_a_dry_run_asks_nobody_else(alliance: Alliance, south: Member) -> None:
    alliance.hub.denies = {"flags": "reciprocity"}

    found = try_question(south, "数据共享协议", "skip_trace", (Category.EXPOSURE, Category.FLAGS), 500)

    assert [(each.category, each.allowed, each.clause) for each in found.decisions] == [
        ("exposure", True, "purposes.skip_trace"),
        ("flags", False, "reciprocity"),
    ]
    assert alliance.hub.tried[0]["subjects"] == 500
    assert alliance.hub.matches.requests == []


# At the command line


def test_show_prints_the_clauses_and_keeps_the_text(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "text.txt"
    assert run("agreements", "show", "数据共享协议", "--text", out) == 0
    said = capsys.readouterr().out
    assert "测试小额贷款有限公司" in said
    assert text_digest(TEXT) in said
    assert out.read_bytes() == TEXT.encode()
    assert run("agreements", "show", "数据共享协议") == 0
    assert "第一条" in capsys.readouterr().out
    assert run("agreements", "show", "没有") == 4


def test_another_text_is_never_signed(
    alliance: Alliance, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    alliance.agrees(SOUTH, agreement="新协议", state="offered")
    alliance.hub.text = "另一文本"
    assert run("agreements", "sign", "新协议", "--yes") == 4
    assert "sign nothing" in capsys.readouterr().err
    assert alliance.hub.offers[("新协议", 1)][1] == "offered"


def test_notice_is_given_after_a_question(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("agreements", "terminate", "数据共享协议") == 64
    assert run("agreements", "terminate", "数据共享协议", "--yes") == 0
    assert "Notice is given. Over at" in capsys.readouterr().out


def test_a_refused_purpose_can_be_tried_to_see_it_refused(
    alliance: Alliance, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    alliance.hub.denies = dict.fromkeys(Category, "refused_purposes")
    assert run("agreements", "try", "数据共享协议", "--purpose", "scoring", "--category", "exposure") == 0
    assert "refused_purposes" in capsys.readouterr().out
    assert run("agreements", "try", "数据共享协议", "--purpose", "curiosity") == 64
