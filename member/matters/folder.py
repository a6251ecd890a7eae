"""A matter's folder on the member's own disk: `HOME/matters/REFERENCE/`.

    matter.json      for whom and what the matter was opened, and which bundles were built
    case.json        what the clerk writes of the case; to be edited
    profile.json     the filing profile
    documents.json   the evidence list and the custody log, in one file so that both change together
    documents/       the documents, byte for byte, each under its digest

It holds names, numbers and documents, for the member's eyes: only its owner can read it, and nothing in it is
ever sent to the hub. The identity opening stands in the vault alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from member.errors import Refused
from member.files.atomic import replacing
from member.home import Home
from member.matters.case import Case
from member.matters.custody import COLLECTED, REMOVED, Documents, custody_of, with_step
from member.matters.draft import Document, Draft, draft_of, read_document
from member.matters.evidence_list import (
    Listed,
    Said,
    copy_into,
    item_of,
    renumbered,
    taken_of,
    type_of,
)
from member.matters.forms import CustodyStep, Item
from member.matters.profiles import Profile, read_profile
from member.matters.state import Opened
from privacy.errors import InvalidInputError
from privacy.messages import Message, parse_json

T = TypeVar("T", bound=Message)

_REFERENCE = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class UnknownMatter(Refused):
    """This machine has no matter of that reference, or its folder is damaged."""

    def __init__(self, message: str) -> None:
        super().__init__(message, rule="matter")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A matter that is ready to be assembled."""

    case: Case
    items: tuple[Item, ...]
    """The evidence list, numbered from 1."""
    custody: tuple[CustodyStep, ...]
    documents: Mapping[str, Path]
    """Where each item's bytes stand, by the item's path in the bag (`data/documents/001-合同.pdf`)."""
    application: bytes | None
    """The filing's form as a PDF, where the profile has one."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One matter's folder."""

    path: Path

    @property
    def case_file(self) -> Path:
        """What the clerk edits."""
        return self.path / "case.json"

    def opened(self) -> Opened:
        """Return for whom and what the matter was opened."""
        return self._read("matter.json", Opened)

    def keep(self, opened: Opened) -> None:
        """Write down how the matter stands."""
        self._write("matter.json", opened)

    def document(self) -> Document:
        """Return the clerk's case file as plain values; raises BadMapping."""
        return read_document(self.case_file)

    def draft(self) -> Draft:
        """Return the clerk's case file; raises BadMapping naming the field."""
        return draft_of(self.document(), f"{self.case_file}")

    def write_draft(self, document: Mapping[str, Any]) -> None:
        """Replace the clerk's case file."""
        self._write("case.json", document)

    def profile(self) -> Profile:
        """Return the matter's filing profile."""
        return read_profile(self.path / "profile.json")

    def write_profile(self, profile: Profile) -> None:
        """Keep a filing profile with the matter."""
        self._write("profile.json", profile)

    def documents(self) -> Documents:
        """Return the evidence list and the custody log."""
        if not (self.path / "documents.json").exists():
            return Documents()
        return self._read("documents.json", Documents)

    def add(self, source: Path, said: Said, at: datetime) -> Item:
        """Copy a document into the folder, byte for byte, and put it at the end of the evidence list.

        Raises FileError for a file that cannot be taken, Refused for one that is on the list already.
        """
        documents = self.documents()
        taken = taken_of(source)
        for each in documents.listed:
            if each.item.sha_256 == taken.sha256:
                raise Refused(
                    f"the same file is number {each.item.number} of the list already", rule="document"
                )
        item = item_of(source, taken, said, len(documents.listed) + 1, at)
        (self.path / "documents").mkdir(mode=0o700, exist_ok=True)
        copy_into(self.path / "documents", source, taken)
        listed = (*documents.listed, Listed(said.kind, item))
        log = with_step(documents, at, item.collector, COLLECTED, item.sha_256)
        self._write("documents.json", Documents(listed, log))
        return item

    def remove(self, number: int, who: str, at: datetime) -> Item:
        """Take an item off the list: those behind it move up, and the log keeps what was done.

        Raises Refused for a number that the list does not have.
        """
        documents = self.documents()
        gone = next((each.item for each in documents.listed if each.item.number == number), None)
        if gone is None:
            raise Refused(
                f"the list has no number {number}: see alliance-member matters show", rule="document"
            )
        left = renumbered([each for each in documents.listed if each.item is not gone])
        log = with_step(documents, at, who, REMOVED, gone.sha_256)
        self._write("documents.json", Documents(left, log))
        self.stored(gone).unlink(missing_ok=True)
        return gone

    def set_documents(self, files: Sequence[tuple[Path, Said]], at: datetime) -> None:
        """Make these files the evidence list, in this order; what stands on it already is left as it is.

        A file that is named twice counts once. Raises as `add` does.
        """
        wanted = {taken_of(path).sha256: (path, said) for path, said in reversed(files)}
        order = list(reversed(wanted))
        listed = self.documents().listed
        if [each.item.sha_256 for each in listed] == order:
            return
        for each in reversed(listed):
            if each.item.sha_256 not in wanted:
                self.remove(each.item.number, each.item.collector, at)
        known = {each.item.sha_256 for each in listed}
        for digest in order:
            if digest not in known:
                self.add(*wanted[digest], at)
        documents = self.documents()
        ordered = renumbered(sorted(documents.listed, key=lambda each: order.index(each.item.sha_256)))
        self._write("documents.json", Documents(ordered, documents.log))

    def log(self, who: str, what: str, at: datetime, sha256: str | None = None) -> None:
        """Write down something that was done with all the documents, or with a file made of them."""
        documents = self.documents()
        log = with_step(documents, at, who, what, sha256)
        self._write("documents.json", Documents(documents.listed, log))

    def stored(self, item: Item) -> Path:
        """Return where an item's bytes stand."""
        return self.path / "documents" / f"{item.sha_256}.{type_of(Path(item.path))}"

    def prepared(self, case: Case, application: bytes | None) -> Prepared:
        """Return the matter as it goes into a bundle."""
        documents = self.documents()
        items = tuple(each.item for each in documents.listed)
        paths = {item.path: self.stored(item) for item in items}
        return Prepared(case, items, custody_of(documents), paths, application)

    def _read(self, name: str, form: type[T]) -> T:
        try:
            return parse_json(form, (self.path / name).read_bytes())
        except (OSError, InvalidInputError) as error:
            raise UnknownMatter(f"{self.path / name} cannot be read: restore it from a backup") from error

    def _write(self, name: str, value: Any) -> None:
        with replacing(self.path / name) as beside:
            beside.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def find_folder(home: Home, reference: str) -> Folder | None:
    """Return the folder of a matter, or None; raises UnknownMatter for what is no reference."""
    folder = Folder(_path(home, reference))
    return folder if (folder.path / "matter.json").is_file() else None


