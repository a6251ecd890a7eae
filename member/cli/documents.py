"""`matters add`, `remove` and `check`: the evidence list, what is claimed, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from member.cli.desk import desk_of
from member.cli.screen import Screen
from member.matters.completeness import copies_of
from member.matters.documents import SOURCE, USUAL, usual_name
from member.matters.evidence_list import Listed, Said
from member.matters.folder import Folder, open_folder
from member.matters.forms import Form
from member.matters.money import yuan
from member.matters.profiles import DocumentKind, profile_named, require_kind
from member.matters.ready import Ready, look_at
from privacy.periods import day_of

Reference = Annotated[str, typer.Argument(help="The matter's reference, as `matters list` shows it.")]
"""Which matter."""


def add(
    context: typer.Context,
    reference: Reference,
    file: Annotated[Path, typer.Argument(help="The document: it is copied byte for byte.")],
    kind: Annotated[DocumentKind, typer.Option(help="What it is, so that the filing's rules can be judged.")],
    name: Annotated[str | None, typer.Option(help="Its name on the evidence list. Default: by kind.")] = None,
    source: Annotated[str, typer.Option(help="Where it comes from.")] = SOURCE,
    purpose: Annotated[str | None, typer.Option(help="What it shows. Default: by kind.")] = None,
    original: Annotated[
        bool, typer.Option("--original/--copy", help="Handed in as original, or as a copy.")
    ] = False,
    pages: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="Its pages, where they cannot be counted here.")
    ] = None,
    collector: Annotated[
        str | None, typer.Option(help="Who collected it. Default: this member's name.")
    ] = None,
) -> int:
    """Put a document on the matter's evidence list, with its digests SHA-256 and SM3."""
    desk = desk_of(context)
    with desk.member() as member:
        folder = open_folder(member.home, reference)
        said = Said(
            kind=kind,
            name=name or usual_name(kind),
            source=source,
            purpose=purpose or USUAL[kind].purpose,
            form=Form.ORIGINAL if original else Form.COPY,
            collector=collector or member.name,
            pages=pages,
        )
        item = folder.add(file, said, member.clock())
    shown = "no pages" if item.pages is None else f"{item.pages} pages"
    desk.screen.tell(
        f"Number {item.number} of the evidence list: {item.name}, {shown}, SHA-256 {item.sha_256}"
    )
    desk.screen.tell(f"Next: alliance-member matters check {reference}")
    return 0


def remove(
    context: typer.Context,
    reference: Reference,
    number: Annotated[int, typer.Argument(min=1, help="Its number on the evidence list.")],
) -> int:
    """Take a document off the evidence list: those behind it move up, and the custody log keeps it."""
    desk = desk_of(context)
    with desk.member() as member:
        item = open_folder(member.home, reference).remove(number, member.name, member.clock())
    desk.screen.tell(f"Taken off the list: {item.name}. Those behind it have moved up.")
    return 0


def check(
    context: typer.Context,
    reference: Reference,
    profile: Annotated[
        str | None, typer.Option(help="Judge by another profile from now on: a name, or a .json file.")
    ] = None,
) -> int:
    """Show what is claimed and how it is counted, until when, by which documents; and what is missing.

    Ends with 2 while something is missing.
    """
    desk = desk_of(context)
    with desk.member() as member:
        folder = open_folder(member.home, reference)
        if profile is not None:
            _use_profile(folder, profile)
        ready = look_at(folder, day_of(member.clock()))
    _show_case(desk.screen, ready)
    show_list(desk.screen, ready.listed)
    return show_lacks(desk.screen, ready)


def _use_profile(folder: Folder, named: str) -> None:
    opened, profile = folder.opened(), profile_named(named)
    require_kind(profile, opened.kind)
    folder.write_profile(profile)
    folder.keep(msgspec.structs.replace(opened, profile=profile.name))


def _show_case(screen: Screen, ready: Ready) -> None:
    """Show what is claimed, the limitation, and what counsel must look at."""
    if ready.case is None:
        return
    for loan in ready.case.loans:
        rows = [(line.item.value, line.formula, yuan(line.amount)) for line in loan.lines]
        screen.table(
            f"Contract {loan.contract}, up to {ready.case.as_of}",
            ("claim", "formula", "yuan"),
            [*rows, ("claimed", "", yuan(loan.claimed))],
        )
    for each in ready.case.limitation:
        screen.tell(f"{each.about}: {each.words.en}")
    for warning in ready.case.warnings:
        screen.warn(warning.en)


def show_list(screen: Screen, listed: Sequence[Listed]) -> None:
    rows = [
        (
            str(each.item.number),
            each.kind.value,
            each.item.name,
            each.item.source,
            each.item.purpose,
            "" if each.item.pages is None else str(each.item.pages),
            each.item.form.value,
        )
        for each in listed
    ]
    header = ("no.", "kind", "name", "source", "purpose", "pages", "form")
    screen.table("Evidence list", header, rows)


def show_lacks(screen: Screen, ready: Ready) -> int:
    """Show what is missing, or how many copies are handed in; return the exit code."""
    reference = ready.opened.reference
    if ready.lacks:
        rows = [(each.where, each.reason, each.do) for each in ready.lacks]
        screen.table("What is missing", ("where", "why", "what to do"), rows)
        screen.tell(
            f"The case file is {ready.folder.case_file}. Then: alliance-member matters check {reference}"
        )
        return 2
    respondents = len(ready.case.respondents) if ready.case else 1
    copies = [
        (each.label, str(each.documents), str(each.copies))
        for each in copies_of(ready.profile, respondents, ready.listed)
    ]
    screen.table(f"On paper, for {ready.profile.title.en}", ("annex", "documents", "copies"), copies)
    screen.tell(f"Nothing is missing. Next: alliance-member matters build {reference} --out {reference}.zip")
    return 0
