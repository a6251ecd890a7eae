"""`submit`, `match`, `settle` and `withdraw`: a member's daily work."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from member import answers, ending, submission
from member.cli.desk import desk_of
from member.cli.screen import Screen
from member.errors import Refused
from member.files import load_mapping
from member.findings import UNSOUND
from privacy.vocabulary import Purpose, RefusedPurpose

Portfolio = Annotated[
    Path, typer.Argument(metavar="FILE", help="A .csv (UTF-8 or GB18030), .xlsx or .parquet file.")
]
Mapping = Annotated[
    Path | None, typer.Option(help='Names the columns of the file, JSON or TOML: {"contract": "Loan No"}.')
]
Contract = Annotated[str, typer.Argument(help="The contract number, as the submitted file has it.")]


def submit(
    context: typer.Context,
    file: Portfolio,
    as_of: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The day whose figures the file holds."),
    ],
    mapping: Mapping = None,
) -> int:
    """Submit the contracts of a file; what is known already is not sent again.

    Rejected rows are written beside the file, each with its reason, and never stop the others. Interrupted,
    run the same command again: it goes on, and nothing is paid or sent twice.
    """
    desk = desk_of(context)
    columns = load_mapping(mapping) if mapping else None
    with desk.member() as member:
        result = submission.submit(member, file, as_of=as_of.date(), mapping=columns)
    rows = [
        ("rows in the file", f"{result.rows:,}"),
        ("taken by the hub", f"{result.accepted:,}"),
        ("known with the same content", f"{result.unchanged:,}"),
        ("rejected", f"{result.rejected:,}"),
    ]
    if result.resumed:
        rows.append(("taken from an interrupted run", f"{result.resumed:,}"))
    desk.screen.table(f"Submitted {file.name} as of {as_of:%Y-%m-%d}", ("rows", "number"), rows)
    _tell_rejects(desk.screen, result.rejects)
    return result.exit_code


def match(
    context: typer.Context,
    file: Portfolio,
    out: Annotated[Path, typer.Option(help="Where the answers go: .jsonl, .csv or .xlsx.")],
    purpose: Annotated[str, typer.Option(help=f"Why you ask. One of: {', '.join(Purpose)}.")],
    case: Annotated[str, typer.Option(help="Your own reference for this question; it is logged.")] = "",
    agreement: Annotated[
        str | None, typer.Option(help="Under which agreement. Default: the one that allows it.")
    ] = None,
    mapping: Mapping = None,
    unsubmitted: Annotated[
        bool,
        typer.Option("--unsubmitted", help="Ask also about debtors of whom no live contract was submitted."),
    ] = False,
) -> int:
    """Ask what other members hold of your own debtors, and whether they can reach them.

    Answers are joined with the rows of the file. Interrupted, run the same command again: answers that
    came are kept, and no opening is paid twice.
    """
    desk = desk_of(context)
    why = _purpose(purpose)
    columns = load_mapping(mapping) if mapping else None
    with desk.member() as member:
        result = answers.match(
            member,
            file,
            out,
            purpose=why,
            case=case,
            agreement=agreement,
            mapping=columns,
            unsubmitted=unsubmitted,
        )
    rows = [("debtors asked about", f"{result.subjects:,}")]
    rows += [(f"  {status}", f"{result.statuses[status]:,}") for status in ("open", "none", "withheld")]
    rows += [(f"    because {reason}", f"{count:,}") for reason, count in sorted(result.reasons.items())]
    rows.append(("rows rejected", f"{result.rejected:,}"))
    desk.screen.table(
        f"Answers in {out.name}, period {', '.join(result.periods) or '-'}", ("exposure", "number"), rows
    )
    _tell_rejects(desk.screen, result.rejects)
    for fault in result.faults:
        desk.screen.tell(f"A lie was found: {fault}.")
    if result.faults:
        desk.screen.tell("The answers above hold without it. Next: alliance-member accusations list")
    if result.reasons[UNSOUND]:
        desk.screen.warn(
            "totals that make no sense were left out: tell the secretariat, a contribution is false"
        )
    return result.exit_code


def settle(context: typer.Context, contract: Contract) -> int:
    """Say that a contract of this member is paid: it leaves the totals at once.

    Until the next period its debtor's total stays closed to all: nobody learns it by subtraction.
    """
    desk = desk_of(context)
    with desk.member() as member:
        fresh = ending.settle(member, contract)
    desk.screen.tell("Settled." if fresh else "This contract was settled before.")
    return 0


def withdraw(context: typer.Context, contract: Contract) -> int:
    """Take back a contract that should not have been submitted, or whose consent has ended."""
    desk = desk_of(context)
    with desk.member() as member:
        fresh = ending.withdraw(member, contract)
    desk.screen.tell("Withdrawn." if fresh else "This contract was withdrawn before.")
    return 0


def _purpose(text: str) -> Purpose:
    if text in set(RefusedPurpose):
        raise Refused(f"no agreement of this alliance can allow the purpose {text}", rule="purpose")
    if text not in set(Purpose):
        raise typer.BadParameter(f"use one of {', '.join(Purpose)}", param_hint="--purpose")
    return Purpose(text)


def _tell_rejects(screen: Screen, rejects: Path | None) -> None:
    if rejects is not None:
        screen.tell(
            f"The rejected rows stand in {rejects}, each with its reason: correct them and submit that file."
        )
