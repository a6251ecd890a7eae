"""`init` and `enrol`: how a member joins."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from member import applying, joining, setup
from member.cli.desk import SYNTHETIC, desk_of


def init(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The member's name, as everybody in the alliance writes it.")],
    hub: Annotated[str, typer.Option(help="The hub's address, such as https://hub.example.")],
    key_set: Annotated[Path, typer.Option(help="The alliance's key set, a file from the ceremony.")],
    pin: Annotated[
        list[str],
        typer.Option(help="A custodian's printed fingerprint, in quotation marks. Once for each custodian."),
    ],
    portfolio: Annotated[
        int,
        typer.Option(min=1, max=100_000_000, help="Declared number of contracts: quotas are measured by it."),
    ] = 10_000,
    control_group: Annotated[
        str | None,
        typer.Option(help="The group that controls this member. Default: the member stands alone."),
    ] = None,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="Agree that the alliance is for made-up data.")
    ] = False,
) -> int:
    """Make this member's vault, keys and card.

    The key set is taken only when its custodians are those whose fingerprints you type here: get them from
    the custodians themselves, on paper or by telephone, never from the hub.
    """
    desk = desk_of(context)
    signed = setup.read_key_set(key_set, pin, synthetic=synthetic)
    if synthetic:
        desk.screen.banner(SYNTHETIC)
    card = setup.create_member(
        desk.home,
        desk.passphrase(fresh=True),
        name,
        hub=hub,
        key_set=signed,
        control_group=control_group,
        declared_portfolio=portfolio,
    )
    desk.screen.tell(f"The vault is {desk.home.vault}, the card that everybody may see {desk.home.card}.")
    desk.screen.tell(f"Fingerprint of {card.name}: {card.fingerprint}")
    desk.screen.tell(
        "The vault holds the recovery key, which alone replaces the other keys after a loss. Keep a copy "
        "apart from this machine: alliance-member vault backup FILE"
    )
    desk.screen.tell("Next: alliance-member enrol")
    return 0


def apply(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="What your firm says of itself, as TOML; see --example.")
    ] = None,
    example: Annotated[bool, typer.Option("--example", help="Print a file to begin with.")] = False,
) -> int:
    """Apply for membership, with the keys of this vault; a returned application is corrected the same way.

    Prints the link on which a person follows the application. It is shown this once.
    """
    desk = desk_of(context)
    if example:
        desk.screen.tell(applying.EXAMPLE)
        return 0
    if file is None:
        raise typer.BadParameter("name a file; --example prints one to begin with")
    facts = applying.read_facts(file)
    with desk.member() as member:
        applied = applying.apply(member, facts)
    desk.screen.tell(f"Application {applied.id} is {applied.state}. Follow it here: {applied.link}")
    desk.screen.tell("Next: alliance-member enrol, on the day of your admission once more")
    return 0


def enrol(context: typer.Context) -> int:
    """Introduce this member to the alliance; run again to see how far it has come.

    Ends with 3, and says what is missing, while the secretariat or the custodians must still act.
    """
    desk = desk_of(context)
    with desk.member() as member:
        card = setup.card_of(member.name, member.keys)
        desk.screen.tell(
            f"Fingerprint of {card.name}, to be read out to the custodians' operators: {card.fingerprint}"
        )
        standing = joining.enrol(member)
    desk.screen.tell("This member is active.")
    for terms in standing.offered:
        desk.screen.tell(f"An agreement is offered. Next: alliance-member agreements sign {terms.agreement}")
    for terms in standing.signed:
        desk.screen.tell(f"{terms.agreement} is signed: the secretariat activates it, then run enrol again.")
    if not (standing.offered or standing.signed or standing.in_force):
        desk.screen.tell("No agreement is offered yet: ask the secretariat for one, then run enrol again.")
    if standing.in_force:
        desk.screen.tell("Next: alliance-member submit FILE --as-of DATE")
    return 0
