"""How a custodian reads the hub's answers: problems by name, and no half line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from custodian.errors import HubRefused, HubUnreachable, OperatorError
from custodian.hub import HubLink
from privacy.signing import SigningKey

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
