"""One JSON line on stderr for each request: method, route, status, duration, and nothing of its content.

The route's template stands for the address, so that no reference of a member's gets into a log that
other people keep; an unforeseen error is noted by its kind and its places in the code, without its
text.
"""

from __future__ import annotations

import sys
import time
import traceback
from typing import Any, TextIO

import structlog
from flask import Flask, Response, current_app, g, request

_KEY = "api_journal"


def install(app: Flask) -> None:
    """Let `app` write a line after every request."""
    app.extensions[_KEY] = logger_to(sys.stderr)
    app.before_request(_begin)
    app.after_request(_note)


def logger_to(stream: TextIO) -> Any:
    """Return a logger that writes JSON lines to `stream`."""
    stamp, line = structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()
    return structlog.wrap_logger(structlog.PrintLogger(stream), processors=[stamp, line])


def note_surprise(error: Exception) -> None:
    """Write down an unforeseen error: its kind and where it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames[-8:]]
    _logger().error("surprise", kind=type(error).__name__, places=places)


def _begin() -> None:
    g.began_at = time.monotonic()


def _note(response: Response) -> Response:
    _logger().info(
        "request",
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        milliseconds=round((time.monotonic() - g.began_at) * 1000, 1),
    )
    return response


def _logger() -> Any:
    return current_app.extensions[_KEY]
