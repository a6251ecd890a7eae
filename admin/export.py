"""A register as a CSV file that a spreadsheet opens: nothing in it is taken for a formula.

An adversary would name its contact `=HYPERLINK(...)` and wait for an officer to open the export.
"""

from __future__ import annotations

import csv as standard
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING

from flask import Response, request
from flask_babel import gettext

from admin import i18n, office
from admin.objects import Chip, Link

if TYPE_CHECKING:
    from admin.register import Cell, Column, Rows

_BOM = "\ufeff"
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With one of these a spreadsheet begins a formula, or a cell of its own."""


def csv(columns: Sequence[Column], rows: Rows) -> Response:
    """Return the rows as a file to save, with the columns' labels at its head."""
    text = StringIO()
    writer = standard.writer(text)
    writer.writerow([harmless(head(column)) for column in columns])
    writer.writerows(_lines(columns, rows))
    response = Response(_BOM + text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{_name(rows)}"'
    return response


def head(column: Column) -> str:
    """Return a column's label, with its unit where the figures stand alone."""
    if column.kind == "money":
        return str(gettext("%(label)s (CNY)", label=str(column.label)))
    return str(column.label)


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_STARTS) else text


def _lines(columns: Sequence[Column], rows: Rows) -> Iterator[list[str]]:
    for row in rows.rows:
        yield [_plain(column, row.get(column.key)) for column in columns]


def _plain(column: Column, cell: Cell) -> str:
    """Return a cell as a spreadsheet reads it."""
    match cell:
        case None:
            return ""
        case int() if column.kind == "money":
            return f"{Decimal(cell) / 100:.2f}"
        case int():
            return str(cell)
        case datetime():
            return i18n.instant(cell, seconds=True)
        case date():
            return i18n.day(cell)
        case Chip():
            return harmless(str(cell.word))
        case Link():
            return harmless(str(cell.label))
    return harmless(str(cell))


def _name(rows: Rows) -> str:
    register = request.path.rstrip("/").rpartition("/")[2]
    ascii_only = "".join(sign for sign in register if sign.isascii() and (sign.isalnum() or sign in "-_"))
    part = "" if len(rows.rows) >= rows.total and not rows.capped else f"-first-{len(rows.rows)}"
    return f"{ascii_only or 'register'}-{i18n.day(office.now())}{part}.csv"
