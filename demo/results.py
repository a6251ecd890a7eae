"""What the demo leaves behind: summary.json, answers/, and a table for the newcomer."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from demo.alliance import Member
from demo.matters import Brought
from member.files import rejected_path

Summary = dict[str, dict[str, Any]]

WIDTH = 92
"""Columns that the table needs, also where no terminal says how wide it is."""

STATUSES = ("open", "withheld", "none")


def answers_path(out: Path, member: str) -> Path:
    """Return where a member's answers go."""
    return out / "answers" / f"{member}.jsonl"


def clear(out: Path) -> None:
    """Remove what an earlier demo wrote under `out`, and nothing else."""
    summary = out / "summary.json"
    try:
        earlier = json.loads(summary.read_text(encoding="utf-8"))["members"]
    except (OSError, ValueError, KeyError):
        earlier = {}
    for member in earlier:
        answers_path(out, member).unlink(missing_ok=True)
    summary.unlink(missing_ok=True)
    (out / "answers").mkdir(parents=True, exist_ok=True)


def summarise(out: Path, members: Sequence[Member], left_out: dict[str, str]) -> Summary:
    """Count rows and answers of every member, write `summary.json` and return it."""
    summary = {member.name: _count(out, member) for member in members}
    summary |= {name: _nothing(reason) for name, reason in left_out.items()}
    text = json.dumps({"members": summary}, ensure_ascii=False, indent=1)
    (out / "summary.json").write_text(text + "\n", encoding="utf-8")
    return summary


def show(summary: Summary, out: Path, brought: Brought | None, *, seconds: float) -> None:
    """Print the table and how to read it."""
    table = Table(title="What each member learned about its own borrowers", box=box.SIMPLE_HEAD)
    table.add_column("member")
    for column in ("contracts", "rejected", "borrowers", "debt shown", "withheld", "nobody else"):
        table.add_column(column, justify="right")
    for name, row in summary.items():
        keys = ("good_rows", "bad_rows", "subjects", *STATUSES)
        table.add_row(name, *(str(row[key]) for key in keys))
    console = Console(highlight=False, width=max(WIDTH, Console().width))
    console.print(table)
    for line in (
        "contracts:   rows taken; rejected: rows with a mistake, listed with the reason beside the file",
        "debt shown:  two or more other members hold the borrower; their total is shown, never who has what",
        "withheld:    exactly one other holds the borrower, so a total would be that member's own figure",
        "nobody else: no other member holds the borrower",
        "",
        f"answers   {out / 'answers'}    summary   {out / 'summary.json'}",
        *_for_the_court(brought),
        f"{seconds:.0f} s in all, with made-up data. Three custodians on one machine separate nothing.",
        "Next: make serve, and open the console that it names; its codes: make code",
    ):
        console.print(line, soft_wrap=True)


def _for_the_court(brought: Brought | None) -> list[str]:
    if brought is None:
        return ["no contract is overdue: no matter was opened, and there is no bundle"]
    return [
        f"bundle    {brought.bundle}    trust     {brought.trust}",
        f"          {brought.verdict}",
        f"          .venv/bin/alliance-verify {brought.bundle} --trust {brought.trust}",
    ]


def _count(out: Path, member: Member) -> dict[str, Any]:
    statuses = _statuses(answers_path(out, member.name))
    bad = _rejected(member.portfolio)
    counts = {status: sum(each == status for each in statuses.values()) for status in STATUSES}
    return {"good_rows": member.contracts - bad, "bad_rows": bad, "subjects": len(statuses), **counts}


def _nothing(reason: str) -> dict[str, Any]:
    return {"good_rows": 0, "bad_rows": 0, "subjects": 0, **dict.fromkeys(STATUSES, 0), "error": reason}


def _statuses(path: Path) -> dict[str, str]:
    """Return the exposure's status by subject."""
    with path.open(encoding="utf-8") as file:
        answers = map(json.loads, file)
        return {answer["subject"]: answer["exposure"]["status"] for answer in answers}


def _rejected(portfolio: Path) -> int:
    path = rejected_path(portfolio)
    if not path.exists():
        return 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1
