"""`check`, `contributions` and `deletions`: what a member need not take on anybody's word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from member import checking
from member import contributions as contributed
from member import deletions as erasure
from member.checks import Check, Verdict, who
from member.cli.desk import desk_of
from member.cli.screen import Screen
from member.cli.work import Mapping as MappingFile
from member.contributions import Contributed
from member.files import load_mapping
from member.files.tables import require_ending, write_document, write_table

_SHOWN = 40
"""Rows on the screen; a file takes them all."""

_STYLES = {Verdict.FINE: "green", Verdict.NOTE: "yellow", Verdict.ALARM: "bold red"}

Custodians = Annotated[
    list[str] | None,
    typer.Option(
        "--custodian",
        metavar="INDEX=URL",
        help="Where a custodian serves, by its own word: 2=https://keys.example. Default: as the hub says.",
    ),
]
Portfolio = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="A file with your contract numbers: without one, references are shown."
    ),
]


def check(
    context: typer.Context,
    hand_in: Annotated[
        bool, typer.Option("--hand-in", help="Hand what the hub withholds to every custodian.")
    ] = False,
    custodian: Custodians = None,
    out: Annotated[
        Path | None, typer.Option(help="Write what everybody said and signed: a .json file, as evidence.")
    ] = None,
) -> int:
    """Check the hub and the custodians against each other and against this vault.

    Ends with 1 while an alarm stands: then somebody says what cannot be true. Ends with 3 when too few
    custodians answered.
    """
    desk = desk_of(context)
    addresses = _addresses(custodian)
    if out is not None:
        require_ending(out, ".json")
    with desk.member() as member:
        result = checking.check(member, addresses=addresses, hand_in=hand_in)
    if out is not None:
        write_document(out, result.evidence)
    show_checks(desk.screen, "What was checked", result.checks)
    return result.exit_code


def contributions(
    context: typer.Context,
    period: Annotated[str | None, typer.Option(help="Only this one, such as 2026-11.")] = None,
    portfolio: Portfolio = None,
    mapping: MappingFile = None,
    custodian: Custodians = None,
    out: Annotated[
        Path | None, typer.Option(help="All of it: .csv for the counts, .json with what proves them.")
    ] = None,
) -> int:
    """Show which of your contracts stood in totals that custodians opened, and how often.

    Custodians count each for itself, several take part in every opening: the numbers do not add up. They
    never say who asked. While a period runs its numbers are provisional.
    """
    desk = desk_of(context)
    addresses, columns = _addresses(custodian), load_mapping(mapping) if mapping else None
    if out is not None:
        require_ending(out, ".csv", ".json")
    with desk.member() as member:
        names = contributed.name_contracts(member, portfolio, mapping=columns) if portfolio else {}
        result = contributed.list_contributions(member, period=period, addresses=addresses)
    header, rows = _contribution_table(result, names)
    if out is not None and out.suffix.lower() == ".json":
        write_document(out, result.evidence)
    elif out is not None:
        write_table(out, header, rows)
    _show_some(desk.screen, "Your contracts in opened totals (who asked is never told)", header, rows, out)
    show_checks(desk.screen, "How it was checked", result.checks)
    return result.exit_code


def deletions(
    context: typer.Context,
    custodian: Custodians = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the signed certificates: a .json file, to be kept.")
    ] = None,
) -> int:
    """Show the custodians' certificates that records of yours which ended are erased.

    One stands when as many custodians as are needed for an opening say the same. It proves who said so: that
    something is gone, nobody can prove.
    """
    desk = desk_of(context)
    addresses = _addresses(custodian)
    if out is not None:
        require_ending(out, ".json")
    with desk.member() as member:
        result = erasure.list_deletions(member, addresses=addresses)
    if out is not None:
        write_document(out, result.certificates)
    rows = [
        (each.period, f"{each.size:,}", who(each.custodians), "yes" if each.stands else "not yet")
        for each in result.erased
    ]
    _show_some(
        desk.screen, "Erased records", ("at the cut of", "records", "certified by", "stands"), rows, out
    )
    show_checks(desk.screen, "How it was checked", result.checks)
    return result.exit_code


def _contribution_table(
    result: Contributed, names: Mapping[str, str]
) -> tuple[Sequence[str], list[tuple[str, ...]]]:
    entries = result.contributions
    indices = sorted({index for each in entries for index in each.openings})
    header = ("contract", "reference", "period", *(f"custodian {index}" for index in indices))
    rows = []
    for each in entries:
        counts = (
            f"{each.openings[index]}{' so far' if index in each.provisional else ''}"
            if index in each.openings
            else ""
            for index in indices
        )
        rows.append((names.get(each.contract_ref, ""), each.contract_ref, each.period, *counts))
    return header, rows


def _show_some(
    screen: Screen, title: str, header: Sequence[str], rows: Sequence[Sequence[str]], out: Path | None
) -> None:
    if rows:
        screen.table(title, header, rows[:_SHOWN])
    if len(rows) > _SHOWN:
        rest = f"{len(rows) - _SHOWN:,} more rows"
        screen.tell(f"{rest} are in {out}." if out else f"{rest}: write them all with --out FILE.")


def show_checks(screen: Screen, title: str, checks: Iterable[Check]) -> None:
    """Show one line for each check, not broken; and say once more, aloud, what is an alarm."""
    found = list(checks)
    width = max((len(each.what) for each in found), default=0)
    screen.out.print(Text(title, style="bold"), soft_wrap=True)
    for each in found:
        verdict = Text(f"{each.verdict:<6}", style=_STYLES[each.verdict])
        screen.out.print(verdict, Text(f"{each.what:<{width}}  {each.says}"), soft_wrap=True)
    for each in found:
        if each.verdict is Verdict.ALARM:
            screen.fail(f"ALARM, {each.what}: {each.says}")


def _addresses(custodian: list[str] | None) -> dict[int, str]:
    addresses: dict[int, str] = {}
    for text in custodian or []:
        index, separator, address = text.partition("=")
        if not separator or not index.isdecimal() or int(index) in addresses:
            raise typer.BadParameter("each custodian once, as INDEX=URL: 2=https://keys.example")
        addresses[int(index)] = address
    return addresses
