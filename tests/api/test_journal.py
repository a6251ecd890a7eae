"""What the journal holds of a request, and what it must never hold."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from flask import Flask

from api import journal
from privacy.encoding import b64
from tests.alliance_hub.builders import Platform
from tests.alliance_hub.matching.story import Story
from tests.alliance_hub.records.builders import pseudonym_of
from tests.api.asking import Asker


@pytest.fixture
def written(shared_app: Flask) -> Iterator[io.StringIO]:
    """What is written meanwhile."""
    text = io.StringIO()
    before = shared_app.extensions["api_journal"]
    shared_app.extensions["api_journal"] = journal.logger_to(text)
    yield text
    shared_app.extensions["api_journal"] = before


def entries(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_line_for_each_request(written: io.StringIO, as_north: Asker) -> None:
    as_north.get("/v1/submissions/a-reference-of-mine")
    (entry,) = entries(written)
    assert (entry["method"], entry["route"], entry["status"]) == ("GET", "/v1/submissions/<id>", 404)
    assert isinstance(entry["milliseconds"], float)


def test_nothing_of_what_was_asked(
    written: io.StringIO, story: Story, north: Platform, as_north: Asker
) -> None:
    as_north.post("/v1/matches", story.request(north, "Lin"))
    as_north.get("/v1/submissions?after=a-reference-of-mine")
    for secret in ("North", "a-reference-of-mine", "case 1", b64(pseudonym_of("Lin")), "Signature"):
        assert secret not in written.getvalue()


def test_a_surprise_is_noted_by_its_place(
    written: io.StringIO, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(session: object) -> None:
        raise RuntimeError("the row of debtor 11010119800101")

    monkeypatch.setattr("alliance_hub.feed.service.newest_effective_cut", fail)
    app.test_client().get("/v1/alliance")
    surprise, request = entries(written)
    assert (surprise["event"], surprise["kind"], request["status"]) == ("surprise", "RuntimeError", 500)
    assert any(str(place).startswith("alliance.py:") for place in surprise["places"])  # type: ignore[attr-defined]
    assert "11010119800101" not in written.getvalue()
