"""Complaints at the console: entered, found, answered; no identity gets in; each role sees its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from alliance_hub.complaints import service
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from privacy.periods import SHANGHAI
from tests.admin.people import Browser, Office
from tests.alliance_hub.builders import Clock, platform

FORM = {
    "kind": "misconduct",
    "channel": "phone",
    "complainant": "RD-2026-00017",
    "member": "北辰小贷",
    "agency": "速催咨询公司",
    "misconduct": ["quiet_hours", "threats"],
    "summary": "连续三晚来电\n<b>威胁</b>",
    "officer": "",
}


@pytest.fixture
def anne(office: Office) -> Actor:
    return office.officer(Role.DISPUTE_OFFICER, name="陈述")


@pytest.fixture
def ben(office: Office) -> Actor:
    return office.officer(Role.RIGHTS_DESK, name="温言")


@pytest.fixture
def desk(anne: Actor, browser_as: Callable[[Actor], Browser], hub: Hub, clock: Clock) -> Browser:
    """Anne's browser, in an alliance with one member."""
    north = platform("北辰小贷", clock)
    with hub.database.transaction() as session:
        membership.apply(session, hub, north.say(north.enrolment()), clock())
    return browser_as(anne)


@pytest.fixture
def enter(desk: Browser, clock: Clock) -> Callable[..., TestResponse]:
    """Send the form, with some of it changed."""

    def sent(**changes: Any) -> TestResponse:
        received = clock().astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
        form = {"received_at": received, **FORM, **changes}
        return desk.post("/console/complaints/enter", data=form)

    return sent


def test_a_complaint_is_entered_noted_passed_on_and_closed(
    desk: Browser, enter: Callable[..., TestResponse], ben: Actor, clock: Clock
) -> None:
    page = desk.get("/console/complaints")
    assert "登记投诉" in page.text

    response = enter()
    assert (response.status_code, response.location) == (303, "/console/complaints/C-2026-0001")
    page = desk.get(response.location)
    for words in ("C-2026-0001", "速催咨询公司", "RD-2026-00017", "2026-11-17", "24:00", "GB/T 45251-2025"):
        assert words in page.text
    assert "&lt;b&gt;威胁" in page.text

    at = f"{response.location}/"
    assert desk.post(at + "note", data={"text": "已函告会员"}).status_code == 303
    assert desk.post(at + "assign", data={"officer": str(ben.officer)}).status_code == 303
    clock.move(minutes=3)
    replied = clock().astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    ending = {"outcome": "upheld", "conclusion": "责令整改", "replied_at": replied}
    assert desk.post(at + "close", data=ending).status_code == 303

    page = desk.get(response.location)
    for words in ("按期办结", "属实", "责令整改", "已函告会员", "温言"):
        assert words in page.text
    assert "办结</a>" not in page.text
    register = desk.get("/console/complaints")
    assert "C-2026-0001" in register.text
    assert "C-2026-0001" not in desk.get("/console/complaints?state=open").text
    assert "C-2026-0001" in desk.get("/console/complaints?format=csv").text
    assert "速催咨询公司" in desk.get("/console/complaints/misconduct").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"summary": "打给 13800138000"}, "手机号码"),
        ({"summary": "身份证 11010519491231002X"}, "含身份证号码"),
        ({"complainant": "王小明"}, "不得填写姓名"),
        ({"misconduct": []}, "至少勾选一种"),
        ({"member": "", "agency": ""}, "请选择会员"),
        ({"received_at": "2027-01-01T00:00"}, "不能晚于现在"),
        ({"kind": ""}, "wrong"),
        ({"member": "Nowhere"}, "wrong"),
    ],
)
def test_what_is_refused_is_said_and_nothing_is_entered(
    desk: Browser, hub: Hub, enter: Callable[..., TestResponse], changes: dict[str, Any], words: str
) -> None:
    response = enter(**changes)

    assert response.status_code == 422
    assert words in response.text
    with hub.database.reading() as session:
        assert service.find(session, "C-2026-0001") is None


def test_the_form_says_that_no_name_belongs_there(desk: Browser) -> None:
    assert "请勿填写债务人或投诉人的姓名" in desk.get("/console/complaints/enter").text


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        (Role.RIGHTS_DESK, True, True),
        (Role.MEMBERSHIP_OFFICER, True, False),
        (Role.INSPECTOR, True, False),
        (Role.AGREEMENT_OFFICER, False, False),
        (Role.AUDIT_ADMIN, False, False),
        (Role.MEMBER_ADMIN, False, False),
    ],
)
def test_each_role_sees_what_is_its_own(
    office: Office, enter: Callable[..., TestResponse], role: Role, reads: bool, writes: bool
) -> None:
    enter()
    place = "北辰小贷" if role is Role.MEMBER_ADMIN else "association"
    browser = office.browser_as(office.officer(role, organisation=place))

    for path in ("", "/C-2026-0001", "/misconduct"):
        assert browser.get("/console/complaints" + path).status_code == (200 if reads else 404)
    for path in ("/enter", "/C-2026-0001/note", "/C-2026-0001/assign", "/C-2026-0001/close"):
        assert browser.get("/console/complaints" + path).status_code == (200 if writes else 404)
        assert browser.post("/console/complaints" + path).status_code == (422 if writes else 404) or writes


@pytest.mark.parametrize("path", ["C-2026-0009", "C-2026-1", "x", "C-2026-0009/note", "C-2026-0009/close"])
def test_what_is_not_there_is_not_found(desk: Browser, path: str) -> None:
    assert desk.get(f"/console/complaints/{path}").status_code == 404


def test_in_english_too(desk: Browser, enter: Callable[..., TestResponse], clock: Clock) -> None:
    enter()
    desk.get("/console/complaints?lang=en")
    clock.at += timedelta(minutes=1)

    assert "Misconduct in collecting" in desk.get("/console/complaints").text
    assert "Contact between 22:00 and 8:00" in desk.get("/console/complaints/C-2026-0001").text
