"""Clocks by week for whom they concern; inspectors by two officers, and samples that can be printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from alliance_hub.app import EXTENSION
from alliance_hub.complaints import kinds, service
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import actor_of, get_officer
from alliance_hub.people.roles import Role
from alliance_hub.settings import load_settings
from tests.admin.people import Office
from tests.alliance_hub.builders import Clock, platform


@pytest.fixture
def anne(office: Office) -> Actor:
    return office.officer(Role.DISPUTE_OFFICER)


@pytest.fixture
def complaints(hub: Hub, anne: Actor, clock: Clock) -> None:
    """Three about North: one overdue, one due this week, one due in two weeks."""
    north = platform("北辰小贷", clock)
    with hub.database.transaction() as session:
        membership.apply(session, hub, north.say(north.enrolment()), clock())
        for days in (20, 14, 1):
            entry = service.Entry(
                kind=kinds.Kind.SERVICE,
                channel=kinds.Channel.LETTER,
                received_at=clock() - timedelta(days=days),
                complainant="RD-2026-00017",
                summary="不答复",
                member=north.name,
                officer=anne.officer,
            )
            service.enter(session, anne, entry, clock())


@pytest.mark.usefixtures("complaints")
def test_clocks_stand_by_week_with_the_last_days_end(anne: Actor, office: Office) -> None:
    page = office.browser_as(anne).get("/console/clocks")

    text = page.text
    assert "本月将到期的时限" in text
    assert text.index("C-2026-0001") < text.index("C-2026-0002") < text.index("C-2026-0003")
    assert text.index("已逾期") < text.index("C-2026-0001") < text.index("本周") < text.index("C-2026-0002")
    assert "2026-11-03 周二 23:59" in text
    assert 'href="/console/complaints/C-2026-0001"' in text
    assert "不答复" not in text


@pytest.mark.usefixtures("complaints")
def test_clocks_are_filtered_exported_and_printed(anne: Actor, office: Office) -> None:
    browser = office.browser_as(anne)

    week = browser.get("/console/clocks?days=7").text
    assert "C-2026-0002" in week
    assert "C-2026-0003" not in week
    assert "C-2026" not in browser.get("/console/clocks?kind=licence_expires").text
    exported = browser.get("/console/clocks?format=csv").text
    assert len(exported.strip().splitlines()) == 4
    assert "C-2026-0003" in browser.get("/console/clocks?print=1").text


@pytest.mark.usefixtures("complaints")
@pytest.mark.parametrize(
    ("role", "organisation", "sees"),
    [
        (Role.MEMBERSHIP_OFFICER, "association", True),
        (Role.AGREEMENT_OFFICER, "association", False),
        (Role.SYSTEM_ADMIN, "association", False),
        (Role.MEMBER_ADMIN, "北辰小贷", False),
    ],
)
def test_clocks_are_shown_to_whom_they_concern(
    office: Office, role: Role, organisation: str, sees: bool
) -> None:
    page = office.browser_as(office.officer(role, organisation=organisation)).get("/console/clocks")

    assert page.status_code == 200
    assert ("C-2026-0001" in page.text) is sees


def test_two_officers_appoint_an_inspector_who_draws_a_sample(
    office: Office, hub: Hub, code_for: Callable[[Actor], str], clock: Clock
) -> None:
    ben, carl = office.officer(Role.SECURITY_ADMIN), office.officer(Role.AUDIT_ADMIN)
    guest = office.officer(name="来客")
    security, audit = office.browser_as(ben), office.browser_as(carl)
    form = {"officer": str(guest.officer), "last_day": "2026-11-20", "reason": "年度检查"}

    assert security.post("/console/inspection/appoint", data={**form, "code": "000000"}).status_code == 422
    form["code"] = code_for(ben)
    assert security.post("/console/inspection/appoint", data=form).status_code == 303
    approval = {"code": code_for(carl)}
    assert audit.post("/console/approvals/1/approve", data=approval).status_code == 303
    assert "来客" in security.get("/console/inspection").text

    with hub.database.reading() as session:
        guest = actor_of(session, get_officer(session, guest.officer), at=clock())
    visitor = office.browser_as(guest)
    drawn = visitor.post("/console/inspection/draw", data={"register": "log", "size": "3", "reason": "抽查"})
    assert (drawn.status_code, drawn.location) == (303, "/console/inspection/samples/1")
    page = visitor.get(drawn.location)
    assert page.text.count("/console/activity/") >= 3
    sheet = visitor.get(f"{drawn.location}?print=1")
    assert "核查" in page.text
    assert "发现" in sheet.text
    assert audit.get(drawn.location).status_code == 200
    assert security.get(drawn.location).status_code == 404
    too_many = {"register": "log", "size": "201", "reason": "抽查"}
    assert visitor.post("/console/inspection/draw", data=too_many).status_code == 422


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (Role.INSPECTOR, (200, 404, 200)),
        (Role.SECURITY_ADMIN, (200, 200, 404)),
        (Role.AUDIT_ADMIN, (200, 404, 404)),
        (Role.MEMBERSHIP_OFFICER, (404, 404, 404)),
        (Role.SYSTEM_ADMIN, (404, 404, 404)),
    ],
)
def test_inspection_is_for_those_who_appoint_draw_and_audit(
    office: Office, role: Role, statuses: tuple[int, int, int]
) -> None:
    browser = office.browser_as(office.officer(role))

    for path, status in zip(("", "/appoint", "/draw"), statuses, strict=True):
        assert browser.get("/console/inspection" + path).status_code == status


def test_the_settings_page_says_whether_reminders_go_out(
    office: Office, hub: Hub, app: Flask, clock: Clock
) -> None:
    browser = office.browser_as(office.officer(Role.SYSTEM_ADMIN))
    assert "未启用：请在 settings.toml 中设置 webhook_url" in browser.get("/console/settings").text

    ways = {"smtp_url": "smtps://name:secret@mail.test", "mail_from": "hub@mail.test"}
    settings = load_settings(hub.settings.home, **ways, webhook_url="https://hook.test/secret")
    app.extensions[EXTENSION] = replace(hub, settings=settings)
    page = browser.get("/console/settings").text

    assert "发件地址 hub@mail.test" in page
    assert "发往 hook.test" in page
    assert "secret" not in page
