"""The hub's API: how members and custodians ask, as JSON over HTTP, described at /openapi.json and /docs."""

from __future__ import annotations

from apiflask import APIFlask
from flask import Flask, Response

from alliance_hub.app import EXTENSION
from alliance_hub.hub import Hub
from api import (
    account,
    agreements,
    alliance,
    cohorts,
    cuts,
    docs,
    enrolments,
    feed,
    jobs,
    journal,
    match_jobs,
    matches,
    openapi,
    problems,
    statements,
    submissions,
)

VERSION = "1"

RESOURCES = (
    alliance,
    enrolments,
    account,
    agreements,
    statements,
    submissions,
    cuts,
    feed,
    matches,
    match_jobs,
    cohorts,
)
"""In the order of a member's life; each module has one blueprint `bp`."""


def application() -> Flask:
    """Make the kind of application that writes its own OpenAPI document."""
    app = APIFlask(
        "alliance_hub",
        title="Alliance Hub",
        version=VERSION,
        spec_path="/openapi.json",
        docs_path=None,
        json_errors=False,
        static_folder=None,  # type: ignore[arg-type]
    )
    # What an operation answers and refuses is said at the operation, and nothing is added by guess.
    for automatic in ("200_RESPONSE", "404_RESPONSE", "VALIDATION_ERROR_RESPONSE", "AUTH_ERROR_RESPONSE"):
        app.config[f"AUTO_{automatic}"] = False
    app.config["AUTO_OPERATION_ID"] = True
    return app


def face(app: Flask) -> None:
    """Register the API with an application that holds an opened hub."""
    if not isinstance(app, APIFlask):
        raise TypeError("the API needs the application that api.application makes")
    hub: Hub = app.extensions[EXTENSION]
    journal.install(app)
    problems.install(app)
    jobs.install(app, hub)
    for resource in RESOURCES:
        app.register_blueprint(resource.bp, url_prefix="/v1")
    docs.install(app, openapi.document(app, hub.settings.base_url))
    mode = str(hub.settings.regulatory_mode)
    app.after_request(lambda response: _mark(response, mode))


def _mark(response: Response, mode: str) -> Response:
    """Say with every answer in which regulatory mode it was made; nothing of it is for caches."""
    response.headers["Alliance-Mode"] = mode
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
