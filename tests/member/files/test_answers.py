"""Answers, joined with the member's own rows, in each of the three formats."""

from __future__ import annotations

import errno
import json
import os
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from member.files import CannotWrite, Rejected, Row, Subject, UnknownFormat, read_subjects, write_answers
from member.files import workbook as workbook_module
from privacy.identifiers import Identifier, Kind
from tests.member.files.conftest import Write
from tests.member.files.portfolios import GOOD, SAMPLE, read_csv

SUBJECT = "000000199001010018"
OPEN: dict[str, Any] = {
    "contract": "A-1",
    "subject": SUBJECT,
    "reachable": {"status": "yes", "freshness": "d30", "kinds": ["MOBILE", "EMAIL"]},
    "exposure": {
        "status": "open", "reason": None, "period": "2026-10", "cut_at": "2026-10-01T00:10:00Z",
        "contracts": 6, "outstanding": 6003800, "overdue": 610305,
        "d1_30": 1, "d31_60": 2, "d61_90": 3, "d91_180": 4, "d181_plus": 5, "in_court": 7, "judged": 8,
    },
    "flags": [
        {"category": "absconded", "narrative": "=cmd|' /C calc'!A0"},
        {"category": "transferred_assets", "narrative": None},
    ],
}  # fmt: skip
WITHHELD: dict[str, Any] = {
    "contract": "A-2",
    "subject": SUBJECT,
    "reachable": {"status": "unknown", "freshness": None, "kinds": []},
    "exposure": {"status": "withheld", "reason": "too_few_contributors", "period": "2026-10", "cut_at": None},
    "flags": [],
}
ANSWER_HEADER = [
    "主体号码", "他方可联", "他方可联时效", "他方可联方式", "他方敞口", "未提供原因", "统计周期", "统计时点",
    "他方合同数", "他方剩余欠款(元)", "他方逾期金额(元)", "他方逾期1-30天合同数", "他方逾期31-60天合同数",
    "他方逾期61-90天合同数", "他方逾期91-180天合同数", "他方逾期181天以上合同数", "他方诉讼中合同数",
    "他方已判决合同数", "他方逃废债标记", "他方逃废债标记说明",
]  # fmt: skip


def subject(number: int, **raw: Any) -> Subject:
    identifier = Identifier(Kind.RESIDENT_ID, SUBJECT)
    return Subject(number=number, raw=raw, identifier=identifier, contract=f"A-{number - 1}", warnings=())


ANSWERED = [
    (subject(2, 姓名="=1+1", 身份证号=SUBJECT, 合同编号="A-1", 余额=12.5, 日期=date(2026, 10, 1)), OPEN),
    (subject(4, 姓名="李四", 身份证号=SUBJECT, 合同编号="A-2", 余额=None, 日期=""), WITHHELD),
]


def read_excel(path: Path) -> list[list[Any]]:
    with CalamineWorkbook.from_path(path) as book:
        return list(book.get_sheet_by_index(0).iter_rows())


def test_json_lines_have_exactly_the_answer_the_row_and_its_source(tmp_path: Path) -> None:
    write_answers(tmp_path / "answers.jsonl", ANSWERED)
    first, second = map(json.loads, (tmp_path / "answers.jsonl").read_text(encoding="utf-8").splitlines())
    source = {"姓名": "=1+1", "身份证号": SUBJECT, "合同编号": "A-1", "余额": 12.5, "日期": "2026-10-01"}
    assert first == OPEN | {"row": 2, "source": source}
    assert (second["exposure"], second["row"], second["source"]["余额"]) == (WITHHELD["exposure"], 4, None)


def test_every_kind_of_cell_has_a_form_in_json(tmp_path: Path) -> None:
    cells = {
        "a": Decimal("1.50"),
        "b": datetime(2026, 1, 2, 3, 4),
        "c": float("nan"),
        "d": True,
        "e": float("inf"),
    }
    write_answers(tmp_path / "answers.jsonl", [(subject(2, **cells), OPEN)])
    line = json.loads((tmp_path / "answers.jsonl").read_text())
    assert line["source"] == {"a": "1.50", "b": "2026-01-02T03:04:00", "c": None, "d": True, "e": "inf"}


