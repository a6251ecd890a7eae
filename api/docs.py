"""The page at /docs: every operation and form of the document, as plain HTML, without script or CDN."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Blueprint, Flask, Response, current_app, make_response, render_template

from privacy.encoding import Json

bp = Blueprint(
    "docs", __name__, template_folder="templates", static_folder="static", static_url_path="/docs/static"
)

_KEY = "api_docs"

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the page: what can be asked, and in which forms."""

    tag: str
    method: str
    path: str
    document: Json


def install(app: Flask, document: Json) -> None:
    """Let `app` show its document."""
    app.extensions[_KEY] = document
    app.register_blueprint(bp)


@bp.get("/docs")
def show() -> Response:
    """Show the page."""
    document: Json = current_app.extensions[_KEY]
    groups = groupby(_operations(document), lambda operation: operation.tag)
    response = make_response(
        render_template(
            "api/docs.html",
            document=document,
            groups=[(tag, list(found)) for tag, found in groups],
            schemas=document["components"]["schemas"],
            name_of=name_of,
            type_of=type_of,
        )
    )
    response.headers["Content-Security-Policy"] = POLICY
    return response


def name_of(content: Json | None) -> tuple[str, str]:
    """Return the media type of a body or answer and the name of its form, empty for a stream."""
    if not content:
        return "", ""
    ((media, told),) = content.items()
    return media, _reference(told["schema"])


def type_of(schema: Json) -> str:
    """Return in a few words what a field holds."""
    if "$ref" in schema:
        return _reference(schema)
    if "anyOf" in schema:
        return " or ".join(type_of(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_of(schema['items'])}" if schema.get("items") else "list"
    return str(schema.get("type", "any"))


def _operations(document: Json) -> Iterator[Operation]:
    order = [tag["name"] for tag in document["tags"]]
    found = [
        Operation(told["tags"][0], method.upper(), path, told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
        if isinstance(told, dict) and "tags" in told
    ]
    yield from sorted(found, key=lambda each: (order.index(each.tag), each.path, each.method))


def _reference(schema: Json | Any) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]
