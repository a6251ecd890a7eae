"""What a court, commission or mediator wants to be handed: data files, read strictly.

Those that come along stand in `profiles/`; a member's own is a file given with `--profile`. How to write one:
`docs/filing.md`. Limits change and differ from place to place: whoever files looks them up once and corrects
a copy.
"""

from __future__ import annotations

from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import msgspec

from member.files.errors import FileError
from member.matters.case import ProfileName, Text, Words
from privacy.errors import InvalidInputError
from privacy.evidence import MatterKind
from privacy.messages import Message, exactly, parse_json

Label = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]

FileType = Annotated[str, exactly("[a-z0-9]{2,5}")]
"""A file's ending without its dot, in lower case."""

Bytes = Annotated[int, msgspec.Meta(ge=1, le=10**12)]

Copies = Annotated[int, msgspec.Meta(ge=0, le=50)]


class BadProfile(FileError):
    """A filing profile is not what one has to be; the message names file and field."""


class DocumentKind(StrEnum):
    """What a document is, so that a profile can say which ones it wants."""

    CREDITOR_IDENTITY = "creditor-identity"
    """The creditor's business licence, and who speaks for it by law."""
    AUTHORITY = "authority"
    """Power of attorney, the firm's letter, the lawyer's licence."""
    DEBTOR_IDENTITY = "debtor-identity"
    """A copy of the debtor's identity document, or what shows who it is."""
    CONTRACT = "contract"
    """The loan contract and what belongs to it."""
    GUARANTEE = "guarantee"
    """A guarantee, pledge or mortgage."""
    CONSENT = "consent"
    """The debtor's written consent to the handling of its data."""
    DISBURSEMENT = "disbursement"
    """What shows that the money was paid out."""
    LEDGER = "ledger"
    """What was repaid when, and how the claim is counted."""
    DEMAND = "demand"
    """A demand, with what shows that it arrived."""
    ACKNOWLEDGEMENT = "acknowledgement"
    """What the debtor signed or said about the debt afterwards."""
    AGREEMENT_TO_ARBITRATE = "agreement-to-arbitrate"
    """The clause or agreement by which a commission is competent."""
    JUDGMENT = "judgment"
    """The judgment, award or mediation document to be enforced."""
    IN_FORCE = "in-force"
    """What shows that it is in force, and that it was served."""
    PROPERTY = "property"
    """Clues to what the debtor owns."""
    RECORDING = "recording"
    """A recording of sound or pictures."""
    OTHER = "other"
    """Whatever else."""


class FormField(StrEnum):
    """What a form can hold; `application` knows how each is written."""

    CREDITOR = "creditor"
    """The creditor's name."""
    CREDITOR_IDENTIFIER = "creditor.identifier"
    """Its unified social credit code, or document number."""
    CREDITOR_ADDRESS = "creditor.address"
    """Where it lives."""
    CREDITOR_PHONE = "creditor.phone"
    """Its telephone number."""
    CREDITOR_REPRESENTATIVE = "creditor.representative"
    """Who speaks for it by law."""
    AGENTS = "agents"
    """Who goes to court for it, one line each."""
    DEBTOR = "debtor"
    """The debtor's name."""
    DEBTOR_IDENTIFIER = "debtor.identifier"
    """The debtor's document number."""
    DEBTOR_ADDRESS = "debtor.address"
    """Where the debtor lives: without it no court serves anything."""
    DEBTOR_PHONE = "debtor.phone"
    """The debtor's telephone number."""
    DEBTOR_REPRESENTATIVE = "debtor.representative"
    """Who speaks for a debtor that is a firm."""
    OTHERS = "others"
    """The other respondents, one line each."""
    FORUM = "forum"
    """The court, commission or mediator."""
    CAUSE = "cause"
    """The cause of action."""
    CLAIMED = "claimed"
    """The sum claimed."""
    JUDGMENT = "judgment"
    """What is to be enforced: body, number, since when in force."""
    REQUESTS = "requests"
    """What is asked for."""
    FACTS = "facts"
    """Facts and reasons."""
    ARREARS = "arrears"
    """The table of what is claimed, with its formulas."""
    EVIDENCE = "evidence"
    """The evidence list."""


class Entry(Message, frozen=True):
    """One field of a form."""

    field: FormField
    label: Label
    required: bool


