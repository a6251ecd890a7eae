"""What the commands share: the application, the home, the passphrase."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from platformdirs import user_data_path
from rich.console import Console

from custodian.errors import OperatorError
from custodian.home import Home
from privacy.errors import InvalidInputError
from privacy.keyset import SignedKeySet, verify_signatures
from privacy.messages import parse_json

app = typer.Typer(
    help="Hold one share of an alliance's keys: the ceremony, the service, the member directory.\n\n"
    "A custodian is one of n independent bodies. Fewer than t of them, with the hub, learn no identifier "
    "and no amount; any t of them together could. Three custodians on one machine separate nothing.\n\n"
    "First: init, receive, serve, paper print. Daily: console (or status, directory, pause). Every month: "
    "report. Every week: backup. After a loss: restore, or paper restore. At the end of an epoch: head, "
    "ceremony, endorse.\n\n"
    "Ends with 0 done, 3 retry later, 4 refused (the message says what to do).",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
console = Console(stderr=True, highlight=False)
output = Console(highlight=False)

HomeOption = Annotated[
    Path, typer.Option("--home", envvar="ALLIANCE_CUSTODIAN_HOME", help="This custodian's folder.")
]
PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        envvar="ALLIANCE_CUSTODIAN_PASSPHRASE_FILE",
        help="File whose first line is the passphrase; without it the passphrase is asked for.",
    ),
]
DEFAULT_HOME = user_data_path("alliance-custodian")


def open_home(path: Path) -> Home:
    """Return the custodian's folder."""
    return Home(path)


def passphrase_from(file: Path | None, *, confirm: bool = False) -> str:
    """Read the passphrase from a file or ask for it; raises OperatorError for an empty one."""
    if file is None:
        text = str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm))
    else:
        text = file.read_text(encoding="utf-8").partition("\n")[0]
    if not text:
        raise OperatorError("the passphrase is empty")
    return text


def read_key_set(path: Path | None, home: Path) -> SignedKeySet:
    """Return the key set in a file, signed by all its custodians, or the one that is pinned in the home."""
    if path is None:
        return open_home(home).key_set()
    signed: SignedKeySet = read_form(SignedKeySet, path, "a signed key set")
    verify_signatures(signed)
    return signed


def read_form(form: Any, path: Path, what: str) -> Any:
    """Read a file as a message; raises OperatorError naming the file and the field."""
    try:
        return parse_json(form, path.read_bytes())
    except InvalidInputError as error:
        place = f" at {error.field}" if error.field else ""
        raise OperatorError(f"{path} is not {what} of this program: {error}{place}") from error


def system_clock() -> datetime:
    """Return the present instant; tests hand in another clock."""
    return datetime.now(UTC)


def write_new(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file that must not exist yet, so that no earlier key or signature is lost."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise OperatorError(f"{path} exists already; move it away or choose another place") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
