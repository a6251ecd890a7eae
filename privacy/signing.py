"""Ed25519 signatures over canonical JSON, each under a label of its own.

An adversary would replay a signature where another meaning is expected, or find a signature that one
verifier accepts and another refuses, so that custodians disagree about the feed. The label is part of
every signed message, and every party verifies with libsodium (RFC 8032; small-order keys and
non-canonical scalars refused).
"""

from __future__ import annotations

import hashlib
from typing import Any

import nacl.exceptions
from nacl.bindings import crypto_sign, crypto_sign_BYTES, crypto_sign_open, crypto_sign_seed_keypair

from privacy.encoding import b64, canonical, frame, label, unb64
from privacy.errors import DeserializeError, InvalidInputError, VerifyError

SEED_BYTES = 32
PUBLIC_BYTES = 32
SIGNATURE_BYTES = crypto_sign_BYTES


class SigningKey:
    """An Ed25519 key made from its 32-byte seed; the seed is what a vault keeps."""

    __slots__ = ("_secret", "public", "seed")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise InvalidInputError("a signing seed has 32 bytes", field="seed")
        self.seed = seed
        self.public, self._secret = crypto_sign_seed_keypair(seed)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over raw bytes that the caller has framed."""
        signature: bytes = crypto_sign(message, self._secret)[:SIGNATURE_BYTES]
        return signature

    def sign_document(self, name: str, document: Any) -> str:
        """Return the signature over `document` as canonical JSON under label `name`, as base64url."""
        return b64(self.sign(_message(name, document)))


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Check a signature over raw bytes; raises VerifyError."""
    if len(signature) != SIGNATURE_BYTES or len(public) != PUBLIC_BYTES:
        raise VerifyError("the signature does not hold")
    try:
        crypto_sign_open(signature + message, public)
    except nacl.exceptions.BadSignatureError as error:
        raise VerifyError("the signature does not hold") from error


def verify_document(public: bytes, name: str, document: Any, signature: str) -> None:
    """Check a signature made by `sign_document`; raises VerifyError, also for a malformed signature."""
    try:
        verify(public, _message(name, document), unb64(signature))
    except DeserializeError as error:
        raise VerifyError("the signature is not well formed") from error


def key_id(public: bytes) -> str:
    """Return the name under which a key signs HTTP requests: base64url of its framed SHA-256."""
    return b64(hashlib.sha256(frame(label("key-id"), public)).digest())


def fingerprint(name: str, *keys: bytes) -> str:
    """Return what two people compare by eye or by telephone: 40 hex digits in ten groups.

    It covers the party's name and all of its keys in their given order.
    """
    text = hashlib.sha256(frame(label("fingerprint"), name.encode(), *keys)).hexdigest()[:40].upper()
    return " ".join(text[start : start + 4] for start in range(0, 40, 4))


def same_fingerprint(one: str, other: str) -> bool:
    """Compare fingerprints as people type them: spaces, hyphens and case do not count."""
    return plain_fingerprint(one) == plain_fingerprint(other)


def plain_fingerprint(text: str) -> str:
    """Return a typed fingerprint without spaces and hyphens, in capitals."""
    return "".join(text.replace("-", "").split()).upper()


def _message(name: str, document: Any) -> bytes:
    return frame(label(name), canonical(document))
