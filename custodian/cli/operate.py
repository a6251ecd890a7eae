"""What an operator does from day to day: serve, accept members, set quotas, pause, look."""

from __future__ import annotations

import logging
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from custodian import evaluations, openings, server, state
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
from custodian.errors import OperatorError
from custodian.home import Home, Settings
from custodian.ledger import Ledger
from privacy.ceremony import member_fingerprint
from privacy.encoding import b64
from privacy.keyset import SignedKeySet
from privacy.messages import parse_json
from privacy.signing import same_fingerprint

directory = typer.Typer(help="Which members this custodian serves: compare fingerprints before you accept.")
app.add_typer(directory, name="directory")

QUOTA_KINDS = ("evaluations_per_epoch", "evaluations_per_day", "openings_per_period")


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


@directory.command("list")
def list_members(home: HomeOption = DEFAULT_HOME) -> None:
    """Show all enrolled members, their standing here and the fingerprint to compare."""
    db, table = (
        state.open_state(open_home(home).state),
        Table("member", "active", "accepted by", "portfolio", "fingerprint"),
    )
    for member in state.members(db):
        accepted = ", ".join(map(str, sorted(member.acceptances))) or "nobody yet"
        active = "yes" if member.active else "no"
        table.add_row(member.name, active, accepted, str(member.declared_portfolio), _fingerprint(member))
    output.print(table)


@directory.command()
def accept(
    member: Annotated[str, typer.Argument(help="The member's name.")],
    fingerprint: Annotated[str, typer.Option(help="The fingerprint on the member's card, from the member.")],
    home: HomeOption = DEFAULT_HOME,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Accept a member after comparing its fingerprint with its card, never with what the hub says.

    Example: alliance-custodian directory accept nanshan --fingerprint "AB12 CD34 ..."
    """
    here = open_home(home)
    follower = server.follower(here, here.keys(passphrase_from(passphrase_file)), system_clock)
    follower.pull()
    with closing(state.open_state(here.state)) as db:
        found = state.find_member(db, member)
    if found is None:
        raise OperatorError("no member of that name has enrolled; see `alliance-custodian directory list`")
    if not same_fingerprint(_fingerprint(found), fingerprint):
        raise OperatorError("the fingerprints differ: do NOT accept; ask the member, not the hub")
    if follower.index in found.acceptances:
        output.print(f"{member} was accepted before")
        return
    follower.accept(found.enrolment)
    follower.pull()
    output.print(f"{member} accepted by custodian {follower.index}")


@app.command()
def quota(
    member: Annotated[str, typer.Argument(help="The member's name.")],
    kind: Annotated[str | None, typer.Option(help=f"One of {', '.join(QUOTA_KINDS)}.")] = None,
    value: Annotated[
        int | None, typer.Option(min=0, help="The new quota; without it, back to the policy's.")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Show a member's quotas and their use, or set one.

    Example: alliance-custodian quota nanshan --kind evaluations_per_day --value 5000
    """
    here = open_home(home)
    db, ledger, key_set = state.open_state(here.state), Ledger(here.ledger), here.key_set().key_set
    if kind is not None:
        if kind not in QUOTA_KINDS:
            raise OperatorError(f"unknown quota; choose one of {', '.join(QUOTA_KINDS)}")
        ledger.set_quota(member, kind, value)
    found = state.get_member(db, member)
    cut = state.account(db, member)["cut"]
    epoch, day = evaluations.uses(found, key_set, ledger, system_clock())
    opened = openings.use(found, key_set, ledger, cut["period"] if cut else "")
    table = Table("quota", "allowed", "used")
    for name, use in zip(QUOTA_KINDS, (epoch, day, opened), strict=True):
        table.add_row(name, str(use.quota), str(use.used))
    output.print(table)


@app.command()
def pause(
    off: Annotated[bool, typer.Option("--off", help="Serve again.")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Stop evaluating and opening until `pause --off`; the feed is still followed."""
    Ledger(open_home(home).ledger).set_fact("paused", None if off else "operator")
    output.print("serving again" if off else "paused: members are told to ask another custodian")


@app.command()
def status(home: HomeOption = DEFAULT_HOME) -> None:
    """Show the feed's position here, members, pending acceptances, the last cut, alarms."""
    here = open_home(home)
    db, ledger = state.open_state(here.state), Ledger(here.ledger)
    head, key_set = state.head(db), here.key_set().key_set
    rows = {
        "alliance": f"{key_set.alliance}, epoch {key_set.epoch}",
        "mode": "synthetic data only" if key_set.policy.synthetic else "real data",
        "state": _condition(ledger),
        "feed": f"position {head.position}, head {b64(head.root)[:16]}…",
        "hub heard": ledger.fact("heartbeat") or "never",
        "members": f"{sum(member.active for member in state.members(db))} active",
        "waiting for acceptance": ", ".join(each.name for each in state.members(db) if not each.active)
        or "nobody",
    }
    for name, value in rows.items():
        output.print(f"{name:<24}{value}")
    for alarm in ledger.alarms():
        output.print(f"[red]ALARM[/] {alarm.at} {alarm.kind}: {alarm.detail}")


def _settings(home: Home, hub: str | None, base_url: str | None) -> Settings:
    """Remember addresses that are given, recall those that are not."""
    if hub is not None and base_url is not None:
        home.save_settings(Settings(hub=hub, base_url=base_url.rstrip("/")))
    elif hub is not None or base_url is not None:
        raise OperatorError("give --hub and --base-url together")
    return home.settings()


def _fingerprint(member: state.MemberView) -> str:
    return member_fingerprint(member.name, b64(member.signing), b64(member.recovery), b64(member.sealing))


def _condition(ledger: Ledger) -> str:
    if stopped := ledger.fact("stopped"):
        return f"STOPPED: {stopped}"
    return "paused" if ledger.fact("paused") else "serving"
