"""`receipts`: the hub's log entries about this member, and whether its log holds them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from member import seeking
from member.checks import log as judging
from member.checks.log import Judged, Outcome
from member.cli.desk import desk_of
from member.cli.trust import show_checks
from member.files.tables import require_ending, write_document

_SHOWN = 40
"""Rows on the screen, the newest; a file takes them all."""


def receipts(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option(help="Write all of it as evidence: a .json file with receipts and signed notes."),
    ] = None,
) -> int:
    """List what the hub has logged about you and given you a receipt for, and look for it in its log.

    An entry must stand in the log a minute after it was made. Ends with 1 when one is missing: then the hub
    gave a receipt for what it did not enter. Ends with 3 when the hub did not answer.
    """
    desk = desk_of(context)
    if out is not None:
        require_ending(out, ".json")
    with desk.member() as member:
        looked = seeking.look_for_receipts(member)
    if out is not None:
        write_document(out, looked.evidence())
    rows = [_row(each) for each in _most_urgent(looked.receipts)]
    if rows:
        header = ("entry", "made at", "number", "found in the log of", "")
        desk.screen.table("Receipts of the hub's log", header, rows[:_SHOWN])
    if len(rows) > _SHOWN:
        rest = f"{len(rows) - _SHOWN:,} more receipts"
        desk.screen.tell(f"{rest} are in {out}." if out else f"{rest}: write them all with --out FILE.json.")
    if not rows:
        desk.screen.tell("The hub has given no receipt yet.")
    show_checks(desk.screen, "How it was checked", [*looked.followed.checks, *looked.checks])
    return looked.exit_code


_ORDER = (
    Outcome.MISSING,
    Outcome.LATER,
    Outcome.UNKNOWN,
    Outcome.WAITS,
    Outcome.FOUND,
    Outcome.ENDED,
)


def _most_urgent(judged: list[Judged]) -> list[Judged]:
    """Return what is missing first, and what is found last; of each the newest first."""
    newest_first = judged[::-1]
    return sorted(newest_first, key=lambda each: _ORDER.index(each.outcome))


def _row(each: Judged) -> tuple[str, ...]:
    kept = each.kept
    found = each.outcome is Outcome.FOUND
    return (
        judging.kind(kept),
        judging.time(judging.said_at(kept)),
        f"{kept.number:,}" if found else "",
        f"size {kept.size:,}" if found else "",
        each.outcome.value,
    )
