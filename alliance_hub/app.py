"""The parts put together: an opened hub, and the faces that are handed in."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from alliance_hub.hub import Clock, open_hub, system_clock
from alliance_hub.settings import Settings

EXTENSION = "alliance_hub"
"""Under this name `app.extensions` holds the `Hub`."""

Face = Callable[[Flask], None]


def _plain() -> Flask:
    return Flask("alliance_hub")


def create_app(
    settings: Settings, *faces: Face, flask: Callable[[], Flask] = _plain, clock: Clock = system_clock
) -> Flask:
    """Open the hub and let each face register its blueprints.

    `flask` makes the application: the API brings its own kind, which writes the OpenAPI document.
    """
    app = flask()
    app.extensions[EXTENSION] = open_hub(settings, clock)
    for face in faces:
        face(app)
    return app
