"""Asking custodians for their heads, over real sockets: what is believed, and what is remembered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from alliance_hub.custodians.health import Heard, Watch, ask
from alliance_hub.custodians.rules import Standing
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.settings import load_settings
from privacy.encoding import b64, instant_text
from privacy.feed import Head, SignedHead, sign_head
from tests.alliance_hub.builders import Ceremony, Clock, seed


@contextmanager
def serving(body: bytes) -> Iterator[str]:
    """Serve `body` at `/v1/head` of some port, and return the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/v1/head" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Houses:
    """Three custodians whose answers the test writes."""

    def __init__(self, hub: Hub, ceremony: Ceremony, clock: Clock) -> None:
        self.hub, self.ceremony, self.clock = hub, ceremony, clock

    def head(self, index: int, *, signer: int | None = None, **changes: object) -> bytes:
        with self.hub.database.reading() as session:
            own = feed.head(session)
        facts: dict[str, object] = {
            "alliance": self.hub.key_set.alliance,
            "epoch": 1,
            "position": own.position,
            "head": b64(own.root),
            "at": instant_text(self.clock()),
        }
        key = self.ceremony.witnesses[(signer or index) - 1]
        signed: SignedHead = sign_head(key, Head(**(facts | changes)), custodian=index)  # type: ignore[arg-type]
        return msgspec.json.encode(signed)

    @contextmanager
    def open(self, *bodies: bytes | None) -> Iterator[Hub]:
        """Return the hub with custodians that answer so; None is a closed door."""
        with ExitStack() as stack:
            addresses = tuple(
                "http://127.0.0.1:9" if body is None else stack.enter_context(serving(body))
                for body in bodies
            )
            yield replace(self.hub, settings=load_settings(self.hub.settings.home, custodians=addresses))


@pytest.fixture
def houses(hub: Hub, ceremony: Ceremony, clock: Clock) -> Houses:
    with hub.database.transaction() as session:
        feed.cut(session, hub, clock())
    return Houses(hub, ceremony, clock)


def test_heads_are_compared_with_the_hubs_own(houses: Houses) -> None:
    forked = houses.head(2, head=b64(seed("another feed")))
    with houses.open(houses.head(1), forked, None) as hub:
        health = ask(hub)

    assert health.heard == (
        Heard(1, Standing.WELL, position=1, lag=0),
        Heard(2, Standing.FORKED, position=1, lag=0),
        Heard(3, Standing.SILENT),
    )
    assert health.well == 1


def test_what_is_not_signed_by_the_custodian_is_not_believed(houses: Houses) -> None:
    bodies = (houses.head(1, signer=2), houses.head(2, epoch=7), houses.head(2))
    with houses.open(*bodies) as hub:
        assert [each.standing for each in ask(hub).heard] == [Standing.STRANGE] * 3

    with houses.open(b"no head", b"{" + b" " * 20_000 + b"}") as hub:
        # The third has no address at all.
        assert [each.standing for each in ask(hub).heard] == [Standing.SILENT] * 3


def test_what_was_heard_is_remembered_for_half_a_minute(houses: Houses, clock: Clock) -> None:
    watch = Watch()
    with houses.open(houses.head(1), None, None) as hub:
        assert [each.standing for each in watch.last(hub).heard] == [Standing.UNKNOWN] * 3
        first = watch.look(hub)
        assert first.at == clock()
    clock.move(seconds=29)
    assert watch.look(hub) is first
    clock.move(seconds=1)
    assert watch.look(hub).heard[0].standing is Standing.SILENT
