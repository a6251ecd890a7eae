"""The certificate under the reports' signatures: one that an authority issued, or one that the member made.

Only the first shows who signed; the second shows that nothing was changed, and the report says so. RSA with
PKCS#1 v1.5, because every PDF reader knows it and the same report gives the same signature.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from member.errors import Refused
from member.vault import Vault

_KEY_BITS = 3072
_VALID = timedelta(days=3650)
_NAME = "paper-certificate"

_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=True,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its key and the certificates above it."""

    shown: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)
    chain: tuple[x509.Certificate, ...]
    own: bool
    """Whether the member made it itself."""

    @property
    def holder(self) -> str:
        """Who signs, as the certificate names it."""
        names = self.shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else self.shown.subject.rfc4514_string()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hexadecimal: it is compared by eye."""
        return self.shown.fingerprint(hashes.SHA256()).hex()


def read_certificate(data: bytes, passphrase: str, *, at: datetime) -> Certificate:
    """Read a PKCS#12 file with an RSA key; raises Refused with what to do about it."""
    try:
        found = _read(data, passphrase.encode() or None, own=False)
    except ValueError as error:
        raise Refused(
            "the certificate file does not open: give a PKCS#12 file (.p12, .pfx) and its own passphrase",
            rule="certificate",
        ) from error
    if found is None:
        raise Refused(
            "the certificate file holds no RSA key with its certificate: ask its issuer for RSA",
            rule="certificate",
        )
    if not found.shown.not_valid_before_utc <= at <= found.shown.not_valid_after_utc:
        raise Refused("the certificate is not valid today: ask its issuer for a new one", rule="certificate")
    return found


def own_certificate(vault: Vault, *, at: datetime) -> Certificate:
    """Return the certificate that this member made itself; the first call makes it and keeps it sealed."""
    row: Any = vault.db.execute("SELECT value FROM meta WHERE name = ?", (_NAME,)).fetchone()
    data = vault.unseal(_NAME, row[0]) if row else make_certificate(vault.settings.name, at=at)
    if row is None:
        with vault.transaction() as db:
            db.execute("INSERT INTO meta VALUES (?, ?)", (_NAME, vault.seal(_NAME, data)))
    found = _read(data, None, own=True)
    assert found is not None
    return found


def make_certificate(name: str, *, at: datetime, key_bits: int = _KEY_BITS) -> bytes:
    """Return a key and a certificate for `name` that nobody vouches for, as PKCS#12 without a passphrase."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=key_bits)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + _VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_USAGE, critical=True)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(None, key, certificate, None, NoEncryption())


def _read(data: bytes, passphrase: bytes | None, *, own: bool) -> Certificate | None:
    key, shown, chain = pkcs12.load_key_and_certificates(data, passphrase)
    if shown is None or not isinstance(key, rsa.RSAPrivateKey):
        return None
    return Certificate(shown, key, tuple(chain), own)
