"""What a browser is told and held to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.safety import BODY_BYTES
from alliance_hub.hub import Hub


@pytest.mark.parametrize("path", ["/console/sample/list", "/console/sample/open", "/console/nowhere"])
def test_every_page_is_held_to_its_own_files_and_kept_nowhere(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(each.strip().split(" ", 1) for each in headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "font-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_other_faces_keep_their_own_headers(client: FlaskClient) -> None:
    assert "Content-Security-Policy" not in client.get("/").headers


def test_a_file_named_by_its_content_is_kept_for_good_and_another_asked_about(client: FlaskClient) -> None:
    with client.get("/console/static/js/console.js?v=0123456789ab") as named:
        assert named.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    with client.get("/console/static/js/console.js") as plain:
        assert plain.headers["Cache-Control"] == "no-cache"
    assert client.get("/console/static/js/gone.js?v=1").headers["Cache-Control"] == "no-store"


def test_a_form_without_its_token_changes_nothing(client: FlaskClient) -> None:
    response = client.post("/console/sample/act", data={"reason": "late"})
    assert response.status_code == 400
    assert "表单已失效" in response.text


def test_a_form_with_its_token_is_taken_and_answered_by_another_address(
    client: FlaskClient, form_token: Callable[[str], str]
) -> None:
    sent = {"csrf_token": form_token("/console/sample/act"), "reason": "late"}
    response = client.post("/console/sample/act", data=sent)
    assert (response.status_code, response.location) == (303, "/console/sample/1")
    assert "Suspended." in client.get("/console/sample/1").text
    assert "Suspended." not in client.get("/console/sample/1").text.partition("<h1>")[0]


def test_a_large_body_is_refused(client: FlaskClient, form_token: Callable[[str], str]) -> None:
    sent = {"csrf_token": form_token("/console/sample/act"), "reason": "x" * BODY_BYTES}
    assert client.post("/console/sample/act", data=sent).status_code == 413


def test_a_view_may_take_a_larger_file(client: FlaskClient, form_token: Callable[[str], str]) -> None:
    sent = {"csrf_token": form_token("/console/sample/act"), "text": "x" * 400_000}
    more = {**sent, "more": "x" * 400_000, "most": "x" * 400_000}
    assert client.post("/console/sample/upload", data=more).text == "1200000"


def test_the_session_stays_in_the_console_and_out_of_scripts(client: FlaskClient) -> None:
    cookie = client.get("/console/sample/act").headers["Set-Cookie"]
    assert cookie.startswith("alliance-console=")
    assert {"HttpOnly", "Path=/console", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_the_session_key_is_no_key_of_the_hub(shell: Flask, hub: Hub) -> None:
    key = shell.secret_key
    assert isinstance(key, bytes)
    assert len(key) == 32
    assert key not in (hub.keys.hub.seed, hub.keys.secretariat.seed)


def test_a_script_that_meets_a_redirect_loads_the_whole_page(client: FlaskClient) -> None:
    response = client.get("/console/sample/list?lang=en", headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == "/console/sample/list"
