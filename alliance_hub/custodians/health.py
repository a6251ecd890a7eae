"""Asks the custodians for their signed heads, all at once and outside any transaction.

An answer counts only under the witness key that the key set names: what listens at an address is not
thereby a custodian.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

import httpx

from alliance_hub.custodians.rules import Standing, standing_of
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from privacy.encoding import unb64
from privacy.errors import InvalidInputError, VerifyError
from privacy.feed import Head, SignedHead, verify_head
from privacy.messages import parse_json

TIMEOUT = httpx.Timeout(2.0)
"""Seconds; a head is a signature away."""

MAX_BODY = 10_000
"""Bytes of a signed head, generously."""

FRESH = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Heard:
    """What one custodian said when it was asked last."""

    custodian: int
    standing: Standing
    position: int | None = None
    lag: int | None = None
    """How many entries it is behind the hub's feed."""


@dataclass(frozen=True, slots=True)
class Health:
    """What all custodians said; `at` is null before anybody asked."""

    at: datetime | None
    heard: tuple[Heard, ...]

    @property
    def well(self) -> int:
        """How many keep up."""
        return sum(each.standing is Standing.WELL for each in self.heard)


class Watch:
    """What was heard last, for the pages of one process; asked anew when it is older than `FRESH`."""

    def __init__(self) -> None:
        self._asking = Lock()
        self._of: Hub | None = None
        self._last: Health | None = None

    def last(self, hub: Hub) -> Health:
        """Return what was heard last, without asking anybody."""
        if self._last is None or self._of is not hub:
            return Health(None, tuple(Heard(index, Standing.UNKNOWN) for index in _indices(hub)))
        return self._last

    def look(self, hub: Hub) -> Health:
        """Return what the custodians say now, or said less than half a minute ago."""
        with self._asking:
            known = self.last(hub)
            if known.at is None or not known.at <= hub.clock() < known.at + FRESH:
                self._of, self._last = hub, ask(hub)
            return self.last(hub)


def ask(hub: Hub) -> Health:
    """Ask every custodian at once; takes as long as the slowest, at most a few seconds."""
    with _client(hub) as http, ThreadPoolExecutor(hub.key_set.count) as pool:
        answers = list(pool.map(lambda index: _head_of(http, hub, index), _indices(hub)))
    # Read after they answered: a custodian that was asked first is not ahead of the hub.
    with hub.database.reading() as session:
        own = feed.head(session)
    heard = (_judge(index, answer, own) for index, answer in zip(_indices(hub), answers, strict=True))
    return Health(hub.clock(), tuple(heard))


def _indices(hub: Hub) -> range:
    return range(1, hub.key_set.count + 1)


def _client(hub: Hub) -> httpx.Client:
    # Reading all certificates takes 80 ms, and within one machine there is none to check.
    outside = any(address.startswith("https:") for address in hub.settings.custodians)
    return httpx.Client(timeout=TIMEOUT, trust_env=False, verify=outside)


def _head_of(http: httpx.Client, hub: Hub, index: int) -> Head | Standing:
    """Return the head that a custodian signs, or why there is none."""
    try:
        address = hub.settings.custodians[index - 1]
        with http.stream("GET", f"{address}/v1/head") as response:
            body = b"".join(_bounded(response.iter_bytes())) if response.is_success else b""
        signed = parse_json(SignedHead, body)
        verify_head(signed, hub.key_set.witness(index))
    except (IndexError, httpx.HTTPError, InvalidInputError):
        return Standing.SILENT
    except VerifyError:
        return Standing.STRANGE
    ours = (index, hub.key_set.alliance, hub.key_set.epoch)
    fits = (signed.custodian, signed.head.alliance, signed.head.epoch) == ours
    return signed.head if fits else Standing.STRANGE


def _judge(index: int, answer: Head | Standing, own: feed.FeedHead) -> Heard:
    if isinstance(answer, Standing):
        return Heard(index, answer)
    standing = standing_of(answer.position, unb64(answer.head), own_position=own.position, own_head=own.root)
    return Heard(index, standing, answer.position, max(0, own.position - answer.position))


def _bounded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    left = MAX_BODY
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise InvalidInputError("the answer is too large for a head")
        yield chunk
