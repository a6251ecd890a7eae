"""How values become bytes: canonical JSON, framing, strict base64url, instants.

An adversary would look for two different values with the same bytes (a signature that moves), or for
two byte strings that decode to the same value (a digest that changes under an honest party's feet).
So every multi-field hash is framed, every text form is decoded strictly, and JSON is RFC 8785.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import UTC, datetime
from typing import Any

import rfc8785

from privacy.errors import DeserializeError

Json = dict[str, Any]

INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def label(name: str) -> bytes:
    """Return the domain-separation label `alliance-hub/<name>/v1`."""
    return f"alliance-hub/{name}/v1".encode()


def frame(*fields: bytes) -> bytes:
    """Join `fields`, each behind its length as 8 big-endian bytes, so that no two lists collide."""
    return b"".join(len(field).to_bytes(8, "big") + field for field in fields)


def digest(name: str, *fields: bytes) -> bytes:
    """Return SHA-256 over the framed label `name` and `fields`: 32 bytes."""
    return hashlib.sha256(frame(label(name), *fields)).digest()


def canonical(value: Any) -> bytes:
    """Return `value` as canonical JSON (RFC 8785); raises DeserializeError for what JSON cannot say."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise DeserializeError("not a JSON value that RFC 8785 can canonicalise") from error


def b64(data: bytes) -> str:
    """Return unpadded base64url (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: Any, *, length: int | None = None) -> bytes:
    """Decode unpadded base64url strictly: encoding the result again must give the same text.

    Raises DeserializeError for any other text, and for a result that is not `length` bytes long.
    """
    if not isinstance(text, str):
        raise DeserializeError("base64url text expected")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise DeserializeError("not base64url") from error
    if b64(data) != text:
        raise DeserializeError("not canonical base64url")
    if length is not None and len(data) != length:
        raise DeserializeError(f"{length} bytes expected, {len(data)} found")
    return data


def encode_integer(value: int, octets: int) -> str:
    """Return an integer as `octets` big-endian bytes in base64url."""
    return b64(value.to_bytes(octets, "big"))


def decode_integer(text: Any, octets: int) -> int:
    """Read what `encode_integer` wrote; raises DeserializeError, also for another number of bytes."""
    return int.from_bytes(unb64(text, length=octets), "big")


def instant_text(at: datetime) -> str:
    """Return an aware instant as RFC 3339 in UTC, whole seconds: `2026-10-31T04:00:00Z`."""
    return at.astimezone(UTC).strftime(INSTANT_FORMAT)


def parse_instant(text: Any) -> datetime:
    """Parse exactly the form of `instant_text`; raises DeserializeError for any other."""
    try:
        at = datetime.strptime(text, INSTANT_FORMAT).replace(tzinfo=UTC)
    except (TypeError, ValueError) as error:
        raise DeserializeError("an instant of the form 2026-10-31T04:00:00Z is expected") from error
    if instant_text(at) != text:
        raise DeserializeError("an instant of the form 2026-10-31T04:00:00Z is expected")
    return at
