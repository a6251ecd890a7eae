"""The API over a hub of each test's own, asked through Flask's client with real signatures."""

from __future__ import annotations

import pytest
from flask import Flask

import api
from alliance_hub.app import EXTENSION
from tests.alliance_hub.builders import Clock, Platform
from tests.alliance_hub.conftest import ceremony, clock, database, hub, hub_on, migrated
from tests.alliance_hub.matching.conftest import doubles, empty_story, north, story, told
from tests.alliance_hub.matching.story import Story
from tests.api.asking import Asker

__all__ = [
    "ceremony",
    "clock",
    "database",
    "doubles",
    "empty_story",
    "hub",
    "hub_on",
    "migrated",
    "north",
    "story",
    "told",
]


@pytest.fixture(scope="session")
def shared_app(told: Story) -> Flask:
    """The application, made once: its document is the same for every hub."""
    app = api.application()
    app.extensions[EXTENSION] = told.hub
    api.face(app)
    return app


@pytest.fixture
def app(shared_app: Flask, story: Story) -> Flask:
    """The application of the told alliance."""
    shared_app.extensions[EXTENSION] = story.hub
    return shared_app


@pytest.fixture
def empty_app(shared_app: Flask, empty_story: Story) -> Flask:
    """The application of an alliance without members."""
    shared_app.extensions[EXTENSION] = empty_story.hub
    return shared_app


@pytest.fixture
def as_north(app: Flask, north: Platform, clock: Clock) -> Asker:
    """North, a member."""
    return Asker(app, north.key, clock)


@pytest.fixture
def as_south(app: Flask, story: Story, clock: Clock) -> Asker:
    """South, another member."""
    return Asker(app, story.members["South"].key, clock)


@pytest.fixture
def as_custodian(app: Flask, story: Story, clock: Clock) -> Asker:
    """Custodian 1."""
    return Asker(app, story.alliance.custodians[0].key, clock)
