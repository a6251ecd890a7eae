"""The hub's API: how members and custodians ask, as JSON over HTTP, described at /openapi.json and /docs."""

from __future__ import annotations

from contextlib import suppress

from apiflask import APIFlask
from flask import Flask, Response
from sqlalchemy.exc import SQLAlchemyError

from alliance_hub.app import EXTENSION
from alliance_hub.hub import Hub
from alliance_hub.parameters import service as parameters
from api import (
    account,
    agreements,
    alliance,
    applications,
    cohorts,
    cuts,
    decisions,
    docs,
    enrolments,
    feed,
    jobs,
    journal,
    leaving,
    log,
    match_jobs,
    matches,
    matters,
    openapi,
    problems,
    statements,
    submissions,
)
from api.signatures import the_hub

VERSION = "1"

RESOURCES = (
    alliance,
    applications,
    enrolments,
    account,
    agreements,
    decisions,
    statements,
    submissions,
    cuts,
    feed,
    matches,
    match_jobs,
    cohorts,
    matters,
    log,
    leaving,
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
        # Under names of their own: the console has its pages of agreements and applications too.
        app.register_blueprint(resource.bp, url_prefix="/v1", name=f"v1_{resource.bp.name}")
    docs.install(app, openapi.document(app, hub.settings.base_url))
    app.after_request(_mark)


def _mark(response: Response) -> Response:
    """Say with every answer in which regulatory mode it was made; nothing of it is for caches."""
    if "Cache-Control" in response.headers:
        # Another face's page or file, which has said by itself what browsers may keep.
        return response
    hub = the_hub()
    # Officers may change the mode while we serve. A database that is down has made no answer in any mode.
    with suppress(SQLAlchemyError), hub.database.reading() as session:
        response.headers["Alliance-Mode"] = str(parameters.mode(session, hub))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
