"""Running a custodian: serve, the operator's page, fellow custodians, pause, and going on after a stop."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from custodian import server
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
from custodian.desk import pauses
from custodian.errors import OperatorError
from custodian.home import Home, Settings
from custodian.hub import require_safe
from custodian.ledger import Ledger
from privacy.keyset import SignedKeySet
from privacy.messages import parse_json


@app.command()
def serve(
    home: HomeOption = DEFAULT_HOME,
    passphrase_file: PassphraseOption = None,
    key_set: Annotated[Path | None, typer.Option(help="Pin this signed key set (the first time).")] = None,
    hub: Annotated[str | None, typer.Option(help="The hub's address, e.g. https://hub.example.")] = None,
    base_url: Annotated[
        str | None, typer.Option(help="This custodian's own address, as members call it.")
    ] = None,
    listen: Annotated[
        str | None, typer.Option(help="HOST:PORT on loopback, when a TLS proxy stands before.")
    ] = None,
) -> None:
    """Follow the feed, evaluate for members, open what may be opened. Addresses are remembered.

    Example: alliance-custodian serve --key-set key-set.json --hub http://127.0.0.1:7100
    --base-url http://127.0.0.1:7101
    """
    here, passphrase = open_home(home), passphrase_from(passphrase_file)
    if key_set is not None:
        here.pin(parse_json(SignedKeySet, key_set.read_bytes()))
    settings = _settings(here, hub, base_url)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    custodian = server.assemble(here, passphrase, system_clock)
    host, port = server.host_and_port(f"//{listen}" if listen else settings.base_url)
    policy = custodian.key_set.policy
    mode = "SYNTHETIC DATA ONLY" if policy.synthetic else "real data"
    console.print(f"custodian {custodian.index} of {custodian.key_set.alliance}: {mode}; {settings.base_url}")
    console.print("Custodians on one machine separate nothing: run each at a body of its own.")
    server.serve(custodian, host=host, port=port, pull_seconds=settings.pull_seconds)


@app.command("console")
def open_console(
    home: HomeOption = DEFAULT_HOME,
    passphrase_file: PassphraseOption = None,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
) -> None:
    """Open the operator's page on this machine: members, quotas, acceptances, alarms, pause.

    Prints one address that works once, in a browser on this machine; the page ends with this command. It
    asks for the passphrase because accepting a member signs.

    Example: alliance-custodian console --home notary
    """
    # Here and not above: the page brings Flask and its forms, which no other command needs.
    from custodian.console import office
    from custodian.console import serving as page

    here = open_home(home)
    keys = here.keys(passphrase_from(passphrase_file))
    console.print("Open this address in a browser on this machine. It works once; Ctrl-C ends the page.")
    page.run(office.open_office(here, keys, system_clock), port=port, say=lambda text: output.print(text))


@app.command()
def peers(
    addresses: Annotated[list[str] | None, typer.Argument(help="Addresses of the fellow custodians.")] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Show the fellow custodians' addresses, or set them: heads are compared with theirs after a restore.

    Example: alliance-custodian peers https://court.example https://association.example
    """
    here = open_home(home)
    if addresses:
        for address in addresses:
            require_safe(address)
        plain = tuple(address.rstrip("/") for address in addresses)
        here.save_settings(msgspec.structs.replace(here.settings(), peers=plain))
    for address in here.settings().peers:
        output.print(address)
    if not here.settings().peers:
        output.print("no fellow custodian is known; give their addresses")


@app.command()
def pause(
    off: Annotated[bool, typer.Option("--off", help="Serve again.")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Stop evaluating and opening until `pause --off`; the feed is still followed."""
    ledger = Ledger(open_home(home).ledger)
    if off:
        pauses.resume(ledger, system_clock())
    else:
        pauses.pause(ledger, system_clock())
    output.print("serving again" if off else "paused: members are told to ask another custodian")


@app.command()
def resume(
    because: Annotated[str, typer.Option(help="What was found, in a few words: it is kept with the alarms.")],
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Follow the feed again after a stop that a person has looked into.

    Nothing is overlooked by that: the next pull checks the feed again, and a hub that still contradicts
    itself stops this custodian again at once.

    Example: alliance-custodian resume --because "hub's proxy cut a line short; mended 21 Nov"
    """
    ledger = Ledger(open_home(home).ledger)
    if ledger.fact("stopped") is None:
        raise OperatorError("this custodian has not stopped; `pause --off` ends a pause")
    ledger.raise_alarm("resumed", because, b"", now=system_clock())
    ledger.set_fact("stopped", None)
    output.print("it follows the feed again; look at `alliance-custodian status` in a minute")


def _settings(home: Home, hub: str | None, base_url: str | None) -> Settings:
    """Remember addresses that are given, recall those that are not."""
    if hub is not None and base_url is not None:
        home.save_settings(_known(home, hub, base_url.rstrip("/")))
    elif hub is not None or base_url is not None:
        raise OperatorError("give --hub and --base-url together")
    return home.settings()


def _known(home: Home, hub: str, base_url: str) -> Settings:
    """Return the settings with these addresses; what else was set stays."""
    try:
        return msgspec.structs.replace(home.settings(), hub=hub, base_url=base_url)
    except OperatorError:
        return Settings(hub=hub, base_url=base_url)
