"""`accusations`: what this member found that shows somebody lied, and how others come to check it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from member import accusing
from member.accusing import fault_of
from member.cli.desk import desk_of
from member.vault.accusations import Kept
from privacy.accusations import Accusation, FalseEvaluation, FalsePartial, UnsoundTotal
from privacy.periods import SHANGHAI

accusations = typer.Typer(
    help="Show what was found of lies by custodians or contributors, and hand it on.", no_args_is_help=True
)

Number = Annotated[int, typer.Argument(help="Its number in `accusations list`.")]


@accusations.command("list", epilog="Example: alliance-member accusations list")
def list_(context: typer.Context) -> int:
    """List what was found: what kind of lie, and when."""
    desk = desk_of(context)
    with desk.member() as member:
        found = accusing.list_accusations(member)
    if not found:
        desk.screen.tell("Nothing was found that shows a lie.")
        return 0
    rows = [(str(each.number), _when(each), _kind(each.accusation)) for each in found]
    desk.screen.table("Accusations", ("number", "found", "shows"), rows)
    desk.screen.tell("Next: alliance-member accusations show NUMBER")
    return 0


@accusations.command(epilog="Example: alliance-member accusations show 1")
def show(context: typer.Context, number: Number) -> int:
    """Check an accusation anew, and say who is at fault and what to do."""
    desk = desk_of(context)
    with desk.member() as member:
        kept = accusing.get_accusation(member, number)
        fault = fault_of(member, kept.accusation)
    desk.screen.tell(f"Found on {_when(kept)}: {fault}.")
    desk.screen.tell(_what_to_do(kept.accusation))
    desk.screen.tell(f"Next: alliance-member accusations export {number} --out accusation-{number}.json")
    return 0


@accusations.command(epilog="Example: alliance-member accusations export 1 --out accusation-1.json")
def export(
    context: typer.Context,
    number: Number,
    out: Annotated[Path, typer.Option(help="Where it goes, a .json file.")],
) -> int:
    """Write an accusation to a file that anybody who has the key set can check."""
    desk = desk_of(context)
    with desk.member() as member:
        kept = accusing.export_accusation(member, number, out)
    desk.screen.tell(f"The accusation is in {out}. {_who_may_see(kept.accusation)}")
    desk.screen.tell("Whoever gets it checks it with: alliance-custodian check-accusation FILE")
    return 0


def _when(kept: Kept) -> str:
    return f"{kept.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _kind(accusation: Accusation) -> str:
    match accusation:
        case FalseEvaluation():
            return f"a false evaluation by custodian {accusation.answer.custodian}"
        case FalsePartial():
            return f"a false opening by custodian {accusation.opening.opening.custodian}"
        case UnsoundTotal():
            return "a total that makes no sense, by one of its contributors"


def _what_to_do(accusation: Accusation) -> str:
    if isinstance(accusation, UnsoundTotal):
        return (
            "Give it to the association's auditor, who asks each contributor to open what it sealed "
            "(alliance-member open-contribution); who cannot is suspended. Your other totals are right."
        )
    return (
        "Answers that you got are right: another custodian was asked. Give it to the association's auditor, "
        "who checks it by the key set alone and need believe neither you nor the hub. A custodian that lies "
        "is replaced."
    )


def _who_may_see(accusation: Accusation) -> str:
    match accusation:
        case FalseEvaluation():
            return "It shows no debtor, the identifiers in it are blinded: anybody may see it."
        case FalsePartial():
            return (
                "It shows pseudonyms that you asked about. By itself it opens no total, but another "
                "custodian could with its own share: give it to nobody who holds one."
            )
        case UnsoundTotal():
            return "It shows one pseudonym, and whoever has it can open that total: for the auditor only."
