"""What anybody may check without trusting who hands it over: accusations, contributions, reports."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from custodian import state
from custodian.cli.app import DEFAULT_HOME, HomeOption, app, open_home, output, read_form, read_key_set
from custodian.desk import auditing, reports
from custodian.errors import OperatorError
from privacy import accusations
from privacy.contributions import SignedContributionOpening

KeySetOption = Annotated[
    Path | None, typer.Option("--key-set", help="A signed key set; without it, the one pinned in the home.")
]


@app.command("check-accusation")
def check_accusation(
    file: Annotated[Path, typer.Argument(help="What `alliance-member accusations export` wrote.")],
    key_set: KeySetOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Say whether a file proves that somebody cheated, and who. Ends with 0 when it does, 4 when not.

    Signed falsehoods alone count: an answer that is unsigned or was corrupted on its way blames nobody.

    Example: alliance-custodian check-accusation accusation.json --key-set key-set.json
    """
    verdict = accusations.verify_accusation(_read_accusation(file), read_key_set(key_set, home).key_set)
    output.print(f"proven: {verdict}", soft_wrap=True)


@app.command("check-contribution")
def check_contribution(
    files: Annotated[
        list[Path] | None, typer.Argument(help="What `alliance-member open-contribution` wrote.")
    ] = None,
    accusation: Annotated[
        Path | None, typer.Option(help="The accusation of the total that made no sense: who contributed?")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Say whether members opened truthfully what they contributed. Ends with 0 when all did, 4 when not.

    With an accusation: lists every record behind that total, and what is shown of it. A contributor could
    otherwise open an innocent contract instead. Files show amounts: keep them no longer than the audit.

    Example: alliance-custodian check-contribution --accusation accusation.json west.json east.json
    """
    here = open_home(home)
    shown = [read_form(SignedContributionOpening, file, "a contribution's opening") for file in files or ()]
    with closing(state.open_state(here.state)) as db:
        key_set = here.key_set().key_set
        if accusation is not None:
            _show(auditing.audit(db, key_set, _read_unsound(accusation), shown))
            return
        if not shown:
            raise OperatorError("give openings to check, or an accusation to see whom to ask for them")
        for opening in shown:
            for line in auditing.check(db, key_set, opening):
                output.print(f"holds: {line}", soft_wrap=True)
        output.print("whether these are the records that were asked for, only --accusation tells")


def _read_unsound(file: Path) -> accusations.UnsoundTotal:
    accusation = _read_accusation(file)
    if not isinstance(accusation, accusations.UnsoundTotal):
        raise OperatorError(f"{file} accuses a custodian and no contributors: see check-accusation")
    return accusation


def _show(findings: list[auditing.Finding]) -> None:
    words = {True: "sound", False: "unsound", None: "waits"}
    for each in findings:
        who = f"{each.contributor.member}, contract {each.contributor.contract_ref}"
        output.print(f"{words[each.sound]}: {who}: {each.why}", markup=False, soft_wrap=True)
        if each.sound is None:
            asked = (
                f"--ref {each.contributor.contract_ref} --private-digest {each.contributor.private_digest}"
            )
            output.print(
                f"  ask for: alliance-member open-contribution {asked}", markup=False, soft_wrap=True
            )
    if any(each.sound is False for each in findings):
        raise OperatorError("a contribution is unsound: tell the secretariat to suspend its member")
    if any(each.sound is None for each in findings):
        raise OperatorError("not every contributor has opened: who does not is to be suspended")


@app.command("check-report")
def check_report(
    file: Annotated[Path, typer.Argument(help="The .sig.json that `report` wrote beside its file.")],
    key_set: KeySetOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Check a monthly report's signature, and print the figures that it covers.

    Example: alliance-custodian check-report october.html.sig.json --key-set key-set.json
    """
    signed = read_form(reports.SignedReport, file, "a signed report")
    reports.verify(signed, read_key_set(key_set, home).key_set)
    output.print(reports.as_text(signed), markup=False, soft_wrap=True)
    output.print("the signature holds")


def _read_accusation(file: Path) -> accusations.Accusation:
    form: Any = accusations.Accusation
    accusation: accusations.Accusation = read_form(form, file, "an accusation")
    return accusation
