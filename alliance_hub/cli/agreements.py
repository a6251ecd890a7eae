"""Offer agreements to members and list them; the member signs with its own tool."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.service import AgreementQuery
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
from alliance_hub.policy import AGREEMENT_DAYS
from privacy.encoding import instant_text
from privacy.terms import Party
from privacy.vocabulary import Category, Purpose

group = typer.Typer(help="What members may ask, and under which terms.", no_args_is_help=True)
app.add_typer(group, name="agreements")

MAX_LISTED = 10_000

MADE_UP_ASSOCIATION = Party(legal_name="合成数据协会", uscc="51000000MJ0000001E", licence="合成数据，无登记")
"""A code of area 000000 is nobody's."""

MADE_UP_MEMBER_CODE = "91000000MA0000001R"


@group.command()
def offer(
    name: Annotated[str, typer.Argument(help="The member's name.")],
    agreement: Annotated[
        str | None, typer.Option(help="An agreement that gets a new version; else a further one is made.")
    ] = None,
    template: Annotated[str, typer.Option(help="With which clauses the terms begin.")] = "usual",
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
    activate_when_signed: Annotated[
        bool,
        typer.Option(
            "--activate-when-signed", help="Take effect with the member's signature, by no officer."
        ),
    ] = False,
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Offer an agreement to a member, in force from now: for made-up data only.

    Elsewhere officers do it in the console, where another officer reviews it and two put it into effect.
    """
    chosen: dict[str, object] = {
        "min_contributors": min_contributors,
        "purposes": None if purpose is None else tuple(map(str, purpose)),
        "contributes": None if category is None else tuple(map(str, category)),
        "receives": None if category is None else tuple(map(str, category)),
    }
    with opened(home, passphrase_file) as hub, hub.database.transaction() as session:
        now = hub.clock()
        named = agreement or agreements.next_name(session)
        facts = {
            "agreement": named,
            "version": agreements.next_version(session, named),
            "member": name,
            "association_party": MADE_UP_ASSOCIATION.document(),
            "member_party": Party(name, MADE_UP_MEMBER_CODE, "合成数据，无许可").document(),
            "min_contributors": hub.key_set.policy.min_contributors,
            "valid_from": instant_text(now),
            "valid_until": instant_text(now + timedelta(days=days)),
            **agreements.get_template(session, template).clauses,
            **{clause: value for clause, value in chosen.items() if value},
        }
        terms, text = agreements.terms_of(hub, facts, agreements.get_template(session, template).wording)
        agreements.offer_made_up(session, hub, terms, text, now, activates_itself=activate_when_signed)
    output.print(
        f"{named} version {terms.version} is offered to {name} until {terms.valid_until}", markup=False
    )


@group.command("list")
def list_agreements(home: HomeOption = None) -> None:
    """List every agreement with its state."""
    found = Table("member", "agreement", "version", "state", "until", "purposes", "contributors", box=None)
    query = AgreementQuery(sort="member", descending=False, limit=MAX_LISTED)
    with database_of(settings_of(home)) as database, database.reading() as session:
        for view in agreements.list_all(session, query, at=system_clock()).versions:
            terms = view.terms
            found.add_row(
                terms.member, terms.agreement, str(terms.version), view.state, instant_text(view.ends_at),
                ", ".join(terms.purposes), str(terms.min_contributors),
            )  # fmt: skip
    output.print(found)
