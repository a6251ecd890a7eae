"""How a custodian reads the hub's answers: problems by name, and no half line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from custodian.errors import HubRefused, HubUnreachable, OperatorError
from custodian.hub import HubLink
from privacy.encoding import b64
from privacy.signing import SigningKey
from tests.feeds import Alliance

Answer = Callable[[httpx.Request], httpx.Response]
Hub = Callable[[Answer], HubLink]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    usual = httpx.Client

    def link(answer: Answer) -> HubLink:
        monkeypatch.setattr(httpx, "Client", lambda **_: usual(transport=httpx.MockTransport(answer)))
        return HubLink("https://hub.example", SigningKey(bytes(32)), lambda: datetime.now(UTC))

    return link


def problem(status: int, slug: str) -> Answer:
    body = {"type": f"urn:alliance-hub:problem:{slug}", "detail": "start elsewhere", "position": 7}
    return lambda request: httpx.Response(status, content=json.dumps(body))


def test_a_feed_that_is_erased_is_named(hub: Hub) -> None:
    with pytest.raises(HubRefused) as caught:
        list(hub(problem(410, "forgotten")).pull(0, 64))
    assert caught.value.slug == "forgotten"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_hub_in_trouble_is_asked_again(hub: Hub, status: int) -> None:
    with pytest.raises(HubUnreachable):
        list(hub(problem(status, "unexpected")).pull(0, 64))


def test_a_line_that_was_cut_short_is_not_given(hub: Hub) -> None:
    link = hub(lambda request: httpx.Response(200, content=b"one\ntwo\nthr"))
    assert list(link.pull(0, 64)) == [b"one", b"two"]


def test_a_problem_without_words_is_one_all_the_same(hub: Hub) -> None:
    with pytest.raises(HubRefused) as caught:
        list(hub(lambda request: httpx.Response(404, content=b"<html>")).pull(0, 64))
    assert caught.value.slug == "404"


def test_the_hub_is_not_spoken_to_in_the_clear() -> None:
    with pytest.raises(OperatorError, match="https"):
        HubLink("http://hub.example", SigningKey(bytes(32)), lambda: datetime.now(UTC))


def told(**document: object) -> Answer:
    return lambda request: httpx.Response(200, content=json.dumps(document))


@pytest.mark.parametrize("answer", [problem(404, "no-checkpoint"), problem(404, "not-found")])
def test_a_hub_without_a_checkpoint_or_a_log_has_none(hub: Hub, answer: Answer) -> None:
    assert hub(answer).checkpoint() is None


def test_the_log_is_read_past_every_cache(hub: Hub) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        shown = {"checkpoint": "a note", "path": [b64(bytes(32))]}
        return httpx.Response(200, content=json.dumps(shown))

    link = hub(answer)
    assert link.checkpoint() == "a note"
    assert link.consistency(5, 9) == [bytes(32)]
    assert [str(each.url) for each in asked] == [
        "https://hub.example/v1/log/checkpoint",
        "https://hub.example/v1/log/consistency?old=5&new=9",
    ]
    assert {each.headers["Cache-Control"] for each in asked} == {"no-cache"}


@pytest.mark.parametrize("path", [["not base64!"], [b64(bytes(31))], [7], None])
def test_a_proof_of_another_form_is_refused(hub: Hub, path: object) -> None:
    with pytest.raises(HubRefused) as caught:
        hub(told(path=path)).consistency(5, 9)
    assert caught.value.slug == "form"


def test_a_hub_that_is_asked_too_often_is_asked_again(hub: Hub) -> None:
    with pytest.raises(HubUnreachable):
        hub(problem(429, "too-many")).checkpoint()


def test_a_cosignature_says_for_whom_it_is(hub: Hub) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=b"{}")

    key_set = Alliance().key_set
    hub(answer).cosign(key_set, 5, "a line")
    (request,) = asked
    assert json.loads(request.content) == {
        "recipient": "hub",
        "epoch": 1,
        "key_set": b64(key_set.digest),
        "size": 5,
        "line": "a line",
    }
    assert (request.method, request.url.path) == ("POST", "/v1/log/cosignatures")
    assert "Signature" in request.headers
