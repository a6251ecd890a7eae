"""`matters certify`, `list`, `show` and `close`: what the hub has of a matter."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from member.cli.desk import Desk, desk_of
from member.cli.documents import Reference, show_list
from member.matters import office
from member.matters.folder import find_folder, list_folders
from privacy.certificates import CourtOrder
from privacy.encoding import b64, instant_text


def certify(
    context: typer.Context,
    reference: Reference,
    court: Annotated[str, typer.Option(help="The court that ordered it.")],
    number: Annotated[str, typer.Option(help="The order's number.")],
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The order's day.")],
    order: Annotated[
        Path, typer.Option(metavar="FILE", help="The order: only its digest leaves this machine.")
    ],
) -> int:
    """Ask, on a court's order, for a certificate whether another member holds the debtor.

    Two officers of the secretariat decide. What else is certified, `matters build` asks for by itself.
    """
    desk = desk_of(context)
    digest = _digest(order)
    with desk.member() as member:
        ordered = CourtOrder(court=court, number=number, ordered_on=f"{on:%Y-%m-%d}", digest=digest)
        found = office.certify(member, reference, ["existence"], order=ordered)
    if found.waiting:
        desk.screen.tell(
            "Two officers of the secretariat decide. Then run alliance-member matters build again."
        )
        return 3
    desk.screen.tell(
        f"Certified: number {', '.join(str(each.certificate.number) for each in found.certificates)}."
    )
    return 0


def _digest(path: Path) -> str:
    try:
        return b64(hashlib.sha256(path.read_bytes()).digest())
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read", param_hint="--order") from error


def list_(context: typer.Context) -> int:
    """Show all matters of this member: what the hub says, and what lies in this machine's folders."""
    desk = desk_of(context)
    with desk.member() as member:
        there = {each.matter: each for each in office.list_matters(member)}
        here = {each.path.name: each.opened() for each in list_folders(member.home)}
    rows = []
    for reference in sorted(there.keys() | here.keys()):
        hub, mine = there.get(reference), here.get(reference)
        rows.append(
            (
                reference,
                hub.kind if hub else mine.kind.value if mine else "",
                hub.state if hub else "not opened yet",
                hub.until if hub else mine.until if mine else "",
                (hub.law_firm if hub else mine.law_firm if mine else None) or "",
                str(len(mine.bundles)) if mine else "no folder on this machine",
            )
        )
    desk.screen.table("Matters", ("reference", "kind", "state", "until", "law firm", "bundles"), rows)
    return 0


def show(context: typer.Context, reference: Reference) -> int:
    """Show a matter: certificates, bundles, what has superseded them, and its evidence list.

    Ends with 1 when a bundle that was built is superseded: build it again before it is used.
    """
    desk = desk_of(context)
    with desk.member() as member:
        found = office.show(member, reference)
        folder = find_folder(member.home, reference)
        listed = folder.documents().listed if folder else ()
    desk.screen.tell(f"{found.matter}: {found.kind}, {found.state}, {found.opened_at} to {found.until}")
    desk.screen.table(
        "Certificates",
        ("number", "kind", "issued", "superseded", "why"),
        [
            (str(each.number), each.kind, each.issued_at, each.superseded_at or "", each.why or "")
            for each in found.certificates
        ],
    )
    desk.screen.table(
        "Bundles",
        ("seal", "sealed", "delivered", "superseded", "why"),
        [
            (each.seal, each.sealed_at, each.delivered_at or "", each.superseded_at or "", each.why or "")
            for each in found.bundles
        ],
    )
    show_list(desk.screen, listed)
    return _superseded(desk, reference, found.bundles[-1].superseded_at if found.bundles else None)


def _superseded(desk: Desk, reference: str, since: str | None) -> int:
    if since is None:
        return 0
    desk.screen.fail(
        f"The newest bundle is superseded since {since}. Next: matters build {reference} --again"
    )
    return 1


def close(
    context: typer.Context,
    reference: Reference,
    yes: Annotated[bool, typer.Option("--yes", help="Close it without being asked.")] = False,
) -> int:
    """Close a matter: its lawyers see it no longer, and nothing more is certified. The folder stays."""
    desk = desk_of(context)
    with desk.member() as member:
        if not desk.confirm("Close this matter for good?", yes=yes):
            desk.screen.tell("Nothing was closed.")
            return 0
        office.close(member, reference)
        if (folder := find_folder(member.home, reference)) is not None:
            closed_at = instant_text(member.clock())
            folder.keep(msgspec.structs.replace(folder.opened(), closed_at=closed_at))
    desk.screen.tell("Closed. The matter's folder with its documents stays until you delete it.")
    return 0
