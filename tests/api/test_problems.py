"""Every error is a problem document, and none of them repeats what was sent."""

from __future__ import annotations

import pytest
from flask import Flask

from alliance_hub.feed import service as feed
from api import bodies
from privacy.encoding import b64
from privacy.statements import Settlement
from tests.alliance_hub.builders import Clock, Platform, platform
from tests.alliance_hub.records.builders import reference_of
from tests.api.asking import Asker, fields, problem


def test_nothing_at_this_address(app: Flask) -> None:
    response = app.test_client().get("/v1/nothing-secret-here")
    assert problem(response) == (404, "not-found")
    assert "secret" not in response.text
    assert response.headers["Alliance-Mode"] == "synthetic"


def test_another_method(app: Flask) -> None:
    response = app.test_client().delete("/v1/alliance")
    assert problem(response) == (405, "method-not-allowed")
    assert "GET" in response.headers["Allow"]


def test_a_body_that_is_too_large(as_north: Asker) -> None:
    response = as_north.post("/v1/statements", b" " * (bodies.LARGEST_MESSAGE + 1))
    assert problem(response) == (413, "too-large")


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=many", "after=-2"])
def test_a_query_parameter_that_is_refused(as_north: Asker, query: str) -> None:
    response = as_north.get(f"/v1/statements?{query}")
    assert (problem(response), fields(response)) == ((422, "invalid"), [query.partition("=")[0]])
    assert "many" not in response.text


def test_a_sequence_that_is_taken_says_what_comes_next(app: Flask, north: Platform, as_north: Asker) -> None:
    settled = Settlement(contract_ref=b64(reference_of("North/Lin/1")))
    assert as_north.post("/v1/statements", north.say(settled)).status_code == 201
    response = as_north.post("/v1/statements", north.say(Settlement(contract_ref=b64(reference_of("x")))))
    assert problem(response) == (409, "sequence")
    account = as_north.get("/v1/account").json
    assert response.json is not None
    assert account is not None
    assert response.json["next_sequence"] == account["next_sequence"] == 3
    assert response.json["previous"] == account["previous"]


def test_a_name_that_is_taken(app: Flask, north: Platform, clock: Clock) -> None:
    impostor = platform("Impostor", clock)
    impostor.name, impostor.author = north.name, north.author
    asker = Asker(app, impostor.key, clock)
    response = asker.post("/v1/enrolments", impostor.say(impostor.enrolment()))
    assert problem(response) == (409, "name-taken")


def test_an_enrolment_that_another_key_sends(app: Flask, as_north: Asker, clock: Clock) -> None:
    newcomer = platform("East", clock)
    response = as_north.post("/v1/enrolments", newcomer.say(newcomer.enrolment()))
    assert problem(response) == (401, "unauthenticated")


def test_an_enrolment_that_is_none(app: Flask, north: Platform, as_north: Asker) -> None:
    response = as_north.post("/v1/enrolments", north.say(Settlement(contract_ref=b64(reference_of("x")))))
    assert (problem(response), fields(response)) == ((422, "invalid"), ["statement.body.type"])


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application with a fault in it that nobody foresaw."""

    def fail(session: object) -> None:
        raise RuntimeError("the row of debtor 11010119800101")

    monkeypatch.setattr(feed, "newest_effective_cut", fail)
    return app


def test_what_nobody_foresaw_says_nothing(broken: Flask) -> None:
    response = broken.test_client().get("/v1/alliance")
    assert problem(response) == (500, "internal")
    assert "11010119800101" not in response.text
