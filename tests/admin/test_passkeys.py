"""A passkey in real Chromium, with the browser's own virtual authenticator; and answers that are none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from alliance_hub.app import EXTENSION
from alliance_hub.hub import Hub
from alliance_hub.people import passkeys
from alliance_hub.people.models import Officer, Passkey
from alliance_hub.people.roles import Role
from tests.admin.people import PASSWORD, Office
from tests.alliance_hub.builders import Clock

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def named(app: Flask, hub: Hub) -> Iterator[Hub]:
    """The hub under a name instead of a bare address, at work on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    settings = hub.settings.model_copy(update={"base_url": f"http://localhost:{server.server_port}"})
    app.extensions[EXTENSION] = replace(hub, settings=settings)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app.extensions[EXTENSION]
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_passkey_is_added_and_logs_in(page: Page, app: Flask, named: Hub, clock: Clock) -> None:
    office = Office(app, named, clock)
    anne = office.officer(Role.FLAG_REVIEWER, staff_number="007")
    security = page.context.new_cdp_session(page)
    security.send("WebAuthn.enable")
    security.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    base = named.settings.base_url

    def show_password() -> None:
        page.goto(f"{base}/console/login?next=/console/account/")
        page.fill("[name=staff_number]", "007")
        page.fill("[name=password]", PASSWORD)
        page.click("form.login button")

    show_password()
    page.fill("[name=code]", office.code_for(anne))
    page.click("form.login button")
    page.goto(f"{base}/console/account/passkeys/new")
    page.fill("[name=label]", "办公室")
    page.fill("[name=code]", office.code_for(anne))
    page.click(".decide button")
    expect(page.get_by_role("cell", name="办公室")).to_be_visible()

    page.click("form.leave button")
    show_password()
    page.click("form[data-passkey] button")
    page.wait_for_url(f"{base}/console/account/")

    with named.database.reading() as session:
        kept = session.scalars(select(Passkey)).one()
        assert (kept.officer, kept.label) == (anne.officer, "办公室")
        assert kept.used_at == clock()
        assert kept.sign_count > 0


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "null",
        "not JSON",
        json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}),
    ],
    ids=["nothing", "an empty object", "a list", "null", "not JSON", "nobody's credential"],
)
def test_what_is_no_answer_counts_as_a_wrong_code(office: Office, answer: str) -> None:
    anne = office.officer(Role.FLAG_REVIEWER)
    with office.hub.database.transaction() as session:
        refused = passkeys.check(session, office.hub, anne.officer, answer, b"challenge", office.clock())
        assert refused is not None
        assert session.get_one(Officer, anne.officer).failures == 1
