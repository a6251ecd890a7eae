"""The file of rejected rows: complete, safe to open in a spreadsheet, fit to be submitted again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from member.files import CannotWrite, Rejected, Rejects, Row, rejected_path
from tests.member.files.conftest import Read, Write
from tests.member.files.portfolios import GOOD, portfolio, read_csv, write_csv


def collect(rows: Iterable[Row | Rejected], path: Path) -> int:
    with Rejects(path) as rejects:
        for row in rows:
            if isinstance(row, Rejected):
                rejects.add(row)
    return rejects.count


def test_it_stands_beside_the_input() -> None:
    assert rejected_path(Path("in/2026.10.xlsx")) == Path("in/2026.10.rejected.csv")


def test_it_holds_row_field_reason_and_the_row_as_it_was(write: Write) -> None:
    path = write({}, {"身份证号": "00000019900101 0017"}, {}, {"剩余欠款金额": "5万"})
    target = rejected_path(path)
    assert collect(portfolio(path), target) == 2
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    header, first, second = read_csv(target)
    assert header == ["row", "field", "reason", *GOOD]
    assert first[:2] == ["3", "identifier"]
    assert "check character" in first[2]
    assert first[3:7] == ["测试", "00000019900101 0017", "13800138000", "A-2"]
    assert second[:2] == ["5", "outstanding"]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+86 13800138000", "'+86 13800138000"),
        ("-5.00", "'-5.00"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1+1", "'  =1+1"),
        ("＝1+1", "'＝1+1"),
        ("110105194912310021", "'110105194912310021"),
        ("SQ-1", "SQ-1"),
        ("1234567890", "1234567890"),
        ("a=b", "a=b"),
    ],
)
def test_nothing_in_it_runs_or_loses_digits(read: Read, tmp_path: Path, text: str, safe: str) -> None:
    collect(read({"姓名": text, "身份证号": "1"}), tmp_path / "bad.csv")
    assert read_csv(tmp_path / "bad.csv")[1][3] == safe


def test_a_header_does_not_run_either(tmp_path: Path) -> None:
    good = GOOD | {"身份证号": "1", "=HYPERLINK(0)": ""}
    path = write_csv(tmp_path / "loans.csv", [list(good), list(good.values())])
    collect(portfolio(path), tmp_path / "bad.csv")
    assert read_csv(tmp_path / "bad.csv")[0][-1] == "'=HYPERLINK(0)"


def test_corrected_it_can_be_submitted_as_it_is(write: Write) -> None:
    path = write({}, {"身份证号": "000000199001010017", "手机号": "+86 13800138000"})
    collect(portfolio(path), rejected_path(path))
    corrected = rejected_path(path).read_text(encoding="utf-8-sig").replace("010017", "010018")
    rejected_path(path).write_text(corrected, encoding="utf-8-sig")
    [row] = portfolio(rejected_path(path))
    assert isinstance(row, Row)
    assert (row.identifier.value, row.contract) == ("000000199001010018", "A-2")
    assert row.mobile is not None


def test_without_rejected_rows_there_is_no_file_and_an_old_one_goes(read: Read, tmp_path: Path) -> None:
    target = tmp_path / "loans.rejected.csv"
    target.write_text("of an earlier run")
    assert collect(read({}), target) == 0
    assert not target.exists()
    assert collect(read({}), target) == 0


def test_an_interrupted_run_leaves_the_earlier_file_and_nothing_else(read: Read, tmp_path: Path) -> None:
    target = tmp_path / "out" / "loans.rejected.csv"
    target.parent.mkdir()
    target.write_text("of an earlier run")
    [bad] = read({"身份证号": "1"})
    assert isinstance(bad, Rejected)

    def interrupted() -> Iterator[Rejected]:
        yield bad
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(interrupted(), target)
    assert target.read_text() == "of an earlier run"
    assert os.listdir(target.parent) == [target.name]


def test_only_its_owner_may_read_it(read: Read, tmp_path: Path) -> None:
    collect(read({"身份证号": "1"}), tmp_path / "bad.csv")
    assert (tmp_path / "bad.csv").stat().st_mode & 0o077 == 0


def test_a_folder_that_is_not_there_is_a_clear_error(read: Read, tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match=r"bad\.csv: cannot be written here .*choose another folder"):
        collect(read({"身份证号": "1"}), tmp_path / "none" / "bad.csv")
    assert collect(read({}), tmp_path / "none" / "bad.csv") == 0
