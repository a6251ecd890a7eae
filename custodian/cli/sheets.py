"""Keys and shares on paper, for the day when machine and backup are both lost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from custodian.cli.app import (
    DEFAULT_HOME,
    HomeOption,
    PassphraseOption,
    app,
    console,
    open_home,
    output,
    passphrase_from,
    read_key_set,
    system_clock,
    write_new,
)
from custodian.cli.safekeeping import LATER
from custodian.desk import books
from custodian.errors import OperatorError
from custodian.ledger import Ledger
from custodian.paper import blocks, words
from custodian.paper import sheets as paper
from custodian.paper.adoption import adopt, require_unused
from privacy.ceremony import CustodianCard
from privacy.messages import parse_json

sheets = typer.Typer(help="Keys and shares on two sheets of paper, of which neither alone tells anything.")
app.add_typer(sheets, name="paper")


@sheets.command("print")
def print_(
    out: Annotated[Path, typer.Option(help="New HTML file: print it, then destroy it.")],
    home: HomeOption = DEFAULT_HOME,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Write two sheets for the printer: A holds the sealed keys and shares, B the words that open them.

    Keep A and B in different places, under different people. Both sheets of t custodians together open
    everything. The file holds both: print it from a machine that stores no print jobs, then destroy it.

    Example: alliance-custodian paper print --out sheets.html
    """
    # Here and not above: templates and QR codes take long to import, and no other command prints.
    from custodian.desk import printing

    here, passphrase = open_home(home), passphrase_from(passphrase_file)
    name = parse_json(CustodianCard, here.card.read_bytes()).name
    since = books.first_charge(Ledger(here.ledger), system_clock())
    shares = here.shares(passphrase)
    made = paper.sheets(name, here.keys(passphrase), shares, since=since)
    page = printing.sheets(made, name, here.key_set().key_set, shares.custodian)
    write_new(out, page.encode(), mode=0o600)
    output.print(f"{out}: sheets A and B of {made.letters}")
    console.print("Print both, part them at once, and destroy the file: it holds sheet A and sheet B.")


@sheets.command("restore")
def restore(
    text: Annotated[Path, typer.Option(help="File with the scanned codes or typed lines, in any order.")],
    key_set: Annotated[Path, typer.Option(help="The signed key set of the sheets' epoch.")],
    home: HomeOption = DEFAULT_HOME,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Make a new home from both sheets. It asks for the 24 words, and never takes them as an argument.

    Example: alliance-custodian paper restore --text scanned.txt --key-set key-set.json --home notary
    """
    require_unused(open_home(home))
    signed = read_key_set(key_set, home)
    envelope = blocks.read(text.read_text(encoding="utf-8"))
    console.print(f"Sheet A {blocks.letters_of(envelope)} is whole. Take the sheet B with the same letters.")
    restored = paper.restore(envelope, _ask_words(), signed)
    passphrase = passphrase_from(passphrase_file, confirm=True)
    adopt(open_home(home), restored, signed, passphrase, now=system_clock())
    output.print(f"{restored.name}, custodian {restored.shares.custodian}, restored into {home}")
    console.print(LATER)


def _ask_words() -> list[str]:
    """Ask for the words one by one; several may be typed in a row, and one that is none is asked again."""
    found: list[str] = []
    while len(found) < words.COUNT:
        for typed in str(typer.prompt(f"Word {len(found) + 1} of {words.COUNT}")).split():
            try:
                found.append(words.plain(typed, len(found) + 1))
            except OperatorError as error:
                console.print(f"[yellow]{error}[/]")
                break
    return found
