"""The console's first officers, and what the machine's operator can do about one; all of it is logged."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.orm import Session

from alliance_hub.cli.shared import HomeOption, app, console, database_of, output, settings_of
from alliance_hub.errors import Invalid
from alliance_hub.hub import read_key_set, system_clock
from alliance_hub.people import directory, founding, grants, officers
from alliance_hub.people.models import Officer
from alliance_hub.people.officers import Invited
from alliance_hub.people.records import OPERATOR
from alliance_hub.people.roles import FIVE_PERSONS
from alliance_hub.people.service import Person
from alliance_hub.policy import INVITATION_LIFE
from alliance_hub.settings import KEY_SET_FILE, Settings
from privacy.encoding import instant_text

group = typer.Typer(help="Who works with the console.", no_args_is_help=True)
app.add_typer(group, name="officers")

COLUMNS = ("place", "name", "staff_number", "mobile", "email")


@group.command()
def first(
    name: Annotated[str, typer.Option(help="The officer's name.")],
    staff_number: Annotated[str, typer.Option(help="The officer's number at the association.")],
    mobile: Annotated[str, typer.Option(help="The officer's mobile number.")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="Although one was invited before: none of them can log in.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Invite the association's first security administrator, who invites all others at the console."""
    settings = settings_of(home)
    alliance = read_key_set(settings.home / KEY_SET_FILE).key_set.alliance
    person = Person(staff_number, name, mobile)
    with _transaction(settings) as session:
        invited = founding.found(session, person, alliance=alliance, again=again, now=system_clock())
    _print_links(settings, [invited])


@group.command()
def preset(
    file: Annotated[
        Path, typer.Argument(help="CSV with the columns place (1 to 5), name, staff_number, mobile, email.")
    ],
    home: HomeOption = None,
) -> None:
    """Invite the people of a small secretariat.

    Places: 1 system administrator, 2 security administrator, 3 audit administrator, 4 and 5 the two who do
    the business and check each other. A place that is taken is left out of the file.
    """
    settings = settings_of(home)
    people = read_people(file)
    with _transaction(settings) as session:
        invited = founding.staff(session, OPERATOR, people, system_clock())
    _print_links(settings, invited)


@group.command("list")
def list_officers(home: HomeOption = None) -> None:
    """List the officers of all organisations with their state and roles."""
    found = Table("officer", "name", "state", "roles", box=None)
    with database_of(settings_of(home)) as database, database.reading() as session:
        for row in directory.list_all(session):
            held = grants.list_held(session, row.id, system_clock())
            roles = ", ".join(sorted({each.role for each in held}))
            found.add_row(row.ref, row.name, row.state, roles)
    output.print(found)


@group.command()
def reset(
    officer: Annotated[str, typer.Argument(help="Organisation and staff number, as the list shows them.")],
    home: HomeOption = None,
) -> None:
    """Take an officer's password and second factors away and print a new link."""
    settings = settings_of(home)
    with _transaction(settings) as session:
        row = directory.get_by_ref(session, officer)
        invited = officers.reset(session, OPERATOR, row.id, system_clock())
    _print_links(settings, [invited])


def read_people(file: Path) -> dict[int, Person]:
    """Read the people of a small secretariat by place; raises Invalid naming the row."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        if not {"place", "name", "staff_number"} <= set(rows.fieldnames or ()):
            raise Invalid("the file's first line names the columns: " + ", ".join(COLUMNS), field="place")
        found: dict[int, Person] = {}
        for number, row in enumerate(rows, 1):
            place = str(row["place"] or "").strip()
            if place not in {str(each) for each in range(1, len(FIVE_PERSONS) + 1)} or int(place) in found:
                raise Invalid(f"row {number}: places are 1 to 5, each once", field=f"row {number}: place")
            texts = [str(row.get(column) or "") for column in ("staff_number", "name", "mobile", "email")]
            found[int(place)] = Person(*texts)
    return found


@contextmanager
def _transaction(settings: Settings) -> Iterator[Session]:
    with database_of(settings) as database, database.transaction() as session:
        yield session


def _print_links(settings: Settings, invited: Sequence[Invited]) -> None:
    """Print each officer's link on standard output; whoever has it is the officer."""
    until = instant_text(system_clock() + INVITATION_LIFE)
    console.print(f"Each link works once, until {until}. Hand it on by a way that you trust.", markup=False)
    for each in invited:
        output.print(
            f"{_name(each.officer)} {settings.base_url}/console/invitation/{each.secret}", markup=False
        )


def _name(officer: Officer) -> str:
    return f"{officer.ref} ({officer.name})"
