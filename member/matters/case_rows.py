"""One row of a workbook of cases as a case file; what cannot be read is named by its column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from member.files import Cell
from member.files.cells import is_blank, text_of
from member.files.columns import Field, fold
from member.files.readers import open_table
from member.files.values import kind as identifier_kind
from member.matters.columns import CASE, resolve, shown
from member.matters.draft import Document, laid_over
from member.matters.reading import Lack
from privacy.errors import InvalidInputError
from privacy.evidence import MatterKind

KINDS = {
    fold(word): kind
    for kind, words in {
        MatterKind.LITIGATION: ("litigation", "诉讼", "起诉", "立案"),
        MatterKind.ARBITRATION: ("arbitration", "仲裁"),
        MatterKind.MEDIATION: ("mediation", "调解"),
        MatterKind.ENFORCEMENT: ("enforcement", "执行", "强制执行"),
    }.items()
    for word in words
}
"""What a workbook may call each kind of matter."""

_SPLIT = re.compile("[;；\n]+")
_PAID = re.compile("(.+?)[:：=](.+)")
_NAME = re.compile(r"[\w()（）.-]{1,60}")


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row: its number in the workbook, the case's own number, what it says, and what is wrong with it."""

    number: int
    case: str
    document: Document
    lacks: tuple[Lack, ...]


def read_rows(path: Path, common: Mapping[str, Any]) -> Iterator[CaseRow]:
    """Yield the rows of a workbook, each laid over what all share; raises FileError for the workbook."""
    table = open_table(path)
    columns = resolve(table.header)
    seen: dict[str, int] = {}
    for number, cells in table.rows:
        raw = dict(zip(table.header, cells, strict=False))
        row = _row(number, {field: raw.get(name) for field, name in columns.items()}, common)
        if row.case and row.case in seen:
            double = Lack(shown(CASE), f"the same number as row {seen[row.case]}", "give each case its own")
            row = CaseRow(number, row.case, row.document, (double,))
        seen.setdefault(row.case, number)
        yield row


def _row(number: int, cells: Mapping[str, Cell], common: Mapping[str, Any]) -> CaseRow:
    document: Document = {}
    lacks: list[Lack] = []
    for field, cell in cells.items():
        if is_blank(cell):
            continue
        try:
            _put(document, field, _text(cell, field))
        except InvalidInputError as error:
            lacks.append(Lack(shown(field), str(error), "correct the cell"))
    case = str(document.pop(CASE, ""))
    if not _NAME.fullmatch(case) or case.startswith("."):
        lacks.append(
            Lack(shown(CASE), "missing, or not fit for a file's name", "use letters, digits and hyphens")
        )
        case = ""
    return CaseRow(number, case, _over(common, document), tuple(lacks))


def _over(common: Mapping[str, Any], row: Document) -> Document:
    """Lay a row over what all rows share; its one loan over theirs."""
    whole = laid_over({name: value for name, value in common.items() if name != "debtor"}, row)
    shared, own = common.get("loans") or [{}], row.get("loans") or [{}]
    return {**whole, "loans": [laid_over(shared[0], own[0])]}


def _text(cell: Cell, field: str) -> str:
    """Return a cell as text; raises InvalidInputError for a number that has lost digits."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and not isinstance(cell, bool):
        # 15 digits are what a spreadsheet shows: behind them stand digits that nobody entered.
        return text_of(f"{cell:.15g}" if abs(cell) < 10**15 else cell, field)
    if isinstance(cell, str) and "\n" in cell:
        return unicodedata.normalize("NFKC", cell).strip()
    return text_of(cell, field)


def _put(document: Document, field: str, text: str) -> None:
    """Set a field of the case; raises InvalidInputError for words and lists that cannot be read."""
    match field:
        case "kind":
            document["kind"] = _kind(text)
        case "debtor.identifier_kind":
            _set(document, field, identifier_kind(text, Field.KIND).value)
        case "lawyers":
            document["lawyers"] = _parts(text)
        case "demands":
            _events(document, "demand", "催收", text)
        case "acknowledgements":
            _events(document, "acknowledgement", "债务人确认债务", text)
        case "loans[0].payments":
            _set(document, field, [_paid(part) for part in _parts(text)])
        case _:
            _set(document, field, text)


def _set(document: Document, field: str, value: Any) -> None:
    *path, last = field.split(".")
    place = document
    for name in path:
        place = place.setdefault("loans", [{}])[0] if name == "loans[0]" else place.setdefault(name, {})
    place[last] = value


def _kind(text: str) -> str:
    found = KINDS.get(fold(text))
    if found is None:
        raise InvalidInputError("write 诉讼, 仲裁, 调解 or 执行", field="kind")
    return found.value


def _events(document: Document, kind: str, words: str, text: str) -> None:
    events = document.setdefault("events", [])
    events += [{"kind": kind, "on": part, "words": words} for part in _parts(text)]


def _paid(part: str) -> dict[str, str]:
    found = _PAID.fullmatch(part)
    if found is None:
        raise InvalidInputError("write payments as 2024-06-01:20000; 2024-07-01:500.50", field="payments")
    return {"on": found[1].strip(), "amount": found[2].strip()}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _SPLIT.split(text) if part.strip()]
