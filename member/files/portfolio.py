"""A member's portfolio, row by row: every row of the file comes out once, taken or rejected, in its order.

The file is streamed: only the contract numbers seen so far are kept, to find one that comes twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar

from member.files.cells import Cell, is_blank
from member.files.columns import SUBMIT_FIELDS, Field, resolve
from member.files.readers import Table, count_rows, open_table
from member.files.rows import Raw, Rejected, Row, Subject, contract_of, require_overdue, row_of, subject_of
from privacy.errors import InvalidInputError

__all__ = ["count_rows", "read_portfolio", "read_subjects"]

Taken = TypeVar("Taken", Row, Subject)


def read_portfolio(
    path: Path, *, as_of: date, mapping: Mapping[str, str] | None = None, synthetic: bool
) -> Iterator[Row | Rejected]:
    """Yield the rows of a portfolio as they stood on `as_of`; when `synthetic`, only made-up people pass.

    Raises FileError: at once for a file without the columns of a submission, later for a damaged one.
    """
    table = open_table(path)
    columns = resolve(table.header, mapping, required=SUBMIT_FIELDS)

    def take(number: int, raw: Raw) -> Row:
        return row_of(number, raw, columns, contract_of(raw, columns), as_of=as_of, synthetic=synthetic)

    return _each(table, take)


def read_subjects(
    path: Path, *, mapping: Mapping[str, str] | None = None, synthetic: bool, overdue_only: bool = False
) -> Iterator[Subject | Rejected]:
    """Yield the debtors of a file to be asked about; only the column of their number is needed.

    With `overdue_only` a row must show what is overdue, and the others are rejected. Raises FileError as
    `read_portfolio` does.
    """
    table = open_table(path)
    columns = resolve(table.header, mapping, required=())

    def take(number: int, raw: Raw) -> Subject:
        if overdue_only:
            require_overdue(raw, columns)
        return subject_of(number, raw, columns, synthetic=synthetic)

    return _each(table, take)


def _each(table: Table, take: Callable[[int, Raw], Taken]) -> Iterator[Taken | Rejected]:
    seen: dict[str, int] = {}
    for number, cells in table.rows:
        raw = dict(itertools.zip_longest(table.header, cells[: len(table.header)]))
        try:
            _require_width(table.header, cells)
            taken = take(number, raw)
            _require_first(taken, seen)
        except InvalidInputError as error:
            yield Rejected(number, str(error.field), str(error), raw)
        else:
            yield taken


def _require_first(taken: Row | Subject, seen: dict[str, int]) -> None:
    """Refuse a contract that an earlier row has taken; a rejected row takes no contract's place."""
    if taken.contract and seen.setdefault(taken.contract, taken.number) != taken.number:
        raise InvalidInputError(
            f"the same contract as row {seen[taken.contract]}", field=Field.CONTRACT.value
        )


def _require_width(header: list[str], cells: list[Cell]) -> None:
    # A shorter row only leaves out blanks at its end, a longer one has moved: 1,234.56 unquoted.
    if not all(map(is_blank, cells[len(header) :])):
        raise InvalidInputError(
            f"{len(cells)} cells under {len(header)} column names: a comma may stand without quotation marks"
        )
