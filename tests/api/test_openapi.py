"""The document is valid, complete and true: what it promises holds for requests made up from it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, assume, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from alliance_hub.app import EXTENSION
from privacy.encoding import Json
from tests.alliance_hub.matching.story import Story
from tests.api.asking import Asker

STREAMS = ("POST /v1/submissions", "POST /v1/match-jobs")
"""No JSON: nothing is made up for them."""

Case = schemathesis.Case[Any]

FEW = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="session")
def document(shared_app: Flask) -> Json:
    return json.loads(shared_app.test_client().get("/openapi.json").data)  # type: ignore[no-any-return]


@pytest.fixture
def made_up(shared_app: Flask, told: Story) -> BaseSchema:
    """Requests made up from the document, for an alliance that they must not change."""
    shared_app.extensions[EXTENSION] = told.hub
    return schemathesis.openapi.from_wsgi("/openapi.json", shared_app)


@pytest.fixture
def asker(shared_app: Flask, told: Story) -> Iterator[Asker]:
    """North, whose clock goes on so that no two requests are alike."""
    shared_app.extensions[EXTENSION] = told.hub
    yield Asker(shared_app, told.members["North"].key, told.clock)
    told.hub.database.close()


def test_the_document_is_openapi_3_1(document: Json) -> None:
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_is_described(shared_app: Flask, document: Json) -> None:
    routes = {
        (re.sub(r"<(\w+:)?(\w+)>", r"{\2}", rule.rule), method.lower())
        for rule in shared_app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/v1/")
    }
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert routes == described - {(path, "parameters") for path in document["paths"]}
    assert len(routes) == 39


def test_every_operation_says_what_it_refuses(document: Json) -> None:
    for methods in document["paths"].values():
        for operation in (told for told in methods.values() if isinstance(told, dict)):
            assert operation["summary"].endswith(".")
            assert operation["description"]
            for status, answer in operation["responses"].items():
                (media,) = answer["content"]
                assert (media == "application/problem+json") == (int(status) >= 400)
            assert ("401" in operation["responses"]) == ("security" in operation)


def test_the_page_lists_every_operation_and_needs_nobody(shared_app: Flask, document: Json) -> None:
    response = shared_app.test_client().get("/docs")
    page = response.text
    for methods in document["paths"].values():
        for operation in (told for told in methods.values() if isinstance(told, dict)):
            assert f'id="{operation["operationId"]}"' in page
    for name in document["components"]["schemas"]:
        assert f'id="form-{name}"' in page
    assert "<script" not in page
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    style = re.search(r'href="(/docs/static/[^"]+)"', page)
    assert style is not None
    sheet = shared_app.test_client().get(style[1])
    assert (sheet.status_code, sheet.mimetype) == (200, "text/css")
    sheet.close()


def for_each(schema: BaseSchema, check: Callable[[Case], None]) -> None:
    """Make up a few requests for every operation and check each of them."""
    for found in schema.exclude(name=list(STREAMS)).get_all_operations():
        assert isinstance(found, Ok)
        FEW(given(found.ok().as_strategy())(check))()


def test_without_a_signature_it_holds(made_up: BaseSchema) -> None:
    def check(case: Case) -> None:
        case.validate_response(case.call())

    for_each(made_up, check)


def test_signed_reading_holds(made_up: BaseSchema, asker: Asker) -> None:
    def check(case: Case) -> None:
        query = urlencode(case.query or {}, doseq=True)
        response = asker.get(case.formatted_path + (f"?{query}" if query else ""))
        case.validate_response(response, excluded_checks=[ignored_auth])

    for_each(made_up.include(method="GET"), check)


def test_signed_writing_holds(made_up: BaseSchema, asker: Asker) -> None:
    def check(case: Case) -> None:
        assume(isinstance(case.body, dict))
        response = asker.post(case.formatted_path, json.dumps(case.body).encode())
        # A made-up statement is of the right form, and signed by nobody.
        case.validate_response(response, excluded_checks=[ignored_auth, positive_data_acceptance])

    for_each(made_up.include(method="POST"), check)
