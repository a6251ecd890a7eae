"""The OpenAPI 3.1 document, written from the views and the forms themselves, so that it cannot fall behind.

APIFlask reads routes, parameters and docstrings; the forms of what travels are msgspec's, whose JSON
Schemas are added here under their class names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar, cast

import msgspec
from apiflask import APIBlueprint, APIFlask

from api import problems
from api.forms import Problem
from privacy.encoding import Json

JSON = "application/json"
NDJSON = "application/x-ndjson"
ARCHIVE = "application/zip"
PDF = "application/pdf"
SIGNATURE = "signature"

_REF = "#/components/schemas/{name}"
_LINES: Json = {"type": "string", "description": "One JSON value a line; the description names them."}
_ARCHIVE: Json = {"type": "string", "format": "binary"}

View = TypeVar("View", bound=Callable[..., Any])


def describe(
    bp: APIBlueprint,
    *,
    answers: Mapping[int, type | None],
    body: type | None = None,
    streams: bool = False,
    media: str = "",
    refuses: Iterable[int] = (),
    signed: bool = True,
) -> Callable[[View], View]:
    """Say of a view what it takes, answers and refuses; its docstring says what it does.

    `answers` gives a form for each status, None for a stream, bytes for a file, an archive unless `media`
    says otherwise; `streams` says that the body is one.
    """
    forms = [form for form in (body, Problem, *answers.values()) if form not in (None, bytes)]
    statuses = {*refuses, *([401] if signed else []), *([413] if body or streams else []), 500}
    responses = {status: _response(status, _schema(form), media) for status, form in answers.items()}
    refusals = {status: _response(status, _ref(Problem), problems.MIMETYPE) for status in sorted(statuses)}
    more: Json = {}
    if body is not None or streams:
        more["requestBody"] = {"required": True, **_content(_schema(body), NDJSON if streams else JSON)}

    def decorate(view: View) -> View:
        view.forms = forms  # type: ignore[attr-defined]
        documented: View = bp.doc(
            responses=cast(Any, {**responses, **refusals}),
            security=SIGNATURE if signed else None,
            extensions=more,
        )(view)
        return documented

    return decorate


def document(app: APIFlask, base_url: str) -> Json:
    """Let `app` serve its document, complete with the forms of all views, and return it."""
    app.servers = [{"url": base_url}]
    app.config["SECURITY_SCHEMES"] = {SIGNATURE: _SCHEME}
    app.spec_processor(lambda found: _with_forms(cast(Json, found), app.view_functions.values()))
    return cast(Json, app.spec)


_SCHEME = {
    "type": "apiKey",
    "in": "header",
    "name": "Signature",
    "description": (
        "RFC 9421 with Ed25519 over @method @authority @path @query content-digest, with created, nonce "
        "and keyid; Content-Digest is sha-256 (RFC 9530). See docs/api.md."
    ),
}


def _with_forms(document: Json, views: Iterable[Callable[..., Any]]) -> Json:
    forms = {form for view in views for form in getattr(view, "forms", ())}
    ordered = sorted(forms, key=lambda form: form.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=_REF)
    document.setdefault("components", {}).setdefault("schemas", {}).update(sorted(schemas.items()))
    return document


def _response(status: int, schema: Json, mimetype: str = "") -> Json:
    return {"description": HTTPStatus(status).phrase, **_content(schema, mimetype or _mimetype(schema))}


def _content(schema: Json, mimetype: str) -> Json:
    return {"content": {mimetype: {"schema": schema}}}


def _mimetype(schema: Json) -> str:
    if schema is _ARCHIVE:
        return ARCHIVE
    return NDJSON if schema is _LINES else JSON


def _schema(form: type | None) -> Json:
    if form is bytes:
        return _ARCHIVE
    return _LINES if form is None else _ref(form)


def _ref(form: type) -> Json:
    return {"$ref": _REF.format(name=form.__name__)}
