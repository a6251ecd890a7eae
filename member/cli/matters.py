"""`matters`: the commands put together, and `open`: a matter begins, and the hub hears no name."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from member.cli import bundles, documents, registered
from member.cli.desk import desk_of
from member.cli.work import Mapping
from member.errors import Refused
from member.files import load_mapping
from member.matters import opening, portfolio
from member.matters.draft import Document, draft_of, laid_over, number_of_contract, read_document
from member.matters.folder import Folder, find_folder
from member.matters.profiles import names
from member.matters.ready import look_at
from member.member import Member
from privacy.errors import InvalidInputError
from privacy.evidence import MatterKind
from privacy.periods import day_of

matters = typer.Typer(
    help="Open a matter, collect its documents, and build the bundle that a court checks offline.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


def open_(
    context: typer.Context,
    reference: Annotated[
        str | None,
        typer.Argument(
            help="A reference of your own, without names; or of a matter whose opening was stopped."
        ),
    ] = None,
    case: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What is known of the case: .toml or .json.")
    ] = None,
    contract: Annotated[
        list[str] | None, typer.Option(help="A contract of the debtor's, once for each; with --portfolio.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--portfolio", metavar="FILE", help="Your file with these contracts.")
    ] = None,
    mapping: Mapping = None,
    kind: Annotated[
        MatterKind | None, typer.Option(help="Before whom. Default: as the case file says.")
    ] = None,
    law_firm: Annotated[str | None, typer.Option(help="The law firm, as the alliance knows it.")] = None,
    lawyer: Annotated[
        list[str] | None, typer.Option(help="Staff number of a lawyer of the firm, once for each.")
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The lawyers' last day. Default: a year."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help=f"{', '.join(names())}, or a .json file. Default: by kind.")
    ] = None,
) -> int:
    """Open a matter about one debtor: the hub gets pseudonym, contract references and a reference.

    Names, numbers and documents stay in this member's folder. Stopped, run it again with the reference.
    """
    desk = desk_of(context)
    said = {
        "kind": kind,
        "law_firm": law_firm,
        "lawyers": lawyer or None,
        "until": until and f"{until:%Y-%m-%d}",
    }
    with desk.member() as member:
        known = find_folder(member.home, reference) if reference else None
        document = _document(
            member, known, case, contract or [], file, load_mapping(mapping) if mapping else None
        )
        document = laid_over(document, {name: value for name, value in said.items() if value is not None})
        fresh = f"M{day_of(member.clock()):%Y%m%d}-{secrets.token_hex(4)}"
        folder = _begin(member, reference or fresh, document, profile)
        desk.screen.tell(f"The matter's reference is {folder.path.name}.")
        opened = opening.tell(member, folder)
        ready = look_at(folder, day_of(member.clock()))
    desk.screen.tell(
        f"Open at the hub since {opened.opened_at}, until {opened.until}. Its folder: {folder.path}"
    )
    if ready.lacks:
        desk.screen.tell(
            f"{len(ready.lacks)} things are missing yet. Write what is known into {folder.case_file}."
        )
    desk.screen.tell(f"Next: alliance-member matters add {opened.reference} FILE --kind contract")
    return 0


def _begin(member: Member, reference: str, document: Document, profile: str | None) -> Folder:
    try:
        return opening.begin(member, reference, document, profile, source="the case")
    except InvalidInputError as error:
        raise Refused(f"{error.field or 'the case'}: {error}", rule="case") from error


def _document(
    member: Member,
    known: Folder | None,
    case: Path | None,
    contracts: Sequence[str],
    file: Path | None,
    mapping: dict[str, str] | None,
) -> Document:
    """Return the case file: what stands in the folder, the portfolio's debtor, the file that was named."""
    if bool(contracts) != (file is not None):
        raise typer.BadParameter("--contract and --portfolio belong together")
    if file is None and case is None and known is None:
        raise typer.BadParameter(
            "name a case file with --case, or a contract with --contract and --portfolio"
        )
    document: Document = known.document() if known else {}
    if file is not None:
        synthetic = member.key_set.policy.synthetic
        found = portfolio.document_of(file, contracts, mapping=mapping, synthetic=synthetic)
        document = laid_over(document, found)
    whole = _with_debtor(document, read_document(case)) if case is not None else document
    named = {number_of_contract(loan.contract) for loan in draft_of(whole, "the case").loans}
    if not set(contracts) <= named:
        raise Refused("the case file names other loans than --contract: correct one of them", rule="contract")
    return whole


def _with_debtor(found: Document, case: Document) -> Document:
    """Return the case file with the debtor that the portfolio knows where it leaves a field empty."""
    debtor = {name: value for name, value in case.get("debtor", {}).items() if value not in (None, "")}
    return laid_over(found, {**case, "debtor": debtor})


_REFERENCE = "M20261122-1a2b3c4d"

_COMMANDS: tuple[tuple[str, Callable[..., Any], str], ...] = (
    ("template", bundles.template, "--out cases.xlsx"),
    (
        "open",
        open_,
        "--case case.toml --contract NA2024-000009 --portfolio loans.xlsx --law-firm 正言 --lawyer L001",
    ),
    ("add", documents.add, f"{_REFERENCE} contract.pdf --kind contract --original"),
    ("remove", documents.remove, f"{_REFERENCE} 3"),
    ("check", documents.check, _REFERENCE),
    (
        "certify",
        registered.certify,
        f"{_REFERENCE} --court 某区人民法院 --number （2026）某01民初1号 --on 2026-11-20 --order order.pdf",
    ),
    (
        "build",
        bundles.build,
        f"{_REFERENCE} --out bundle.zip; alliance-member matters build --cases cases.xlsx --common our.toml "
        "--documents files --out bundles",
    ),
    ("deliver", bundles.deliver, f"{_REFERENCE} bundle.zip --to 某市某区人民法院"),
    ("list", registered.list_, ""),
    ("show", registered.show, _REFERENCE),
    ("close", registered.close, _REFERENCE),
)
for _name, _command, _arguments in _COMMANDS:
    matters.command(_name, epilog=f"Example: alliance-member matters {_name} {_arguments}".rstrip())(_command)
