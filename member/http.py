"""Signed HTTP to the hub and the custodians: how requests are made, and what their answers mean here.

Every request is signed anew at every attempt (RFC 9421), because its nonce is used up by the first. All
requests of this package may be sent twice: they carry a reference, or are the same signed statement.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from member.errors import Declined, MemberError, QuotaExceeded, Refused, Unavailable, Untrusted
from privacy import request_signing
from privacy.encoding import parse_instant
from privacy.errors import DeserializeError
from privacy.signing import SigningKey

Clock = Callable[[], datetime]
Body = Callable[[], Iterable[bytes]]
"""A body in pieces; asked for once to measure it, and once for each attempt."""

JSON = "application/json"
NDJSON = "application/x-ndjson"

_TIMEOUT = httpx.Timeout(10.0, connect=5.0, read=300.0)
"""Seconds. Opening 1,000 subjects keeps a custodian busy for half a minute, and the hub waits for it."""

_PAUSES = (0.2, 1.0)
"""Seconds before the second and the third attempt when there was no answer at all."""

_DECLINED, _QUOTA, _UNAVAILABLE = 400, 429, 500
_LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class _Measured:
    """A body with what must be known before its first byte is sent."""

    parts: Body
    digest: str
    length: int


@dataclass(slots=True)
class Line:
    """A line to the hub or to one custodian, over which the member signs what it sends."""

    name: str
    """Who is at the other end, as a person reads it: "the hub", "custodian 2"."""
    address: str
    key: SigningKey
    clock: Clock
    sleep: Callable[[float], None] = time.sleep
    _http: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.address = safe_address(self.address)
        # Within this machine there is no proxy, and no certificate to check: reading them all takes 80 ms.
        outside = self.address.startswith("https:")
        self._http = httpx.Client(timeout=_TIMEOUT, trust_env=outside, verify=outside)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> bytes:
        """Return the body of a 2xx answer. Raises as `post` does."""
        return self._send("GET", path + (f"?{urlencode(query)}" if query else ""), [], {})

    def post(self, path: str, body: bytes) -> bytes:
        """Send JSON and return the body of a 2xx answer.

        Raises Unavailable, QuotaExceeded, Declined with the other side's words, or Untrusted for an
        answer of another form.
        """
        return self._send("POST", path, [body], {"Content-Type": JSON})

    def stream(self, path: str, parts: Body, *, headers: Mapping[str, str] | None = None) -> bytes:
        """Send NDJSON in pieces and return the body of a 2xx answer. Raises as `post` does."""
        return self._send("POST", path, parts, {"Content-Type": NDJSON, **(headers or {})})

    def _send(self, method: str, path: str, body: list[bytes] | Body, headers: Mapping[str, str]) -> bytes:
        measured = _measure(body if callable(body) else lambda: body)
        response = self._attempts(method, self.address + path, measured, headers)
        if response.is_success:
            return response.content
        raise refusal(self.name, response.status_code, response.content)

    def _attempts(self, method: str, url: str, body: _Measured, headers: Mapping[str, str]) -> httpx.Response:
        for pause in (*_PAUSES, None):
            try:
                return self._attempt(method, url, body, headers)
            except httpx.TransportError as error:
                if pause is None:
                    raise Unavailable(f"{self.name} does not answer ({type(error).__name__})") from error
                self.sleep(pause)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _attempt(self, method: str, url: str, body: _Measured, headers: Mapping[str, str]) -> httpx.Response:
        signature = request_signing.sign(
            request_signing.Request(method, url), digest=body.digest, key=self.key, now=self.clock()
        )
        # The length is said aloud: an application server need not read chunked bodies.
        length = {"Content-Length": str(body.length)} if body.length else {}
        content = iter(body.parts()) if body.length else None
        return self._http.request(method, url, content=content, headers={**headers, **signature, **length})


def safe_address(url: str) -> str:
    """Return a base URL without a slash at its end; raises Refused for plain HTTP off this machine."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Refused("an address such as https://hub.example is expected", rule="address")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise Refused("plain http is for this machine only: use https", rule="plain-http")
    return url.strip().rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _measure(parts: Body) -> _Measured:
    length = 0

    def counted() -> Iterable[bytes]:
        nonlocal length
        for part in parts():
            length += len(part)
            yield part

    digest = request_signing.content_digest(counted())
    return _Measured(parts, digest, length)


def refusal(name: str, status: int, body: bytes) -> MemberError:
    """Return the error that an answer other than 2xx means: `body` is its problem document (RFC 9457)."""
    problem = _problem(body)
    text = f"{name}: {_sentence(problem, status)}"
    slug = printable(_text(problem.get("type")).rpartition(":")[2] or f"http-{status}")
    if status == _QUOTA or status >= _UNAVAILABLE:
        later = QuotaExceeded if status == _QUOTA else Unavailable
        return later(text, retry_at=_instant(problem.get("retry_at")), rule=slug, extra=problem)
    if status >= _DECLINED:
        return Declined(text, rule=slug, status=status, extra=problem)
    return Untrusted(f"{name} answered {status}, which no part of the alliance does: check the address")


def _problem(body: bytes) -> dict[str, Any]:
    """Return a problem document, or nothing: whoever answers in another form has still refused."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _sentence(problem: Mapping[str, Any], status: int) -> str:
    errors = problem.get("errors")
    fields = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    reasons = [f"{_text(each.get('field'))}: {_text(each.get('reason'))}" for each in fields]
    said = [_text(problem.get("detail")) or f"answered {status}", *reasons, *_clause(problem)]
    return printable("; ".join(said))


def _clause(problem: Mapping[str, Any]) -> list[str]:
    """Return by which clause an agreement denied this, where one did."""
    agreement, version, clause = (problem.get(name) for name in ("agreement", "version", "clause"))
    if not (isinstance(agreement, str) and isinstance(clause, str)):
        return []
    return [f"decided by agreement {agreement} version {version}, clause {clause}"]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _instant(value: object) -> datetime | None:
    try:
        return parse_instant(value)
    except DeserializeError:
        return None


def printable(text: str) -> str:
    """Return foreign text fit for a terminal: no control characters, not without end."""
    return "".join(character if character.isprintable() else " " for character in text)[:_LONGEST_DETAIL]
