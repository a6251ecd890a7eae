"""One row at a time: what is taken, what it then says, and why it is rejected."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from member.files import Rejected, Row, Subject, read_subjects
from privacy.identifiers import Identifier, Kind
from privacy.vocabulary import EvasionCategory, ProductClass
from tests.member.files.conftest import Read

ANNEX = "11010519491231002X"
SYNTHETIC = Identifier(Kind.RESIDENT_ID, "000000199001010018")


def taken(read: Read, **changes: str) -> Row:
    [row] = read(changes)
    assert isinstance(row, Row)
    return row


def rejected(read: Read, changes: dict[str, str], **options: Any) -> Rejected:
    [row] = read(changes, **options)
    assert isinstance(row, Rejected)
    return row


def test_a_good_row_says_all_of_this(read: Read) -> None:
    row = taken(read)
    assert (row.number, row.identifier, row.contract) == (2, SYNTHETIC, "A-1")
    assert (row.lent, row.outstanding, row.overdue) == (995400, 555300, 185100)
    assert (row.overdue_on, row.consent_no, row.consent_on) == (date(2026, 10, 11), "SQ-1", date(2025, 1, 15))
    assert (row.lost_contact, row.in_court, row.judged) == (False, False, False)
    assert row.product_class is ProductClass.CONSUMER_LOAN
    assert row.mobile == Identifier(Kind.MOBILE, "8613800138000")
    assert (row.flag_category, row.flag_narrative, row.warnings) == (None, None, ())
    assert row.raw["姓名"] == "测试"


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("0.00", 0),
        ("-0.00", 0),
        ("5553", 555300),
        ("5553.1", 555310),
        ("5,553.10", 555310),
        ("1,234,567.89", 123456789),
        ("５，５５３．１０", 555310),
        (" ￥5,553.00 ", 555300),
        ("5553元", 555300),
        ("'5553.00", 555300),
        ("85899345.91", 2**33 - 1),
    ],
)
def test_amounts_become_fen_exactly(read: Read, text: str, fen: int) -> None:
    row = taken(read, 剩余欠款金额=text, 逾期金额="0")
    assert row.outstanding == fen


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "missing"),
        ("-1", "never negative"),
        ("85899345.92", "absurd: one contract is below 85,899,345.92 yuan"),
        ("999999999999999999", "absurd"),
        ("1.005", "two decimal places"),
        ("1.000", "two decimal places"),
        ("5.553,00", "not an amount"),
        ("55,53.00", "not an amount"),
        ("5万", "not an amount"),
        ("(5553.00)", "not an amount"),
        ("1e3", "not an amount"),
        ("#REF!", "not an amount"),
        ("٥٥٥٣", "not an amount"),
    ],
)
def test_a_wrong_amount_is_rejected(read: Read, text: str, reason: str) -> None:
    row = rejected(read, {"剩余欠款金额": text, "逾期金额": "0"})
    assert (row.number, row.field) == (2, "outstanding")
    assert reason in row.reason


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"累计借款金额": "-9,954.00"}, "lent", "never negative"),
        ({"逾期金额": "5553.01"}, "overdue", "more is overdue than is outstanding"),
        ({"逾期金额": ""}, "overdue", "write 0 for none"),
        ({"拖欠开始日期": "2026-11-01"}, "overdue_on", "after the as-of date"),
        ({"拖欠开始日期": "2026-02-30"}, "overdue_on", "does not exist"),
        ({"拖欠开始日期": "46326"}, "overdue_on", "not a date"),
        ({"拖欠开始日期": "11/10/2026"}, "overdue_on", "not a date"),
        ({"拖欠开始日期": "1900-01-00"}, "overdue_on", "does not exist"),
        ({"拖欠开始日期": "1900-01-01"}, "overdue_on", "before 1950"),
        ({"是否失联": "可能"}, "lost_contact", "是 or 否"),
        ({"诉讼状态": "调解"}, "court", "诉讼中"),
        ({"产品类型": "校园贷"}, "product", "校园贷"),
        ({"产品类型": "消费贷（大学生校园专享）"}, "product", "校园贷"),
        ({"产品类型": "Campus Loan"}, "product", "校园贷"),
        ({"产品类型": "首付贷款"}, "product", "首付贷"),
        ({"产品类型": "down_payment_loan"}, "product", "首付贷"),
        ({"授权书编号": "  "}, "consent_no", "no written consent"),
        ({"授权日期": ""}, "consent_on", "no written consent"),
        ({"授权日期": "2026-11-01"}, "consent_on", "after the as-of date"),
        ({"合同编号": ""}, "contract", "missing"),
        ({"合同编号": "A\n1"}, "contract", "in one line"),
        ({"合同编号": "A" * 129}, "contract", "128"),
        ({"身份证号": ""}, "identifier", "missing"),
        ({"身份证号": "000000199001010017"}, "identifier", "check character"),
        ({"身份证号": "1.10105E+17"}, "identifier", "Excel keeps only 15 digits"),
        ({"身份证号": "13800138000"}, "identifier", "18 characters"),
        ({"证件类型": "驾驶证"}, "kind", "unknown kind"),
        ({"证件类型": "MOBILE", "身份证号": "13800138000"}, "kind", "unknown kind"),
        ({"统一社会信用代码": "91000000MA0000TE6B"}, "uscc", "leave only the debtor's"),
        ({"统一社会信用代码": "91000000MA0000TE6A", "身份证号": ""}, "uscc", "check character"),
        ({"逃废债标记类别": "坏人"}, "flag_category", "隐匿财产"),
        ({"逃废债标记说明": "转移房产"}, "flag_category", "needs a category"),
        ({"逃废债标记类别": "转移财产", "逃废债标记说明": "长" * 2001}, "flag_narrative", "2,000"),
    ],
)
def test_a_wrong_row_is_rejected_by_field_and_reason(
    read: Read, changes: dict[str, str], field: str, reason: str
) -> None:
    row = rejected(read, changes)
    assert (row.number, row.field) == (2, field)
    assert reason in row.reason
    assert row.raw["姓名"] == "测试"


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-01",
        "2026/10/01",
        "2026/10/1",
        "2026.10.1",
        "2026年10月01日",
        "2026年10月1日",
        "20261001",
        "２０２６－１０－０１",
        "2026-10-01 23:59:59",
        "2026-10-01T00:00:00.000",
    ],
)
def test_spellings_of_a_day(read: Read, text: str) -> None:
    assert taken(read, 拖欠开始日期=text).overdue_on == date(2026, 10, 1)


def test_the_as_of_date_itself_is_not_after_it(read: Read) -> None:
    row = taken(read, 拖欠开始日期="2026-10-31", 授权日期="2026-10-31")
    assert (row.overdue_on, row.consent_on) == (date(2026, 10, 31), date(2026, 10, 31))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("是", True), ("Y", True), ("yes", True), ("1", True), ("TRUE", True), ("１", True),
        ("否", False), ("n", False), ("No", False), ("0", False), ("false", False), ("", None),
    ],
)  # fmt: skip
def test_spellings_of_yes_and_no(read: Read, text: str, meaning: bool | None) -> None:
    assert taken(read, 是否失联=text).lost_contact is meaning


@pytest.mark.parametrize(
    ("text", "in_court", "judged"),
    [
        ("", False, False),
        ("无", False, False),
        ("诉讼中", True, False),
        ("In Court", True, False),
        ("已判决", False, True),
        ("judged", False, True),
    ],
)
def test_spellings_of_the_state_in_court(read: Read, text: str, in_court: bool, judged: bool) -> None:
    row = taken(read, 诉讼状态=text)
    assert (row.in_court, row.judged) == (in_court, judged)


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("消费贷款", ProductClass.CONSUMER_LOAN),
        ("现金贷", ProductClass.CASH_LOAN),
        ("auto_loan", ProductClass.AUTO_LOAN),
        ("房贷", ProductClass.HOME_LOAN),
        ("经营贷", ProductClass.BUSINESS_LOAN),
        ("零首付购车", ProductClass.OTHER),
        ("生源地助学贷款", ProductClass.OTHER),
        ("", ProductClass.OTHER),
    ],
)
def test_spellings_of_a_product(read: Read, text: str, product: ProductClass) -> None:
    assert taken(read, 产品类型=text).product_class is product


@pytest.mark.parametrize(
    ("changes", "kind", "value"),
    [
        ({"身份证号": "000000850615998"}, Kind.RESIDENT_ID, "000000188506159981"),
        ({"身份证号": "'000000199001010018"}, Kind.RESIDENT_ID, "000000199001010018"),
        ({"证件类型": "身份证"}, Kind.RESIDENT_ID, "000000199001010018"),
        ({"证件类型": "护照", "身份证号": "CN E12345678"}, Kind.PASSPORT, "CHNE12345678"),
        ({"证件类型": "回乡证", "身份证号": "H12345678"}, Kind.HM_PERMIT, "H12345678"),
        ({"证件类型": "TW_PERMIT", "身份证号": "12345678"}, Kind.TW_PERMIT, "12345678"),
        ({"证件类型": "营业执照", "身份证号": "91000000MA0000TE6B"}, Kind.USCC, "91000000MA0000TE6B"),
        ({"统一社会信用代码": "91000000ma0000te6b", "身份证号": ""}, Kind.USCC, "91000000MA0000TE6B"),
        ({"统一社会信用代码": ""}, Kind.RESIDENT_ID, "000000199001010018"),
    ],
)
def test_the_debtor_may_be_known_by_other_documents(
    read: Read, changes: dict[str, str], kind: Kind, value: str
) -> None:
    assert taken(read, **changes).identifier == Identifier(kind, value)


def test_a_synthetic_alliance_takes_no_real_resident_id(read: Read) -> None:
    row = rejected(read, {"身份证号": ANNEX})
    assert row.field == "identifier"
    assert "made-up data only" in row.reason


def test_elsewhere_an_unknown_area_warns(read: Read) -> None:
    [real, made_up] = read({"身份证号": ANNEX}, {}, synthetic=False)
    assert isinstance(real, Row)
    assert real.warnings == ()
    assert isinstance(made_up, Row)
    assert len(made_up.warnings) == 1


def test_nobody_born_after_the_as_of_date_owes_anything(read: Read) -> None:
    assert "future" in rejected(read, {}, as_of=date(1989, 12, 31)).reason


def test_a_bad_mobile_costs_only_the_contact_point(read: Read) -> None:
    row = taken(read, 手机号="12800138000")
    assert row.mobile is None
    [warning] = row.warnings
    assert "mobile left out" in warning
    assert "12800138000" not in warning
    assert taken(read, 手机号="").warnings == ()


def test_an_overdue_date_with_amount_zero_is_accepted(read: Read) -> None:
    row = taken(read, 逾期金额="0.00")
    assert (row.overdue, row.overdue_on, row.warnings) == (0, date(2026, 10, 11), ())


def test_without_an_overdue_date_a_blank_amount_is_zero_and_another_warns(read: Read) -> None:
    blank, undated = taken(read, 拖欠开始日期="", 逾期金额=""), taken(read, 拖欠开始日期="")
    assert (blank.overdue, blank.overdue_on, blank.warnings) == (0, None, ())
    assert (undated.overdue, undated.overdue_on, len(undated.warnings)) == (185100, None, 1)


def test_a_flag_has_a_category_and_may_have_a_narrative(read: Read) -> None:
    row = taken(read, 逃废债标记类别="转移财产", 逃废债标记说明="2026年5月将房产过户至亲属")
    assert row.flag_category is EvasionCategory.TRANSFERRED_ASSETS
    assert row.flag_narrative == "2026年5月将房产过户至亲属"
    assert taken(read, 逃废债标记类别="absconded").flag_category is EvasionCategory.ABSCONDED


def test_a_contract_that_comes_twice_is_rejected_the_second_time(read: Read) -> None:
    first, other, second, third = read(
        {"合同编号": "B-7"}, {}, {"合同编号": " Ｂ－７ "}, {"合同编号": "B-7", "姓名": "另一行"}
    )
    assert isinstance(first, Row)
    assert isinstance(other, Row)
    for row, number in ((second, 4), (third, 5)):
        assert isinstance(row, Rejected)
        assert (row.number, row.field, row.reason) == (number, "contract", "the same contract as row 2")


def test_a_rejected_row_takes_no_contracts_place(read: Read) -> None:
    wrong, right = read({"合同编号": "B-7", "身份证号": "1"}, {"合同编号": "B-7"})
    assert isinstance(wrong, Rejected)
    assert isinstance(right, Row)


def test_a_contract_is_asked_about_once(tmp_path: Path) -> None:
    """One answer for each contract, also when the file names it twice; rows without one all count."""
    path = tmp_path / "debtors.csv"
    rows = ["身份证号,合同编号", *["000000199001010018,B-7"] * 2, *["000000199001010018,"] * 2]
    path.write_text("\n".join(rows), encoding="utf-8")
    read = list(read_subjects(path, synthetic=True))
    assert [type(each) for each in read] == [Subject, Rejected, Subject, Subject]


def test_a_bad_row_never_stops_the_others(read: Read) -> None:
    rows = read({}, {"身份证号": "x"}, {}, {"剩余欠款金额": "x"}, {})
    assert [(row.number, type(row)) for row in rows] == [
        (2, Row), (3, Rejected), (4, Row), (5, Rejected), (6, Row),
    ]  # fmt: skip


def test_what_is_printed_of_a_row_shows_nobody(read: Read) -> None:
    good, bad = read({}, {"身份证号": "000000199001010017"})
    for secret in ("0000001990010100", "13800138000", "555300", "A-1", "SQ-1", "测试"):
        assert secret not in repr(good)
        assert secret not in repr(bad)
