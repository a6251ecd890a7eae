"""The wire forms once more, from the protocol's text alone: hashlib, json and PyNaCl, nothing of `privacy`.

What is checked with these functions against the stored vectors cannot have been computed by the code
under test.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey, VerifyKey

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "statements.json").read_text())


def jcs(value: Any) -> bytes:
    """RFC 8785 for what our messages hold: objects with ASCII names, texts, whole numbers, null."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def framed(*fields: bytes) -> bytes:
    """Each field behind its length in eight bytes."""
    return b"".join(len(field).to_bytes(8, "big") + field for field in fields)


def sha256(name: str, *fields: bytes) -> bytes:
    """SHA-256 over label and fields, framed."""
    return hashlib.sha256(framed(label(name), *fields)).digest()


def label(name: str) -> bytes:
    """The domain separation label of a name."""
    return b"alliance-hub/" + name.encode() + b"/v1"


def leaf(data: bytes) -> bytes:
    """The leaf hash of RFC 9162."""
    return hashlib.sha256(b"\x00" + data).digest()


def decoded(text: str) -> bytes:
    """The bytes of unpadded base64url."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(data: bytes) -> str:
    """Unpadded base64url."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signing_key(name: str) -> SigningKey:
    """The vectors' key of this name."""
    return SigningKey(bytes.fromhex(VECTORS["seeds"][name]))


def verify(name: str, message: bytes, signature: str) -> None:
    """Check a signature by the vectors' key of this name; PyNaCl raises when it does not hold."""
    public: VerifyKey = signing_key(name).verify_key
    public.verify(message, decoded(signature))


def hkdf_sha512(secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF (RFC 5869) without salt."""
    pseudorandom, output, block = hmac.digest(bytes(64), secret, "sha512"), b"", b""
    for counter in range(1, -(-length // 64) + 1):
        block = hmac.digest(pseudorandom, block + info + bytes([counter]), "sha512")
        output += block
    return output[:length]
