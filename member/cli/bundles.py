"""`matters template`, `build` and `deliver`: the bundle of one matter or of a workbook, and its hand-over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from member.cli.desk import Desk, desk_of
from member.cli.documents import show_lacks
from member.files.tables import require_ending
from member.matters import template as forms
from member.matters.draft import read_document
from member.matters.folder import open_folder
from member.matters.ready import look_at
from member.member import Member
from privacy.periods import day_of

if TYPE_CHECKING:
    from member.matters.building import Signing

AuthorityUrl = Annotated[
    str | None, typer.Option("--authority", metavar="URL", help="A time-stamping authority (RFC 3161).")
]
AuthorityRoots = Annotated[
    Path | None, typer.Option(metavar="PEM", help="Its root certificates, got from the authority itself.")
]
CertificateFile = Annotated[
    Path | None,
    typer.Option(
        "--certificate", metavar="P12", help="Signs the reports. Default: one that this member makes itself."
    ),
]
CertificatePassphrase = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A file with the certificate's passphrase. Default: asked for."),
]


def template(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="cases.xlsx for many cases, case.toml for one.")],
) -> int:
    """Write a form to begin with: a workbook with one row a case, or a case file with every field."""
    require_ending(out, ".xlsx", ".toml")
    screen = desk_of(context).screen
    if out.suffix.lower() == ".xlsx":
        forms.write_workbook(out)
        screen.tell(
            f"{out}: replace the example row. The second sheet explains the columns and the documents."
        )
        screen.tell(f"Next: alliance-member matters build --cases {out} --documents FOLDER --out FOLDER")
    else:
        forms.write_case_file(out)
        screen.tell(f"{out}: fill in what is known; what is missing is said later.")
        screen.tell(f"Next: alliance-member matters open --case {out}")
    return 0


def build(
    context: typer.Context,
    out: Annotated[
        Path, typer.Option(help="The bundle, a .zip file; with --cases the folder for all of them.")
    ],
    reference: Annotated[str | None, typer.Argument(help="The matter; none with --cases.")] = None,
    cases: Annotated[
        Path | None,
        typer.Option(metavar="XLSX", help="A workbook with one row a case, see `matters template`."),
    ] = None,
    documents: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="With --cases: a folder of documents for each case.")
    ] = None,
    common: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --cases: what all rows share, .toml or .json.")
    ] = None,
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Build although the filing's profile wants more.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Build also what stands already, with today's certificates.")
    ] = False,
    authority: AuthorityUrl = None,
    authority_roots: AuthorityRoots = None,
    certificate: CertificateFile = None,
    certificate_passphrase: CertificatePassphrase = None,
) -> int:
    """Build the bundle of a matter, or of every row of a workbook; what stands unchanged is left alone.

    Ends with 2 when something is missing: of a workbook the other rows are built all the same, and all that
    is wrong stands in errors.csv beside them. Interrupted, run the same command again.
    """
    desk = desk_of(context)
    if (reference is None) == (cases is None):
        raise typer.BadParameter("name one matter, or a workbook with --cases")
    with desk.member() as member:
        signing = _signing(member, authority, authority_roots, certificate, certificate_passphrase)
        if cases is not None:
            shared = read_document(common) if common else {}
            return _build_all(desk, member, cases, documents, out, shared, signing, incomplete, again)
        assert reference is not None
        require_ending(out, ".zip")
        return _build_one(desk, member, reference, out, signing, incomplete, again)


def _build_one(
    desk: Desk, member: Member, reference: str, out: Path, signing: Signing, incomplete: bool, again: bool
) -> int:
    from member.matters import building

    ready = look_at(open_folder(member.home, reference), day_of(member.clock()))
    try:
        building.require_ready(ready, incomplete=incomplete)
    except building.Incomplete:
        return show_lacks(desk.screen, ready)
    built = None if again else building.find_current(member, ready, out)
    if built is not None:
        desk.screen.tell(f"{out} stands already, and nothing has changed. Build it anew with --again.")
    else:
        built = building.build(member, ready, out, signing, incomplete=incomplete)
        desk.screen.tell(f"{out} is sealed. SHA-256 of the file: {built.digest}")
    for warning in ready.case.warnings if ready.case else ():
        desk.screen.warn(warning.en)
    desk.screen.tell(f"Check it as a court would: alliance-verify {out} --trust trust.json")
    desk.screen.tell(f"Next: alliance-member matters deliver {reference} {out} --to 某市某区人民法院")
    return 0


def _build_all(
    desk: Desk,
    member: Member,
    cases: Path,
    documents: Path | None,
    out: Path,
    common: dict[str, Any],
    signing: Signing,
    incomplete: bool,
    again: bool,
) -> int:
    from member.matters import batch

    asked = batch.Batch(
        cases=cases,
        documents=documents,
        out=out,
        common=common,
        signing=signing,
        incomplete=incomplete,
        again=again,
    )
    result = batch.run(member, asked)
    desk.screen.table(
        f"Bundles of {cases.name} in {out}",
        ("rows", "number"),
        [
            ("rows in the workbook", f"{result.rows:,}"),
            ("bundles built", f"{result.built:,}"),
            ("unchanged since they were built", f"{result.unchanged:,}"),
            ("not built", f"{result.failed:,}"),
        ],
    )
    if result.errors is not None:
        desk.screen.tell(f"What keeps the others from being built stands in {result.errors}, field by field.")
        desk.screen.tell("Correct the workbook or the documents, and run the same command again.")
    return result.exit_code


def _signing(
    member: Member,
    url: str | None,
    roots: Path | None,
    certificate: Path | None,
    passphrase: Path | None,
) -> Signing:
    from member.matters.building import Signing
    from member.matters.certificate import read_certificate
    from member.matters.stamping import authority

    if (url is None) != (roots is None):
        raise typer.BadParameter("--authority and --authority-roots belong together")
    return Signing(
        authority=authority(url, _bytes(roots)) if url and roots else None,
        certificate=(
            read_certificate(_bytes(certificate), _passphrase(passphrase), at=member.clock())
            if certificate
            else None
        ),
    )


def deliver(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(help="The matter's reference.")],
    bundle: Annotated[Path, typer.Argument(help="The bundle, as it was built.")],
    to: Annotated[str, typer.Option(help="Who gets it: a court, a commission, a law firm.")],
    by: Annotated[str | None, typer.Option(help="Who hands it over. Default: this member's name.")] = None,
    note: Annotated[
        Path | None, typer.Option(metavar="PDF", help="The delivery note. Default: beside the bundle.")
    ] = None,
) -> int:
    """Write down that a bundle was handed over, tell the hub its seal, and print a note to be signed.

    The bundle itself goes by your own way: a disc, the court's site, a messenger. The hub never gets it.
    """
    from member.matters import delivering

    desk = desk_of(context)
    target = note or bundle.with_suffix(".delivery.pdf")
    require_ending(target, ".pdf")
    with desk.member() as member:
        folder = open_folder(member.home, reference)
        done = delivering.deliver(member, folder, bundle, to, by or member.name, target)
    desk.screen.tell(f"Delivered to {to}: written down, and logged at the hub. The note is in {done.note}.")
    desk.screen.tell(f"The seal, as the console shows it: {delivering.in_groups(done.seal)}")
    if done.superseded is not None:
        desk.screen.warn(f"the hub says that this bundle is superseded ({done.superseded}): build it again")
    return 0


def _passphrase(file: Path | None) -> str:
    if file is not None:
        return (_bytes(file).decode("utf-8-sig", "replace").splitlines() or [""])[0]
    text: str = typer.prompt("Passphrase of the certificate", hide_input=True, default="", show_default=False)
    return text


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read") from error
