"""What is kept elsewhere: the backup of a home, and checkpoints from which a fellow may start."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from custodian import state
from custodian.cli.app import (
    DEFAULT_HOME,
    HomeOption,
    PassphraseOption,
    app,
    console,
    open_home,
    output,
    passphrase_from,
    system_clock,
)
from custodian.desk import carrying

checkpoints = typer.Typer(
    help="Carry the state of a cut to a custodian that must start without the old feed."
)
app.add_typer(checkpoints, name="checkpoint")

LATER = (
    "It serves nothing until it has reached its fellows' heads: give their addresses with `peers`, and a "
    "fellow's file with `checkpoint import` when the hub has forgotten the old feed; then `serve`."
)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The new file; keep it away from this machine.")],
    home: HomeOption = DEFAULT_HOME,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Write keys, shares, settings and ledger into one file, sealed under this home's passphrase.

    The feed's state is not in it: it follows from the feed or from a checkpoint.

    Example: alliance-custodian backup /media/safe/notary.backup
    """
    open_home(home).backup(file, passphrase_from(passphrase_file), now=system_clock())
    output.print(
        f"{file}: a backup of this moment; make one every week, since quotas after it count as spent"
    )


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    home: HomeOption = DEFAULT_HOME,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Fill a new home from a backup. The lost machine must never run again beside it.

    Example: alliance-custodian restore /media/safe/notary.backup --home notary
    """
    made_at = open_home(home).restore(file, passphrase_from(passphrase_file), now=system_clock())
    output.print(f"restored as of {made_at:%Y-%m-%dT%H:%M:%SZ}; what was charged later counts as spent")
    console.print(LATER)


@checkpoints.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The new file, for the fellow custodian.")],
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Write the newest checkpoint that all custodians have signed, with their signatures, into one file.

    It holds pseudonyms and sealed amounts, as the feed does: hand it to a custodian, to nobody else.

    Example: alliance-custodian checkpoint export for-court.checkpoint
    """
    position = carrying.export(open_home(home).checkpoints, file)
    output.print(f"{file}: the state at the cut at position {position}")


@checkpoints.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="What a fellow custodian exported.")],
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Fill an empty state from a fellow's checkpoint; nothing of it is believed that not all have signed.

    Stop `serve` first. Then serve: the feed is followed from the cut on.

    Example: alliance-custodian checkpoint import for-court.checkpoint --home court
    """
    here = open_home(home)
    with closing(state.open_state(here.state)) as db:
        carrying.import_(file, db, here.key_set().key_set)
        position = state.head(db).position
    output.print(f"the state stands at position {position}; `serve` follows the feed from there")
