"""What every command needs: the member's folder, the passphrase, the screen; and where options may stand."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import typer
from typer.core import TyperGroup

from member.cli.screen import Screen
from member.home import Home
from member.member import Member, open_member

PASSPHRASE_FILE = "--passphrase-file"
_ANYWHERE = ("--home", PASSPHRASE_FILE)

SYNTHETIC = "SYNTHETIC MODE: this alliance is for made-up data. Never submit real people."


@dataclass(slots=True)
class Desk:
    """One run of the command."""

    home: Home
    passphrase_file: Path | None
    screen: Screen = field(default_factory=Screen)

    def passphrase(self, *, fresh: bool = False) -> str:
        """Return the passphrase from its file or the keyboard; a `fresh` one is asked for twice."""
        if self.passphrase_file is not None:
            return _first_line(self.passphrase_file)
        if not sys.stdin.isatty():
            raise typer.BadParameter(f"there is no keyboard to ask at: name a file with {PASSPHRASE_FILE}")
        text: str = typer.prompt("Passphrase of the vault", hide_input=True, confirmation_prompt=fresh)
        return text

    @contextmanager
    def member(self) -> Iterator[Member]:
        """Open the member, and say in which mode it works."""
        with open_member(self.home, self.passphrase(), report=self.screen) as member:
            if member.key_set.policy.synthetic:
                self.screen.banner(SYNTHETIC)
            yield member

    def confirm(self, question: str, *, yes: bool) -> bool:
        """Ask before something that others rely on; `yes` answers for those who cannot be asked."""
        if yes:
            return True
        if not sys.stdin.isatty():
            raise typer.BadParameter("there is no keyboard to ask at: say --yes if you agree")
        return typer.confirm(question)


def desk_of(context: typer.Context) -> Desk:
    """Return this run's desk."""
    desk: Desk = context.obj
    return desk


def _first_line(path: Path) -> str:
    try:
        return (path.read_text(encoding="utf-8-sig").splitlines() or [""])[0]
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} cannot be read as text", param_hint=PASSPHRASE_FILE) from error


class Anywhere(TyperGroup):
    """A command whose common options may stand before or behind the name of what is to be done."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Move the common options to the front, then read as always."""
        return super().parse_args(ctx, _to_the_front(args))


def _to_the_front(args: list[str]) -> list[str]:
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(args)
    for arg in waiting:
        if arg == "--":
            return [*front, *rest, arg, *waiting]
        if arg in _ANYWHERE:
            front += [arg, *(value for _, value in zip(range(1), waiting, strict=False))]
        elif arg.partition("=")[0] in _ANYWHERE:
            front.append(arg)
        else:
            rest.append(arg)
    return [*front, *rest]
