"""An invitation taken up in a browser, and what an officer does about its own login."""

from __future__ import annotations

import re

import pyotp
import pytest

from alliance_hub.people import officers
from alliance_hub.people.roles import Role
from alliance_hub.people.service import Person
from tests.admin.people import PASSWORD, Browser, Office
from tests.admin.test_login import send_password

NEW = "another-heron-3"


@pytest.fixture
def link(office: Office) -> str:
    """The address of an invitation to 吴桐, 900."""
    admin = office.officer(Role.SECURITY_ADMIN)
    with office.hub.database.transaction() as session:
        made = officers.invite(
            session, admin, "association", Person("900", "吴桐"), {Role.RIGHTS_DESK: None}, office.clock()
        )
    return f"/console/invitation/{made.secret}"


def secret_on(page: str) -> str:
    """Return the authenticator's secret that a page shows as text."""
    found = re.search(r'<code class="secret">([^<]+)</code>', page)
    assert found
    return "".join(found[1].split())


def codes_on(page: str) -> list[str]:
    return re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", page)


def take_up(office: Office, browser: Browser, link: str, **changed: str) -> tuple[int, str]:
    """Fill the invitation in; return the status and where it leads, or the page."""
    code = pyotp.TOTP(secret_on(browser.get(link).text)).at(office.clock())
    form = {"password": NEW, "again": NEW, "code": code, **changed}
    answer = browser.post(link, data=form)
    return answer.status_code, answer.location or answer.text


def test_an_invitation_makes_an_officer(office: Office, link: str) -> None:
    browser = office.browser()
    page = browser.get(link)
    assert "吴桐" in page.text
    assert "信息主体权益服务岗" in page.text
    assert '<svg viewBox="' in page.text
    assert "style=" not in page.text
    assert take_up(office, browser, link) == (303, "/console/account/recovery-codes/new")
    codes = codes_on(browser.get("/console/account/recovery-codes/new").text)
    assert len(codes) == 10
    assert browser.get("/console/account/recovery-codes/new").status_code == 303, "shown once"
    assert "吴桐" in browser.get("/console/account/").text
    assert office.browser().get(link).status_code == 404

    other = office.browser()
    send_password(other, "900", NEW)
    assert other.post("/console/login/code", data={"code": codes[0]}).location == "/console/"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"again": "another-heron-4"}, "两次输入不一致"),
        ({"password": "short-one", "again": "short-one"}, "12至128个字符"),
        ({"password": "heron-900-moat", "again": "heron-900-moat"}, "密码"),
        ({"code": "000000"}, "验证码"),
        ({"code": ""}, "请先扫描二维码"),
    ],
    ids=["not the same twice", "too short", "with the staff number", "a wrong code", "no code"],
)
def test_an_invitation_says_what_is_wrong(
    office: Office, link: str, changed: dict[str, str], said: str
) -> None:
    status, page = take_up(office, office.browser(), link, **changed)
    assert status == 422
    assert 'class="wrong"' in page
    assert said in page
    assert NEW not in page, "a password is never sent back"
    assert office.browser().get(link).status_code == 200, "it still works"


def test_the_link_is_in_no_journal(office: Office, link: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = office.browser().get(link)
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    said = capsys.readouterr()
    assert link.rpartition("/")[2] not in said.out + said.err


def test_a_password_is_changed_with_the_present_one(office: Office) -> None:
    actor = office.officer(Role.FLAG_REVIEWER, staff_number="007")
    browser = office.browser_as(actor)
    form = {"present": PASSWORD, "password": NEW, "again": NEW}
    wrong = browser.post("/console/account/password", data={**form, "present": "no", "code": "000000"})
    assert "当前密码" in wrong.text
    weak = {**form, "password": "password-2026", "again": "password-2026"}
    assert browser.post("/console/account/password", data=weak).status_code == 422
    right = browser.post("/console/account/password", data={**form, "code": office.code_for(actor)})
    assert right.location == "/console/login"
    assert browser.get("/console/account/").status_code == 303, "every session has ended"
    assert send_password(office.browser(), password=NEW).location == "/console/login/code"
    assert send_password(office.browser()).status_code == 422


def test_another_authenticator_takes_the_place_of_the_first(office: Office) -> None:
    actor = office.officer(Role.FLAG_REVIEWER)
    browser = office.browser_as(actor)
    secret = secret_on(browser.get("/console/account/authenticator").text)
    form = {"new_code": pyotp.TOTP(secret).at(office.clock()), "code": office.code_for(actor)}
    assert browser.post("/console/account/authenticator", data=form).location == "/console/account/"
    office.clock.move(minutes=1)
    old = {"code": office.code_for(actor)}
    assert browser.post("/console/account/recovery-codes", data=old).status_code == 422
    new = {"code": pyotp.TOTP(secret).at(office.clock())}
    assert browser.post("/console/account/recovery-codes", data=new).status_code == 303
    assert len(codes_on(browser.get("/console/account/recovery-codes/new").text)) == 10


def test_the_language_is_kept_with_the_officer(office: Office) -> None:
    actor = office.officer(Role.FLAG_REVIEWER, staff_number="007")
    browser = office.browser_as(actor)
    chosen = browser.post("/console/account/language", data={"language": "en"})
    assert chosen.location == "/console/account/?lang=en"
    assert browser.post("/console/account/language", data={"language": "fr"}).status_code == 422
    other = office.browser()
    send_password(other)
    inside = other.post("/console/login/code", data={"code": office.code_for(actor)})
    assert inside.location == "/console/?lang=en"


def test_a_bare_address_has_no_passkeys(office: Office) -> None:
    browser = office.browser_as(office.officer(Role.FLAG_REVIEWER))
    assert "/console/account/passkeys/new" not in browser.get("/console/account/").text
    assert browser.get("/console/account/passkeys/new").status_code == 404
