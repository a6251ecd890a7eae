"""The operator's page over a small alliance: two members at work, one waiting for this custodian."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from custodian.console import office as offices
from custodian.console.app import create_console
from custodian.console.gate import Token
from custodian.home import Settings
from tests.custodian.conftest import Office
from tests.feeds import Member

AUTHORITY = "127.0.0.1:7390"


@dataclass
class Desk:
    """A browser on the custodian's machine, and what it looks at."""

    office: Office
    browser: FlaskClient
    token: Token
    newcomer: Member

    def get(self, path: str, **more: str) -> TestResponse:
        """Open a page at the address that was printed, or at another `host`."""
        host = more.get("host", AUTHORITY)
        return self.browser.get(path, base_url=f"http://{host}", buffered=True)

    def enter(self) -> TestResponse:
        """Follow the address that the terminal printed."""
        return self.get(f"/enter?token={self.token.text}")

    def post(self, path: str, *, csrf: str | None = None, **form: str) -> TestResponse:
        """Send the form of a page, with its own CSRF token or another."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path).text)
        assert found is not None
        data = form | {"csrf_token": found[1] if csrf is None else csrf}
        return self.browser.post(path, data=data, base_url=f"http://{AUTHORITY}")


@pytest.fixture
def desk(office: Office) -> Iterator[Desk]:
    """The page of custodian 1, its feed followed; nobody has entered yet."""
    alliance = office.alliance
    for name in ("北辰", "南山"):
        alliance.enrols(name, portfolio=500)
    newcomer = alliance.enrols("西河", portfolio=80, accepted_by=(2,))
    office.custodian.follow()
    page = offices.Office(
        name="滨海市公证处",
        settings=Settings(hub="https://hub.example", base_url="https://notary.example"),
        follower=office.custodian.follower,
        accepting=Lock(),
        clock=office.custodian.clock,
    )
    token = Token()
    with create_console(page, token, AUTHORITY).test_client() as browser:
        yield Desk(office, browser, token, newcomer)
