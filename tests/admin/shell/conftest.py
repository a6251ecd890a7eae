"""The sample family inside the real shell, asked by an officer who is not logged in but simply there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

import admin
from alliance_hub.app import EXTENSION
from alliance_hub.db import Database
from alliance_hub.hub import Hub, system_clock
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import OrganisationKind, Role
from alliance_hub.settings import load_settings
from tests.admin.shell import sample
from tests.alliance_hub.builders import Ceremony

OFFICER = Actor(
    officer=1,
    ref="association/017",
    name="李明华",
    organisation="association",
    kind=OrganisationKind.ASSOCIATION,
    roles=frozenset({Role.MEMBERSHIP_OFFICER}),
    deputised={Role.DISPUTE_OFFICER: 2},
)


@pytest.fixture(scope="session")
def shared_shell(ceremony: Ceremony, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, made once; each test gives it its hub and its officer."""
    app = Flask("shell")
    settings = load_settings(tmp_path_factory.mktemp("shell"))
    app.extensions[EXTENSION] = Hub(
        settings, Database("sqlite://"), ceremony.hub_keys, ceremony.signed, system_clock
    )

    @app.before_request
    def _be_there() -> None:
        g.actor = app.extensions["officer"]

    @app.get("/v1/elsewhere")
    def elsewhere() -> str:
        raise RuntimeError("another face's matter")

    admin.face(app, (sample,), sample.MENU)
    return app


@pytest.fixture
def shell(shared_shell: Flask, hub: Hub) -> Flask:
    """The application over the test's hub, asked by OFFICER."""
    shared_shell.extensions[EXTENSION] = hub
    shared_shell.extensions["officer"] = OFFICER
    return shared_shell


@pytest.fixture
def nobody(shell: Flask) -> None:
    """Let nobody be logged in."""
    shell.extensions["officer"] = None


@pytest.fixture
def client(shell: Flask) -> FlaskClient:
    """A browser that chose no language yet."""
    return shell.test_client()


@pytest.fixture
def english(shell: Flask) -> FlaskClient:
    """A browser that chose English."""
    client = shell.test_client()
    client.set_cookie("lang", "en", path="/console")
    return client


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(shell: Flask) -> Iterator[str]:
    """The address at which the application is served."""
    with make_server("127.0.0.1", 0, shell, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/console"
        finally:
            server.shutdown()
            thread.join()


def token_of(client: FlaskClient, path: str) -> str:
    """Return the token in the form at `path`."""
    _, _, after = client.get(path).text.partition('name="csrf_token" type="hidden" value="')
    return after.partition('"')[0]


@pytest.fixture
def form_token(client: FlaskClient) -> Callable[[str], str]:
    """Read the token of a form."""
    return lambda path: token_of(client, path)
