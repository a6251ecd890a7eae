"""The rows that were not taken, beside the file they came from, for a clerk to correct in a spreadsheet.

The corrected file can be submitted as it is: the three columns in front are not read.
"""

from __future__ import annotations

import csv
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from member.files.atomic import replacing
from member.files.cells import guarded, shown
from member.files.errors import CannotWrite
from member.files.rows import Raw, Rejected


def rejected_path(source: Path) -> Path:
    """Return where the rejected rows of `source` go: `loans.xlsx` -> `loans.rejected.csv`."""
    return source.with_name(f"{source.stem}.rejected.csv")


class Rejects:
    """Collects rejected rows into `path`: `with Rejects(path) as rejects: rejects.add(row)`.

    The file appears when the block ends well, and only if there was a row; else an earlier one is removed, so
    that it always speaks of the last run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def add(self, rejected: Rejected) -> None:
        """Write one row: its number, the field, the reason, then the cells as the file had them."""
        if not self.count:
            self._begin(rejected.raw)
        front = [rejected.number, rejected.field, rejected.reason]
        self._csv.writerow([*front, *(guarded(shown(cell)) for cell in rejected.raw.values())])
        self.count += 1

    def _begin(self, raw: Raw) -> None:
        beside = self._stack.enter_context(replacing(self.path))
        # The mark at the head (BOM) tells Excel that this is UTF-8.
        stream = self._stack.enter_context(beside.open("w", encoding="utf-8-sig", newline=""))
        self._csv = csv.writer(stream)
        self._csv.writerow(["row", "field", "reason", *map(guarded, raw)])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        if kind is None and not self.count:
            self._remove()

    def _remove(self) -> None:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise CannotWrite(
                f"{self.path.name}: cannot be removed ({error.strerror}): delete it yourself"
            ) from error
