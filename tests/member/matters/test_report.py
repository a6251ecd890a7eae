"""What the reports say: on page one what a judge must know, in both languages, and no more than is true."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from member.matters import keeping, office
from member.matters.report import report
from member.matters.report.facts import Facts
from paper.blocks import Language, Sheet
from paper.sheet import render
from privacy.certificates import CourtOrder
from privacy.encoding import b64
from tests.feeds import secret
from tests.member.matters.cases import MATTER
from tests.member.matters.conftest import Matter
from tests.paper.reading import read_pages, text_of

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH


@pytest.fixture
def facts(matter: Matter) -> Facts:
    opening = keeping.get(matter.member.vault, MATTER).opening
    assert opening is not None
    return Facts(
        prepared=matter.prepared,
        evidence=matter.evidence,
        opening=opening,
        key_set=matter.member.key_set,
        at=matter.member.clock(),
        certificate=matter.certificate,
        stamped=False,
    )


def said(sheet: Sheet) -> str:
    """Return all that a sheet says, without spaces, before it is set."""
    return "".join(str(sheet).split())


def test_page_one_says_what_is_claimed_what_is_proved_and_what_is_not(facts: Facts) -> None:
    shown = ""
    for language, parts in (
        (
            CHINESE,
            ("不证明债务成立", "112,290.30", "三、已经证明的事项", "四、没有证明的事项", "非经法院命令"),
        ),
        (
            ENGLISH,
            ("doesnotprovethedebt", "112,290.30", "3.Whatisproved", "4.Whatisnotproved", "court'sorder"),
        ),
    ):
        first, *others = read_pages(render(report(facts, language)))
        text = "".join("".join(line.split()) for line in first)
        assert [part for part in parts if part not in text] == []
        assert 1 <= len(others) <= 3
        assert all(any("虚构" in line or "Made-up" in line for line in page) for page in (first, *others))
        shown += "".join("".join(line.split()) for page in (first, *others) for line in page)
    for words in (
        "张某",
        "南山小额贷款有限公司",
        "00000019500101001X",
        "催收通话录音",
        "证明双方存在借款关系",
    ):
        assert words in shown
    assert not any(word in shown.lower() for word in ("黑名单", "老赖", "blacklist", "枢纽"))


def test_it_names_who_vouches_for_what(facts: Facts) -> None:
    text = said(report(facts, ENGLISH))

    assert f"all{len(facts.evidence.proofs)}entriesstandinalogof9" in text
    for index in (1, 3):
        assert f"custodian{index}(" in text
    assert "custodian2(" not in text
    for proof in facts.evidence.proofs:
        assert proof.receipt.leaf in text
    assert facts.certificate.fingerprint in text


def test_what_is_not_proved_depends_on_stamp_and_certificate(facts: Facts, matter: Matter) -> None:
    own = replace(facts.certificate, own=True)

    plain = said(report(facts, CHINESE))
    vouched = said(report(replace(facts, stamped=True), CHINESE))
    alone = said(report(replace(facts, certificate=own), CHINESE))
    assert "没有外部时间戳" in plain
    assert "openssl" not in plain
    assert "没有外部时间戳" not in vouched
    assert "另有外部时间戳机构的时间戳" in vouched
    assert "openssltsverify" in vouched.replace("-", "")
    assert "签名证书系提出方自制" not in plain
    assert "签名证书系提出方自制" in alone


def test_existence_is_said_only_where_it_is_certified(facts: Facts, matter: Matter) -> None:
    order = CourtOrder("示范市人民法院", "（2026）示01调令1号", "2026-11-01", b64(secret("order")))
    office.certify(matter.member, MATTER, ["existence"], order=order)
    certified = replace(facts, evidence=office.evidence(matter.member, MATTER))

    assert "证明有其他会员持有" not in said(report(facts, CHINESE))
    text = said(report(certified, CHINESE))
    assert "依示范市人民法院（2026）示01调令1号，中心证明有其他会员持有本债务人的记录" in text
    assert "债务金额、会员名称和数目：中心不证明" in text


def test_many_contracts_stand_in_one_table_with_their_formulas_behind(facts: Facts) -> None:
    (loan,) = facts.case.loans
    loans = tuple(msgspec.structs.replace(loan, contract=f"NA-{number}") for number in range(1, 6))
    many = _with_case(facts, loans=loans, claimed=5 * loan.claimed)

    text = text_of(render(report(many, ENGLISH)))

    assert text.index("NA-5") < text.index("3.Whatisproved")
    assert "561,451.50" in text
    assert text.count("143") >= 5


def test_real_data_bear_no_banner(facts: Facts) -> None:
    policy = msgspec.structs.replace(facts.key_set.policy, synthetic=False)
    real = msgspec.structs.replace(facts.key_set, policy=policy)

    assert report(_quiet(facts, real), CHINESE).banner == ""


def _with_case(facts: Facts, **changes: Any) -> Facts:
    case = msgspec.structs.replace(facts.case, **changes)
    return replace(facts, prepared=replace(facts.prepared, case=case))


def _quiet(facts: Facts, key_set: Any) -> Facts:
    """Return facts under another key set; who cosigned is known already."""
    found = replace(facts, key_set=key_set)
    found.__dict__["cosigners"] = facts.cosigners
    return found
