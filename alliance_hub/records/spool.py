"""Read a submission's body once, line by line, into a file: checked for shape, never whole in memory.

Nothing here touches the database: a member with a slow line would hold its write lock all the while.
"""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, NoReturn, TypeVar

import msgspec

from alliance_hub.errors import Conflict, Invalid, Unauthenticated
from privacy.encoding import b64
from privacy.errors import InvalidInputError
from privacy.keyset import KeySet
from privacy.messages import Bytes32, Count, Day, Message, Reference, parse_json
from privacy.records import SubmittedRecord
from privacy.statements import HUB, Chunk, SignedStatement, member_author

MAX_ROWS = 1_000_000
MAX_CHUNKS = 4_096
MAX_LINE_BYTES = 65_536
"""A record of 3072 bits has 1.7 kB; the rest is room for a flag's narrative."""
MAX_CHUNK_BYTES = 64 * 2**20
"""What a worker holds in memory at most; 4,096 records without flags have 7 MB."""
IN_MEMORY = 2**20
"""Smaller bodies are not worth a file."""

_M = TypeVar("_M")


class Header(Message, frozen=True):
    """The first line of a submission."""

    recipient: str
    epoch: Count
    key_set: Bytes32
    reference: Reference
    as_of: Day
    rows: Annotated[int, msgspec.Meta(ge=1, le=MAX_ROWS)]
    chunks: Annotated[int, msgspec.Meta(ge=1, le=MAX_CHUNKS)]


class ChunkLine(Message, frozen=True):
    """The line before a chunk's records."""

    statement: SignedStatement


@dataclass(frozen=True, slots=True)
class Segment:
    """Where in the spool one chunk's lines stand, and what its statement says."""

    number: int
    sequence: int
    size: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Spool:
    """A body that was read to its end and has the shape of a submission."""

    header: Header
    segments: tuple[Segment, ...]
    file: IO[bytes]

    def bodies(self) -> Iterator[tuple[Segment, bytes]]:
        """Yield each chunk with its lines, one at a time."""
        for segment in self.segments:
            self.file.seek(segment.offset)
            yield segment, self.file.read(segment.length)


@contextmanager
def spooled(
    stream: Iterable[bytes], *, member: str, key_set: KeySet, reference: str, digest: str, folder: Path
) -> Iterator[Spool]:
    """Read `stream` to its end into a nameless file in `folder` that goes with the block.

    `digest` is the Content-Digest that the member signed. Raises Invalid naming chunk, record and
    field; Conflict for another key set; Unauthenticated when the body is not the one that was signed.
    """
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(folder)) as file:
        sha = hashlib.sha256()
        lines = _lines(_hashed(stream, sha))
        header = _header(next(lines, b""), key_set, reference)
        segments = tuple(_segments(lines, header, member, file))
        if f"sha-256=:{base64.b64encode(sha.digest()).decode()}:" != digest:
            raise Unauthenticated("the body does not fit its signed Content-Digest", slug="content-digest")
        yield Spool(header, segments, file)


def _header(line: bytes, key_set: KeySet, reference: str) -> Header:
    header = _parse(Header, line, "header")
    if header.recipient != HUB:
        raise Invalid("a submission is for the hub", field="header.recipient")
    if (header.epoch, header.key_set) != (key_set.epoch, b64(key_set.digest)):
        raise Conflict("made under another key set than the one in force: fetch /v1/alliance", slug="key-set")
    if header.reference != reference:
        raise Invalid("the body names another reference than Idempotency-Key", field="header.reference")
    return header


def _segments(lines: Iterator[bytes], header: Header, member: str, file: IO[bytes]) -> Iterator[Segment]:
    rows, number, offset = 0, 0, 0
    for line in lines:
        segment = _segment(line, lines, number, member, file, offset)
        yield segment
        rows, number, offset = rows + segment.size, number + 1, offset + segment.length
        if number > header.chunks or rows > header.rows:
            break
    if (rows, number) != (header.rows, header.chunks):
        raise Invalid(
            "the body has not as many chunks and rows as its header says: it was cut short or mixed up",
            field="header.rows",
        )


def _segment(
    line: bytes, lines: Iterator[bytes], number: int, member: str, file: IO[bytes], offset: int
) -> Segment:
    """Copy one chunk's statement and records into the file."""
    where = f"chunks[{number}]"
    statement = _parse(ChunkLine, line, where).statement.statement
    if statement.author != member_author(member):
        raise Invalid("a chunk is handed in by its author", field=f"{where}.statement.statement.author")
    if not isinstance(statement.body, Chunk):
        raise Invalid("a chunk's statement is expected here", field=f"{where}.statement.statement.body.type")
    length = _write(file, line)
    for index in range(statement.body.size):
        length += _write(file, _record(next(lines, b""), f"{where}.records[{index}]"))
        if length > MAX_CHUNK_BYTES:
            raise Invalid("the chunk is too large: put fewer records into one", field=where)
    return Segment(number, statement.sequence, statement.body.size, offset, length)


def _record(line: bytes, where: str) -> bytes:
    if not line:
        raise Invalid("a record is missing: the chunk says that it has more", field=where)
    _parse(SubmittedRecord, line, where)
    return line


def _write(file: IO[bytes], line: bytes) -> int:
    return file.write(line + b"\n")


def _parse(form: type[_M], line: bytes, where: str) -> _M:
    try:
        return parse_json(form, line)
    except InvalidInputError as error:
        _refuse(error, where)


def _refuse(error: InvalidInputError, where: str) -> NoReturn:
    field = f"{where}.{error.field}" if error.field else where
    raise Invalid(str(error), field=field) from error


def _hashed(stream: Iterable[bytes], sha: hashlib._Hash) -> Iterator[bytes]:
    for piece in stream:
        sha.update(piece)
        yield piece


def _lines(stream: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a stream of pieces of any length into lines, the last of which may lack its end."""
    rest = b""
    for piece in stream:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield _bounded(line)
        _bounded(rest)
    if rest:
        yield rest


def _bounded(line: bytes) -> bytes:
    if len(line) > MAX_LINE_BYTES:
        raise Invalid(f"a line has more than {MAX_LINE_BYTES} bytes", field="body")
    return line
