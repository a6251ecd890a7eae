"""`status` and `vault`: is all well, and would it survive a fire."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from member import overview, setup, wire
from member.cli.desk import desk_of
from member.cli.screen import Screen
from member.overview import Status
from member.vault import Vault, backup

vault = typer.Typer(help="Back up the vault, and restore it.", no_args_is_help=True)


def status(context: typer.Context) -> int:
    """Show how the hub and every custodian see this member, and what differs.

    Ends with 1 when they differ: then somebody shows different things to different people.
    """
    desk = desk_of(context)
    with desk.member() as member:
        seen = overview.status(member)
    _show(desk.screen, seen)
    for difference in seen.differences:
        desk.screen.fail(f"DIFFERENT: {difference}. Tell the secretariat and the custodians.")
    return seen.exit_code


def _show(screen: Screen, seen: Status) -> None:
    hub = seen.hub
    columns = [("the hub", _hub_column(hub))]
    columns += [
        (f"custodian {index}", _custodian_column(account)) for index, account in seen.custodians.items()
    ]
    names = (
        "state",
        "feed position",
        "next statement",
        "live records",
        "at the cut",
        "evaluations",
        "openings",
    )
    rows = [(name, *(column[row] for _, column in columns)) for row, name in enumerate(names)]
    screen.table(f"{hub.member}, as others see it", ("", *(title for title, _ in columns)), rows)
    for index, reason in seen.silent.items():
        screen.warn(f"custodian {index} gave no account. {reason}")
    for offer in seen.agreements:
        screen.tell(f"Agreement {offer.terms.agreement} version {offer.terms.version}: {offer.state}")
    screen.tell(f"Contracts that this vault knows as live: {seen.live_in_vault:,}")


def _hub_column(hub: wire.Account) -> list[str]:
    position = "-" if hub.feed is None else str(hub.feed.position)
    following = "-" if hub.next_sequence is None else str(hub.next_sequence)
    return [hub.state, position, following, f"{hub.live_records:,}", _cut(hub.cut), "", ""]


def _custodian_column(account: wire.CustodianAccount) -> list[str]:
    epoch, day, openings = account.evaluations.epoch, account.evaluations.day, account.openings
    return [
        account.state,
        str(account.position),
        str(account.next_sequence),
        f"{account.live_records:,}",
        _cut(account.cut),
        f"{epoch.used:,} of {epoch.quota:,}; today {day.used:,} of {day.quota:,}",
        f"{openings.used:,} of {openings.quota:,}",
    ]


def _cut(cut: wire.Cut | None) -> str:
    if cut is None:
        return "-"
    signed = f", signed by {len(cut.signatures)}" if cut.signatures else ""
    return f"{cut.live_records:,} ({cut.period}{signed}{'' if cut.effective else ', not effective yet'})"


@vault.command("backup", epilog="Example: alliance-member vault backup /media/safe/south-2026-11.vault")
def back_up(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A new file; keep it apart from this machine.")],
) -> int:
    """Write the whole vault, recovery key included, into one file under the vault's passphrase."""
    desk = desk_of(context)
    passphrase = desk.passphrase()
    with Vault.open(desk.home.vault, passphrase) as opened:
        backup.back_up(opened, passphrase, file)
    desk.screen.tell(
        f"The vault is in {file}. Keep it apart from this machine, and its passphrase apart from it."
    )
    return 0


@vault.command(epilog="Example: alliance-member vault restore /media/safe/south-2026-11.vault")
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that vault backup wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the vault that is there; it is kept as vault.replaced.")
    ] = False,
) -> int:
    """Put a backup in place of the vault."""
    desk = desk_of(context)
    card = setup.restore_member(desk.home, desk.passphrase(), file, force=force)
    desk.screen.tell(f"The vault of {card.name} is restored. Fingerprint: {card.fingerprint}")
    desk.screen.tell("What was submitted after the backup is found again when the file is submitted again.")
    return 0
