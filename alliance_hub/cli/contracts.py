"""Put a contract on hold, and end that hold, in the secretariat's name: both are statements in the feed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from alliance_hub.cli.shared import HomeOption, PassphraseOption, app, opened, output
from alliance_hub.errors import Invalid
from alliance_hub.hub import Hub
from alliance_hub.records import service as records
from privacy.encoding import unb64
from privacy.errors import DeserializeError

group = typer.Typer(help="Contracts in dispute.", no_args_is_help=True)
app.add_typer(group, name="contracts")

MemberOption = Annotated[str, typer.Option("--member", help="The member whose contract it is.")]
RefOption = Annotated[str, typer.Option("--ref", help="The contract_ref, as it stands in the feed.")]
Act = Callable[[Session, Hub, str, bytes, datetime], None]


@group.command()
def hold(
    member: MemberOption, ref: RefOption, home: HomeOption = None, passphrase_file: PassphraseOption = None
) -> None:
    """Put a member's contract on hold: its subject does not open meanwhile, for six periods at most."""
    _act(records.hold_as_secretariat, member, ref, home, passphrase_file)
    output.print("the contract is on hold")


@group.command()
def release(
    member: MemberOption, ref: RefOption, home: HomeOption = None, passphrase_file: PassphraseOption = None
) -> None:
    """End the secretariat's hold; a hold of the member's own stays."""
    _act(records.release_as_secretariat, member, ref, home, passphrase_file)
    output.print("the secretariat's hold has ended")


def _act(act: Act, member: str, ref: str, home: HomeOption, passphrase_file: PassphraseOption) -> None:
    try:
        contract_ref = unb64(ref, length=32)
    except DeserializeError as error:
        raise Invalid("a contract_ref has 43 letters of base64url", field="ref") from error
    with opened(home, passphrase_file) as hub, hub.database.transaction() as session:
        act(session, hub, member, contract_ref, hub.clock())
