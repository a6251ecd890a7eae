"""`python -m demo`: play a whole alliance; `python -m demo serve`: serve what it left; `code`: to log in."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from demo import alliance as steps
from demo import console as consoles
from demo import matters, results
from demo.portfolios import DemoError, Portfolio, find_portfolios
from demo.processes import Services
from member.files import FileError, read_portfolio

app = typer.Typer(help="Play a whole alliance on this machine, with made-up data.", rich_markup_mode=None)
console = Console(stderr=True, highlight=False)

T = TypeVar("T")

OutOption = Annotated[Path, typer.Option(help="Where everything lives; unknown files there stay.")]


@app.callback(invoke_without_command=True)
def play(
    context: typer.Context,
    portfolios: Annotated[Path, typer.Option(help="Folder with one file for each member.")] = Path(
        "member/sample"
    ),
    out: OutOption = Path("var/demo"),
    as_of: Annotated[str, typer.Option(help="The day whose figures the portfolios hold.")] = "2026-10-31",
) -> None:
    """Perform the ceremony, start all services, enrol, submit, cut, match; print what came out."""
    if context.invoked_subcommand is None:
        _play(portfolios.resolve(), out.resolve(), _day(as_of))


@app.command()
def serve(out: OutOption = Path("var/demo")) -> None:
    """Serve the alliance that the demo left, until interrupted."""
    alliance = steps.find(out.resolve() / "alliance")
    with Services() as services:
        steps.start(alliance, services)
        print(f"hub         {alliance.hub}   (API description: {alliance.hub}/docs)")
        for index in steps.CUSTODIANS:
            print(f"custodian {index} {alliance.custodian(index)}")
        consoles.show_logins(alliance.hub, consoles.read_logins(alliance.root))
        print("Made-up data only; three custodians on one machine separate nothing. Ctrl-C stops all.")
        services.wait()


@app.command()
def code(out: OutOption = Path("var/demo")) -> None:
    """Print the codes with which the demo's officers log in now."""
    consoles.show_codes(consoles.read_logins(out.resolve() / "alliance"))


def _play(portfolios: Path, out: Path, as_of: date) -> None:
    found = find_portfolios(portfolios)
    counts, left_out = _look_at(found, as_of)
    results.clear(out)
    matters.clear(out)
    began = time.monotonic()
    alliance = steps.create(out / "alliance")
    with Services() as services:
        _step("key ceremony (two safe primes of 1536 bits)", lambda: steps.hold_ceremony(alliance))
        _step("start the hub and three custodians", lambda: steps.start(alliance, services))
        members = steps.join(alliance, counts)
        _step(f"enrol {len(members)} members", lambda: steps.enrol(alliance, members))
        _step("all submit their contracts", lambda: steps.submit(alliance, members, as_of.isoformat()))
        _step("the period's cut, signed by all custodians", lambda: steps.cut(alliance))
        answers = partial(_answers_of, out)
        _step("all ask about their own borrowers", lambda: steps.match(alliance, members, answers))
        _step("people and papers for the console", lambda: _furnish(alliance))
        brought = _step(
            "a matter, its evidence bundle, checked offline",
            lambda: matters.bring(alliance, members[0], out, as_of),
        )
    summary = results.summarise(out, members, left_out)
    results.show(summary, out, brought, seconds=time.monotonic() - began)


def _furnish(alliance: steps.Alliance) -> None:
    """Fill the office at which the console is looked at."""
    consoles.furnish(alliance.home("hub"), alliance.passphrase("hub"), alliance.root)


def _answers_of(out: Path, member: steps.Member) -> Path:
    return results.answers_path(out, member.name)


def _look_at(portfolios: list[Portfolio], as_of: date) -> tuple[dict[Portfolio, int], dict[str, str]]:
    """Read every file once, for its number of rows; one that cannot be read leaves its member out."""
    counts: dict[Portfolio, int] = {}
    left_out: dict[str, str] = {}
    for each in portfolios:
        try:
            counts[each] = sum(1 for _ in read_portfolio(each.path, as_of=as_of, synthetic=True))
        except FileError as error:
            left_out[each.member] = str(error)
            console.print(f"[red]{each.member} is left out:[/] {error}")
    if not counts:
        raise DemoError("none of the portfolios can be read")
    return counts, left_out


def _step(what: str, act: Callable[[], T]) -> T:
    """Do one step, say how long it took, and return what came of it."""
    began = time.monotonic()
    with console.status(what):
        done = act()
    console.print(f"  {what:<50} {time.monotonic() - began:5.1f} s")
    return done


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DemoError(f"AS_OF={text} is no day of the form 2026-10-31") from error


def main() -> None:
    """Run the demo; expected errors are one sentence, and whatever ends it stops its services first."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except DemoError as error:
        console.print(f"[red]demo:[/] {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
