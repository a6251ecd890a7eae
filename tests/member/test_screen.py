"""Bars where somebody watches, calm lines elsewhere, and nobody's words are taken for markup."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from member.cli.screen import Screen


def watched() -> tuple[Screen, StringIO]:
    """A screen whose standard error is a terminal."""
    screen, shown = Screen(), StringIO()
    screen.err = Console(file=shown, force_terminal=True, width=100)
    return screen, shown


def test_steps_stand_inside_each_other_on_a_terminal() -> None:
    screen, shown = watched()

    with screen.step("Rows", 10) as outer:
        with screen.step("Sealing", 4) as inner:
            inner(4)
        outer(10)

    assert "Rows" in shown.getvalue()
    assert "Sealing" in shown.getvalue()
    assert "4/4" in shown.getvalue()


def test_after_a_failure_the_next_step_has_bars_again() -> None:
    screen, shown = watched()

    with pytest.raises(ValueError, match="stop"), screen.step("Rows", 10):
        raise ValueError("stop")
    with screen.step("Asking", 5) as advance:
        advance(5)

    assert "Asking" in shown.getvalue()


def test_elsewhere_a_step_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Screen().step("Sealing", 12_000) as advance:
        advance(12_000)

    assert capsys.readouterr().err == "Sealing: 12,000\n"


def test_words_are_no_markup_and_lines_are_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    text = "[red]name[/red] " + "x" * 300

    screen = Screen()
    screen.tell(text)
    screen.warn(text)
    screen.fail(text)
    screen.table("[b]title[/b]", ["[i]a[/i]"], [["[red]cell[/red]"]])

    said = capsys.readouterr()
    assert said.out.startswith(text + "\n")
    assert "[b]title[/b]" in said.out
    assert "[red]cell[/red]" in said.out
    assert said.err == f"Note: {text}\n{text}\n"
