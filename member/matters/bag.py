"""A bag (BagIt 1.0, RFC 8493) in a ZIP that leaves no byte to chance: the same files give the same.

Files are stored as they are, in the order of their names, all of one date. Documents stream through: a
recording of an hour never stands in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from member.errors import Refused
from member.report import Advance

MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
SEAL, TIME_STAMP = "seal.json", "seal.tsr"
UNLISTED = frozenset({TAG_MANIFEST, SEAL, TIME_STAMP})
"""What no manifest names: the seal binds these."""

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

LARGEST = 2_000_000_000
"""Bytes of payload: beyond 2 GiB a ZIP needs fields that say where its files are in another way."""

_DATE = (1980, 1, 1, 0, 0, 0)
"""The first that a ZIP knows."""

_PLAIN_FILE = 0o100644 << 16
_UNIX = 3
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Document:
    """A file on the member's disk, and what it must be byte for byte."""

    path: Path
    size: int
    sha256: str
    """Lower-case hexadecimal."""


Content: TypeAlias = bytes | Document
Files: TypeAlias = Mapping[str, Content]
"""What stands in the bag, by path below its folder."""


def bag(files: Files, info: Mapping[str, str]) -> dict[str, Content]:
    """Return payload and evidence with the bag's own files around them; `info` goes to bag-info.txt.

    Raises Refused for more than two gigabytes.
    """
    payload = {path: content for path, content in files.items() if path.startswith("data/")}
    total = sum(size_of(content) for content in payload.values())
    if total > LARGEST:
        raise Refused(
            "the documents are larger than 2 GB together: cut recordings to the part that matters, or hand "
            "in a second bundle",
            rule="size",
        )
    described = {**info, "Payload-Oxum": f"{total}.{len(payload)}"}
    whole = dict(files)
    whole["bagit.txt"] = DECLARATION
    whole["bag-info.txt"] = "".join(f"{name}: {described[name]}\n" for name in sorted(described)).encode()
    whole[MANIFEST] = _manifest(payload)
    whole[TAG_MANIFEST] = tag_manifest(whole)
    return whole


def tag_manifest(files: Files) -> bytes:
    """Return the list of all files but the payload and what the seal binds: over it the seal is made."""
    return _manifest(
        {
            path: content
            for path, content in files.items()
            if not path.startswith("data/") and path not in UNLISTED
        }
    )


def size_of(content: Content) -> int:
    """Return how many bytes a file has."""
    return len(content) if isinstance(content, bytes) else content.size


def write(stream: BinaryIO, folder: str, files: Files, advance: Advance) -> None:
    """Write the files into a ZIP under one folder; `advance` hears of bytes.

    Raises Refused for a document that is no longer what it was when it was added.
    """
    with ZipFile(stream, "w", ZIP_STORED, allowZip64=False) as archive:
        for path in sorted(files):
            _add(archive, f"{folder}/{path}", files[path], advance)


def _add(archive: ZipFile, name: str, content: Content, advance: Advance) -> None:
    entry = ZipInfo(name, _DATE)
    entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
    entry.file_size = size_of(content)
    digest, size = hashlib.sha256(), 0
    with archive.open(entry, "w") as target:
        for chunk in _chunks(content):
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            advance(len(chunk))
    if isinstance(content, Document) and (size, digest.hexdigest()) != (content.size, content.sha256):
        raise Refused(
            f"{content.path.name} was changed since it was added: restore it, or add it anew",
            rule="document",
        )


def _chunks(content: Content) -> Iterable[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    try:
        with content.path.open("rb") as source:
            left = content.size
            # One byte more than there should be is enough to see that it grew.
            while chunk := source.read(min(_CHUNK, left + 1)):
                left -= len(chunk)
                yield chunk
                if left < 0:
                    return
    except OSError as error:
        raise Refused(
            f"{content.path.name} cannot be read ({error.strerror}): restore it, or add it anew",
            rule="document",
        ) from error


def _manifest(files: Files) -> bytes:
    lines = [f"{_digest(files[path])}  {path}\n" for path in sorted(files)]
    return "".join(lines).encode()


def _digest(content: Content) -> str:
    return content.sha256 if isinstance(content, Document) else hashlib.sha256(content).hexdigest()
