"""From a file on disk to rows of cells, one at a time: CSV, Excel and Parquet look the same afterwards.

A row keeps the number under which the clerk finds it: the file's first row is row 1.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from member.files import encoding
from member.files.cells import Cell, is_blank, shown
from member.files.columns import unique
from member.files.errors import EmptyFile, FileError, UnknownFormat, UnreadableFile

Numbered: TypeAlias = tuple[int, list[Cell]]

_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Table:
    """A header of unique names, and the rows under it that say anything, to be read once."""

    header: list[str]
    rows: Iterator[Numbered]


def open_table(path: Path) -> Table:
    """Open `path` by its ending and read its header; the first row that is not blank is the header.

    Raises FileError when there is no such table or nothing in it; damage further down raises later.
    """
    rows = (row for row in _reader(path)(path) if not all(map(is_blank, row[1])))
    header = next(rows, None)
    first = next(rows, None)
    if header is None or first is None:
        raise EmptyFile(f"{path.name}: no rows, {'only a header' if header else 'nothing at all'}")
    return Table(unique(map(shown, header[1])), itertools.chain([first], rows))


def count_rows(path: Path) -> int:
    """Return about how many rows stand under the header, for a progress bar; blank rows are counted too.

    A CSV file is only scanned for line ends; an Excel file has to be loaded (2 s per 100,000 rows).
    """
    _reader(path)
    return max(0, _COUNTERS[path.suffix.lower()](path) - 1)


def _reader(path: Path) -> Callable[[Path], Iterator[Numbered]]:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UnknownFormat(
            f"{path.name}: only {', '.join(_READERS)} can be read; save an older Excel file as .xlsx"
        )
    if not path.is_file():
        raise UnreadableFile(f"{path.name}: there is no such file: check the name and the folder")
    return reader


@contextmanager
def _reading(path: Path, *damage: type[Exception]) -> Iterator[None]:
    """Turn what a library raises over a bad file into an UnreadableFile."""
    try:
        yield
    except FileError:
        raise
    except PermissionError as error:
        raise UnreadableFile(f"{path.name}: you may not read this file") from error
    except damage as error:
        raise UnreadableFile(f"{path.name}: the file is damaged or is not what its ending says") from error


def _read_csv(path: Path) -> Iterator[Numbered]:
    with (
        _reading(path, UnicodeError, OSError),
        path.open(encoding=encoding.detect(path), newline="") as stream,
    ):
        first = stream.readline()
        stream.seek(0)
        rows = csv.reader(stream, delimiter=max(",;\t", key=first.count), strict=True)
        number = 0
        try:
            for number, row in enumerate(rows, 1):
                yield number, list(row)
        except csv.Error as error:
            raise UnreadableFile(
                f"{path.name}: row {number + 1} is not proper CSV: a quotation mark may be open"
            ) from error


def _read_excel(path: Path) -> Iterator[Numbered]:
    with _reading(path, CalamineError, OSError):
        yield from enumerate(map(list, _first_sheet(path).iter_rows()), 1)


def _first_sheet(path: Path) -> CalamineSheet:
    """Return the first sheet that the clerk sees."""
    try:
        book = CalamineWorkbook.from_path(path)
    except PasswordError as error:
        raise UnreadableFile(f"{path.name}: locked with a password: save a copy without one") from error
    for sheet in book.sheets_metadata:
        if sheet.visible is SheetVisibleEnum.Visible:
            return book.get_sheet_by_name(sheet.name)
    raise EmptyFile(f"{path.name}: no visible sheet")


@contextmanager
def _parquet(path: Path) -> Iterator[Any]:
    """Open a Parquet file."""
    # Imported here: it is large, optional, and most members have no Parquet.
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UnknownFormat(f"{path.name}: Parquet needs pyarrow: install it, or use CSV") from error
    damage = (pyarrow.ArrowException, OSError, ValueError, OverflowError)
    with _reading(path, *damage), pyarrow.parquet.ParquetFile(path) as file:
        yield file


def _read_parquet(path: Path) -> Iterator[Numbered]:
    with _parquet(path) as file:
        yield 1, list(file.schema_arrow.names)
        number = 1
        for batch in file.iter_batches(batch_size=_BATCH):
            columns = [_in_microseconds(column).to_pylist() for column in batch.columns]
            for row in zip(*columns, strict=True):
                number += 1
                yield number, list(row)


def _in_microseconds(column: Any) -> Any:
    # Python's datetime has no nanoseconds, and pyarrow refuses to drop them unasked.
    import pyarrow

    if not pyarrow.types.is_timestamp(column.type):
        return column
    return column.cast(pyarrow.timestamp("us", column.type.tz), safe=False)


def _count_csv(path: Path) -> int:
    # In UTF-8 and in GB18030 the byte 0x0A always ends a line.
    lines, last = 0, b"\n"
    with _reading(path, OSError), path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            lines, last = lines + chunk.count(b"\n"), chunk[-1:]
    return lines + (last != b"\n")


def _count_excel(path: Path) -> int:
    with _reading(path, CalamineError, OSError):
        last = _first_sheet(path).end
    return last[0] + 1 if last else 0


def _count_parquet(path: Path) -> int:
    with _parquet(path) as file:
        return 1 + int(file.metadata.num_rows)


_READERS: dict[str, Callable[[Path], Iterator[Numbered]]] = {
    ".csv": _read_csv,
    ".xlsx": _read_excel,
    ".parquet": _read_parquet,
}
_COUNTERS: dict[str, Callable[[Path], int]] = {
    ".csv": _count_csv,
    ".xlsx": _count_excel,
    ".parquet": _count_parquet,
}
