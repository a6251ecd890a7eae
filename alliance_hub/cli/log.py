"""The transparency log, for whoever runs the hub: how it stands, integrate now, anchor now."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import typer
from sqlalchemy.orm import Session

from alliance_hub.cli.shared import RETRY_LATER, HomeOption, PassphraseOption, app, opened, output
from alliance_hub.hub import Hub
from alliance_hub.transparency import checkpoints, integrator
from alliance_hub.transparency.checkpoints import Shown
from privacy.encoding import instant_text

if TYPE_CHECKING:
    from alliance_hub.transparency import state

SHOWN = 5
"""Checkpoints that `status` lists."""

group = typer.Typer(help="The transparency log and its witnesses.", no_args_is_help=True)
app.add_typer(group, name="log")


@group.command()
def status(home: HomeOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Show how far the log is, what waits, and who has cosigned the newest checkpoints.

    Exits with 3 when somebody should look at it: the output says at what.
    """
    # Here, because only this command needs them: the libraries of time stamps take long to import.
    from alliance_hub.transparency import state

    with opened(home, passphrase_file) as hub, hub.database.reading() as session:
        health = state.health(session, hub, hub.clock())
        for line in _lines(session, hub, health):
            output.print(line, markup=False)
    if health.warnings:
        raise typer.Exit(RETRY_LATER)


@group.command()
def integrate(home: HomeOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Give every waiting entry its place now and sign the log: what the worker does every two seconds."""
    with opened(home, passphrase_file) as hub:
        done = integrator.turn(hub, hub.clock())
    output.print(f"{done} entries integrated")


@group.command()
def anchor(home: HomeOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Have the time-stamping authority stamp the newest checkpoint now: what is done once a day."""
    from alliance_hub.transparency import anchoring

    with opened(home, passphrase_file) as hub:
        row = anchoring.anchor(hub)
    if row is None:
        output.print("this checkpoint is anchored already")
    else:
        output.print(
            f"anchored: {row.size} entries at {instant_text(row.at)} by {row.authority}", markup=False
        )


def _lines(session: Session, hub: Hub, health: state.Health) -> Iterator[str]:
    waiting = f", {health.waiting} waiting since {_at(health.waiting_since)}" if health.waiting else ""
    yield f"log          {health.size} entries{waiting}"
    yield f"signed       {_at(health.signed_at)}"
    yield f"anchored     {_at(health.anchored_at)}"
    newest = checkpoints.newest(session)
    if newest is not None:
        yield f"root         {base64.b64encode(newest.root).decode()}"
    for shown in checkpoints.list_newest(session, SHOWN):
        yield f"checkpoint   {_checkpoint(shown, hub.key_set.threshold)}"
    for warning in health.warnings:
        yield f"LOOK         {_SENTENCES[warning]}"
    if health.trouble is not None:
        yield f"             {health.trouble}"


def _checkpoint(shown: Shown, threshold: int) -> str:
    custodians = ", ".join(map(str, shown.custodians)) or "no custodian"
    counts = "counts" if len(shown.custodians) >= threshold else "does not count yet"
    return f"{shown.size} at {_at(shown.at)}, {counts}: {custodians}, {len(shown.members)} members"


def _at(instant: datetime | None) -> str:
    return "never" if instant is None else instant_text(instant)


_SENTENCES = {
    "refused": "nothing is signed, because the database does not continue what was signed last:",
    "still": "entries wait for more than a minute: is the worker running?",
    "lonely": "too few custodians have cosigned for more than ten minutes: are they running?",
    "unanchored": "no time stamp for two days: does the authority answer?",
}
"""What each warning asks somebody to look at."""
