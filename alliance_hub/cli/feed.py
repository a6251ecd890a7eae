"""Begin a period, and see how the hub stands."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from alliance_hub.cli.members import table
from alliance_hub.cli.shared import (
    RETRY_LATER,
    HomeOption,
    PassphraseOption,
    app,
    console,
    database_of,
    opened,
    output,
    settings_of,
)
from alliance_hub.errors import Conflict
from alliance_hub.feed import service as feed
from alliance_hub.feed.models import CutRow
from alliance_hub.hub import Hub, read_key_set
from alliance_hub.membership import service as membership
from alliance_hub.parameters import service as parameters
from alliance_hub.settings import KEY_SET_FILE
from privacy.encoding import instant_text
from privacy.keyset import KeySet

POLL_SECONDS = 0.5


@app.command()
def cut(
    wait: Annotated[int, typer.Option(min=0, help="Seconds to wait until all custodians have signed.")] = 0,
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Begin the present period at this point of the feed. It takes effect once every custodian has signed.

    Exits with 3 when they have not signed in time; the cut stands, and the same command waits again.
    """
    with opened(home, passphrase_file) as hub:
        period = _begin(hub, resume=wait > 0)
        if wait and not _wait(hub, wait):
            raise typer.Exit(RETRY_LATER)
        output.print(f"The period {period} has its cut.", markup=False)


@app.command()
def status(home: HomeOption = None) -> None:
    """Show mode, members, where the feed stands, the newest cut and who has signed it."""
    settings = settings_of(home)
    key_set = read_key_set(settings.home / KEY_SET_FILE).key_set
    if key_set.policy.synthetic:
        output.print("MADE-UP DATA ONLY: this alliance is synthetic.", style="bold")
    output.print(
        f"alliance     {key_set.alliance}, epoch {key_set.epoch}\n"
        f"custodians   {key_set.threshold} of {key_set.count}",
        markup=False,
    )
    with database_of(settings) as database, database.reading() as session:
        mode = parameters.standing_beside(session, settings).mode
        output.print(f"mode         {mode}", markup=False)
        head = feed.head(session)
        stamp = "" if head.stamp is None else f", last entry {instant_text(head.stamp)}"
        output.print(f"feed         position {head.position}{stamp}", markup=False)
        output.print(f"newest cut   {_cut_line(session, key_set, feed.newest_cut(session))}", markup=False)
        successor = feed.find_successor(session)
        if successor is not None:
            following = successor.key_set.key_set.epoch
            output.print(
                f"ENDED        goes on as epoch {following} at {successor.address}",
                style="bold",
                markup=False,
            )
        output.print()
        output.print(table(membership.list_members(session)))


def _begin(hub: Hub, *, resume: bool) -> str:
    """Make the cut, or go on with one that waits for signatures; return its period."""
    try:
        with hub.database.transaction() as session:
            feed.cut(session, hub, hub.clock())
    except Conflict as error:
        if not resume or error.slug != "period-has-cut":
            raise
    with hub.database.reading() as session:
        return _newest(session).period


def _wait(hub: Hub, seconds: int) -> bool:
    """Wait until the newest cut is effective; say who has not signed when time is up."""
    deadline = time.monotonic() + seconds
    with console.status("waiting for the custodians") as line:
        while True:
            with hub.database.reading() as session:
                cut = _newest(session)
                missing = feed.missing_signatures(session, hub.key_set, cut)
            if cut.effective_position is not None:
                return True
            if time.monotonic() >= deadline:
                break
            line.update(_waiting(missing))
            time.sleep(POLL_SECONDS)
    console.print(
        f"The cut does not take effect yet: {_waiting(missing)}. Look at those custodians, then wait again."
    )
    return False


def _waiting(missing: list[int]) -> str:
    if not missing:
        return "all have signed, but not the same state: stop, and compare the custodians"
    return "no signature from custodian " + ", ".join(map(str, missing))


def _newest(session: Session) -> CutRow:
    cut = feed.newest_cut(session)
    if cut is None:
        raise Conflict("there is no cut yet: run alliance-hub cut")
    return cut


def _cut_line(session: Session, key_set: KeySet, cut: CutRow | None) -> str:
    if cut is None:
        return "none yet: run alliance-hub cut"
    place = f"{cut.period} at position {cut.position}, {instant_text(cut.stamp)}"
    signed = ", ".join(str(signature.custodian) for signature in feed.signatures_of(session, cut)) or "nobody"
    if cut.effective_at is not None:
        return f"{place}, signed by {signed}, in effect since {instant_text(cut.effective_at)}"
    return f"{place}, signed by {signed}, {_waiting(feed.missing_signatures(session, key_set, cut))}"
