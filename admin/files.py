"""What a page hands out to be saved: never shown in the console's own place."""

from __future__ import annotations

from flask import Response


def as_file(data: bytes | str, name: str, mimetype: str) -> Response:
    """Return an answer that a browser saves under `name`, plain letters and signs only."""
    response = Response(data, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
