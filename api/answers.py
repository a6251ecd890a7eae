"""How a view hands back what a service gave: a form, JSON that is stored as such, or a stream of lines."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import msgspec
from flask import Response, stream_with_context

from api.openapi import JSON, NDJSON
from privacy.messages import Message


def form(value: Message, status: int = HTTPStatus.OK) -> Response:
    """Return a message as JSON."""
    return document(msgspec.json.encode(value), status)


def document(body: bytes, status: int = HTTPStatus.OK) -> Response:
    """Return JSON that was stored, byte for byte."""
    return Response(body, status=status, mimetype=JSON)


def lines(stream: Iterator[bytes]) -> Response:
    """Return lines as they are made."""
    return Response(stream_with_context(stream), mimetype=NDJSON)
