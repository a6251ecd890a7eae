"""`keys`: which keys this member has, fresh ones, and all of them anew after a theft."""

from __future__ import annotations

from typing import Annotated

import typer

from member import rotating, setup
from member.cli.desk import desk_of
from member.cli.screen import Screen
from member.rotating import Replaced
from privacy.signing import key_id

keys = typer.Typer(help="Show this member's keys, rotate them, or revoke them.", no_args_is_help=True)

YesOption = Annotated[bool, typer.Option("--yes", help="Do it without being asked again.")]


@keys.command(epilog="Example: alliance-member keys show")
def show(context: typer.Context) -> int:
    """Show the fingerprint of the keys in force, and under which name the signing key signs requests."""
    desk = desk_of(context)
    with desk.member() as member:
        card = setup.card_of(member.name, member.keys)
        signs = key_id(member.keys.signing.public)
    desk.screen.tell(f"Fingerprint of {card.name}: {card.fingerprint}")
    desk.screen.tell(f"Signing key {card.signing}, signs requests as {signs}")
    desk.screen.tell(f"Sealing key {card.sealing}")
    desk.screen.tell(f"Recovery key {card.recovery}")
    return 0


@keys.command(epilog="Example: alliance-member keys rotate")
def rotate(context: typer.Context, yes: YesOption = False) -> int:
    """Replace signing and sealing key by fresh ones; the recovery key stays."""
    desk = desk_of(context)
    if not desk.confirm("Replace signing and sealing key?", yes=yes):
        desk.screen.tell("Nothing was changed.")
        return 0
    with desk.member() as member:
        _tell(desk.screen, rotating.rotate(member, desk.passphrase()))
    return 0


@keys.command(epilog="Example: alliance-member keys revoke")
def revoke(context: typer.Context, yes: YesOption = False) -> int:
    """Replace all keys, by the word of the recovery key: after a key was stolen or this machine was lost.

    Telephone the secretariat first: it suspends the member at once, so that the thief can do nothing
    meanwhile. Works with a restored backup, and also if the thief has rotated the other keys.
    """
    desk = desk_of(context)
    question = "Replace all keys? Submissions, statements and questions under way are given up."
    if not desk.confirm(question, yes=yes):
        desk.screen.tell("Nothing was changed.")
        return 0
    with desk.member() as member:
        _tell(desk.screen, rotating.revoke(member, desk.passphrase()))
    desk.screen.tell("Read the fingerprint to the secretariat, by telephone: then it lets this member work.")
    return 0


def _tell(screen: Screen, replaced: Replaced) -> None:
    screen.tell(f"The keys are replaced, at position {replaced.position} of the feed.")
    screen.tell(f"Fingerprint of {replaced.card.name} now: {replaced.card.fingerprint}")
    screen.tell("Old backups hold the old keys. Next: alliance-member vault backup FILE")