class Section(Message, frozen=True):
    """Fields under one heading."""

    heading: Label
    fields: Annotated[tuple[Entry, ...], msgspec.Meta(min_length=1)]


class FilingForm(Message, frozen=True):
    """The application that is filled from the case; `closing` is the word before the forum's name (此致)."""

    title: Label
    sections: Annotated[tuple[Section, ...], msgspec.Meta(min_length=1)]
    closing: Label
    signed_by: Label


class Annex(Message, frozen=True):
    """Documents of a kind: which are taken for it, in which file types, and in how many copies on paper.

    `copies` is for the file, `copies_each` for each respondent.
    """

    label: Words
    accepts: Annotated[tuple[DocumentKind, ...], msgspec.Meta(min_length=1)]
    required: bool
    types: Annotated[tuple[FileType, ...], msgspec.Meta(min_length=1)]
    copies: Copies
    copies_each: Copies


class Limits(Message, frozen=True):
    """How much is taken at once: bytes of a file and of all, files, and letters of a file's name."""

    file_bytes: Bytes
    total_bytes: Bytes
    files: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    name_length: Annotated[int, msgspec.Meta(ge=20, le=150)]


class Profile(Message, frozen=True):
    """What one kind of filing wants."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1)]
    name: ProfileName
    title: Words
    source: Text
    """Where these rules were found, and when they were last looked up."""
    kinds: Annotated[tuple[MatterKind, ...], msgspec.Meta(min_length=1)]
    form: FilingForm | None
    annexes: tuple[Annex, ...]
    limits: Limits

    def annex_of(self, kind: DocumentKind) -> Annex | None:
        """Return the annex that takes documents of a kind."""
        return next((each for each in self.annexes if kind in each.accepts), None)


USUAL = {
    MatterKind.LITIGATION: "court-internet",
    MatterKind.ARBITRATION: "arbitration-commission",
    MatterKind.MEDIATION: "mediation",
    MatterKind.ENFORCEMENT: "enforcement",
}
"""The profile for a matter where none is named."""


def profile_named(text: str) -> Profile:
    """Return the profile of that name, or in the file of that name (it ends in .json).

    Raises BadProfile naming the file and the field.
    """
    if text.lower().endswith(".json"):
        return read_profile(Path(text))
    known = names()
    if text not in known:
        raise BadProfile(f"no profile {text}: use one of {', '.join(known)}, or name a .json file")
    return _read(text + ".json", (_folder() / f"{text}.json").read_bytes())


def read_profile(path: Path) -> Profile:
    """Read a profile of one's own; raises BadProfile naming the file and the field."""
    try:
        return _read(path.name, path.read_bytes())
    except OSError as error:
        raise BadProfile(f"{path.name}: cannot be read: {error.strerror}") from error


def names() -> tuple[str, ...]:
    """Return the names of the profiles that come along."""
    found = (each.name for each in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in found if name.endswith(".json")))


def require_kind(profile: Profile, kind: MatterKind) -> None:
    """Raise BadProfile unless a profile is for matters of this kind."""
    if kind not in profile.kinds:
        raise BadProfile(
            f"profile {profile.name} is for {', '.join(profile.kinds)}, this matter is {kind}: "
            f"use --profile {USUAL[kind]}, or one of your own"
        )


def _folder() -> Traversable:
    return files("member.matters") / "profiles"


def _read(name: str, data: bytes) -> Profile:
    try:
        profile = parse_json(Profile, data)
        _require_sense(profile)
    except InvalidInputError as error:
        where = f"field {error.field}: " if error.field else ""
        raise BadProfile(f"{name}: {where}{error}; see docs/filing.md") from error
    return profile


def _require_sense(profile: Profile) -> None:
    """Refuse what the fields' forms cannot: the same document or form field wanted twice."""
    kinds: set[DocumentKind] = set()
    for index, annex in enumerate(profile.annexes):
        for kind in annex.accepts:
            if kind in kinds:
                raise InvalidInputError(
                    f"an annex before takes documents of kind {kind} too", field=f"annexes[{index}].accepts"
                )
            kinds.add(kind)
    fields: set[FormField] = set()
    for number, section in enumerate(profile.form.sections if profile.form else ()):
        for index, entry in enumerate(section.fields):
            if entry.field in fields:
                raise InvalidInputError(
                    f"the field {entry.field} stands in the form twice",
                    field=f"form.sections[{number}].fields[{index}].field",
                )
            fields.add(entry.field)
