"""What a browser is told and held to on every page of the console, and what it may send.

- Only files of this hub are loaded; no inline script or style runs; nobody frames a page.
- Nothing private is cached; a static file whose address names its content is cached for good.
- Every form bears a token (Flask-WTF). The API is exempt: its requests are signed and bear no cookie.
- A form is small; a view that takes a file says how large with `takes_upload`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, Response, current_app, request
from flask_wtf.csrf import CSRFProtect  # type: ignore[import-untyped]

from admin import office
from alliance_hub.app import EXTENSION
from alliance_hub.hub import Hub
from alliance_hub.keys import HubKeys
from alliance_hub.policy import SESSION_LIFE

View = TypeVar("View", bound=Callable[..., Any])

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NOTHING_KEPT = "no-store"
KEPT = f"public, max-age={int(timedelta(days=365).total_seconds())}, immutable"

BODY_BYTES = 1_000_000
"""The largest form."""

COOKIE = "alliance-console"

_UPLOAD = "console_upload_bytes"


def install(app: Flask) -> None:
    """Put the rules before and after every page of the console."""
    hub: Hub = app.extensions[EXTENSION]
    app.config.update(
        SECRET_KEY=session_key(hub.keys),
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_PATH=office.ROOT,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_secure(hub),
        PERMANENT_SESSION_LIFETIME=SESSION_LIFE,
        # Only the console's forms are checked, in `_hold`; a token lasts as long as its session.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf = CSRFProtect(app)
    app.before_request(lambda: _hold(csrf))
    app.after_request(_seal)


def session_key(keys: HubKeys) -> bytes:
    """Return the key that signs session cookies: 32 bytes, the same after every start."""
    derived: bytes = HKDF(SHA256(), 32, salt=None, info=b"alliance-hub console-session").derive(keys.hub.seed)
    return derived


def is_secure(hub: Hub) -> bool:
    """Say whether cookies travel over TLS only."""
    return hub.settings.base_url.startswith("https://")


def takes_upload(largest: int) -> Callable[[View], View]:
    """Let a view take a body of up to `largest` bytes."""

    def decorate(view: View) -> View:
        setattr(view, _UPLOAD, largest)
        return view

    return decorate


def _hold(csrf: CSRFProtect) -> None:
    if not office.is_console():
        return
    view = current_app.view_functions.get(request.endpoint or "")
    request.max_content_length = getattr(view, _UPLOAD, BODY_BYTES)
    csrf.protect()


def _seal(response: Response) -> Response:
    if not office.is_console():
        return response
    response.headers.update(HEADERS)
    response.headers["Cache-Control"] = _keeping(response)
    if response.status_code in (302, 303) and "HX-Request" in request.headers:
        # A script would follow the redirect by itself and put a whole page where a table stood.
        response.headers["HX-Redirect"] = response.headers.pop("Location")
        response.status_code = 200
    return response


def _keeping(response: Response) -> str:
    if request.endpoint != "console.static" or response.status_code not in (200, 304):
        return NOTHING_KEPT
    return KEPT if "v" in request.args else "no-cache"
