"""End the epoch: name the next one's key set and where its hub serves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alliance_hub.cli.shared import HomeOption, PassphraseOption, app, console, opened, output
from alliance_hub.custodians import service as custodians
from alliance_hub.errors import Invalid
from alliance_hub.feed import service as feed
from alliance_hub.settings import safe_address
from privacy.keyset import SignedKeySet
from privacy.messages import parse_json


@app.command()
def successor(
    key_set: Annotated[
        Path, typer.Option("--key-set", help="The next epoch's key set, endorsed by this one's custodians.")
    ],
    address: Annotated[
        str, typer.Option(help="Where the next epoch's hub serves, such as https://hub.example.")
    ],
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """End this epoch for good: nothing is appended to its feed any more, and members are led to the next.

    The next hub has a home of its own: alliance-hub init there comes before the ceremony, serving after it.
    For real data two officers decide the ceremony in the console before it is held.
    """
    signed = parse_json(SignedKeySet, key_set.read_bytes())
    with opened(home, passphrase_file) as hub, hub.database.transaction() as session:
        custodians.require_ceremony(session, signed.key_set)
        found = feed.set_successor(session, hub, signed, _checked(address), now=hub.clock())
    epoch = found.key_set.key_set.epoch
    output.print(f"epoch {hub.key_set.epoch} has ended; epoch {epoch} is at {found.address}", markup=False)
    console.print("Leave this hub serving until every member has renewed: it tells them where to go.")


def _checked(address: str) -> str:
    try:
        return safe_address(address)
    except ValueError as error:
        raise Invalid(str(error), field="address") from error
