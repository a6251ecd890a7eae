"""The console over a hub of each test's own, and its officers' browsers.

A test that looks into the database opens `hub.database.transaction()` itself: the fixture `session` of the
hub's own tests would keep every request waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

import admin
import api
from alliance_hub.app import EXTENSION
from alliance_hub.db import Database
from alliance_hub.hub import Hub, system_clock
from alliance_hub.people.actor import Actor
from alliance_hub.settings import load_settings
from tests.admin.people import QUICK, Browser, Office
from tests.admin.told import desk, told
from tests.alliance_hub.builders import Ceremony, Clock
from tests.alliance_hub.conftest import ceremony, clock, database, hub_on, migrated

__all__ = ["ceremony", "clock", "database", "desk", "hub_on", "migrated", "told"]


@pytest.fixture
def hub(hub_on: Callable[[Database], Hub], database: Database) -> Hub:
    """A hub on an empty database, whose passwords cost little."""
    return replace(hub_on(database), password_cost=QUICK)


@pytest.fixture(scope="session")
def shared_app(migrated: Path, ceremony: Ceremony, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, made once: pages, API and keys are the same for every hub."""
    home = tmp_path_factory.mktemp("console")
    settings = load_settings(home, database_url=f"sqlite:///{migrated}")
    app = api.application()
    app.extensions[EXTENSION] = Hub(
        settings, Database(settings.database), ceremony.hub_keys, ceremony.signed, system_clock
    )
    api.face(app)
    admin.face(app)
    return app


@pytest.fixture
def app(shared_app: Flask, hub: Hub) -> Flask:
    """The application over the test's hub."""
    shared_app.extensions[EXTENSION] = hub
    return shared_app


@pytest.fixture
def office(app: Flask, hub: Hub, clock: Clock) -> Office:
    """The test's officers."""
    return Office(app, hub, clock)


@pytest.fixture
def officer(office: Office) -> Callable[..., Actor]:
    """Enter an officer: `officer(*roles, organisation="association")`."""
    return office.officer


@pytest.fixture
def browser_as(office: Office) -> Callable[[Actor], Browser]:
    """Open a browser in which an officer is logged in."""
    return office.browser_as


@pytest.fixture
def code_for(office: Office) -> Callable[[Actor], str]:
    """Return a code of an officer's authenticator that is right now."""
    return office.code_for
