"""Which column is which: recognised headers, a mapping file, and what is said when one is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from member.files import (
    BadMapping,
    ColumnError,
    Field,
    Rejected,
    Row,
    load_mapping,
    read_portfolio,
    read_subjects,
)
from member.files.columns import SUBMIT_FIELDS, SYNONYMS, fold_header, resolve, unique
from tests.member.files.conftest import Write
from tests.member.files.portfolios import AS_OF, GOOD, portfolio, write_csv

ENGLISH = ["ID Number", "Loan No.", "PRODUCT", "outstanding_balance", "Overdue Amount (CNY)", "Overdue Since"]
ENGLISH += ["Consent No", "Consent Date"]
VALUES = [
    "000000199001010018",
    "A-1",
    "consumer_loan",
    "5553.00",
    "1851.00",
    "2026-10-11",
    "SQ-1",
    "2025-01-15",
]


def test_the_headers_of_the_sample_are_recognised() -> None:
    columns = resolve(list(GOOD), None, required=SUBMIT_FIELDS)
    assert columns[Field.IDENTIFIER] == "身份证号"
    assert columns[Field.OVERDUE_ON] == "拖欠开始日期"
    assert set(GOOD) - set(columns.values()) == {"姓名"}


def test_no_word_means_two_fields() -> None:
    words = [
        (fold_header(word), field) for field, known in SYNONYMS.items() for word in (field.value, *known)
    ]
    assert len({word for word, _ in set(words)}) == len(set(words))
    assert set(SYNONYMS) == set(Field)


def test_the_page_for_members_names_every_field_and_its_header() -> None:
    page = (Path(__file__).parents[3] / "docs/portfolio-files.md").read_text(encoding="utf-8")
    for field, words in SYNONYMS.items():
        needed = "yes" if field in SUBMIT_FIELDS else ""
        assert f"| `{field}` | {words[0]} | {needed}" in page


def test_headers_in_other_words_are_recognised(tmp_path: Path) -> None:
    [row] = portfolio(write_csv(tmp_path / "loans.csv", [ENGLISH, VALUES]))
    assert isinstance(row, Row)
    assert (row.contract, row.outstanding, row.overdue, row.mobile) == ("A-1", 555300, 185100, None)


@pytest.mark.parametrize(
    "title", [" 身份证号 ", "身份证号码", "身 份 证 号", "ＩＤ　Number", "借款人身份证号"]
)
def test_spellings_of_one_header(title: str) -> None:
    assert resolve([title], None, required=()) == {Field.IDENTIFIER: title}


@pytest.mark.parametrize("title", ["剩余欠款金额(元)", "剩余欠款金额（元）", "剩余欠款金额 (CNY)"])
def test_a_unit_in_brackets_does_not_count(title: str) -> None:
    assert resolve(["身份证号", title], None, required=())[Field.OUTSTANDING] == title


@pytest.mark.parametrize(
    "missing", ["合同编号", "产品类型", "剩余欠款金额", "逾期金额", "拖欠开始日期", "授权书编号", "授权日期"]
)
def test_a_missing_column_is_named_with_what_was_found(tmp_path: Path, missing: str) -> None:
    rest = [title for title in GOOD if title != missing]
    path = write_csv(tmp_path / "loans.csv", [rest, ["1"] * len(rest)])
    with pytest.raises(ColumnError, match=f"no column for .*{missing}") as caught:
        portfolio(path)
    assert f"found: {', '.join(rest)}" in str(caught.value)
    assert "--mapping" in str(caught.value)


def test_without_the_debtors_number_nothing_can_be_asked(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "ask.csv", [["合同编号"], ["A-1"]])
    with pytest.raises(ColumnError, match="identifier"):
        read_subjects(path, synthetic=True)


@pytest.mark.parametrize("missing", ["姓名", "手机号", "累计借款金额", "是否失联", "诉讼状态"])
def test_other_columns_may_be_missing(tmp_path: Path, missing: str) -> None:
    rest = {title: text for title, text in GOOD.items() if title != missing}
    [row] = portfolio(write_csv(tmp_path / "loans.csv", [list(rest), list(rest.values())]))
    assert isinstance(row, Row)


def test_a_file_without_a_header_does_not_show_its_first_debtor(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "loans.csv", [list(GOOD.values()), list(GOOD.values())])
    with pytest.raises(ColumnError, match="looks like data") as caught:
        portfolio(path)
    assert "0000001990" not in str(caught.value)
    assert "测试" not in str(caught.value)


def test_two_columns_for_one_field_must_be_told_apart(write: Write) -> None:
    path = write({"证件号码": "000000199001010018"})
    with pytest.raises(ColumnError, match="身份证号 and 证件号码; choose one with --mapping"):
        portfolio(path)
    mapping = {"identifier": "证件号码"}
    [row] = read_portfolio(path, as_of=AS_OF, mapping=mapping, synthetic=True)
    assert isinstance(row, Row)


def test_a_mapping_wins_over_what_would_be_guessed(write: Write) -> None:
    path = write({"余额": "7.00"})
    [row] = read_portfolio(path, as_of=AS_OF, mapping={"outstanding": "余额"}, synthetic=True)
    assert isinstance(row, Rejected)
    assert row.reason == "more is overdue than is outstanding"
    [row] = read_portfolio(path, as_of=AS_OF, mapping={"lent": "余额"}, synthetic=True)
    assert isinstance(row, Row)
    assert (row.lent, row.outstanding) == (700, 555300)


def test_a_column_that_was_mapped_is_not_used_twice() -> None:
    with pytest.raises(ColumnError, match="no column for overdue "):
        resolve(list(GOOD), {"lent": "逾期金额"}, required=SUBMIT_FIELDS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("map.json", json.dumps({"contract": "Loan Ref", "product": "Line"})),
        ("map.toml", 'contract = "Loan Ref"\nproduct = "Line"\n'),
        ("map.JSON", "\ufeff" + json.dumps({"contract": "loan ref", "product": "LINE"})),
    ],
)
def test_a_mapping_file_names_columns(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    header = ["ID Number", "Loan Ref", "Line", *ENGLISH[3:]]
    path = write_csv(tmp_path / "loans.csv", [header, VALUES])
    mapping = load_mapping(tmp_path / name)
    [row] = read_portfolio(path, as_of=AS_OF, mapping=mapping, synthetic=True)
    assert isinstance(row, Row)
    assert row.contract == "A-1"
    [subject] = read_subjects(path, mapping=mapping, synthetic=True)
    assert subject.number == 2


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("map.json", '{"contrct": "Loan No"}', "contrct, which does not exist; use identifier, uscc"),
        ("map.toml", 'contrct = "Loan No"', "contrct, which does not exist"),
        ("map.json", '{"contract": 3}', "must map fields to column names"),
        ("map.json", '["contract"]', "must map fields to column names"),
        ("map.toml", '[contract]\nname = "Loan No"', "must map fields to column names"),
        ("map.json", "{contract: 1}", "not a JSON file"),
        ("map.toml", "contract: Loan No", "not a TOML file"),
        ("map.yaml", "contract: Loan No", "ends in .json or .toml"),
    ],
)
def test_a_wrong_mapping_file_is_refused(tmp_path: Path, name: str, text: str, reason: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadMapping, match=reason):
        load_mapping(tmp_path / name)


def test_a_mapping_file_in_another_encoding_or_absent_is_refused(tmp_path: Path) -> None:
    (tmp_path / "map.json").write_bytes('{"contract": "合同"}'.encode("gb18030"))
    with pytest.raises(BadMapping, match="UTF-8"):
        load_mapping(tmp_path / "map.json")
    with pytest.raises(BadMapping, match="cannot be read"):
        load_mapping(tmp_path / "none.toml")


def test_a_mapping_to_a_column_that_is_not_there_says_what_is(write: Write) -> None:
    with pytest.raises(ColumnError, match="column Loan No, which is not there; found: 姓名, 身份证号"):
        read_portfolio(write({}), as_of=AS_OF, mapping={"contract": "Loan No"}, synthetic=True)


def test_every_column_has_a_name_of_its_own() -> None:
    assert unique(["备注", "", " 备注", "备注 "]) == ["备注", "column 2", "备注 (3)", "备注 (4)"]
    assert len(set(unique(["a", "a (3)", "a", "column 5", ""]))) == 5
