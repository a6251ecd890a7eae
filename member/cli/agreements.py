"""`agreements`: read what is offered, sign it, give notice, and try what it would allow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from member import agreements as service
from member.clauses import clauses
from member.cli.desk import Desk, desk_of
from privacy.periods import SHANGHAI
from privacy.terms import Terms
from privacy.vocabulary import Category, Purpose, RefusedPurpose

agreements = typer.Typer(
    help="Show the data agreements that the association offers, sign one, or give notice.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="Its name in `agreements list`.")]
Version = Annotated[int | None, typer.Option("--version", min=1, help="Default: the newest one.")]


@agreements.command("list", epilog="Example: alliance-member agreements list")
def list_(context: typer.Context) -> int:
    """Show this member's agreements and how far each has come."""
    desk = desk_of(context)
    with desk.member() as member:
        offers = service.list_agreements(member)
    rows = [
        (
            offer.terms.agreement,
            str(offer.terms.version),
            offer.state,
            f"{offer.terms.valid_from} to {offer.ends_at or offer.terms.valid_until}",
            ", ".join(offer.terms.purposes),
            ", ".join(offer.terms.receives),
        )
        for offer in offers
    ]
    desk.screen.table("Agreements", ("agreement", "version", "state", "valid", "purposes", "receives"), rows)
    return 0


@agreements.command(epilog="Example: alliance-member agreements show data-0001 --text data-0001.txt")
def show(
    context: typer.Context,
    agreement: Name,
    version: Version = None,
    text: Annotated[
        Path | None, typer.Option(help="Write the Chinese text, which prevails, to this file.")
    ] = None,
) -> int:
    """Show every clause of an agreement in words, and check that its Chinese text is the one it names."""
    desk = desk_of(context)
    with desk.member() as member:
        offer = service.find_version(member, agreement, version)
        words = service.text_of(member, offer.terms)
    _show(desk, offer.terms)
    desk.screen.tell(f"This version is {offer.state}. The Chinese text is the one that the terms name.")
    if text is not None:
        text.write_text(words, encoding="utf-8", newline="")
        desk.screen.tell(f"It stands in {text}: sha256sum finds the same digest, in hexadecimal.")
    else:
        desk.screen.tell(words)
    return 0


@agreements.command(epilog="Example: alliance-member agreements sign data-0001")
def sign(
    context: typer.Context,
    agreement: Annotated[
        str | None, typer.Argument(help="Its name in `agreements list`; needed if there are several.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without being asked again.")] = False,
) -> int:
    """Show the terms of an offered agreement and sign them with this member's key.

    The Chinese text is fetched and compared with the digest under the signature; another one ends the
    command with 4, and nothing is signed.
    """
    desk = desk_of(context)
    with desk.member() as member:
        terms = service.find_offer(member, agreement)
        service.text_of(member, terms)
        _show(desk, terms)
        if not desk.confirm("Sign these terms in the member's name?", yes=yes):
            desk.screen.tell("Nothing was signed.")
            return 0
        signed = service.sign_agreement(member, terms)
    if signed.state == "signed":
        desk.screen.tell("Signed. Two officers of the secretariat activate it: see agreements list.")
    else:
        desk.screen.tell("Signed. Next: alliance-member submit FILE --as-of DATE")
    return 0


@agreements.command(epilog="Example: alliance-member agreements terminate data-0001")
def terminate(
    context: typer.Context,
    agreement: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Give notice without being asked again.")] = False,
) -> int:
    """Give notice for an agreement; it holds until the notice that its terms ask for is over."""
    desk = desk_of(context)
    with desk.member() as member:
        terms = service.find_version(member, agreement, None).terms
        desk.screen.tell(f"{agreement} is over in {terms.notice_days} days; until then it holds.")
        if not desk.confirm("Give notice in the member's name?", yes=yes):
            desk.screen.tell("No notice was given.")
            return 0
        ends_at = service.terminate_agreement(member, agreement)
    desk.screen.tell(
        f"Notice is given. Over at {ends_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} Asia/Shanghai."
    )
    return 0


@agreements.command(
    "try", epilog="Example: alliance-member agreements try data-0001 --purpose skip_trace --subjects 500"
)
def try_(
    context: typer.Context,
    agreement: Name,
    purpose: Annotated[str, typer.Option(help=f"Why you would ask. One of: {', '.join(Purpose)}.")],
    category: Annotated[
        list[Category] | None, typer.Option(help="What you would hear; may be given again. Default: all.")
    ] = None,
    subjects: Annotated[
        int, typer.Option(min=0, max=100_000_000, help="About how many debtors; 0 leaves quotas aside.")
    ] = 0,
) -> int:
    """Say whether a question would be allowed, by which clause and since when.

    Nothing is asked of anybody, logged or charged.
    """
    if purpose not in {*Purpose, *RefusedPurpose}:
        raise typer.BadParameter(f"use one of {', '.join(Purpose)}", param_hint="--purpose")
    desk = desk_of(context)
    with desk.member() as member:
        found = service.try_question(member, agreement, purpose, category or tuple(Category), subjects)
    rows = [
        (
            each.category,
            "allowed" if each.allowed else "denied",
            f"{each.agreement} version {each.version}" if each.version else each.agreement,
            each.clause,
            each.reason,
            each.since or "-",
        )
        for each in found.decisions
    ]
    header = ("category", "decision", "agreement", "clause", "because", "since")
    desk.screen.table(f"{purpose}, in the mode {found.mode}", header, rows)
    return 0


def _show(desk: Desk, terms: Terms) -> None:
    desk.screen.table(f"Agreement {terms.agreement}", ("clause", "says"), clauses(terms))
