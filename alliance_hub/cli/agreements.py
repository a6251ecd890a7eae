"""Offer agreements to members and list them; the member signs with its own tool."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from alliance_hub.agreements import service as agreements
from alliance_hub.cli.shared import (
    HomeOption,
    PassphraseOption,
    app,
    database_of,
    opened,
    output,
    settings_of,
)
from alliance_hub.hub import system_clock
from alliance_hub.membership import service as membership
from alliance_hub.policy import AGREEMENT_DAYS
from privacy.encoding import instant_text
from privacy.statements import Terms
from privacy.vocabulary import Category, Purpose

group = typer.Typer(help="What members may ask, and under which terms.", no_args_is_help=True)
app.add_typer(group, name="agreements")

USUAL_PURPOSES = (Purpose.POST_LOAN_MANAGEMENT, Purpose.SKIP_TRACE)
USUAL_CATEGORIES = (Category.EXPOSURE, Category.REACHABILITY, Category.FLAGS)


@group.command()
def offer(
    name: Annotated[str, typer.Argument(help="The member's name.")],
    agreement: Annotated[
        str | None, typer.Option(help="An agreement that gets a new version; else a further one is made.")
    ] = None,
    min_contributors: Annotated[
        int | None,
        typer.Option(min=2, help="Distinct other members that a total needs; the key set's by default."),
    ] = None,
    purpose: Annotated[
        list[Purpose] | None,
        typer.Option(help="A purpose; may be given again. Default: post-loan, skip trace."),
    ] = None,
    category: Annotated[
        list[Category] | None,
        typer.Option(help="What the member gives and gets. Default: exposure, reachability, flags."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="How long it is in force.")] = AGREEMENT_DAYS,
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Offer an agreement to a member, in force from now; it takes effect when the member signs."""
    with opened(home, passphrase_file) as hub, hub.database.transaction() as session:
        now = hub.clock()
        chosen = agreement or agreements.next_name(session)
        terms = Terms(
            agreement=chosen,
            version=agreements.next_version(session, chosen),
            member=name,
            purposes=tuple(purpose or USUAL_PURPOSES),
            categories=tuple(category or USUAL_CATEGORIES),
            min_contributors=min_contributors or hub.key_set.policy.min_contributors,
            valid_from=instant_text(now),
            valid_until=instant_text(now + timedelta(days=days)),
        )
        agreements.offer(session, hub, terms, now)
    output.print(
        f"{chosen} version {terms.version} is offered to {name} until {terms.valid_until}", markup=False
    )


@group.command("list")
def list_agreements(home: HomeOption = None) -> None:
    """List every agreement with its state."""
    found = Table("member", "agreement", "version", "state", "until", "purposes", "contributors", box=None)
    with database_of(settings_of(home)) as database, database.reading() as session:
        for member in membership.list_members(session):
            for view in agreements.list_for(session, member, at=system_clock()):
                terms = view.terms
                found.add_row(
                    terms.member, terms.agreement, str(terms.version), view.state, terms.valid_until,
                    ", ".join(terms.purposes), str(terms.min_contributors),
                )  # fmt: skip
    output.print(found)
