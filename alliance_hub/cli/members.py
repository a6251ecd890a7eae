"""Admit, suspend and resume members from the command line, where the data are made up.

With real data these acts need two officers, who work at the console: a command has one.
"""

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
from alliance_hub.errors import Forbidden
from alliance_hub.hub import Hub, system_clock
from alliance_hub.membership import files
from alliance_hub.membership import service as membership
from alliance_hub.membership.models import Member
from alliance_hub.people.records import OPERATOR, record
from alliance_hub.policy import RegulatoryMode
from alliance_hub.settings import Settings

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
    _act(membership.admit, "member_admitted", name, home, passphrase_file)
    console.print(
        "Each custodian now compares the fingerprint with the member's own card, not with the hub's."
    )


@group.command()
def refuse(name: NameArgument, home: HomeOption = None) -> None:
    """Forget an application that is not admitted, so that its name is free again."""
    settings = settings_of(home)
    _require_made_up(settings)
    with database_of(settings) as database, database.transaction() as session:
        membership.refuse(session, name, system_clock())
    output.print(f"the application of {name} is forgotten", markup=False)


@group.command()
def suspend(name: NameArgument, home: HomeOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Take a member out of work until further notice."""
    _act(membership.suspend, "member_suspended", name, home, passphrase_file)


@group.command()
def resume(name: NameArgument, home: HomeOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Let a suspended member work again."""
    _act(membership.resume, "member_resumed", name, home, passphrase_file)


def table(members: Iterable[Member]) -> Table:
    """Return members as a table for the screen."""
    found = Table("member", "state", "portfolio", "accepted by", "fingerprint", box=None)
    for member in members:
        accepted = ", ".join(map(str, member.accepted_by)) or "nobody"
        found.add_row(member.name, member.state, str(member.declared_portfolio), accepted, member.fingerprint)
    return found


def _act(act: Act, kind: str, name: str, home: HomeOption, passphrase_file: PassphraseOption) -> None:
    _require_made_up(settings_of(home, passphrase_file))
    with opened(home, passphrase_file) as hub, hub.database.transaction() as session:
        now = hub.clock()
        member = act(session, hub, name, now)
        files.ensure_organisation(session, member.name, OPERATOR, now=now)
        record(session, OPERATOR, kind, object=f"member/{name}", facts={"member": name}, now=now)
        output.print(f"{member.name} is {member.state}", markup=False)


def _require_made_up(settings: Settings) -> None:
    if settings.regulatory_mode is not RegulatoryMode.SYNTHETIC:
        raise Forbidden("this needs two officers: use the console", slug="four-eyes")
