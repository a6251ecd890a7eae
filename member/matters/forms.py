"""What a bundle says of its documents: the evidence list and who had which file when.

Both stand in the bundle as canonical JSON (`evidence/items.json`, `evidence/custody.json`); the verifier
reads them too, so their fields change only with the bundle's version.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from privacy.messages import Bytes32, Count, Instant, Message, Ordinal, exactly

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]

Hex32 = Annotated[str, exactly("[0-9a-f]{64}")]
"""32 bytes in lower-case hexadecimal, as `sha256sum` prints them."""

DocumentPath = Annotated[str, exactly(r"data/[^\x00-\x1f\x7f\\:*?\"<>|]{1,180}")]
"""A payload file's path in the bag, with forward slashes."""


class Form(StrEnum):
    """In which form a document is handed in (民事诉讼法 and the evidence rules ask)."""

    ORIGINAL = "original"
    """The original itself, or an electronic original."""
    COPY = "copy"
    """A copy; the original is brought to the hearing."""


class Item(Message, frozen=True):
    """One line of the evidence list, and the digests of the very bytes that were collected.

    `pages` is null where a file has none, such as a recording. `sha_256` is `sha256` in JSON.
    """

    number: Ordinal
    name: Text
    path: DocumentPath
    source: Text
    purpose: Text
    pages: Ordinal | None
    form: Form
    size: Count
    sha_256: Hex32 = msgspec.field(name="sha256")
    sm3: Hex32
    collected_at: Instant
    collector: Text


class CustodyStep(Message, frozen=True):
    """Who did what with which item when; `previous` is SHA-256 of the step before in canonical JSON."""

    number: Ordinal
    at: Instant
    who: Text
    what: Text
    item: Ordinal | None
    sha_256: Hex32 | None = msgspec.field(name="sha256")
    previous: Bytes32 | None
