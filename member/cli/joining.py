"""`init`, `enrol` and `agreements`: how a member joins."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from member import joining, setup
from member.cli.desk import SYNTHETIC, desk_of
from privacy.statements import Terms

agreements = typer.Typer(
    help="Show the data agreements that the association offers, and sign one.", no_args_is_help=True
)


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
    if not standing.offered and not standing.in_force:
        desk.screen.tell("No agreement is offered yet: ask the secretariat for one, then run enrol again.")
    if standing.in_force:
        desk.screen.tell("Next: alliance-member submit FILE --as-of DATE")
    return 0


@agreements.command("list", epilog="Example: alliance-member agreements list")
def list_(context: typer.Context) -> int:
    """Show this member's agreements and their terms."""
    desk = desk_of(context)
    with desk.member() as member:
        offers = joining.list_agreements(member)
    rows = [
        (offer.terms.agreement, str(offer.terms.version), offer.state, *_columns(offer.terms))
        for offer in offers
    ]
    header = ("agreement", "version", "state", "valid", "purposes", "categories", "contributors")
    desk.screen.table("Agreements", header, rows)
    return 0


@agreements.command(epilog="Example: alliance-member agreements sign main-2026")
def sign(
    context: typer.Context,
    agreement: Annotated[
        str | None, typer.Argument(help="Its name in `agreements list`; needed if there are several.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without being asked again.")] = False,
) -> int:
    """Show the terms of an offered agreement and sign them with this member's key."""
    desk = desk_of(context)
    with desk.member() as member:
        terms = joining.find_offer(member, agreement)
        valid, purposes, categories, contributors = _columns(terms)
        rows = [
            ("version", str(terms.version)),
            ("valid", valid),
            ("purposes", purposes),
            ("categories", categories),
            ("totals open from", f"{contributors} other contributors"),
        ]
        desk.screen.table(f"Agreement {terms.agreement}", ("term", "says"), rows)
        if not desk.confirm("Sign these terms in the member's name?", yes=yes):
            desk.screen.tell("Nothing was signed.")
            return 0
        joining.sign_agreement(member, terms)
    desk.screen.tell("Signed. Next: alliance-member submit FILE --as-of DATE")
    return 0


def _columns(terms: Terms) -> tuple[str, str, str, str]:
    return (
        f"{terms.valid_from} to {terms.valid_until}",
        ", ".join(terms.purposes),
        ", ".join(terms.categories),
        str(terms.min_contributors),
    )
