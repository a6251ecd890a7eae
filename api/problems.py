"""One table turns every error into RFC 9457 problem+json; nothing that was submitted is ever echoed.

An unforeseen error tells its asker nothing but that it happened: its text could hold a row of the
database. The journal gets its kind and its place in the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec
from apiflask.exceptions import HTTPError
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from alliance_hub import errors
from api import journal
from privacy.encoding import Json, instant_text
from privacy.errors import CannotOpen, DeserializeError, InvalidInputError, PrivacyError, VerifyError
from privacy.request_signing import COMPONENTS

MIMETYPE = "application/problem+json"
TYPE = "urn:alliance-hub:problem:"

CHALLENGE = {"WWW-Authenticate": f'Signature components="{" ".join(COMPONENTS)}"'}
"""RFC 9110 wants one with every 401."""


class Row(NamedTuple):
    """How one kind of error looks from outside; `slug` only where the error brings none of its own."""

    kind: type[Exception]
    status: HTTPStatus
    title: str
    slug: str = ""


TABLE = (
    Row(errors.Unauthenticated, HTTPStatus.UNAUTHORIZED, "Who asks is not shown"),
    Row(errors.Forbidden, HTTPStatus.FORBIDDEN, "Not allowed"),
    Row(errors.NotFound, HTTPStatus.NOT_FOUND, "Not found, or not yours"),
    Row(errors.Forgotten, HTTPStatus.GONE, "Erased, as it had to be"),
    Row(errors.Conflict, HTTPStatus.CONFLICT, "The state does not allow it"),
    Row(errors.Invalid, HTTPStatus.UNPROCESSABLE_ENTITY, "A value is refused"),
    Row(errors.QuotaExceeded, HTTPStatus.TOO_MANY_REQUESTS, "Enough for now"),
    Row(errors.Unavailable, HTTPStatus.SERVICE_UNAVAILABLE, "Ask again later"),
    Row(InvalidInputError, HTTPStatus.UNPROCESSABLE_ENTITY, "A value is refused", "invalid"),
    Row(DeserializeError, HTTPStatus.UNPROCESSABLE_ENTITY, "A value is refused", "invalid"),
    Row(CannotOpen, HTTPStatus.UNPROCESSABLE_ENTITY, "A value is refused", "invalid"),
    Row(VerifyError, HTTPStatus.FORBIDDEN, "A signature in the body does not hold", "signature"),
)
"""The first row whose kind fits. A kind that is missing here is an unforeseen error."""

_SLUGS = {
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-large",
}
_DETAILS = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address; /docs lists what there is.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address takes other methods; the Allow header names them.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than this address takes; send less at once.",
}


def install(app: Flask) -> None:
    """Let `app` answer every error as a problem."""
    app.register_error_handler(errors.HubError, _of_ours)
    app.register_error_handler(PrivacyError, _of_ours)
    app.register_error_handler(HTTPError, _of_parameters)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_surprise)


def document_of(error: Exception) -> Json:
    """Return the problem document for an error of ours; raises KeyError for one that the table lacks."""
    row = _row(error)
    slug = getattr(error, "slug", "") or row.slug
    return _document(row.status, slug, row.title, sentence(error), **details(error))


def details(error: Exception) -> Json:
    """Return what an error of ours says beyond its sentence: field, `retry_at`, and its extra facts."""
    found: Json = dict(getattr(error, "extra", {}))
    if isinstance(error, errors.Invalid | InvalidInputError):
        found["errors"] = [{"field": error.field, "reason": str(error)}]
    retry_at = getattr(error, "retry_at", None)
    if isinstance(retry_at, datetime):
        found["retry_at"] = instant_text(retry_at)
    return found


def sentence(error: Exception) -> str:
    """Return the error's message as a sentence."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."


def _row(error: Exception) -> Row:
    for row in TABLE:
        if isinstance(error, row.kind):
            return row
    raise KeyError(type(error).__name__)


def _document(status: int, slug: str, title: str, detail: str, **more: Any) -> Json:
    return {"type": TYPE + slug, "title": title, "status": int(status), "detail": detail, **more}


def _response(document: Json, headers: Mapping[str, str] | None = None) -> Response:
    body = msgspec.json.encode(document)
    return Response(body, status=document["status"], headers=headers, mimetype=MIMETYPE)


def _of_ours(error: Exception) -> Response:
    try:
        document = document_of(error)
    except KeyError:
        return _of_surprise(error)
    return _response(document, CHALLENGE if document["status"] == HTTPStatus.UNAUTHORIZED else None)


def _of_parameters(error: HTTPError) -> Response:
    """Say which query parameter or header was refused, in the library's words, which quote no value."""
    found = [
        {"field": field.replace("_", "-").title() if place == "headers" else field, "reason": reason}
        for place, fields in error.detail.items()
        for field, reasons in fields.items()
        for reason in reasons
    ]
    detail = "A query parameter or header is refused."
    return _response(_document(error.status_code, "invalid", "A value is refused", detail, errors=found))


def _of_http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    slug, detail = _SLUGS.get(status, "bad-request"), _DETAILS.get(status, "The request is not well formed.")
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    return _response(_document(status, slug, status.phrase, detail), headers)


def _of_surprise(error: Exception) -> Response:
    journal.note_surprise(error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "Something failed here, and it is noted; try again later."
    return _response(_document(status, "internal", status.phrase, detail))
