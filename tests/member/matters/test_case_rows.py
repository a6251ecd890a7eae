"""A workbook's rows as case files: what clerks write, what is refused, and the template itself."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from member.files import ColumnError
from member.matters.case_rows import CaseRow, read_rows
from member.matters.columns import COLUMNS, shown
from member.matters.documents import USUAL
from member.matters.draft import draft_of
from member.matters.template import write_workbook
from tests.member.matters.filing import row, workbook
from tests.member.people import person


def read(path: Path, *rows: dict[str, Any], common: dict[str, Any] | None = None) -> list[CaseRow]:
    return list(read_rows(workbook(path / "cases.xlsx", rows), common or {}))


def test_a_row_says_what_a_case_file_says(tmp_path: Path) -> None:
    more = {
        "lawyers": "L001；L002",
        "acknowledgements": "2026-01-05",
        "id type": "身份证",
        "balance on": datetime(2026, 10, 1, 0, 0),
        "principal": 80000.1,
        "penalty": "0",
    }
    (found,) = read(tmp_path, row(7, **more))
    draft = draft_of(found.document, "the row")
    assert (found.number, found.case, found.lacks) == (2, "2026-0007", ())
    assert (draft.kind, draft.debtor.identifier, draft.debtor.identifier_kind) == (
        "litigation", person(7), "RESIDENT_ID",
    )  # fmt: skip
    assert (draft.as_of, draft.lawyers) == ("2026-11-01", ("L001", "L002"))
    (loan,) = draft.loans
    assert (loan.contract, loan.lent, loan.rate, loan.due_on) == (
        "NA-000007",
        "100000",
        "12%",
        "2025年1月10日",
    )
    assert loan.opened is not None
    assert (loan.opened.on, loan.opened.principal) == ("2026-10-01", "80000.1")
    assert [(each.on, each.amount) for each in loan.payments] == [
        ("2024-06-01", "20000"), ("2024-07-01", "500.50"),
    ]  # fmt: skip
    assert [(each.kind, each.on) for each in draft.events] == [
        ("demand", "2025-06-01"), ("demand", "2026-03-01"), ("acknowledgement", "2026-01-05"),
    ]  # fmt: skip


def test_rows_lie_over_what_all_share(tmp_path: Path) -> None:
    common = {
        "forum": "某法院",
        "creditor": {"name": "南山"},
        "debtor": {"phone": "1"},
        "loans": [{"rate": "10", "day_count": "30/360"}],
    }
    first, second = read(tmp_path, row(1), row(2, forum="另一法院", rate=""), common=common)
    draft, other = draft_of(first.document, "row"), draft_of(second.document, "row")
    assert (draft.forum, other.forum) == ("某法院", "另一法院")
    assert (draft.loans[0].rate, other.loans[0].rate) == ("12%", "10")
    assert draft.loans[0].day_count == "30/360"
    assert draft.creditor.name == "南山"
    # A debtor is nobody's common ground.
    assert draft.debtor.phone is None


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"kind": "打官司"}, "程序 kind"),
        ({"id number": 110101199001011234.0}, "证件号码 id number"),
        ({"id type": "借书证"}, "证件类型 id type"),
        ({"payments": "2024-06-01"}, "还款记录 payments"),
        ({"case": ""}, "案件编号 case"),
        ({"case": "../2026"}, "案件编号 case"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_by_its_column(
    tmp_path: Path, changes: dict[str, Any], column: str
) -> None:
    (found,) = read(tmp_path, row(1, **changes))
    (lack,) = found.lacks
    assert lack.where == column
    assert "1101011990" not in lack.reason


def test_a_case_number_stands_once(tmp_path: Path) -> None:
    first, second = read(tmp_path, row(1), row(2, case="2026-0001"))
    assert first.lacks == ()
    assert second.lacks[0].reason == "the same number as row 2"


def test_columns_that_are_needed_or_double_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="案件编号 case, 到期日 due on"):
        read(tmp_path, {name: value for name, value in row(1).items() if name not in ("case", "due on")})


@pytest.mark.parametrize(
    ("field", "header"),
    [
        ("loans[0].lent", "借款金额 lent"),
        ("loans[0].payments[1].amount", "还款记录 payments"),
        ("loans[0].opened.on", "余额日期 balance on"),
        ("events[3].on", "催收日期 demands"),
        ("creditor.name", "creditor.name"),
    ],
)
def test_a_field_is_shown_as_its_column(field: str, header: str) -> None:
    assert shown(field) == header


def test_the_template_can_be_filled_in_and_read(tmp_path: Path) -> None:
    path = tmp_path / "cases.xlsx"
    write_workbook(path)
    (example,) = read_rows(path, {})
    assert example.lacks == ()
    assert example.case == "2026-0117"
    draft = draft_of(example.document, "the example")
    assert draft.loans[0].payments[1].amount == "500.50"
    assert draft.as_of == "2026-11-01"
    help_sheet = CalamineWorkbook.from_path(path).get_sheet_by_name("说明 help").to_python()
    words = {str(cell) for line in help_sheet for cell in line}
    assert {column.zh for column in COLUMNS} <= words
    assert {kind.value for kind in USUAL} <= words


def test_days_of_a_workbook_are_days(tmp_path: Path) -> None:
    (found,) = read(tmp_path, row(1, **{"signed on": date(2024, 1, 10)}))
    assert found.document["loans"][0]["signed_on"] == "2024-01-10"
