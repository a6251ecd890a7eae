"""From a file to a line of the evidence list: copied byte for byte, measured, numbered.

The list has what the evidence rules ask for (民事诉讼证据的若干规定, 19): number, name, source, purpose,
pages, original or copy; and beside it the digests of the very bytes that were collected.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from member.files.atomic import replacing
from member.files.errors import BadMapping, FileError, UnreadableFile
from member.matters import sm3
from member.matters.forms import Form, Item
from member.matters.profiles import DocumentKind
from privacy.encoding import instant_text
from privacy.errors import InvalidInputError
from privacy.messages import Message, parse

WITHOUT_PAGES = frozenset({"mp3", "wav", "m4a", "mp4", "mov", "avi", "xlsx", "xls", "csv"})
"""File types that have no pages: sounds, pictures that move, tables of figures."""

_IMAGES = frozenset({"jpg", "jpeg", "png", "bmp"})
_HEADS = {
    "pdf": b"%PDF-",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "docx": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04",
}
"""How files of a type begin."""

_CHUNK = 1 << 20
_LONGEST = 40
_UNFIT = re.compile(r"[^\w()（）.-]+")
_TYPE = re.compile("[a-z0-9]{2,5}")


class PagesUnknown(FileError):
    """How many pages a document has cannot be counted here; whoever adds it says so."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a document."""

    kind: DocumentKind
    name: str
    source: str
    purpose: str
    form: Form
    collector: str
    pages: int | None = None
    """Pages, where they cannot be counted or are counted otherwise."""


class Listed(Message, frozen=True):
    """An item of the evidence list and what kind of document it is."""

    kind: DocumentKind
    item: Item


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was copied: its length and digests."""

    size: int
    sha256: str
    sm3: str


def taken_of(path: Path) -> Taken:
    """Return a file's length and digests; raises UnreadableFile for one that is missing or empty."""
    sha256, other, size = hashlib.sha256(), sm3.new(), 0
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                sha256.update(chunk)
                other.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise UnreadableFile(f"{path.name}: cannot be read ({error.strerror}): check the name") from error
    if not size:
        raise UnreadableFile(f"{path.name}: the file is empty")
    return Taken(size, sha256.hexdigest(), other.hexdigest())


def copy_into(folder: Path, source: Path, taken: Taken) -> Path:
    """Copy a file byte for byte into a folder, under its digest; raises UnreadableFile, CannotWrite."""
    kept = folder / f"{taken.sha256}.{type_of(source)}"
    if kept.is_file() and taken_of(kept) == taken:
        return kept
    with replacing(kept) as beside:
        shutil.copyfile(source, beside)
        if taken_of(beside) != taken:
            raise UnreadableFile(f"{source.name}: it changed while it was copied: close it and add it again")
    return kept


def item_of(source: Path, taken: Taken, said: Said, number: int, at: datetime) -> Item:
    """Return a file's line of the evidence list.

    Raises UnreadableFile for a file that is not what its ending says, PagesUnknown, and BadMapping naming
    what was said wrongly.
    """
    kind = type_of(source)
    _require_head(source, kind)
    document = {
        "number": number,
        "name": said.name.strip(),
        "path": bag_path(number, said.name, kind),
        "source": said.source.strip(),
        "purpose": said.purpose.strip(),
        "pages": said.pages or pages_of(source, kind),
        "form": said.form,
        "size": taken.size,
        "sha256": taken.sha256,
        "sm3": taken.sm3,
        "collected_at": instant_text(at),
        "collector": said.collector.strip(),
    }
    try:
        return parse(Item, document)
    except InvalidInputError as error:
        raise BadMapping(f"--{error.field}: 1 to 500 letters are expected") from error


def renumbered(listed: Sequence[Listed]) -> tuple[Listed, ...]:
    """Return the list with its items numbered from 1 again."""
    return tuple(Listed(each.kind, _numbered(each.item, number)) for number, each in enumerate(listed, 1))


def _numbered(item: Item, number: int) -> Item:
    kind = item.path.rpartition(".")[2]
    return msgspec.structs.replace(item, number=number, path=bag_path(number, item.name, kind))


def bag_path(number: int, name: str, kind: str) -> str:
    """Return where an item stands in the bag: `data/documents/001-借款合同.pdf`."""
    plain = _UNFIT.sub("-", unicodedata.normalize("NFC", name)).strip("-.")[:_LONGEST].rstrip("-.")
    return f"data/documents/{number:03d}-{plain or 'document'}.{kind}"


def type_of(path: Path) -> str:
    """Return a file's ending without its dot, in lower case; raises UnreadableFile when it has none."""
    kind = path.suffix.lower().removeprefix(".")
    if not _TYPE.fullmatch(kind):
        raise UnreadableFile(f"{path.name}: its ending names no file type: rename it, such as contract.pdf")
    return kind


def pages_of(path: Path, kind: str) -> int | None:
    """Return how many pages a file has, None for one that has none; raises PagesUnknown."""
    if kind in WITHOUT_PAGES:
        return None
    if kind in _IMAGES:
        return 1
    found = _pdf_pages(path) if kind == "pdf" else 0
    if not found:
        raise PagesUnknown(f"{path.name}: its pages cannot be counted here: say how many with --pages")
    return found


def _pdf_pages(path: Path) -> int:
    """Return the pages of a PDF, 0 for one that does not say."""
    # Here and not above: it takes a second to import, and only documents need it.
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        with path.open("rb") as stream:
            return int(PdfFileReader(stream, strict=False).root["/Pages"]["/Count"])
    except (PdfError, KeyError, TypeError, ValueError, IndexError, RecursionError):
        return 0


def _require_head(path: Path, kind: str) -> None:
    head = _HEADS.get(kind)
    if head is None:
        return
    with path.open("rb") as stream:
        # Some programs put a few bytes before a PDF's head, and readers allow 1,024.
        begin = stream.read(1024 + len(head) if kind == "pdf" else len(head))
    if head not in begin:
        raise UnreadableFile(f"{path.name}: the file is damaged or is not what its ending says")
