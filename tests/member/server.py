"""A real HTTP server on loopback, in a thread: every signed request is verified, every nonce taken once."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from privacy import request_signing
from privacy.encoding import instant_text
from privacy.errors import PrivacyError
from privacy.signing import key_id
from tests.member.moments import Clock


@dataclass(frozen=True)
class Received:
    """A request whose signature held."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    groups: tuple[str, ...]


class Problem(Exception):
    """Makes a handler answer a problem document."""

    def __init__(self, status: int, slug: str, detail: str = "no", **extra: Any) -> None:
        super().__init__(slug)
        self.status = status
        self.document = {
            "type": f"urn:alliance-hub:problem:{slug}",
            "title": slug,
            "status": status,
            "detail": detail,
            **extra,
        }


Route = Callable[[Received], Any]


class Server:
    """Serves what its subclass's `routes` say. `public` keys may sign; `received` is what came."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.keys: dict[str, bytes] = {}
        self.received: list[Received] = []
        self.nonces: set[str] = set()
        self.routes: dict[tuple[str, str], Route] = {}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self._closed = False

    def knows(self, public: bytes) -> None:
        """Accept requests that this key signs."""
        self.keys[key_id(public)] = public

    def close(self) -> None:
        """Stop serving: further connections are refused."""
        if not self._closed:
            self._closed = True
            self._http.shutdown()
            self._http.server_close()
            self._thread.join()

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Return status and body for a request."""
        try:
            found = self._route(method, target, headers, body)
            return 200, found if isinstance(found, bytes) else msgspec.json.encode(found)
        except Problem as problem:
            return problem.status, json.dumps(problem.document).encode()
        except PrivacyError as error:
            refused = Problem(422, "invalid", str(error))
            return 422, json.dumps(refused.document).encode()

    def _route(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Any:
        parts = urlsplit(target)
        for (wanted, pattern), handle in self.routes.items():
            match = re.fullmatch(pattern, parts.path)
            if wanted == method and match:
                self._verify(method, target, headers, body)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                received = Received(parts.path, query, headers, body, match.groups())
                self.received.append(received)
                return handle(received)
        raise Problem(404, "not-found")

    def _verify(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        request = request_signing.Request(method, self.url + target, headers)
        digest = request_signing.content_digest([body])
        try:
            verified = request_signing.verify(
                request, digest=digest, find_key=self.keys.get, now=self.clock()
            )
        except PrivacyError as error:
            raise Problem(401, "signature", str(error)) from error
        if verified.nonce in self.nonces:
            raise Problem(401, "replayed-nonce")
        self.nonces.add(verified.nonce)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = server.answer(self.command, self.path, dict(self.headers), body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = _serve

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def retry_at(clock: Clock) -> str:
    """Return an instant some way ahead."""
    return instant_text(clock().replace(hour=16, minute=0, second=0))
