"""Whom this custodian serves and how much: the member directory and the quotas."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer
from rich.table import Table

from custodian import evaluations, openings, server, state
from custodian.cli.app import (
    DEFAULT_HOME,
    HomeOption,
    PassphraseOption,
    app,
    open_home,
    output,
    passphrase_from,
    system_clock,
)
from custodian.desk import acceptance
from custodian.errors import OperatorError
from custodian.ledger import Ledger

directory = typer.Typer(help="Which members this custodian serves: compare fingerprints before you accept.")
app.add_typer(directory, name="directory")

QUOTA_KINDS = ("evaluations_per_epoch", "evaluations_per_day", "openings_per_period")


@directory.command("list")
def list_members(home: HomeOption = DEFAULT_HOME) -> None:
    """Show all enrolled members, their standing here and the fingerprint to compare."""
    table = Table("member", "control group", "active", "accepted by", "portfolio", "fingerprint")
    with closing(state.open_state(open_home(home).state)) as db:
        for member in state.members(db):
            accepted = ", ".join(map(str, sorted(member.acceptances))) or "nobody yet"
            active = "yes" if member.active else "no"
            fingerprint = acceptance.fingerprint_of(member)
            portfolio = str(member.declared_portfolio)
            table.add_row(member.name, member.control_group, active, accepted, portfolio, fingerprint)
    output.print(table)


@directory.command()
def accept(
    member: Annotated[str, typer.Argument(help="The member's name.")],
    fingerprint: Annotated[str, typer.Option(help="The fingerprint on the member's card, from the member.")],
    home: HomeOption = DEFAULT_HOME,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Accept a member after comparing its fingerprint with its card, never with what the hub says.

    Ask it also whether `directory list` names its control group and portfolio rightly: a subsidiary that
    counts as a lender of its own lets its parent read what others owe.

    Example: alliance-custodian directory accept nanshan --fingerprint "AB12 CD34 ..."
    """
    here = open_home(home)
    follower = server.follower(here, here.keys(passphrase_from(passphrase_file)), system_clock)
    if acceptance.accept(follower, member, fingerprint):
        output.print(f"{member} accepted by custodian {follower.index}")
    else:
        output.print(f"{member} was accepted before")


@app.command()
def quota(
    member: Annotated[str, typer.Argument(help="The member's name.")],
    kind: Annotated[str | None, typer.Option(help=f"One of {', '.join(QUOTA_KINDS)}.")] = None,
    value: Annotated[
        int | None, typer.Option(min=0, help="The new quota; without it, back to the policy's.")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Show a member's quotas and their use, or set one.

    Example: alliance-custodian quota nanshan --kind evaluations_per_day --value 5000
    """
    here = open_home(home)
    ledger, key_set = Ledger(here.ledger), here.key_set().key_set
    if kind is not None:
        if kind not in QUOTA_KINDS:
            raise OperatorError(f"unknown quota; choose one of {', '.join(QUOTA_KINDS)}")
        ledger.set_quota(member, kind, value)
    with closing(state.open_state(here.state)) as db:
        found = state.get_member(db, member)
        cut = state.account(db, member)["cut"]
    epoch, day = evaluations.uses(found, key_set, ledger, system_clock())
    opened = openings.use(found, key_set, ledger, cut["period"] if cut else "")
    table = Table("quota", "allowed", "used")
    for name, use in zip(QUOTA_KINDS, (epoch, day, opened), strict=True):
        table.add_row(name, str(use.quota), str(use.used))
    output.print(table)
