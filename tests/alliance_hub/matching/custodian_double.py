"""A custodian's opening door in a few lines: real sockets, real signatures, no judgement of its own.

It stands in for the custodian where a test is about the hub; whole journeys use the real one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from privacy import request_signing
from privacy.encoding import b64, instant_text
from privacy.errors import VerifyError
from privacy.keyset import KeySet
from privacy.matching import Opening, OpeningRequest, Reason, Status, Verdict, seal_opening
from privacy.messages import parse_json
from privacy.signing import SigningKey, key_id
from privacy.statements import custodian_author
from tests.alliance_hub.builders import Clock

WITHHELD = Verdict(status=Status.WITHHELD, reason=Reason.TOO_FEW_CONTRIBUTORS)


class CustodianDouble:
    """Answers every subject with `too_few_contributors`, sealed to the asker; or as it is told to."""

    def __init__(self, index: int, key: SigningKey, key_set: KeySet, clock: Clock) -> None:
        self.index, self.key, self.key_set, self.clock = index, key, key_set, clock
        self.sealing: dict[str, bytes] = {}
        self.asked: list[OpeningRequest] = []
        self.head = 0
        """Positions before it are stale."""
        self.refuses: tuple[int, dict[str, Any]] | None = None
        self.garbles: Callable[[bytes], bytes] = lambda body: body
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.is_up = True

    def stop(self) -> None:
        """Close the socket: from now on a connection is refused."""
        if self.is_up:
            self.is_up = False
            self.server.shutdown()
            self.server.server_close()
            self._thread.join()

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Check the hub's signature and answer as told."""
        url, digest = self.address + path, request_signing.content_digest([body])
        hub = self.key_set.hub_key
        try:
            request_signing.verify(
                request_signing.Request("POST", url, headers),
                digest=digest,
                find_key=lambda keyid: hub if keyid == key_id(hub) else None,
                now=self.clock(),
            )
        except VerifyError:
            return 401, b"{}"
        asked = parse_json(OpeningRequest, body)
        assert (path, asked.recipient) == ("/v1/openings", custodian_author(self.index))
        self.asked.append(asked)
        if self.refuses is not None:
            return self.refuses[0], msgspec.json.encode(self.refuses[1])
        if asked.position < self.head:
            problem = {"type": "urn:alliance-hub:problem:stale", "position": self.head, "head": "x"}
            return 409, msgspec.json.encode(problem)
        return 200, self.garbles(msgspec.json.encode(self._sealed(asked)))

    def _sealed(self, asked: OpeningRequest) -> Any:
        manifest = asked.match.manifest
        opening = Opening(
            manifest=b64(manifest.sha256()),
            custodian=self.index,
            position=asked.position,
            period=manifest.period,
            cut_at=instant_text(self.clock()),
            verdicts=(WITHHELD,) * len(manifest.subjects),
            ciphertexts=(),
            partials=(),
            proof=None,
        )
        return seal_opening(self.key, opening, self.sealing[manifest.member])


def _handler(double: CustodianDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = double.answer(self.path, dict(self.headers), body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler
