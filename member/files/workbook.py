"""Tables as Excel files. Text is written as text, whatever it begins with and however many digits it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from member.files.cells import EXACT_NUMBERS, Cell, shown
from member.files.errors import CannotWrite

SHEET_ROWS = 1_048_576
CELL_CHARACTERS = 32_767


def write_workbook(path: Path, table: Iterable[list[Cell]]) -> None:
    """Write `table`, its header first, to the one sheet of a new Excel file.

    Raises CannotWrite for more rows than a sheet holds.
    """
    # Here and not above: most commands write no Excel file, and would wait for the import.
    from xlsxwriter import Workbook

    # constant_memory: row by row to a file; beside the result, because the rows are personal data.
    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    with _creating(path), Workbook(path, options) as book:
        sheet = book.add_worksheet()
        day, money = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "0.00"})
        for number, cells in enumerate(table):
            if number == SHEET_ROWS:
                raise CannotWrite(f"an Excel sheet ends at row {SHEET_ROWS:,}: choose .csv or .jsonl")
            for column, cell in enumerate(cells):
                _write_cell(sheet, number, column, cell, day=day, money=money)


@contextmanager
def _creating(path: Path) -> Iterator[None]:
    """Turn the library's own error over the disk into ours."""
    from xlsxwriter.exceptions import FileCreateError

    try:
        yield
    except FileCreateError as error:
        raise CannotWrite(
            f"{path.parent}: cannot be written to: make room, or choose another folder"
        ) from error


def _write_cell(sheet: Any, row: int, column: int, cell: Cell, *, day: Any, money: Any) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, (int, float, Decimal)) and -EXACT_NUMBERS < cell < EXACT_NUMBERS:
        sheet.write_number(row, column, float(cell), money if isinstance(cell, Decimal) else None)
    elif isinstance(cell, date) and not isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell, day)
    elif text := shown(cell):
        # A longer text would be left out without a word.
        sheet.write_string(row, column, text[:CELL_CHARACTERS])
