"""Who gets in: the printed address once, from this machine, with its own forms; nobody else."""

from __future__ import annotations

import pytest

from custodian.desk import pauses
from tests.custodian.console.conftest import AUTHORITY, Desk

PAGES = ["/", "/pause", "/resume", "/alarms", "/members/西河/accept"]


def test_without_the_token_nothing_is_shown_or_done(desk: Desk) -> None:
    for path in PAGES:
        response = desk.get(path)
        assert response.status_code == 403
        assert "西河" not in response.text
    for path in PAGES[1:]:
        assert desk.browser.post(path, base_url=f"http://{AUTHORITY}").status_code == 403


def test_the_token_lets_one_browser_in_once(desk: Desk) -> None:
    assert desk.get("/enter?token=guess").status_code == 403
    entered = desk.enter()
    assert (entered.status_code, entered.location) == (303, "/")
    assert desk.get("/").status_code == 200
    desk.browser.delete_cookie("alliance-custodian-console", domain="127.0.0.1")
    assert desk.get("/").status_code == 403
    assert desk.enter().status_code == 403


def test_the_cookie_stays_with_this_site_and_out_of_reach_of_scripts(desk: Desk) -> None:
    cookie = desk.enter().headers["Set-Cookie"]
    assert "SameSite=Strict" in cookie
    assert "HttpOnly" in cookie


def test_another_host_is_refused_even_with_the_cookie(desk: Desk) -> None:
    """A foreign name that resolves to this machine (DNS rebinding) brings its own Host."""
    desk.enter()
    for host in ("localhost:7390", "127.0.0.1", "127.0.0.1:7391", "evil.example:7390"):
        with desk.browser.session_transaction(base_url=f"http://{host}") as session:
            session["entered"] = True
        assert desk.get("/", host=host).status_code == 421
        assert desk.get(f"/enter?token={desk.token.text}", host=host).status_code == 421


@pytest.mark.parametrize("csrf", ["", "wrong"])
def test_a_form_of_another_page_changes_nothing(desk: Desk, csrf: str) -> None:
    desk.enter()
    response = desk.post("/pause", csrf=csrf)
    assert response.status_code == 400
    assert "nothing was changed" in response.text
    assert desk.browser.post("/pause", base_url=f"http://{AUTHORITY}").status_code == 400
    assert desk.office.custodian.ledger.fact("paused") is None
    assert pauses.pauses(desk.office.custodian.ledger) == []


def test_there_is_no_other_page(desk: Desk) -> None:
    desk.enter()
    for path in ("/nothing", "/members/西河", "/members/nobody/accept", "/static/none.css"):
        assert desk.get(path).status_code == 404


def test_a_page_takes_only_what_it_is_for(desk: Desk) -> None:
    desk.enter()
    assert desk.browser.post("/", base_url=f"http://{AUTHORITY}").status_code == 404


def test_every_answer_is_sealed_against_other_sites(desk: Desk) -> None:
    desk.enter()
    for path in ("/", "/static/console.css", "/enter?token=guess", "/nothing"):
        headers = desk.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Frame-Options"] == "DENY"


def test_no_page_has_script_or_style_of_its_own(desk: Desk) -> None:
    """The policy above would stop them: what needs them would silently not work."""
    desk.enter()
    for path in PAGES:
        text = desk.get(path).text
        assert "<html" in text
        assert "<script" not in text
        assert "<style" not in text
        assert " style=" not in text
