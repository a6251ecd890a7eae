"""What `make attacks` prints: one row for each attack, from pytest's reports of its two playings."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

import pytest
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.attacks.attack import RECORD

_WIDTH = 180
"""Of a table that goes into a file."""


@dataclass(slots=True)
class Row:
    """An attack with how its playings ended: by whether the defence stood, whether all was as declared."""

    note: dict[str, Any]
    chapter: str
    ended: dict[bool, bool] = field(default_factory=dict)

    def cells(self) -> tuple[str, ...]:
        """Return the row's cells."""
        plain = (escape(self.note[each]) for each in ("name", "by", "defence"))
        return (*plain, self._without(), self._with())

    def _without(self) -> str:
        text = f"[red]succeeds[/]: {escape(self.note['goal'])}"
        return _cell(self.ended.get(False), text, "did NOT succeed: the story proves nothing")

    def _with(self) -> str:
        text = f"[green]fails[/]: {escape(self.note['stopped'])}"
        return _cell(self.ended.get(True), text, "NOT STOPPED, or not as declared")


def _cell(held: bool | None, text: str, failure: str) -> str:
    if held is None:
        return "[yellow]not played[/]"
    return text if held else f"[bold red]{failure}[/]"


class Reports:
    """A pytest plugin that gathers the stories' notes."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the note of a playing, and whether it went as declared; teardown may still find fault."""
        for name, note in report.user_properties:
            if name == RECORD and isinstance(note, dict):
                row = self.rows.setdefault(note["name"], Row(note, report.nodeid.partition("::")[0]))
                row.ended[note["defended"]] = row.ended.get(note["defended"], True) and report.passed

    def table(self) -> Table:
        """Return all rows, a line between two chapters."""
        table = Table(title="Each attack, without its defence and with it", title_justify="left")
        for heading in ("attack", "who attacks", "defence", "without it", "with it"):
            table.add_column(heading, overflow="fold")
        rows = list(self.rows.values())
        for number, row in enumerate(rows, 1):
            last = row.chapter not in (each.chapter for each in rows[number : number + 1])
            table.add_row(*row.cells(), end_section=last)
        return table


def show(reports: Reports) -> None:
    """Print the table, and one sentence."""
    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
    console.print(reports.table())
    rows = reports.rows.values()
    good = sum(row.ended == {False: True, True: True} for row in rows)
    console.print(f"{good} of {len(rows)} attacks succeed without their defence and fail with it.")
