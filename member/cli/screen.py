"""What a person sees: bars on a terminal, calm lines elsewhere, tables, and the reason of a refusal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from member.report import Advance, Report

_WIDE = 160
"""Columns where there is no terminal to ask: a log is searched, and a broken line is not found."""


class Screen(Report):
    """Results to standard output; what accompanies them to standard error."""

    def __init__(self) -> None:
        self.out = _console(stderr=False)
        self.err = _console(stderr=True)
        self._bars: Progress | None = None

    def tell(self, text: str) -> None:
        """Say what was done."""
        self.out.print(Text(text), soft_wrap=True)

    def warn(self, text: str) -> None:
        """Say what a person must look at."""
        self.err.print(Text(f"Note: {text}", style="yellow"), soft_wrap=True)

    def fail(self, text: str) -> None:
        """Say why the command ends here."""
        self.err.print(Text(text, style="bold red"), soft_wrap=True)

    def banner(self, text: str) -> None:
        """Say something that nobody may overlook."""
        self.out.print(Text(f" {text} ", style="bold reverse"), soft_wrap=True)

    def table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show a small table; cells are plain text."""
        table = Table()
        for name in header:
            table.add_column(name)
        for row in rows:
            table.add_row(*map(Text, row))
        # Not as the table's own title, which would be broken to the table's width.
        self.out.print(Text(title, style="bold"), soft_wrap=True)
        self.out.print(table)

    @contextmanager
    def step(self, title: str, total: int) -> Iterator[Advance]:
        """Accompany a step by a bar, or where nobody watches by a line at its end."""
        if not self.err.is_terminal:
            yield lambda done: None
            self.err.print(Text(f"{title}: {total:,}"), soft_wrap=True)
            return
        with self._shown() as bars:
            task = bars.add_task(title, total=total)
            yield lambda done: bars.update(task, advance=done)

    @contextmanager
    def _shown(self) -> Iterator[Progress]:
        """Give the bars on the screen: steps stand inside each other, but only one display can be live."""
        if self._bars is not None:
            yield self._bars
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self.err, transient=True) as self._bars:
            try:
                yield self._bars
            finally:
                self._bars = None


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console
