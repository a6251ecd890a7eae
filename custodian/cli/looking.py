"""Looking: how this custodian stands, its signed head, and the month's report."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from custodian import server, state
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
    write_new,
)
from custodian.desk import alarms, books, logs, reports
from custodian.desk.books import Condition
from custodian.desk.succession import last_period
from custodian.errors import OperatorError
from custodian.home import Home
from custodian.ledger import Ledger
from privacy.ceremony import CustodianCard
from privacy.encoding import b64, instant_text
from privacy.messages import parse_json


@app.command()
def status(home: HomeOption = DEFAULT_HOME) -> None:
    """Show how this custodian stands: feed, log, clock, members, cuts, what waits, alarms."""
    here = open_home(home)
    ledger = Ledger(here.ledger)
    for name, value in (_standing(here, ledger) | _waiting(here, ledger)).items():
        output.print(f"{name:<24}{value}")
    for alarm in alarms.open_alarms(ledger):
        output.print(f"[red]ALARM[/] {alarm.at} {alarm.kind}: {alarm.detail}")
    closed = len(ledger.alarms()) - len(alarms.open_alarms(ledger))
    if closed:
        output.print(f"{closed} alarms were dealt with: `report` lists them")
    if ahead := ledger.fact("ahead"):
        output.print(
            f"[red]CLOCK[/] the hub's time {ahead} is ahead of this machine's: nothing opens meanwhile"
        )


@app.command()
def head(
    home: HomeOption = DEFAULT_HOME,
    passphrase_file: PassphraseOption = None,
    out: Annotated[Path | None, typer.Option(help="File to write; without it, it is printed.")] = None,
) -> None:
    """Sign the head of the feed that this custodian holds: to compare with others, or to end an epoch.

    Example: alliance-custodian head --out head-1.json
    """
    here = open_home(home)
    follower = server.follower(here, here.keys(passphrase_from(passphrase_file)), system_clock)
    with closing(state.open_state(here.state)) as db:
        signed, period = follower.signed_head(db), last_period(db)
    if out is None:
        output.print(signed.canonical().decode(), soft_wrap=True)
    else:
        write_new(out, signed.canonical())
    console.print(f"position {signed.head.position}; newest effective cut: {period or 'none'}")


@app.command()
def evidence(
    out: Annotated[Path, typer.Option(help="File to write.")],
    kind: Annotated[str | None, typer.Option(help="Of the newest alarm of this kind, e.g. log-fork.")] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Write what was kept with the newest alarm: signed statements that anybody can check.

    Example: alliance-custodian evidence --kind log-fork --out fork.json
    """
    found = Ledger(open_home(home).ledger).evidence(kind)
    if found is None:
        raise OperatorError("there is no such alarm: see `alliance-custodian status`")
    alarm, data = found
    write_new(out, data)
    output.print(f"{alarm.at} {alarm.kind}: {alarm.detail}", markup=False, soft_wrap=True)


@app.command()
def report(
    month: Annotated[str, typer.Option(help="Which month, e.g. 2026-10 (days of Asia/Shanghai).")],
    out: Annotated[
        Path | None, typer.Option(help="File to write, .html or .txt; without it, text is printed.")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Report a month: evaluations and openings, acceptances, cuts, alarms, pauses; signed.

    Beside the file stands FILE.sig.json with the figures and the signature: `check-report` checks it.

    Example: alliance-custodian report --month 2026-10 --out october.html
    """
    here = open_home(home)
    keys = here.keys(passphrase_from(passphrase_file))
    with closing(state.open_state(here.state)) as db:
        made = reports.make(
            db,
            Ledger(here.ledger),
            here.key_set().key_set,
            custodian=server.index_of(keys, here.key_set().key_set),
            month=month,
            now=system_clock(),
        )
    signed = reports.sign(keys.witness, made)
    if out is None:
        output.print(reports.as_text(signed), markup=False, soft_wrap=True)
        return
    page = reports.as_html(signed) if out.suffix == ".html" else reports.as_text(signed)
    write_new(out, page.encode())
    write_new(out.with_name(out.name + ".sig.json"), signed.canonical())
    output.print(f"{out} and {out.name}.sig.json")


def _standing(here: Home, ledger: Ledger) -> dict[str, str]:
    key_set = here.key_set().key_set
    condition, why = books.condition(ledger)
    with closing(state.open_state(here.state)) as db:
        at, cuts = state.head(db), books.cuts(db, 1)
    return {
        "alliance": f"{key_set.alliance}, epoch {key_set.epoch}",
        "mode": "synthetic data only" if key_set.policy.synthetic else "real data",
        "state": _condition(condition, why),
        "feed": f"position {at.position}, head {b64(at.root)[:16]}…",
        "hub heard": ledger.fact("heartbeat") or "never",
        "newest cut": _cut(cuts[0]) if cuts else "none yet",
        **_log(logs.read(ledger, _index(here))),
    }


def _index(here: Home) -> int:
    """Return which custodian this is, by its card: to look, nobody should need the passphrase."""
    card = parse_json(CustodianCard, here.card.read_bytes())
    return here.key_set().key_set.witnesses.index(card.witness) + 1


def _log(book: logs.LogBook) -> dict[str, str]:
    own = book.own
    sent = "" if own is None or own.sent else ", not sent yet"
    fellows = [f"custodian {each.custodian} {each.place} (size {each.size})" for each in book.fellows]
    return {
        "log cosigned": f"size {own.size} at {instant_text(own.at)}{sent}" if own else "nothing yet",
        "log, fellows": ", ".join(fellows) or "none was heard",
        "log complaints": book.complaint or "-",
    }


def _waiting(here: Home, ledger: Ledger) -> dict[str, str]:
    key_set = here.key_set().key_set
    with closing(state.open_state(here.state)) as db:
        members = books.members(db, ledger, key_set, custodian=0, now=system_clock())
    handed_in = [f"{each.name} ({each.waiting})" for each in members if each.waiting]
    pending = [each.name for each in members if each.state is state.MemberState.ADMITTED]
    checkpoints = sorted(path.stem for path in here.checkpoints.glob("*.gz"))
    return {
        "members": f"{sum(each.state is state.MemberState.ACTIVE for each in members)} active",
        "waiting for acceptance": ", ".join(pending) or "nobody",
        "handed in, not on feed": ", ".join(handed_in) or "nothing",
        "checkpoints": ", ".join(f"position {each}" for each in checkpoints) or "none yet",
        "cut not signed because": ledger.fact("unsigned") or "-",
    }


def _condition(condition: Condition, why: str) -> str:
    if condition is Condition.STOPPED:
        return f"STOPPED: {why}"
    if condition is Condition.RESTORED:
        return "RESTORED: serves nothing until it reaches its fellows' heads; set them with `peers`"
    if condition is Condition.CLOSED:
        return f"CLOSED: {why}"
    return condition.value


def _cut(cut: books.CutRow) -> str:
    signed = ", ".join(map(str, cut.signed_by)) or "nobody"
    effect = "in effect" if cut.effective else "not in effect yet"
    return f"{cut.period} at position {cut.position}, signed by {signed}, {effect}"
