"""`renew`: from one key epoch into the next."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from member import renewal, setup
from member.cli.desk import desk_of
from member.cli.screen import Screen
from member.member import Member
from member.renewal import Successor
from member.vault.epochs import Ended


def renew(
    context: typer.Context,
    key_set: Annotated[
        Path | None, typer.Option(help="The next epoch's key set. Default: the one that the hub names.")
    ] = None,
    hub: Annotated[str | None, typer.Option(help="The next epoch's hub; with --key-set.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Go over without being asked again.")] = False,
) -> int:
    """Go over to the alliance's next key epoch, with the same keys and the same card.

    No fingerprints are needed: the key set is taken when enough custodians of the present one have endorsed
    it. Finish what is under way first, the next epoch does not know it.
    """
    desk = desk_of(context)
    if (key_set is None) != (hub is None):
        raise typer.BadParameter("--key-set and --hub go together; without both the hub is asked")
    with desk.member() as member:
        successor = _successor(member, key_set, hub)
        new = successor.key_set.key_set
        desk.screen.tell(
            f"{new.alliance}: from epoch {member.epoch} to epoch {new.epoch}, at the hub {successor.hub}"
        )
        if not desk.confirm("Go over? The present hub and its custodians are left for good.", yes=yes):
            desk.screen.tell("Nothing was changed.")
            return 0
        ended = renewal.renew(member, successor)
        card = setup.card_of(member.name, member.keys)
    _tell(desk.screen, ended)
    desk.screen.tell(f"Next: alliance-member enrol, with the same card. Fingerprint: {card.fingerprint}")
    desk.screen.tell("Then: alliance-member agreements sign, and alliance-member submit FILE --as-of DATE")
    return 0


def _successor(member: Member, key_set: Path | None, hub: str | None) -> Successor:
    if key_set is None or hub is None:
        return renewal.find_successor(member)
    return Successor(setup.read_successor(key_set, member.settings.key_set), hub)


def _tell(screen: Screen, ended: Ended) -> None:
    screen.tell(f"Contracts to be submitted anew: {ended.contracts:,}")
    if ended.submissions:
        screen.warn("a submission was under way and is given up: submit its file again")
    if ended.statements:
        screen.warn(
            f"{ended.statements} settlements or withdrawals were under way: leave their contracts out of the "
            "file that you submit"
        )
    if ended.questions:
        screen.warn(f"{ended.questions} questions had unfinished answers: ask again in the new epoch")
