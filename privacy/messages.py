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

Bytes32 = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")]
"""32 bytes as canonical unpadded base64url: digests, pseudonyms, public keys, salts, group elements."""

Bytes64 = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{85}[AQgw]$")]
"""64 bytes as canonical unpadded base64url: signatures and evaluation proofs."""

Base64Url = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]+$", max_length=1_000_000)]
"""Any other bytes as base64url; `encoding.unb64` checks that the spelling is canonical."""

Instant = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d$")]

Name = Annotated[
    str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f/\\\s]([^\x00-\x1f\x7f/\\]{0,62}[^\x00-\x1f\x7f/\\\s])?$")
]
"""A member's or an alliance's name: 1 to 64 characters, no slash, no control character."""

Reference = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._:-]{8,64}$")]
"""A request id or submission reference that its author chose."""

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
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
    """Keep the library's path and what it expected; drop a text that could quote the value sent."""
    text = str(error)
    found = _PATH.search(text)
    reason = text[: found.start()] if found else text
    quotes_a_value = "'" in reason
    return InvalidInputError(
        "the value is not one of those allowed" if quotes_a_value else reason,
        field=found.group(1) if found else "",
    )
