"""A refusal as a page: what was refused, by which rule, and what to do now.

Under `/v1` the API answers in its own form; only addresses of the console get pages. A page that is not there
and one that is not the officer's look the same.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, g, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException

from admin import office
from admin.refusals import sentence
from alliance_hub import errors
from privacy.errors import PrivacyError

__all__ = ["ADVICE", "STATUSES", "TITLES", "install", "page", "sentence"]

Handler = Callable[[Any], ResponseReturnValue]

STATUSES: Mapping[type[Exception], HTTPStatus] = {
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Forgotten: HTTPStatus.GONE,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.QuotaExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    PrivacyError: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""The first whose kind fits. An error that is missing here is an unforeseen one."""

TITLES: Mapping[int, LazyString] = {
    400: lazy_gettext("The form is out of date"),
    401: lazy_gettext("Please log in again"),
    403: lazy_gettext("Not allowed"),
    404: lazy_gettext("There is no such page for you"),
    405: lazy_gettext("This address takes no such request"),
    409: lazy_gettext("The state does not allow it"),
    410: lazy_gettext("Erased, as it had to be"),
    413: lazy_gettext("Too large"),
    422: lazy_gettext("A value is refused"),
    429: lazy_gettext("Enough for now"),
    503: lazy_gettext("A part does not answer"),
}
ADVICE: Mapping[int, LazyString] = {
    400: lazy_gettext("Nothing was changed. Go back, load the page anew and send the form again."),
    401: lazy_gettext("Nothing was changed. Log in and repeat what you did last."),
    403: lazy_gettext("Nothing was changed. If your work needs it, ask your administrator for the role."),
    404: lazy_gettext("Check the address, or begin at the menu. It may also belong to somebody else."),
    405: lazy_gettext("Nothing was changed. Begin at the menu."),
    409: lazy_gettext("Nothing was changed. Load the page anew: somebody may have acted in between."),
    410: lazy_gettext("Only the log entry of its erasure is left; nothing can bring it back."),
    413: lazy_gettext("Nothing was changed. Send a smaller file, or in parts."),
    422: lazy_gettext("Nothing was changed. Go back, correct the value and send it again."),
    429: lazy_gettext("Nothing was changed. Try again later."),
    503: lazy_gettext(
        "Nothing was lost. Try again in a few minutes; if it stays so, tell the system administrator."
    ),
}
_SURPRISE = lazy_gettext("Something failed here")
_LATER = lazy_gettext(
    "It is noted in the journal. Try again; if it fails again, tell the system administrator at what time."
)


def install(app: Flask) -> None:
    """Answer errors on pages of the console with a page; leave all others to who answered them so far."""
    for kind in (errors.HubError, PrivacyError, HTTPException, Exception):
        so_far: Any = app.error_handler_spec[None][None].get(kind)
        app.register_error_handler(kind, _in_front_of(so_far))


def page(status: int, *, detail: str = "", extra: Mapping[str, Any] | None = None) -> ResponseReturnValue:
    """Return the page for a status; `extra` may hold the `rule` or `clause` that refused, a log `entry`."""
    body = render_template(
        "console/error.html",
        title=TITLES.get(status, _SURPRISE),
        advice=ADVICE.get(status, _LATER),
        detail=detail,
        extra=dict(extra or {}),
        status=status,
    )
    return make_response(body, status)


def _in_front_of(so_far: Handler | None) -> Any:
    def handle(error: Exception) -> ResponseReturnValue:
        if office.is_console():
            return _answer(error)
        if so_far is not None:
            return so_far(error)
        if isinstance(error, HTTPException):
            return error.get_response()
        raise error

    return handle


def _answer(error: Exception) -> ResponseReturnValue:
    if isinstance(error, CSRFError):
        return page(HTTPStatus.BAD_REQUEST)
    if isinstance(error, HTTPException):
        return _of_http(error)
    for kind, status in STATUSES.items():
        if isinstance(error, kind):
            # What is not there and what is not yours must read the same.
            detail = "" if status is HTTPStatus.NOT_FOUND else sentence(error)
            return page(status, detail=detail, extra=getattr(error, "extra", None))
    _note(error)
    # The menu asks the database, which may be what failed.
    g.pop("actor", None)
    return page(HTTPStatus.INTERNAL_SERVER_ERROR)


def _of_http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or int(HTTPStatus.INTERNAL_SERVER_ERROR)
    if code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    return page(code)


def _note(error: Exception) -> None:
    """Write down an unforeseen error by kind and place: its text could hold a row of the database."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames[-8:]]
    current_app.logger.error("surprise %s at %s", type(error).__name__, " ".join(places))
