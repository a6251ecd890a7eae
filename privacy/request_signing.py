"""HTTP message signatures (RFC 9421) with content digests (RFC 9530) over plain values.

An adversary would replay a request, move it to another server, or change its body under a valid
signature. Five components are always covered, the digest even for an empty body; the authority is the
configured one, never the Host header; the caller keeps the nonces. The arithmetic of RFC 9421 is
http-message-signatures'; what is required, and when a request is too old, is decided here.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from privacy import signing
from privacy.errors import VerifyError
from privacy.signing import SigningKey, key_id

COMPONENTS = ("@method", "@authority", "@path", "@query", "content-digest")
SKEW = timedelta(seconds=300)
NONCE_LIFE = timedelta(seconds=600)
"""How long a nonce must be remembered, durably: twice the skew."""

_NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}")


@dataclass(slots=True)
class Request:
    """What is signed of a request: method, the whole URL at its configured authority, headers."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that held: by which key, once under which nonce, and the exact bytes it covers."""

    keyid: str
    nonce: str
    created: datetime
    base: str
    signature: str


def content_digest(chunks: Iterable[bytes]) -> str:
    """Return the Content-Digest field (RFC 9530, sha-256) of a body given in pieces."""
    sha = hashlib.sha256()
    for chunk in chunks:
        sha.update(chunk)
    return f"sha-256=:{base64.b64encode(sha.digest()).decode()}:"


def sign(request: Request, *, digest: str, key: SigningKey, now: datetime) -> dict[str, str]:
    """Return the headers to send: Content-Digest, Signature-Input, Signature.

    `digest` is the body's `content_digest`. The nonce is fresh at every call, so a retried request is
    signed again.
    """
    message = Request(request.method, request.url, {"Content-Digest": digest})
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519)
    prepared = signer.prepare(
        message,
        key_id=key_id(key.public),
        created=now,
        nonce=secrets.token_urlsafe(24),
        label="sig",
        include_alg=False,
        covered_component_ids=COMPONENTS,
        use_existing_digest=True,
    )
    signer.apply(message, prepared, key.sign(prepared.signature_base))
    return message.headers


def verify(
    request: Request, *, digest: str, find_key: Callable[[str], bytes | None], now: datetime
) -> Verified:
    """Check a request's signature, age and body digest; raises VerifyError with one sentence.

    `find_key` gives the public key in force for a key id, or None. The caller must still refuse a
    nonce that it has seen within `NONCE_LIFE`.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    if headers.get("content-digest") != digest:
        raise VerifyError("the body does not fit its Content-Digest (sha-256 is expected)")
    try:
        (result,) = _Verifier(find_key).verify(
            Request(request.method, request.url, headers), max_age=None, require_components=COMPONENTS
        )
    except (HTTPMessageSignaturesException, ValueError, KeyError, TypeError) as error:
        raise VerifyError("the request's signature is missing or does not hold") from error
    return _fresh(result.parameters, result.covered_components, headers["signature"], now)


def _fresh(
    parameters: Mapping[str, int | str], covered: Mapping[str, str], signature: str, now: datetime
) -> Verified:
    created, nonce, expires = (parameters.get(name) for name in ("created", "nonce", "expires"))
    if not isinstance(created, int) or not isinstance(nonce, str) or not _NONCE.fullmatch(nonce):
        raise VerifyError("the signature needs created, keyid and a nonce of 22 to 64 letters")
    if abs(now.timestamp() - created) > SKEW.total_seconds():
        raise VerifyError("the signature is more than 300 seconds old or ahead: check the clock")
    if isinstance(expires, int) and now.timestamp() > expires:
        raise VerifyError("the signature has expired: sign the request again")
    base = "\n".join(f"{name}: {value}" for name, value in covered.items())
    return Verified(str(parameters["keyid"]), nonce, datetime.fromtimestamp(created, UTC), base, signature)


class _Ed25519(algorithms.HTTPSignatureAlgorithm):
    """Ed25519 as every other signature here is verified: OpenSSL would take a key of small order."""

    algorithm_id = "ed25519"

    def __init__(self, public_key: bytes, private_key: None = None) -> None:
        self._public = public_key

    def verify(self, signature: bytes, message: bytes) -> None:
        signing.verify(self._public, message, signature)


class _Verifier(HTTPMessageVerifier):
    """The library's verifier without its own clock: `_fresh` judges time by the caller's."""

    def __init__(self, find_key: Callable[[str], bytes | None]) -> None:
        super().__init__(signature_algorithm=_Ed25519, key_resolver=_Keys(find_key))

    def validate_created_and_expires(self, sig_input: object, max_age: timedelta | None = None) -> None:
        return None


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, find_key: Callable[[str], bytes | None]) -> None:
        self._find_key = find_key

    def resolve_public_key(self, key_id: str) -> bytes | None:
        return self._find_key(key_id)

    def resolve_private_key(self, key_id: str) -> None:
        raise KeyError("this resolver only verifies")
