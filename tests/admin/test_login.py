"""Logging in: password, second factor, limits, and the one session of an officer."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from admin.login import address_of
from alliance_hub.people.roles import OrganisationKind, Role
from tests.admin.people import PASSWORD, Browser, Office


def send_password(
    browser: Browser, staff_number: str = "007", password: str = PASSWORD, **more: str
) -> TestResponse:
    form = {"by": "staff-number", "organisation": "association", "staff_number": staff_number}
    return browser.post("/console/login", data={**form, "password": password, **more})


def test_password_and_code_lead_to_the_page_that_was_asked_for(office: Office) -> None:
    actor, browser = office.officer(Role.MEMBERSHIP_OFFICER, staff_number="007"), office.browser()
    away = browser.get("/console/account/")
    assert (away.status_code, away.location) == (303, "/console/login?next=/console/account/")
    assert send_password(browser, next="/console/account/").location == "/console/login/code"
    inside = browser.post("/console/login/code", data={"code": office.code_for(actor)})
    assert (inside.status_code, inside.location) == (303, "/console/account/")
    assert actor.name in browser.get("/console/account/").text


def test_a_mobile_number_does_in_any_spelling(office: Office) -> None:
    office.officer(Role.SUBMITTER, organisation="North Bank", mobile="13800138000")
    form = {"by": "mobile", "mobile": "+86 138-0013 8000", "password": PASSWORD}
    assert office.browser().post("/console/login", data=form).location == "/console/login/code"


def test_a_staff_number_counts_at_its_organisation_only(office: Office) -> None:
    office.officer(Role.MEMBERSHIP_OFFICER)
    office.officer(Role.SUBMITTER, organisation="North Bank", staff_number="007")
    assert send_password(office.browser()).status_code == 422
    assert send_password(office.browser(), organisation="North Bank").location == "/console/login/code"


def test_whatever_is_wrong_reads_the_same(office: Office) -> None:
    office.officer(Role.MEMBERSHIP_OFFICER, staff_number="007")
    answers = [
        send_password(office.browser(), password="another-password"),
        send_password(office.browser(), staff_number="008"),
        send_password(office.browser(), organisation="nowhere"),
    ]
    for _ in range(5):
        send_password(office.browser(), password="another-password")
    answers.append(send_password(office.browser()))
    assert {answer.status_code for answer in answers} == {422}
    assert len({told(answer) for answer in answers}) == 1


def told(answer: TestResponse) -> str:
    start = answer.text.index('role="alert"')
    return answer.text[start : answer.text.index("</p>", start)]


def test_five_failures_of_either_kind_lock_for_half_an_hour(office: Office) -> None:
    actor, browser = office.officer(Role.MEMBERSHIP_OFFICER, staff_number="007"), office.browser()
    for _ in range(3):
        send_password(browser, password="another-password")
    send_password(browser)
    for _ in range(2):
        assert browser.post("/console/login/code", data={"code": "000000"}).status_code == 422
    assert browser.post("/console/login/code", data={"code": office.code_for(actor)}).status_code == 422
    office.clock.move(minutes=29)
    assert send_password(office.browser()).status_code == 422
    office.clock.move(minutes=1)
    assert send_password(office.browser()).location == "/console/login/code"


def test_an_address_with_many_failures_waits(office: Office) -> None:
    office.officer(Role.MEMBERSHIP_OFFICER, staff_number="007")
    for number in range(20):
        assert send_password(office.browser(), staff_number=f"guess-{number}").status_code == 422
    office.clock.move(minutes=5)
    refused = send_password(office.browser())
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "600")
    assert "02:15" in refused.text, "it says when to return, as the clock in Shanghai shows it"
    office.clock.move(minutes=10)
    assert send_password(office.browser()).location == "/console/login/code"


@pytest.mark.parametrize(
    ("forwarded", "proxies", "counted"),
    [
        ("198.51.100.1", 0, "192.0.2.1"),
        ("203.0.113.9, 198.51.100.1", 1, "198.51.100.1"),
        ("203.0.113.9, 198.51.100.1", 2, "203.0.113.9"),
        ("198.51.100.1", 2, "192.0.2.1"),
        ("", 1, "192.0.2.1"),
    ],
    ids=["none is ours", "ours wrote the last", "two are ours", "too few", "it wrote nothing"],
)
def test_a_proxy_is_believed_only_as_far_as_the_settings_say(
    forwarded: str, proxies: int, counted: str
) -> None:
    assert address_of("192.0.2.1", forwarded, proxies) == counted


def test_a_second_login_ends_the_first_and_says_so(office: Office) -> None:
    actor = office.officer(Role.MEMBERSHIP_OFFICER, staff_number="007")
    first = office.browser_as(actor)
    assert first.get("/console/account/").status_code == 200
    office.clock.move(seconds=1)
    office.browser_as(actor)
    away = first.get("/console/account/")
    assert "ended=replaced" in away.location
    assert "您已在别处登录" in first.get(away.location).text


@pytest.mark.parametrize(
    ("visits", "ended"),
    [([14, 14, 14], None), ([15], "rested")],
    ids=["at work", "a quarter of an hour of rest"],
)
def test_a_session_ends(office: Office, visits: list[int], ended: str | None) -> None:
    browser = office.browser_as(office.officer(Role.MEMBERSHIP_OFFICER))
    for minutes in visits:
        office.clock.move(minutes=minutes)
        answer = browser.get("/console/account/")
    if ended is None:
        assert answer.status_code == 200
    else:
        assert answer.location.endswith(f"ended={ended}")


def test_who_logs_out_is_out_with_every_copy_of_the_cookie(office: Office) -> None:
    actor = office.officer(Role.MEMBERSHIP_OFFICER)
    browser = office.browser_as(actor)
    with browser.session_transaction("/console/") as cookie:
        stolen = dict(cookie)
    assert browser.post("/console/logout").location == "/console/login"
    thief = office.browser()
    with thief.session_transaction("/console/") as cookie:
        cookie.update(stolen)
    assert "/console/login" in thief.get("/console/account/").location


def test_the_code_is_asked_for_five_minutes(office: Office) -> None:
    actor, browser = office.officer(Role.MEMBERSHIP_OFFICER, staff_number="007"), office.browser()
    send_password(browser)
    office.clock.move(minutes=5)
    assert (
        browser.post("/console/login/code", data={"code": office.code_for(actor)}).location
        == "/console/login"
    )


def test_nobody_is_let_in_without_a_password(office: Office) -> None:
    assert office.browser().get("/console/login/code").location == "/console/login"


def test_a_law_firm_of_a_closed_organisation_stays_out(office: Office) -> None:
    office.officer(Role.SECURITY_ADMIN)
    lawyer = office.officer(Role.LAWYER, organisation="Li and Partners", kind=OrganisationKind.LAW_FIRM)
    browser = office.browser_as(lawyer)
    from alliance_hub.people.models import Organisation

    with office.hub.database.transaction() as session:
        session.get_one(Organisation, "Li and Partners").closed_at = office.clock()
    assert "ended=ended" in browser.get("/console/account/").location
    assert (
        send_password(
            office.browser(), lawyer.ref.partition("/")[2], organisation="Li and Partners"
        ).status_code
        == 422
    )
