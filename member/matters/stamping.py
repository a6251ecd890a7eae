"""Time stamps of an outside authority (RFC 3161): proof that a digest existed then, from somebody else.

The authority hears a digest and nothing more. Its answer is checked against the roots that the member named
before it is used: a stamp that a court's program would refuse is worse than none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from asn1crypto import tsp
from cryptography import x509
from pyhanko.sign.timestamps import TimeStamper
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from member.errors import Refused, Unavailable, Untrusted
from member.http import safe_address

_QUERY = "application/timestamp-query"
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)


def _post(url: str, query: bytes) -> bytes:
    try:
        answer = httpx.post(url, content=query, headers={"Content-Type": _QUERY}, timeout=_TIMEOUT)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise Unavailable(
            f"the time-stamping authority does not answer ({type(error).__name__}): try again later, or "
            "build without --authority"
        ) from error
    return answer.content


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority: where it answers, and the roots (PEM) by which its tokens are believed.

    `send` posts a query and returns the answer's body.
    """

    url: str
    roots: tuple[x509.Certificate, ...]
    send: Callable[[str, bytes], bytes] = field(default=_post, repr=False)


def authority(url: str, roots: bytes) -> Authority:
    """Return the authority at `url`; raises Refused for an address or roots that are none.

    Plain http is fine here, and usual: what comes back is signed.
    """
    try:
        certificates = x509.load_pem_x509_certificates(roots)
    except ValueError as error:
        raise Refused(
            "the authority's roots are no PEM certificates: ask the authority for its root certificate",
            rule="authority",
        ) from error
    if not url.startswith("http://"):
        url = safe_address(url)
    return Authority(url, tuple(certificates))


def stamp(authority: Authority, data: bytes) -> bytes:
    """Return the authority's response over SHA-256 of `data`, DER, as `openssl ts -verify -in` reads it.

    Raises Unavailable when it does not answer, Untrusted when its token does not hold under the roots.
    """
    request = TimestampRequestBuilder(data=data, hash_algorithm=HashAlgorithm.SHA256).build()
    body = authority.send(authority.url, request.as_bytes())
    response = _read(body)
    _verify(authority, response, hashlib.sha256(data).digest(), nonce=request.nonce)
    return body


class Stamps(TimeStamper):
    """How pyHanko asks the same authority for the stamp over a PDF signature."""

    def __init__(self, authority: Authority) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._authority = authority

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Return the response to a request, checked."""
        body = self._authority.send(self._authority.url, req.dump())
        imprint = req["message_imprint"]["hashed_message"].native
        _verify(self._authority, _read(body), imprint, nonce=req["nonce"].native)
        return tsp.TimeStampResp.load(body)


def _read(body: bytes) -> TimeStampResponse:
    try:
        return decode_timestamp_response(body)
    except ValueError as error:
        raise Untrusted("the time-stamping authority answered something that is no time stamp") from error


def _verify(authority: Authority, response: TimeStampResponse, digest: bytes, *, nonce: int | None) -> None:
    builder = VerifierBuilder(roots=list(authority.roots), nonce=nonce)
    try:
        builder.build().verify(response, digest)
    except (VerificationError, ValueError) as error:
        raise Untrusted(
            "the authority's time stamp does not hold under the roots that were named: check "
            "--authority-roots"
        ) from error
