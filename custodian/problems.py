"""One table that turns errors into RFC 9457 problems: what a member or the hub is told."""

from __future__ import annotations

import logging
import traceback
from pathlib import PurePath

import msgspec
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from custodian.errors import QuotaExhausted, Refused, Stale, Stopped
from privacy.encoding import b64, instant_text
from privacy.errors import DeserializeError, InvalidInputError, VerifyError

log = logging.getLogger(__name__)

_STATUS = {
    "conflict": 409,
    "period": 409,
    "no-period": 409,
    "closed": 410,
    "too-large": 413,
    "too-many": 429,
    "paused": 503,
    "restored": 503,
    "hub-silent": 503,
    "hub-ahead": 503,
}
"""Refusals that are not 403; the slug says which rule refused."""


def register_problems(app: Flask) -> None:
    """Teach the application to answer every error with a problem."""
    app.register_error_handler(Refused, lambda e: problem(_STATUS.get(e.slug, 403), e.slug, str(e)))
    app.register_error_handler(
        Stopped, lambda e: problem(503, "stopped", "this custodian has stopped; ask another")
    )
    app.register_error_handler(Stale, _stale)
    app.register_error_handler(QuotaExhausted, _quota)
    app.register_error_handler(VerifyError, lambda e: problem(401, "signature", str(e)))
    app.register_error_handler(InvalidInputError, _invalid)
    app.register_error_handler(DeserializeError, lambda e: problem(422, "invalid", str(e)))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def problem(status: int, slug: str, detail: str, **more: object) -> Response:
    """Return an RFC 9457 problem of type `urn:alliance-hub:problem:<slug>`."""
    body = {"type": f"urn:alliance-hub:problem:{slug}", "title": slug.replace("-", " "), "status": status}
    return Response(
        msgspec.json.encode({**body, "detail": detail, **more}), status, mimetype="application/problem+json"
    )


def _stale(error: Stale) -> Response:
    return problem(409, "stale", str(error), position=error.head.position, head=b64(error.head.root))


def _quota(error: QuotaExhausted) -> Response:
    if error.retry_at is None:
        detail = f"{error}; ask the secretariat to raise the declared portfolio"
        return problem(429, "quota-exceeded", detail, retry_at=None)
    detail = f"{error}; come back after {instant_text(error.retry_at)}"
    return problem(429, "quota-exceeded", detail, retry_at=instant_text(error.retry_at))


def _invalid(error: InvalidInputError) -> Response:
    return problem(422, "invalid", str(error), errors=[{"field": error.field, "reason": str(error)}])


def _http(error: HTTPException) -> Response:
    return problem(
        error.code or 500, (error.name or "error").lower().replace(" ", "-"), error.name or "error"
    )


def _unexpected(error: Exception) -> Response:
    log.error("unexpected %s", surprise(error))
    return problem(500, "unexpected", "an unexpected error; nothing was charged that was not logged")


def surprise(error: Exception) -> str:
    """Return what kind of error it was and where. Never its message: that could quote a value."""
    frames = traceback.extract_tb(error.__traceback__)
    places = (f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames[-6:])
    return " ".join([type(error).__name__, *places])
