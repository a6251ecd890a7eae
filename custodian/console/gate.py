"""Who gets in: the person who reads this machine's terminal, and no page that her browser has open elsewhere.

- Only requests to the very address that was printed: a foreign name that resolves to 127.0.0.1 is refused.
- A token that works once is exchanged for a session cookie, SameSite=Strict, gone with the process.
- Every form bears a CSRF token (flask-wtf).
- Nothing is cached, framed or loaded from elsewhere; no inline script or style runs.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from threading import Lock

from flask import Flask, Response, abort, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect  # type: ignore[import-untyped]
from werkzeug.wrappers import Response as AnyResponse

POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

WORKING_DAY = timedelta(hours=12)
"""How long an unused session lasts."""

_OPEN = frozenset({"enter", "static"})
"""Endpoints without a session: the token's own, and the style sheet."""


class Token:
    """A secret that lets in one browser, once."""

    def __init__(self) -> None:
        self.text = secrets.token_urlsafe(32)
        self._used = False
        self._lock = Lock()

    def spend(self, offered: str) -> bool:
        """Say whether this is the token and was not used before; from now on it is."""
        with self._lock:
            fits = hmac.compare_digest(offered.encode(), self.text.encode()) and not self._used
            self._used = self._used or fits
            return fits


def guard(app: Flask, token: Token, authority: str) -> None:
    """Put the gate before every view of the application; `authority` is the printed host and port."""
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),
        SESSION_COOKIE_NAME="alliance-custodian-console",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=WORKING_DAY,
        WTF_CSRF_TIME_LIMIT=None,  # the session's life is the token's
    )

    @app.before_request
    def _require_entered() -> None:
        if request.host != authority:
            abort(421)
        if request.endpoint is None:
            abort(404)
        if request.endpoint not in _OPEN and not session.get("entered"):
            abort(403)

    @app.get("/enter")
    def enter() -> AnyResponse:
        """Exchange the printed token for a session."""
        if not token.spend(request.args.get("token", "")):
            abort(403)
        session.clear()
        session["entered"] = session.permanent = True
        return redirect(url_for("overview"), 303)

    @app.after_request
    def _seal(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    CSRFProtect(app)
