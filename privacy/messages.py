"""The base of every message that travels signed between parties: typed, strict, canonical.

An adversary would add a field that one party reads and another ignores, or send the same value in two
spellings. A message has exactly its fields; its signed bytes are the canonical JSON of what was
decoded, so what is judged is what was signed.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any, TypeVar

import msgspec

from privacy.encoding import Json, canonical
from privacy.errors import InvalidInputError

LARGEST = 2**53 - 1
"""The largest whole number that RFC 8785 can say."""


def exactly(pattern: str, *, max_length: int | None = None) -> msgspec.Meta:
    """Constrain a text to `pattern` from its first to its last character.

    Python's `$` lets a line feed follow, and the same value would have two spellings. Written so that it
    means the same in ECMA 262, for whoever reads it in a published schema.
    """
    return msgspec.Meta(pattern=rf"^(?:{pattern})$(?!\n)", max_length=max_length)


# Sextets that may end a text whose last byte fills them only in part: the other bits are zero.
_ENDS_16, _ENDS_8 = "[AEIMQUYcgkosw048]", "[AQgw]"

Bytes32 = Annotated[str, exactly(f"[A-Za-z0-9_-]{{42}}{_ENDS_16}")]
"""32 bytes as canonical unpadded base64url: digests, pseudonyms, public keys, salts, group elements."""

Bytes64 = Annotated[str, exactly(f"[A-Za-z0-9_-]{{85}}{_ENDS_8}")]
"""64 bytes as canonical unpadded base64url: signatures and evaluation proofs."""

# What a lookahead has found stays: a long text costs time in proportion to its length, and no more.
Base64Url = Annotated[
    str,
    exactly(
        rf"(?=.)(?=((?:[A-Za-z0-9_-]{{4}})*))\1(?:[A-Za-z0-9_-]{_ENDS_8}|[A-Za-z0-9_-]{{2}}{_ENDS_16})?",
        max_length=1_000_000,
    ),
]
"""Any other bytes, at least one, as canonical unpadded base64url."""

# Only days that a calendar has, so that nobody who reads a message meets one that it cannot parse.
_LEAP_YEAR = "(?:[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)"
_DAY = (
    "[1-9][0-9]{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    f"|{_LEAP_YEAR}-02-29"
)
Day = Annotated[str, exactly(_DAY)]
"""A calendar day from the year 1000 on, `2026-10-31`."""

Instant = Annotated[str, exactly(f"(?:{_DAY})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")]
"""An instant as `encoding.instant_text` writes it and `encoding.parse_instant` reads it."""

PeriodName = Annotated[str, exactly("[0-9][0-9TW:-]{5,15}")]
"""The name of a period: `periods.bounds` judges it."""

# Slashes part an author's text. Control, invisible and direction-changing characters would let two names
# look alike on a screen.
_BARRED = r"\x00-\x1f\x7f-\x9f/\\\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
Name = Annotated[str, exactly(rf"[^{_BARRED}\s](?:[^{_BARRED}]{{0,62}}[^{_BARRED}\s])?")]
"""A member's or an alliance's name: 1 to 64 visible characters without a slash, spaces only between them."""

Line = Annotated[str, exactly(rf"[^{_BARRED}\s](?:[^{_BARRED}]{{0,118}}[^{_BARRED}\s])?")]
"""One line of visible text for people, 1 to 120 characters: a legal name, a licence."""

Uscc = Annotated[str, exactly("[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")]
"""A unified social credit code by its form (GB 32100); `identifiers` judges its check character."""

Reference = Annotated[str, exactly("[A-Za-z0-9._:-]{8,64}")]
"""A request id or submission reference that its author chose."""

Count = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]
Ordinal = Annotated[int, msgspec.Meta(ge=1, le=LARGEST)]
"""A number that counts from 1: a feed position, a version."""

Index = Annotated[int, msgspec.Meta(ge=1, le=255)]

T = TypeVar("T")

_PATH = re.compile(r" - at `\$\.?([^`]*)`")


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value with exactly the fields that its class names."""

    def document(self) -> Json:
        """Return the message as plain JSON values."""
        document: Json = msgspec.to_builtins(self)
        return document

    def canonical(self) -> bytes:
        """Return the RFC 8785 bytes: what is signed and hashed."""
        return canonical(self.document())

    def sha256(self) -> bytes:
        """Return SHA-256 over the canonical bytes: 32 bytes."""
        return hashlib.sha256(self.canonical()).digest()


class PlainMessage(Message, frozen=True):
    """A message of ASCII text, whole numbers, booleans and nulls: the fast encoder is enough for it."""

    def canonical(self) -> bytes:
        """Return the RFC 8785 bytes, some ten times faster."""
        return msgspec.json.encode(self, order="sorted")


def parse(form: type[T], document: Any) -> T:
    """Read plain JSON values as message type `form`.

    Raises InvalidInputError naming the field by its path, such as `records[3].as_of`.
    """
    try:
        return msgspec.convert(document, form, strict=True)
    except msgspec.ValidationError as error:
        raise _refusal(error) from error


def parse_json(form: type[T], data: bytes | str) -> T:
    """Read JSON text as message type `form`; raises InvalidInputError naming the field."""
    try:
        return msgspec.json.decode(data, type=form, strict=True)
    except msgspec.ValidationError as error:
        raise _refusal(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInputError("not JSON") from error


def _refusal(error: msgspec.ValidationError) -> InvalidInputError:
    """Keep the library's path and what it expected; drop a text that could quote what was sent."""
    text = str(error)
    found = _PATH.search(text)
    reason = text[: found.start()] if found else text
    if "'" in reason:
        reason = "the value is not one of those allowed"
    elif "unknown field" in reason:  # a field's name may be anything, an identifier too
        reason = "there is a field that this message does not have"
    return InvalidInputError(reason, field=found.group(1) if found else "")