def create_folder(home: Home, opened: Opened, draft: Mapping[str, Any], profile: Profile) -> Folder:
    """Make a matter's folder, that only its owner can read; raises Refused for one that is there already."""
    folder = Folder(_path(home, opened.reference))
    try:
        folder.path.mkdir(parents=True, mode=0o700)
    except FileExistsError as error:
        raise Refused("there is a matter of that reference already", rule="matter") from error
    folder.path.parent.chmod(0o700)
    folder.write_draft(draft)
    folder.write_profile(profile)
    # Last: a folder without it is no matter yet.
    folder.keep(opened)
    return folder


def open_folder(home: Home, reference: str) -> Folder:
    """Return the folder of a matter; raises UnknownMatter."""
    folder = find_folder(home, reference)
    if folder is None:
        raise UnknownMatter("no matter of that reference on this machine: see alliance-member matters list")
    return folder


def list_folders(home: Home) -> list[Folder]:
    """Return the folders of all matters on this machine, by reference."""
    parent = home.path / "matters"
    found = sorted(parent.iterdir()) if parent.is_dir() else []
    return [Folder(each) for each in found if (each / "matter.json").is_file()]


def _path(home: Home, reference: str) -> Path:
    # A reference is a folder's name too: no dot at its head, nothing that leads elsewhere.
    if not _REFERENCE.fullmatch(reference):
        raise UnknownMatter("a matter's reference is 8 to 64 letters, digits, dots, hyphens or underscores")
    return home.path / "matters" / reference
