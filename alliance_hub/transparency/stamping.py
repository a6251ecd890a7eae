"""Asks a time-stamping authority (RFC 3161), and believes nothing that its own root does not show.

An authority that is not ours, or somebody on the way, would answer with another digest, an old answer, or a
certificate of its own. So the answer is checked against the pinned roots, our digest and our nonce.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from alliance_hub.errors import Invalid, Unavailable

TIMEOUT = httpx.Timeout(30.0)
MAX_BODY = 100_000
"""Bytes of an answer with its certificates, generously."""

QUERY = "application/timestamp-query"
REPLY = "application/timestamp-reply"


@dataclass(frozen=True, slots=True)
class Stamp:
    """An authority's answer, checked: the response as it came, and the time in it."""

    response: bytes
    at: datetime


def read_roots(path: Path) -> Sequence[Certificate]:
    """Return the root certificates in a PEM file; raises Invalid."""
    try:
        return load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise Invalid(
            "the roots of the time-stamping authority cannot be read: name a PEM file",
            field="timestamp_roots",
        ) from error


def stamp(http: httpx.Client, url: str, roots: Sequence[Certificate], data: bytes) -> Stamp:
    """Let the authority at `url` stamp SHA-256 of `data`, and check what it answers.

    Raises Unavailable when it does not answer, refuses, or answers what does not hold.
    """
    asked = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    body = _post(http, url, asked.as_bytes())
    try:
        return Stamp(body, _verified(decode_timestamp_response(body), asked, roots, data))
    except ValueError as error:
        raise _no_stamp("it is not a time-stamp response") from error


def _verified(
    answer: TimeStampResponse, asked: TimeStampRequest, roots: Sequence[Certificate], data: bytes
) -> datetime:
    """Return the time in an answer that holds."""
    if answer.status != PKIStatus.GRANTED:
        raise _no_stamp("the authority refused to stamp")
    stamped = answer.tst_info
    if stamped.message_imprint.message != hashlib.sha256(data).digest():
        raise _no_stamp("it is over another digest")
    if stamped.nonce != asked.nonce:
        raise _no_stamp("it answers another question")
    builder = VerifierBuilder.from_request(asked)
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(answer, data)
    except VerificationError as error:
        raise _no_stamp("it is not signed under timestamp_roots, for stamping times") from error
    return stamped.gen_time


def _post(http: httpx.Client, url: str, body: bytes) -> bytes:
    headers = {"Content-Type": QUERY, "Accept": REPLY}
    try:
        with http.stream("POST", url, content=body, headers=headers) as response:
            response.raise_for_status()
            return b"".join(_bounded(response.iter_bytes()))
    except httpx.HTTPError as error:
        raise Unavailable(
            "the time-stamping authority does not answer: it is asked again later", slug="time-stamp"
        ) from error


def _bounded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    left = MAX_BODY
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise _no_stamp("it is too large")
        yield piece


def _no_stamp(reason: str) -> Unavailable:
    return Unavailable(f"the time stamp does not hold: {reason}", slug="time-stamp")
