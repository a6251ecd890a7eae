"""Admit, suspend and resume members: the secretariat's acts, each a statement in the feed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.orm import Session

from alliance_hub.cli.shared import (
    HomeOption,
    PassphraseOption,
    app,
    console,
    database_of,
    opened,
    output,
    settings_of,
)
from alliance_hub.hub import Hub, system_clock
from alliance_hub.membership import service as membership
from alliance_hub.membership.models import Member

group = typer.Typer(help="Who belongs to the alliance.", no_args_is_help=True)
app.add_typer(group, name="members")

NameArgument = Annotated[str, typer.Argument(help="The member's name.")]
Act = Callable[[Session, Hub, str, datetime], Member]


@group.command("list")
def list_members(home: HomeOption = None) -> None:
    """List all members: state, declared portfolio, who has accepted them, fingerprint."""
    with database_of(settings_of(home)) as database, database.reading() as session:
        output.print(table(membership.list_members(session)))


@group.command()
def admit(name: NameArgument, home: HomeOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Countersign a member's enrolment; the custodians' operators then compare and accept."""
    _act(membership.admit, name, home, passphrase_file)
    console.print(
        "Each custodian now compares the fingerprint with the member's own card, not with the hub's."
    )


@group.command()
def refuse(name: NameArgument, home: HomeOption = None) -> None:
    """Forget an application that is not admitted, so that its name is free again."""
    with database_of(settings_of(home)) as database, database.transaction() as session:
        membership.refuse(session, name, system_clock())
    output.print(f"the application of {name} is forgotten", markup=False)


@group.command()
def suspend(name: NameArgument, home: HomeOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Take a member out of work until further notice."""
    _act(membership.suspend, name, home, passphrase_file)


@group.command()
def resume(name: NameArgument, home: HomeOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Let a suspended member work again."""
    _act(membership.resume, name, home, passphrase_file)


def table(members: Iterable[Member]) -> Table:
    """Return members as a table for the screen."""
    found = Table("member", "state", "portfolio", "accepted by", "fingerprint", box=None)
    for member in members:
        accepted = ", ".join(map(str, member.accepted_by)) or "nobody"
        found.add_row(member.name, member.state, str(member.declared_portfolio), accepted, member.fingerprint)
    return found


def _act(act: Act, name: str, home: HomeOption, passphrase_file: PassphraseOption) -> None:
    with opened(home, passphrase_file) as hub, hub.database.transaction() as session:
        member = act(session, hub, name, hub.clock())
        output.print(f"{member.name} is {member.state}", markup=False)
