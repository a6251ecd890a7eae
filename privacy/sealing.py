"""Envelopes: HPKE to a party's key, AES-256-GCM under a key or a passphrase, each bound to its purpose.

An adversary would move an envelope to where it means something else, or truncate it. Every envelope
starts with a version byte, and its purpose is part of what is authenticated, so that it opens only
where it was meant to. RFC 9180 (DHKEM X25519, HKDF-SHA256, AES-256-GCM), SP 800-38D, RFC 7914.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass

from Crypto.Cipher import AES
from Crypto.Protocol.KDF import scrypt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from privacy.encoding import frame, label
from privacy.errors import CannotOpen, InvalidInputError

VERSION = b"\x01"
KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_SALT_BYTES = 16

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """Cost of turning a passphrase into a key (RFC 7914 section 2): `128 * r * 2^log_n` bytes, `p` times.

    It stands in the envelope before anything is authenticated: a hostile one would ask for gigabytes or
    hours. So what is refused here, with InvalidInputError, is neither sealed nor opened.
    """

    log_n: int = 17
    r: int = 8
    p: int = 1

    def __post_init__(self) -> None:
        if not (10 <= self.log_n <= 19 and self.r == 8 and 1 <= self.p <= 4):
            raise InvalidInputError("scrypt takes log_n 10 to 19, r 8 and p 1 to 4 here", field="cost")


DEFAULT_COST = ScryptCost()
"""128 MiB and about half a second: what the scrypt authors name for stored keys, doubled with age."""


class SealingKey:
    """An X25519 key that opens what others sealed to its public half."""

    __slots__ = ("_private", "public")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise InvalidInputError("a sealing key has 32 bytes", field="secret")
        self._private = X25519PrivateKey.from_private_bytes(secret)
        self.public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @classmethod
    def generate(cls) -> SealingKey:
        """Make a fresh key from the system's generator."""
        return cls(X25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))

    @property
    def secret(self) -> bytes:
        """The 32 bytes that a vault keeps."""
        return self._private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())

    def open(self, envelope: bytes, *, purpose: str, context: bytes = b"") -> bytes:
        """Open an envelope made by `seal_to` with the same purpose and context; raises CannotOpen."""
        if envelope[:1] != VERSION:
            raise CannotOpen("the envelope has an unknown version")
        try:
            return bytes(_SUITE.decrypt(envelope[1:], self._private, _info(purpose, context)))
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("the envelope does not open with this key for this purpose") from error


def seal_to(public: bytes, plaintext: bytes, *, purpose: str, context: bytes = b"") -> bytes:
    """Seal `plaintext` to an X25519 public key: version byte, encapsulated key, ciphertext (RFC 9180, base).

    Raises InvalidInputError for a key that is none.
    """
    try:
        recipient = X25519PublicKey.from_public_bytes(public)
        return VERSION + bytes(_SUITE.encrypt(plaintext, recipient, _info(purpose, context)))
    except ValueError as error:
        raise InvalidInputError("not an X25519 public key", field="public") from error


def seal_under(key: bytes, plaintext: bytes, *, purpose: str, context: bytes = b"") -> bytes:
    """Seal under a 32-byte symmetric key: version byte, nonce, ciphertext, tag (AES-256-GCM)."""
    if len(key) != KEY_BYTES:
        raise InvalidInputError("a symmetric key has 32 bytes", field="key")
    nonce = secrets.token_bytes(_NONCE_BYTES)
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    cipher.update(VERSION + _info(purpose, context))
    ciphertext, tag = cipher.encrypt_and_digest(plaintext)
    return VERSION + nonce + ciphertext + tag


def open_under(key: bytes, envelope: bytes, *, purpose: str, context: bytes = b"") -> bytes:
    """Open an envelope made by `seal_under`; raises CannotOpen."""
    if envelope[:1] != VERSION or len(envelope) < 1 + _NONCE_BYTES + _TAG_BYTES or len(key) != KEY_BYTES:
        raise CannotOpen("the envelope is truncated or of an unknown version")
    nonce, body = envelope[1 : 1 + _NONCE_BYTES], envelope[1 + _NONCE_BYTES :]
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    cipher.update(VERSION + _info(purpose, context))
    try:
        return cipher.decrypt_and_verify(body[:-_TAG_BYTES], body[-_TAG_BYTES:])
    except ValueError as error:
        raise CannotOpen("the envelope does not open with this key for this purpose") from error


def seal_with_passphrase(
    passphrase: str, plaintext: bytes, *, purpose: str, cost: ScryptCost = DEFAULT_COST
) -> bytes:
    """Seal under a key stretched from a passphrase: cost (3 bytes), salt, then as `seal_under`."""
    header = bytes([cost.log_n, cost.r, cost.p]) + secrets.token_bytes(_SALT_BYTES)
    key = _stretch(passphrase, cost, header)
    return header + seal_under(key, plaintext, purpose=purpose, context=header)


def open_with_passphrase(passphrase: str, envelope: bytes, *, purpose: str) -> bytes:
    """Open an envelope made by `seal_with_passphrase`; raises CannotOpen for a wrong passphrase."""
    header, body = envelope[: 3 + _SALT_BYTES], envelope[3 + _SALT_BYTES :]
    if len(header) < 3 + _SALT_BYTES:
        raise CannotOpen("the envelope is truncated")
    try:
        cost = ScryptCost(*header[:3])
    except InvalidInputError as error:
        raise CannotOpen("the envelope asks for a cost that is not served") from error
    try:
        return open_under(_stretch(passphrase, cost, header), body, purpose=purpose, context=header)
    except CannotOpen as error:
        raise CannotOpen("wrong passphrase, or the file was changed") from error


def derive_key(secret: bytes, name: str, *fields: bytes) -> bytes:
    """Return a 32-byte key from uniform `secret` by HKDF-SHA512 with framed info (RFC 5869)."""
    info = frame(label(name), *fields)
    return HKDF(algorithm=hashes.SHA512(), length=KEY_BYTES, salt=None, info=info).derive(secret)


def _stretch(passphrase: str, cost: ScryptCost, header: bytes) -> bytes:
    # Encoded here: the library would take text as Latin-1, which has no Chinese.
    password = unicodedata.normalize("NFC", passphrase).encode()
    return scrypt(password, header[3:], KEY_BYTES, N=1 << cost.log_n, r=cost.r, p=cost.p)


def _info(purpose: str, context: bytes) -> bytes:
    return frame(label(purpose), context)
