"""Small results reach a spreadsheet without running as formulas, and a checker as plain JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from member.files import CannotWrite, UnknownFormat
from member.files.tables import require_ending, write_document, write_table
from tests.privacy.samples import RECEIPT, SOUTH


def test_a_table_opens_in_a_spreadsheet_and_runs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"

    write_table(path, ("合同", "b"), [("=1+1", "x,y"), ("NA-1", "")])

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.read_text(encoding="utf-8-sig").splitlines() == ["合同,b", '\'=1+1,"x,y"', "NA-1,"]


def test_signed_messages_are_written_as_they_are_read_again(tmp_path: Path) -> None:
    path = tmp_path / "document.json"

    write_document(path, {"receipts": [RECEIPT]})

    (read,) = json.loads(path.read_text(encoding="utf-8"))["receipts"]
    assert read["member"] == SOUTH
    assert [each["openings"] for each in read["records"]] == [1, 2]


def test_a_place_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite):
        write_document(tmp_path / "nowhere" / "document.json", {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.pdf", "a", "json"])
def test_another_ending_is_refused(name: str) -> None:
    require_ending(Path("a.JSON"), ".csv", ".json")

    with pytest.raises(UnknownFormat, match=r"written as \.csv or \.json"):
        require_ending(Path(name), ".csv", ".json")
