"""Asks custodians to open a manifest: t of them at once, the next in turn for each that does not answer.

What a custodian answers is sealed to the member, so this module judges nothing in it; it tells apart
an answer, a refusal to hand on, a head that has moved, and silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime

import httpx
import msgspec

from alliance_hub.errors import Conflict, Forbidden, HubError, Invalid, QuotaExceeded
from privacy import request_signing
from privacy.errors import InvalidInputError
from privacy.matching import OpeningRequest, SealedOpening
from privacy.messages import parse_json
from privacy.signing import SigningKey

TIMEOUT = httpx.Timeout(5.0, read=180.0)
"""Seconds. A manifest of 1,000 subjects keeps a custodian busy for half a minute at 3072 bits."""

MAX_ANSWER_BYTES = 4 * 2**20
"""Four times the largest sealed opening: what a custodian gone wrong may at most put into our memory."""


class Problem(msgspec.Struct, frozen=True):
    """What we hand on of a custodian's problem document; everything else in it is dropped."""

    type: str = ""
    detail: str = ""
    retry_at: datetime | None = None
    position: int | None = None

    @property
    def slug(self) -> str:
        """The last part of the problem's type."""
        return self.type.rpartition(":")[2]


def refusal(status: int, problem: Problem) -> HubError:
    """Return a custodian's refusal as the hub's own, in the custodian's words."""
    text, slug = problem.detail[:500] or "a custodian refuses", problem.slug[:40] or None
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return QuotaExceeded(text, slug=slug, retry_at=problem.retry_at)
    return {403: Forbidden, 409: Conflict}.get(status, Invalid)(text, slug=slug)


class Silent(Exception):
    """A custodian did not answer, or not in the form of an answer: another may."""


class Stale(Exception):
    """A custodian's head would judge otherwise than the position asked."""


@dataclass(slots=True)
class Gathered:
    """What came back: openings by custodian, refusals, and whether a custodian found the position stale."""

    openings: dict[int, SealedOpening] = field(default_factory=dict)
    refusals: list[HubError] = field(default_factory=list)
    stale: bool = False


class Custodians:
    """The custodians' addresses by index from 1, and the hub's key with which they are asked."""

    def __init__(self, addresses: Sequence[str], key: SigningKey, clock: Callable[[], datetime]) -> None:
        self._addresses = {index: address.rstrip("/") for index, address in enumerate(addresses, 1)}
        self._key = key
        self._clock = clock

    def gather(
        self, order: Sequence[int], needed: int, request_to: Callable[[int], OpeningRequest]
    ) -> Gathered:
        """Ask the first `needed` custodians of `order` at once, and for each failure the next in order.

        Stops asking further ones at the first that finds the position stale: then all must be asked anew.
        """
        found, waiting = Gathered(), iter(order)
        with self._client() as http, ThreadPoolExecutor(needed) as pool:

            def start(count: int) -> set[Future[SealedOpening]]:
                chosen = [index for _, index in zip(range(count), waiting, strict=False)]
                return {pool.submit(self._open, http, index, request_to(index)) for index in chosen}

            running = start(needed)
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                failed = sum(not _settle(future, found) for future in done)
                if not found.stale:
                    running |= start(failed)
        return found

    def ask(self, index: int, request: OpeningRequest) -> SealedOpening:
        """Ask one custodian; raises HubError in the custodian's words, Stale or Silent."""
        with self._client() as http:
            return self._open(http, index, request)

    def _client(self) -> httpx.Client:
        # Reading all certificates takes 80 ms, and within one machine there is none to check.
        outside = any(address.startswith("https:") for address in self._addresses.values())
        return httpx.Client(timeout=TIMEOUT, trust_env=False, verify=outside)

    def _open(self, http: httpx.Client, index: int, request: OpeningRequest) -> SealedOpening:
        url, body = f"{self._address(index)}/v1/openings", msgspec.json.encode(request)
        headers = request_signing.sign(
            request_signing.Request("POST", url),
            digest=request_signing.content_digest([body]),
            key=self._key,
            now=self._clock(),
        )
        headers["Content-Type"] = "application/json"
        try:
            with http.stream("POST", url, content=body, headers=headers) as response:
                answered = b"".join(_bounded(response.iter_bytes()))
        except httpx.HTTPError as error:
            raise Silent("no answer") from error
        if response.status_code == httpx.codes.OK:
            return _opening(index, answered)
        raise _refusal(response.status_code, _problem(answered), asked=request.position)

    def _address(self, index: int) -> str:
        address = self._addresses.get(index)
        if address is None:
            raise Silent("no address is configured")
        return address


def _settle(future: Future[SealedOpening], found: Gathered) -> bool:
    """Sort one outcome into `found`; say whether it was an opening."""
    try:
        opening = future.result()
    except Stale:
        found.stale = True
    except HubError as refused:
        found.refusals.append(refused)
    except Silent:
        pass
    else:
        found.openings[opening.custodian] = opening
        return True
    return False


def _refusal(status: int, problem: Problem, *, asked: int) -> Exception:
    if status == httpx.codes.CONFLICT and problem.slug == "stale":
        # One that is behind the position asked, and cannot catch up, is no reason to ask anew.
        return Stale() if problem.position is None or problem.position >= asked else Silent("behind the feed")
    if status in (403, 409, 422, 429):
        return refusal(status, problem)
    return Silent(f"answered {status}")


def _opening(index: int, body: bytes) -> SealedOpening:
    try:
        opening = parse_json(SealedOpening, body)
    except InvalidInputError as error:
        raise Silent("the answer is not an opening") from error
    if opening.custodian != index:
        raise Silent("the answer names another custodian")
    return opening


def _problem(body: bytes) -> Problem:
    try:
        return msgspec.json.decode(body, type=Problem)
    except msgspec.DecodeError:
        return Problem()


def _bounded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    left = MAX_ANSWER_BYTES
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise Silent("the answer is too large")
        yield chunk
