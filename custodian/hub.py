"""How a custodian reaches the hub: signed requests, a streamed feed, problems as errors."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from custodian.errors import HubRefused, HubUnreachable, OperatorError
from privacy import request_signing
from privacy.encoding import b64, unb64
from privacy.errors import DeserializeError
from privacy.keyset import KeySet
from privacy.merkle import HASH_BYTES
from privacy.signing import SigningKey
from privacy.statements import HUB, SignedStatement

T = TypeVar("T")

TIMEOUT = httpx.Timeout(10.0, read=120.0)

LOG_TIMEOUT = httpx.Timeout(10.0)
"""What the log tells is small: who has not said it by then is asked again."""


_NO_LOG = frozenset({"no-checkpoint", "not-found", "404"})
"""How a hub says that it has no checkpoint yet, or no log at all."""


class _CheckpointShown(msgspec.Struct, frozen=True):
    checkpoint: str


class _ConsistencyShown(msgspec.Struct, frozen=True):
    path: list[str]


class HubLink:
    """The hub at one address, spoken to with this custodian's witness key."""

    def __init__(self, address: str, key: SigningKey, clock: Callable[[], datetime]) -> None:
        require_safe(address)
        self._address = address.rstrip("/")
        self._key = key
        self._clock = clock
        self._http = httpx.Client(timeout=TIMEOUT)

    def publish(self, signed: SignedStatement) -> None:
        """Hand a statement to the feed; raises HubRefused (slug `sequence` when the chain moved on)."""
        body = signed.canonical()
        url = f"{self._address}/v1/statements"
        headers = {**self._headers("POST", url, body), "Content-Type": "application/json"}
        with _as_unreachable():
            response = self._http.post(url, content=body, headers=headers)
        _require_success(response)

    def pull(self, after: int, limit: int) -> Iterator[bytes]:
        """Yield the lines of the feed behind position `after`; raises HubUnreachable when cut short."""
        url = f"{self._address}/v1/feed?after={after}&limit={limit}"
        with (
            _as_unreachable(),
            self._http.stream("GET", url, headers=self._headers("GET", url, b"")) as response,
        ):
            if response.is_error:
                response.read()
                _require_success(response)
            yield from _lines(response.iter_bytes())

    def checkpoint(self) -> str | None:
        """Return the log's newest checkpoint as a signed note, unchecked; None while there is none.

        Raises HubUnreachable, HubRefused.
        """
        try:
            body = self._log("/v1/log/checkpoint")
        except HubRefused as refusal:
            if refusal.slug in _NO_LOG:
                return None
            raise
        return _read(_CheckpointShown, body).checkpoint

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Return the hub's proof that its log of size `new` begins with that of size `old`, unchecked.

        Raises HubUnreachable, HubRefused.
        """
        shown = _read(_ConsistencyShown, self._log(f"/v1/log/consistency?old={old}&new={new}"))
        try:
            return [unb64(node, length=HASH_BYTES) for node in shown.path]
        except DeserializeError as error:
            raise HubRefused("form", "the hub's proof of consistency is no list of hashes") from error

    def cosign(self, key_set: KeySet, size: int, line: str) -> None:
        """Hand the hub a cosignature line for its checkpoint of `size`; raises HubUnreachable, HubRefused."""
        names = {"recipient": HUB, "epoch": key_set.epoch, "key_set": b64(key_set.digest)}
        body = msgspec.json.encode({**names, "size": size, "line": line})
        url = f"{self._address}/v1/log/cosignatures"
        headers = {**self._headers("POST", url, body), "Content-Type": "application/json"}
        with _as_unreachable():
            response = self._http.post(url, content=body, headers=headers, timeout=LOG_TIMEOUT)
        _require_success(response)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _log(self, path: str) -> bytes:
        with _as_unreachable():
            # An old answer out of a cache would pass for a log that has become smaller.
            headers = {"Cache-Control": "no-cache"}
            response = self._http.get(f"{self._address}{path}", headers=headers, timeout=LOG_TIMEOUT)
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise HubUnreachable("the hub tells nothing of its log now; it is asked again")
        _require_success(response)
        return response.content

    def _headers(self, method: str, url: str, body: bytes) -> dict[str, str]:
        digest = request_signing.content_digest([body])
        request = request_signing.Request(method, url)
        return request_signing.sign(request, digest=digest, key=self._key, now=self._clock())


def require_safe(address: str) -> None:
    """Refuse plain HTTP off loopback; raises OperatorError."""
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        return
    raise OperatorError(f"{address}: plain HTTP is refused off loopback; give an https address")


def is_loopback(host: str) -> bool:
    """Say whether a host name means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Split at newlines only; a last line without one was cut short and is not given."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole


def _read(form: type[T], body: bytes) -> T:
    try:
        return msgspec.json.decode(body, type=form)
    except msgspec.DecodeError as error:
        raise HubRefused("form", "the hub's answer about its log is not of the agreed form") from error


@contextmanager
def _as_unreachable() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise HubUnreachable("the hub does not answer; the next pull tries again") from error


def _require_success(response: httpx.Response) -> None:
    if response.is_success:
        return
    if response.status_code >= 500:
        raise HubUnreachable(f"the hub answered {response.status_code}; the next pull tries again")
    try:
        problem = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        problem = {}
    slug = str(problem.get("type", "")).rpartition(":")[2] or str(response.status_code)
    raise HubRefused(slug, str(problem.get("detail") or f"the hub answered {response.status_code}"))