def test_csv_has_the_own_columns_first_and_amounts_in_yuan(tmp_path: Path) -> None:
    write_answers(tmp_path / "answers.csv", ANSWERED)
    assert (tmp_path / "answers.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    header, first, second = read_csv(tmp_path / "answers.csv")
    assert header == ["姓名", "身份证号", "合同编号", "余额", "日期", *ANSWER_HEADER]
    assert first == [
        "'=1+1", "'" + SUBJECT, "A-1", "12.5", "2026-10-01",
        "'" + SUBJECT, "yes", "d30", "MOBILE; EMAIL", "open", "", "2026-10", "2026-10-01T00:10:00Z",
        "6", "60038.00", "6103.05", "1", "2", "3", "4", "5", "7", "8",
        "逃匿失联; 转移财产", "'=cmd|' /C calc'!A0; ",
    ]  # fmt: skip
    assert second[5:13] == [
        "'" + SUBJECT,
        "unknown",
        "",
        "",
        "withheld",
        "too_few_contributors",
        "2026-10",
        "",
    ]
    assert second[13:] == [""] * 12


def test_excel_has_text_as_text_and_numbers_as_numbers(tmp_path: Path) -> None:
    write_answers(tmp_path / "answers.xlsx", ANSWERED)
    header, first, second = read_excel(tmp_path / "answers.xlsx")
    assert header == ["姓名", "身份证号", "合同编号", "余额", "日期", *ANSWER_HEADER]
    assert first[:6] == ["=1+1", SUBJECT, "A-1", 12.5, date(2026, 10, 1), SUBJECT]
    assert first[13:23] == [6, 60038.0, 6103.05, 1, 2, 3, 4, 5, 7, 8]
    assert first[24] == "=cmd|' /C calc'!A0; "
    assert second[13:] == [""] * 12


def test_excel_runs_no_formula_link_or_shortened_number(tmp_path: Path) -> None:
    raw = {
        "a": "=1+1",
        "b": "{=1+1}",
        "c": "https://example.com",
        "d": "110105194912310021",
        "e": 10**17,
        "f": "+1",
    }
    write_answers(tmp_path / "answers.xlsx", [(subject(2, **raw), OPEN)])
    with zipfile.ZipFile(tmp_path / "answers.xlsx") as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert read_excel(tmp_path / "answers.xlsx")[1][:6] == [str(cell) for cell in raw.values()]


def test_the_sample_is_joined_row_by_row(tmp_path: Path) -> None:
    rows = [
        row for row in read_subjects(SAMPLE / "xihe.csv", synthetic=True) if not isinstance(row, Rejected)
    ]
    answered = [(row, WITHHELD | {"contract": row.contract, "subject": row.identifier.value}) for row in rows]
    for ending in ("csv", "jsonl", "xlsx"):
        write_answers(tmp_path / f"answers.{ending}", answered)
    lines = [
        json.loads(line) for line in (tmp_path / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert len(lines) == 232
    assert all(line["source"]["合同编号"] == line["contract"] for line in lines)
    assert [line["row"] for line in lines] == [row.number for row in rows]
    excel, text = read_excel(tmp_path / "answers.xlsx"), read_csv(tmp_path / "answers.csv")
    assert [row[13] for row in excel[1:]] == [line["subject"] for line in lines]
    assert [row[13].removeprefix("'") for row in text[1:]] == [line["subject"] for line in lines]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
def test_no_answers_make_a_file_with_no_rows(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"answers.{ending}"
    write_answers(path, [])
    if ending == "jsonl":
        assert path.read_bytes() == b""
    else:
        assert (read_csv if ending == "csv" else read_excel)(path) == [ANSWER_HEADER]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
def test_an_interrupted_run_leaves_what_was_there(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"answers.{ending}"
    path.write_text("of an earlier run")

    def interrupted() -> Iterator[tuple[Row | Subject, dict[str, Any]]]:
        yield ANSWERED[0]
        raise ConnectionError("the hub is gone")

    with pytest.raises(ConnectionError):
        write_answers(path, interrupted())
    assert path.read_text() == "of an earlier run"
    assert os.listdir(tmp_path) == [path.name]


def test_a_full_disk_is_a_clear_error(tmp_path: Path) -> None:
    def full() -> Iterator[tuple[Row | Subject, dict[str, Any]]]:
        yield ANSWERED[0]
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(CannotWrite, match="the disk is full: make room"):
        write_answers(tmp_path / "answers.csv", full())
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
def test_only_its_owner_may_read_the_file(tmp_path: Path, ending: str) -> None:
    write_answers(tmp_path / f"answers.{ending}", ANSWERED)
    assert (tmp_path / f"answers.{ending}").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["answers", "answers.json", "answers.xls"])
def test_an_unknown_ending_is_refused_before_anything_is_asked(tmp_path: Path, name: str) -> None:
    def never() -> Iterator[tuple[Row | Subject, dict[str, Any]]]:
        yield pytest.fail("asked")

    with pytest.raises(UnknownFormat, match=r"\.csv, \.xlsx, \.jsonl"):
        write_answers(tmp_path / name, never())


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="choose another folder"):
        write_answers(tmp_path / "none" / "answers.csv", ANSWERED)
    (tmp_path / "answers.csv").mkdir()
    with pytest.raises(CannotWrite, match="cannot be replaced"):
        write_answers(tmp_path / "answers.csv", ANSWERED)


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_module, "SHEET_ROWS", 2)
    with pytest.raises(CannotWrite, match=r"choose \.csv or \.jsonl"):
        write_answers(tmp_path / "answers.xlsx", ANSWERED)
    assert os.listdir(tmp_path) == []


def test_the_written_file_can_be_asked_about_again(tmp_path: Path, write: Write) -> None:
    rows = [row for row in read_subjects(write({}, {}), synthetic=True) if isinstance(row, Subject)]
    for ending in ("csv", "xlsx"):
        path = tmp_path / f"answers.{ending}"
        write_answers(path, [(row, OPEN) for row in rows])
        again = [row for row in read_subjects(path, synthetic=True) if isinstance(row, Subject)]
        assert [(row.identifier, row.contract) for row in again] == [
            (row.identifier, row.contract) for row in rows
        ]
        assert list(again[0].raw)[: len(GOOD)] == list(GOOD)
