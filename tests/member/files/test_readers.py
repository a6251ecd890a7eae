"""Files on disk: the formats and encodings that come in, and what is said of a file that cannot be read."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
import xlsxwriter

from member.files import (
    ColumnError,
    EmptyFile,
    FileError,
    Rejected,
    Row,
    UnknownEncoding,
    UnknownFormat,
    UnreadableFile,
    count_rows,
    read_portfolio,
)
from tests.member.files.conftest import Read, Write
from tests.member.files.portfolios import AS_OF, GOOD, SAMPLE, portfolio, read_csv, sample_table, write_csv


def write_excel(path: Path, table: list[list[Any]], *, hidden_first: bool = False) -> Path:
    with xlsxwriter.Workbook(path) as book:
        if hidden_first:
            book.add_worksheet("options").hide()
        sheet = book.add_worksheet("明细")
        sheet.activate()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, cells in enumerate(table):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                elif isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                else:
                    sheet.write(number, column, cell)
    return path


def write_parquet(path: Path, table: list[list[Any]]) -> Path:
    header, *rows = table
    columns = [pyarrow.array(column) for column in zip(*rows, strict=True)]
    pyarrow.parquet.write_table(pyarrow.table(columns, names=header), path)
    return path


def typed(name: str) -> list[list[Any]]:
    """Return the sample with numbers and dates as Excel and Parquet keep them."""
    header, *rows = sample_table(name)
    amounts = [header.index(title) for title in ("累计借款金额", "剩余欠款金额", "逾期金额")]
    given = header.index("授权日期")
    for row in rows:
        for column in amounts:
            row[column] = float(row[column].replace(",", ""))  # type: ignore[call-overload]
        row[given] = date.fromisoformat(row[given])  # type: ignore[call-overload]
    return [header, *rows]


def without_raw(rows: list[Row | Rejected]) -> list[Row | Rejected]:
    return [replace(row, raw={}) for row in rows]


@pytest.mark.parametrize("name", ["beichen", "xihe"])
@pytest.mark.parametrize(("write_table", "ending"), [(write_excel, "xlsx"), (write_parquet, "parquet")])
def test_the_sample_says_the_same_in_every_format(
    tmp_path: Path, name: str, write_table: Callable[[Path, list[list[Any]]], Path], ending: str
) -> None:
    path = write_table(tmp_path / f"{name}.{ending}", sample_table(name))
    assert list(portfolio(path)) == list(portfolio(SAMPLE / f"{name}.csv"))
    assert count_rows(path) == count_rows(SAMPLE / f"{name}.csv")


@pytest.mark.parametrize(("write_table", "ending"), [(write_excel, "xlsx"), (write_parquet, "parquet")])
def test_numbers_and_dates_say_the_same_as_their_text(
    tmp_path: Path, write_table: Callable[[Path, list[list[Any]]], Path], ending: str
) -> None:
    rows = list(portfolio(write_table(tmp_path / f"beichen.{ending}", typed("beichen"))))
    assert without_raw(rows) == without_raw(list(portfolio(SAMPLE / "beichen.csv")))
    assert isinstance(rows[0].raw["剩余欠款金额"], float)
    assert rows[0].raw["授权日期"] == date(2025, 1, 15)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_is_read_in_its_own_encoding(tmp_path: Path, encoding: str) -> None:
    path = write_csv(tmp_path / "xihe.csv", sample_table("xihe"), encoding)
    assert list(portfolio(path)) == list(portfolio(SAMPLE / "xihe.csv"))


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_columns_may_be_parted_otherwise(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "loans.csv"
    lines = (delimiter.join(cells) for cells in (GOOD, GOOD.values()))
    path.write_text("\n".join(lines), encoding="utf-8")
    [row] = portfolio(path)
    assert isinstance(row, Row)
    assert row.outstanding == 555300


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("合同编号,身份证号\nA,000000199001010018\n".encode("utf-16"), "UTF-16"),
        ("合同编号,身份证号\nA,000000199001010018\n".encode("utf-16-le"), "UTF-16"),
        ("Numéro,Prénom\n1,François\n2,Hélène\n".encode("latin-1"), "neither UTF-8 nor GB18030"),
        ("Größe,Höhe,Name\n1,2,Müller\n3,4,Köhler\n".encode("latin-1"), "neither UTF-8 nor GB18030"),
        ("合同編號,身分證號,剩餘欠款金額\nA,1,2\n".encode("big5"), "neither UTF-8 nor GB18030"),
        ("合同编号,身份证号,姓名\nA,1,张三\n".encode() + b"B,2,\xff\xfe\n", "neither UTF-8 nor GB18030"),
        (b"\xef\xbb\xbf" + "合同编号,身份证号\n".encode("gb18030"), "neither UTF-8 nor GB18030"),
        (bytes(range(256)), "no text at all"),
    ],
    ids=["utf-16", "utf-16 unmarked", "french", "german", "big5", "broken utf-8", "wrong mark", "binary"],
)
def test_another_encoding_is_refused_and_says_what_to_do(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "loans.csv"
    path.write_bytes(content)
    with pytest.raises(UnknownEncoding, match=reason) as caught:
        portfolio(path)
    assert "CSV UTF-8" in str(caught.value)


def test_a_wrong_byte_far_down_is_found_before_the_first_row(tmp_path: Path, write: Write) -> None:
    path = write(*({} for _ in range(3000)))
    path.write_bytes(path.read_bytes() + b"\xff\xff\n")
    with pytest.raises(UnknownEncoding):
        portfolio(path)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_a_file_without_rows_is_empty(tmp_path: Path, ending: str) -> None:
    path, header = tmp_path / f"loans.{ending}", list(GOOD)
    if ending == "csv":
        write_csv(path, [header, [], ["", " "]])
    elif ending == "xlsx":
        write_excel(path, [header, ["", ""]])
    else:
        pyarrow.parquet.write_table(
            pyarrow.table({name: pyarrow.array([], "string") for name in header}), path
        )
    with pytest.raises(EmptyFile, match="only a header"):
        portfolio(path)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n  \n"])
def test_a_file_without_anything_is_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "loans.csv"
    path.write_bytes(content)
    with pytest.raises(EmptyFile, match="nothing at all"):
        portfolio(path)


@pytest.mark.parametrize("name", ["loans.xls", "loans.txt", "loans", "loans.csv.gz"])
def test_an_unknown_ending_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"a,b\n1,2\n")
    with pytest.raises(UnknownFormat, match=r"\.csv, \.xlsx, \.parquet"):
        portfolio(tmp_path / name)
    with pytest.raises(UnknownFormat):
        count_rows(tmp_path / name)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, ending: str) -> None:
    with pytest.raises(UnreadableFile, match=rf"loans\.{ending}: there is no such file"):
        portfolio(tmp_path / f"loans.{ending}")
    (tmp_path / f"folder.{ending}").mkdir()
    with pytest.raises(UnreadableFile):
        count_rows(tmp_path / f"folder.{ending}")


@pytest.mark.parametrize("ending", ["xlsx", "parquet"])
@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.95])
def test_a_damaged_file_is_unreadable(tmp_path: Path, ending: str, keep: float) -> None:
    path = tmp_path / f"loans.{ending}"
    (write_excel if ending == "xlsx" else write_parquet)(path, sample_table("xihe"))
    content = path.read_bytes()
    path.write_bytes(content[: int(keep if keep > 1 else keep * len(content))])
    with pytest.raises(UnreadableFile, match="damaged"):
        list(portfolio(path))


def test_an_excel_file_with_a_broken_sheet_is_unreadable(tmp_path: Path) -> None:
    whole, broken = write_excel(tmp_path / "whole.xlsx", sample_table("xihe")), tmp_path / "broken.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[:-200] if name.endswith("sheet1.xml") else content)
    with pytest.raises(UnreadableFile, match="damaged"):
        list(portfolio(broken))


def test_a_parquet_file_broken_inside_is_unreadable(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "loans.parquet", sample_table("xihe"))
    content = bytearray(path.read_bytes())
    content[200:2000] = b"\xa5" * 1800
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="damaged"):
        list(portfolio(path))


def test_an_open_quotation_mark_is_found_and_its_row_named(tmp_path: Path, write: Write) -> None:
    path = write({}, {}, {})
    path.write_text(path.read_text(encoding="utf-8") + 'x,"open\n', encoding="utf-8")
    rows = portfolio(path)
    assert [next(rows).number for _ in range(3)] == [2, 3, 4]
    with pytest.raises(UnreadableFile, match="row 5 is not proper CSV"):
        next(rows)


def test_rows_keep_the_number_that_the_clerk_sees(tmp_path: Path) -> None:
    rows = [list(GOOD.values()) for _ in range(3)]
    for number, row in enumerate(rows):
        row[0], row[3] = f"第{number}\n行", f"A-{number}"
    path = write_csv(tmp_path / "loans.csv", [[], list(GOOD), rows[0], [""] * 13, rows[1], [], rows[2]])
    assert [row.number for row in portfolio(path)] == [3, 5, 7]
    excel = write_excel(tmp_path / "loans.xlsx", [[], list(GOOD), rows[0], [], rows[1], [], rows[2]])
    assert [row.number for row in portfolio(excel)] == [3, 5, 7]


def test_a_row_that_has_moved_is_rejected_and_a_short_one_is_blank_behind(tmp_path: Path) -> None:
    unquoted = "测试,000000199001010018,13800138000,A-1,消费贷,9,954.00,5,553.00,0.00,,否,,SQ-1,2025-01-15"
    short = "测试,000000199001010018,13800138000,A-2,消费贷,1.00,1.00,0.00"
    wide = ",".join(value.replace(",", "") for value in GOOD.values()) + ",,,"
    path = tmp_path / "loans.csv"
    path.write_text(
        "\n".join([",".join(GOOD), unquoted, short, wide.replace("A-1", "A-3")]), encoding="utf-8"
    )
    moved, cut, good = portfolio(path)
    assert isinstance(moved, Rejected)
    assert (moved.field, "15 cells under 13" in moved.reason) == ("", True)
    assert isinstance(cut, Rejected)
    assert cut.field == "consent_no"
    assert list(cut.raw) == list(GOOD)
    assert isinstance(good, Row)


def excel_row(tmp_path: Path, **changes: Any) -> Row | Rejected:
    good = GOOD | changes
    [row] = portfolio(write_excel(tmp_path / "loans.xlsx", [list(good), list(good.values())]))
    return row


@pytest.mark.parametrize("number", [110105194912310021, 1.1010519491231e17, 199001010018000000])
def test_a_resident_id_stored_as_a_number_has_lost_digits(tmp_path: Path, number: float) -> None:
    row = excel_row(tmp_path, 身份证号=number)
    assert isinstance(row, Rejected)
    assert row.field == "identifier"
    assert "Excel keeps only 15 digits" in row.reason
    assert "as text" in row.reason


@pytest.mark.parametrize("number", [110105194912310021, 1.1010519491231e17, Decimal(110105194912310021)])
def test_so_has_one_that_parquet_keeps_as_a_number(tmp_path: Path, number: Any) -> None:
    good = GOOD | {"身份证号": number}
    [row] = portfolio(write_parquet(tmp_path / "loans.parquet", [list(good), list(good.values())]))
    assert isinstance(row, Rejected)
    assert "Excel keeps only 15 digits" in row.reason


def test_shorter_numbers_stored_as_numbers_are_read(tmp_path: Path) -> None:
    row = excel_row(
        tmp_path, 手机号=13800138000, 合同编号=20240017, 授权书编号=42, 是否失联=True, 诉讼状态=""
    )
    assert isinstance(row, Row)
    assert (row.contract, row.consent_no, row.lost_contact) == ("20240017", "42", True)
    assert row.mobile is not None
    assert row.mobile.value == "8613800138000"


@pytest.mark.parametrize(
    ("number", "fen"),
    [
        (5553, 555300),
        (5553.1, 555310),
        (0.1 + 0.2, 30),
        (1234.5600000000001, 123456),
        (85899345.91, 2**33 - 1),
    ],
)
def test_amounts_stored_as_numbers_become_fen_exactly(tmp_path: Path, number: float, fen: int) -> None:
    row = excel_row(tmp_path, 剩余欠款金额=number, 逾期金额=0)
    assert isinstance(row, Row)
    assert row.outstanding == fen


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (-0.01, "never negative"),
        (1.005, "two decimal places"),
        (85899345.92, "absurd"),
        (1e300, "absurd"),
        (-1e300, "never negative"),
        (True, "not an amount"),
        (date(2026, 1, 1), "not an amount"),
    ],
)
def test_wrong_numbers_are_rejected(tmp_path: Path, number: Any, reason: str) -> None:
    row = excel_row(tmp_path, 剩余欠款金额=number, 逾期金额=0)
    assert isinstance(row, Rejected)
    assert row.field == "outstanding"
    assert reason in row.reason


def test_dates_of_excel_are_dates_and_its_serial_numbers_are_not(tmp_path: Path) -> None:
    row = excel_row(tmp_path, 拖欠开始日期=datetime(2026, 10, 11, 23, 59), 授权日期=20250115)
    assert isinstance(row, Row)
    assert (row.overdue_on, row.consent_on) == (date(2026, 10, 11), date(2025, 1, 15))
    serial = excel_row(tmp_path, 拖欠开始日期=46306)
    assert isinstance(serial, Rejected)
    assert "not a date" in serial.reason


def test_the_first_sheet_that_is_seen_is_read(tmp_path: Path) -> None:
    path = write_excel(tmp_path / "loans.xlsx", sample_table("xihe"), hidden_first=True)
    assert len(list(portfolio(path))) == 234


def test_parquet_instants_decimals_and_gaps_are_read(tmp_path: Path) -> None:
    changed: dict[str, Any] = {
        "剩余欠款金额": pyarrow.array([Decimal("5553.10")], pyarrow.decimal128(18, 2)),
        "逾期金额": pyarrow.array([float("nan")]),
        "拖欠开始日期": pyarrow.array([None], "string"),
        # 00:30 on 16 January in China
        "授权日期": pyarrow.array(
            [datetime(2025, 1, 15, 16, 30, tzinfo=UTC)], pyarrow.timestamp("ns", tz="UTC")
        ),
        "是否失联": pyarrow.array([None], "bool"),
    }
    table = pyarrow.table({name: changed.get(name, pyarrow.array([text])) for name, text in GOOD.items()})
    pyarrow.parquet.write_table(table, tmp_path / "loans.parquet")
    [row] = portfolio(tmp_path / "loans.parquet")
    assert isinstance(row, Row)
    assert (row.outstanding, row.overdue, row.overdue_on) == (555310, 0, None)
    assert (row.consent_on, row.lost_contact) == (date(2025, 1, 16), None)


def test_a_file_is_streamed_and_not_kept(write: Write) -> None:
    path = write(*({} for _ in range(600)))
    assert peak_memory(lambda rows: sum(1 for _ in rows), path) < peak_memory(list, path) / 5


def peak_memory(consume: Callable[[Iterator[Row | Rejected]], object], path: Path) -> int:
    rows = portfolio(path)
    next(rows)  # the file is open and its encoding known: what follows is the rows' own
    tracemalloc.start()
    try:
        consume(rows)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_all_file_errors_are_one_family(read: Read, tmp_path: Path) -> None:
    assert issubclass(ColumnError, FileError)
    with pytest.raises(FileError):
        read_portfolio(tmp_path / "none.csv", as_of=AS_OF, synthetic=True)


@pytest.mark.parametrize("end", ["", "\r\n"])
def test_rows_are_counted_with_or_without_a_last_line_end(tmp_path: Path, end: str) -> None:
    path = tmp_path / "loans.csv"
    path.write_bytes(b"a,b\r\n1,2\r\n3,4" + end.encode())
    assert count_rows(path) == 2
    assert len(read_csv(path)) == 3
