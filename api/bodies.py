"""A request's body: bounded, and never another than the one that its sender signed.

The signature covers the Content-Digest header and is judged first; here the body is compared with that
header. A message is compared before it is read; a stream goes through a file, or to a receiver that
compares for itself.
"""

from __future__ import annotations

import hashlib
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TypeVar

from flask import request

from alliance_hub.errors import Invalid, Unauthenticated
from privacy.messages import parse_json

LARGEST_MESSAGE = 2 * 2**20
"""Bytes. A match of 1,000 subjects has about 140,000."""

LARGEST_STREAM = 4 * 2**30
"""Bytes. A million records of 3072 bits have 1.7 GB; flags with long narratives need more."""

LARGEST_LINE = LARGEST_MESSAGE

_PIECE = 2**18

T = TypeVar("T")


def signed_digest() -> str:
    """Return the Content-Digest that the request's signature covers."""
    return request.headers.get("Content-Digest", "")


def message(form: type[T], *, largest: int = LARGEST_MESSAGE) -> T:
    """Read the body as one JSON message of this form; raises InvalidInputError naming the field."""
    return parse_json(form, _whole(largest))


def require_empty() -> None:
    """Raise Unauthenticated unless there is no body, and the signature says so."""
    # One byte, not none: werkzeug calls a body of unknown length too large before it finds it empty.
    if _whole(1):
        raise Invalid("this address takes no body", field="body")


def pieces(*, largest: int = LARGEST_STREAM) -> Iterator[bytes]:
    """Yield the body in pieces as it comes in; whoever takes them compares it with `signed_digest`.

    A body that says it is larger ends in 413 before the first piece.
    """
    request.max_content_length = largest
    while piece := request.stream.read(_PIECE):
        yield piece


@dataclass(frozen=True, slots=True)
class Spooled:
    """A stream that has been read to its end and is the one that was signed."""

    file: IO[bytes]

    def lines(self) -> Iterator[bytes]:
        """Yield the lines without their ends; raises Invalid for one that is too long."""
        self.file.seek(0)
        while line := self.file.readline(LARGEST_LINE + 1):
            if len(line) > LARGEST_LINE:
                raise Invalid(f"no line is longer than {LARGEST_LINE} bytes", field="body")
            yield line.rstrip(b"\r\n")


@contextmanager
def spooled(*, largest: int) -> Iterator[Spooled]:
    """Read a stream into a file that goes with the block; raises Unauthenticated when it was changed."""
    sha = hashlib.sha256()
    with tempfile.SpooledTemporaryFile(max_size=LARGEST_MESSAGE) as file:
        for piece in pieces(largest=largest):
            sha.update(piece)
            file.write(piece)
        _compare(sha.digest())
        yield Spooled(file)


def _whole(largest: int) -> bytes:
    request.max_content_length = largest
    body = request.get_data(cache=False)
    _compare(hashlib.sha256(body).digest())
    return body


def _compare(sha: bytes) -> None:
    if f"sha-256=:{b64encode(sha).decode()}:" != signed_digest():
        raise Unauthenticated("the body does not fit its Content-Digest: it was changed on the way")
