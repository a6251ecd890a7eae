"""What the commands share: the application, the home, the passphrase, a hub that is opened and closed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from alliance_hub import schema
from alliance_hub.db import Database
from alliance_hub.errors import Conflict, Invalid
from alliance_hub.hub import Hub, open_hub
from alliance_hub.keys import are_sealed, read_passphrase
from alliance_hub.settings import KEYS_FILE, Settings, load_settings

RETRY_LATER = 3
REFUSED = 4

app = typer.Typer(
    help="Run an alliance's hub: keys, members, agreements, cuts, the service.\n\n"
    "The hub sees pseudonyms, which member holds and asks about which, and the state of flags. It never "
    "sees an identifier, a name or a number in the clear. Fewer than t custodians, with the hub, learn no "
    "identifier and no amount.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
console = Console(stderr=True, highlight=False, soft_wrap=True)
output = Console(highlight=False, soft_wrap=True)

HomeOption = Annotated[
    Path | None, typer.Option("--home", envvar="ALLIANCE_HUB_HOME", help="This hub's folder.")
]
PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        envvar="ALLIANCE_HUB_PASSPHRASE_FILE",
        help="File whose first line opens the hub's keys; without it a person is asked.",
    ),
]


def settings_of(home: Path | None, passphrase_file: Path | None = None) -> Settings:
    """Return the settings of the hub in `home`, with the passphrase file if one was given."""
    given = {} if passphrase_file is None else {"passphrase_file": passphrase_file}
    return load_settings(home, **given)


@contextmanager
def opened(home: Path | None, passphrase_file: Path | None) -> Iterator[Hub]:
    """Open the hub for one command, asking for the passphrase where a person can answer."""
    settings = settings_of(home, passphrase_file)
    hub = open_hub(settings, passphrase=passphrase_for(settings))
    try:
        yield hub
    finally:
        hub.database.close()


@contextmanager
def database_of(settings: Settings) -> Iterator[Database]:
    """Open the database alone, for commands that need no key; raises Conflict when its tables are old."""
    database = Database(settings.database)
    try:
        if not schema.is_current(database):
            raise Conflict(
                "the database's tables are not up to date: run alliance-hub migrate", slug="schema"
            )
        yield database
    finally:
        database.close()


def passphrase_for(settings: Settings) -> str | None:
    """Return what opens the keys: from the file, from a person, or None where they are not sealed."""
    text = read_passphrase(settings)
    if text is None and are_sealed(settings.home / KEYS_FILE) and sys.stdin.isatty():
        return str(typer.prompt("Passphrase", hide_input=True))
    return text


def new_passphrase(settings: Settings) -> str:
    """Return the passphrase for new keys, asked for twice; raises Invalid where there is none to be had."""
    text = read_passphrase(settings)
    if text is None and sys.stdin.isatty():
        text = str(typer.prompt("New passphrase", hide_input=True, confirmation_prompt=True))
    if not text:
        raise Invalid("the keys need a passphrase: give --passphrase-file FILE", field="passphrase")
    return text
