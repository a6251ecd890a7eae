"""`open-contribution`: one contract's figures to an auditor, shown first to whoever hands them out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from member import auditing
from member.auditing import Disclosure
from member.cli.desk import desk_of
from member.cli.screen import Screen
from member.cli.work import Mapping
from member.files import load_mapping
from member.files.tables import require_ending, write_document

_AMOUNTS = frozenset({"outstanding", "overdue"})


def open_contribution(
    context: typer.Context,
    portfolio: Annotated[
        Path, typer.Option(metavar="FILE", help="The file from which the contract was submitted.")
    ],
    out: Annotated[Path, typer.Option(help="Where the signed opening goes, a .json file.")],
    contract: Annotated[str | None, typer.Option(help="The contract number, as the file has it.")] = None,
    ref: Annotated[str | None, typer.Option(help="Or its reference, as the auditor has it.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="DATE", help="Which day's figures. Default: the newest submitted."
        ),
    ] = None,
    epoch: Annotated[int | None, typer.Option(help="An earlier key epoch. Default: the present one.")] = None,
    private_digest: Annotated[
        str | None, typer.Option(help="Of a record with a flag: its private_digest, as the auditor has it.")
    ] = None,
    mapping: Mapping = None,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without being asked again.")] = False,
) -> int:
    """Show an auditor what one of your records sealed, when a total makes no sense.

    The vault keeps no amounts: they come from the file of that day. What will be told is shown first. The
    auditor checks it with `alliance-custodian check-contribution`.
    """
    desk = desk_of(context)
    require_ending(out, ".json")
    columns = load_mapping(mapping) if mapping else None
    with desk.member() as member:
        disclosure = auditing.prepare_opening(
            member,
            portfolio,
            ref=auditing.ref_of(member, contract=contract, ref=ref),
            as_of=as_of.date() if as_of else None,
            epoch=epoch,
            mapping=columns,
            private_digest=private_digest,
        )
        _show(desk.screen, disclosure)
        if not desk.confirm("Sign this opening in the member's name?", yes=yes):
            desk.screen.tell("Nothing was signed.")
            return 0
        write_document(out, auditing.sign_opening(member, disclosure))
    desk.screen.tell(f"The opening is in {out}. Give it to the auditor and to nobody else.")
    return 0


def _show(screen: Screen, disclosure: Disclosure) -> None:
    figures = disclosure.exposure.as_dict()
    rows = [
        (name, f"{value // 100:,}.{value % 100:02d} yuan" if name in _AMOUNTS else str(value))
        for name, value in figures.items()
    ]
    title = f"Contract {disclosure.contract} as of {disclosure.as_of}: what will be told"
    screen.table(title, ("figure", "says"), rows)
    screen.tell(
        "Whoever gets the file reads these figures, and sees that you sealed them in this record. The "
        "debtor's name and number are not in it; the pseudonym is, by which the alliance knows the debtor."
    )
