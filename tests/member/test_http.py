"""Requests are signed anew at every attempt; what an answer means is decided in one place."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from member import Declined, QuotaExceeded, Refused, Unavailable, Untrusted
from member.http import Line, printable
from privacy.signing import SigningKey
from tests.member.moments import Clock
from tests.member.server import Problem, Received, Server

KEY = SigningKey(bytes(range(32)))


class Echo(Server):
    """Answers with what it was sent, or as it is told."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.knows(KEY.public)
        self.problem: Problem | None = None
        self.routes = {("GET", "/v1/.*"): self.echo, ("POST", "/v1/.*"): self.echo}

    def echo(self, received: Received) -> bytes:
        if self.problem is not None:
            raise self.problem
        return received.body or received.path.encode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def echo(clock: Clock) -> Iterator[Echo]:
    server = Echo(clock)
    yield server
    server.close()


@pytest.fixture
def line(echo: Echo, clock: Clock) -> Iterator[Line]:
    line = Line("the hub", echo.url + "/", KEY, clock, clock.sleep)
    yield line
    line.close()


def test_a_get_is_signed_with_its_query(line: Line, echo: Echo) -> None:
    assert line.get("/v1/feed", {"after": 3, "limit": 2}) == b"/v1/feed"
    assert echo.received[0].query == {"after": "3", "limit": "2"}


def test_a_post_carries_its_body_type_and_length(line: Line, echo: Echo) -> None:
    assert line.post("/v1/x", '{"名": 1}'.encode()) == '{"名": 1}'.encode()

    headers = {name.lower(): value for name, value in echo.received[0].headers.items()}
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == "10"
    assert "transfer-encoding" not in headers


def test_a_stream_is_asked_for_its_pieces_and_never_chunked(line: Line, echo: Echo) -> None:
    rounds = []

    def parts() -> Iterator[bytes]:
        rounds.append(1)
        yield from (b"one\n", b"two\n", b"three\n")

    assert line.stream("/v1/x", parts, headers={"Idempotency-Key": "k"}) == b"one\ntwo\nthree\n"

    headers = {name.lower(): value for name, value in echo.received[0].headers.items()}
    assert (headers["idempotency-key"], headers["content-length"]) == ("k", "14")
    assert headers["content-type"] == "application/x-ndjson"
    assert len(rounds) == 2


def test_every_request_has_a_nonce_of_its_own(line: Line, echo: Echo) -> None:
    for _ in range(3):
        line.get("/v1/x")

    assert len(echo.nonces) == 3


def test_a_dropped_connection_is_tried_again_under_a_fresh_nonce(clock: Clock) -> None:
    """A raw socket that hangs up twice, then answers: what it was sent must differ each time."""
    seen: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for attempt in range(3):
            peer, _ = listener.accept()
            with peer:
                seen.append(peer.recv(65536))
                if attempt == 2:
                    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    thread = threading.Thread(target=serve)
    thread.start()
    line = Line("the hub", f"http://127.0.0.1:{listener.getsockname()[1]}", KEY, clock, clock.sleep)
    try:
        assert line.get("/v1/x") == b"ok"
    finally:
        line.close()
        thread.join()
        listener.close()

    signatures = {
        next(part for part in each.split(b"\r\n") if part.lower().startswith(b"signature:")) for each in seen
    }
    assert len(signatures) == 3
    assert clock.ahead.total_seconds() == pytest.approx(1.2)


def test_nobody_there_is_unavailable(clock: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    line = Line("custodian 2", f"http://127.0.0.1:{port}", KEY, clock, clock.sleep)

    with pytest.raises(Unavailable, match="custodian 2 does not answer") as caught:
        line.get("/v1/x")
    line.close()

    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("problem", "kind", "exit_code"),
    [
        (Problem(401, "signature"), Declined, 4),
        (Problem(403, "forbidden"), Declined, 4),
        (Problem(404, "not-found"), Declined, 4),
        (Problem(409, "sequence", next_sequence=4), Declined, 4),
        (Problem(422, "invalid", errors=[{"field": "as_of", "reason": "late"}]), Declined, 4),
        (Problem(429, "quota-exceeded", retry_at="2026-11-01T16:00:00Z"), QuotaExceeded, 3),
        (Problem(500, "internal"), Unavailable, 3),
        (Problem(503, "paused", retry_at="2026-11-01T16:00:00Z"), Unavailable, 3),
    ],
    ids=lambda value: value.document["title"] if isinstance(value, Problem) else "",
)
def test_a_problem_becomes_an_error(
    line: Line, echo: Echo, problem: Problem, kind: type[Exception], exit_code: int
) -> None:
    echo.problem = problem

    with pytest.raises(kind, match="the hub: no") as caught:
        line.get("/v1/x")

    assert caught.value.exit_code == exit_code  # type: ignore[attr-defined]


def test_a_refusal_keeps_what_the_caller_needs(line: Line, echo: Echo) -> None:
    echo.problem = Problem(409, "sequence", next_sequence=4, previous=None)

    with pytest.raises(Declined) as caught:
        line.get("/v1/x")

    assert (caught.value.rule, caught.value.status) == ("sequence", 409)
    assert caught.value.extra["next_sequence"] == 4


def test_a_quota_says_when(line: Line, echo: Echo) -> None:
    echo.problem = Problem(429, "quota-exceeded", retry_at="2026-11-01T16:00:00Z")

    with pytest.raises(QuotaExceeded) as caught:
        line.get("/v1/x")

    assert caught.value.retry_at is not None
    assert caught.value.retry_at.isoformat() == "2026-11-01T16:00:00+00:00"


@pytest.mark.parametrize("text", ["soon", 5, None, "2026-11-01"])
def test_an_hour_that_is_none_is_left_out(line: Line, echo: Echo, text: object) -> None:
    echo.problem = Problem(503, "paused", retry_at=text)

    with pytest.raises(Unavailable) as caught:
        line.get("/v1/x")

    assert caught.value.retry_at is None


def test_foreign_words_cannot_play_with_the_terminal(line: Line, echo: Echo) -> None:
    echo.problem = Problem(403, "for\x1b[2Jbidden", "no\x1b[31m\r\nway" + "x" * 9_000)

    with pytest.raises(Declined) as caught:
        line.get("/v1/x")

    assert str(caught.value).isprintable()
    assert caught.value.rule.isprintable()
    assert len(str(caught.value)) < 600
    assert printable("名称") == "名称"


def test_a_redirect_is_not_followed(clock: Clock) -> None:
    class Elsewhere(Server):
        def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
            return 302, b""

    server = Elsewhere(clock)
    line = Line("the hub", server.url, KEY, clock, clock.sleep)
    with pytest.raises(Untrusted, match="answered 302"):
        line.get("/v1/x")
    line.close()
    server.close()


def test_a_refusal_that_is_no_problem_document_is_still_one(clock: Clock) -> None:
    class Plain(Server):
        def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
            return 418, b"<h1>teapot</h1>"

    server = Plain(clock)
    line = Line("the hub", server.url, KEY, clock, clock.sleep)
    with pytest.raises(Declined, match="the hub: answered 418") as caught:
        line.get("/v1/x")
    line.close()
    server.close()

    assert caught.value.rule == "http-418"


def test_plain_http_off_this_machine_is_refused(clock: Clock) -> None:
    with pytest.raises(Refused, match="use https"):
        Line("custodian 1", "http://custodian.example", KEY, clock)
