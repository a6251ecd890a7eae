"""The log in the browser: found by person, act, object and day; receipts; inspectors are watched."""

from __future__ import annotations

import json

import pytest

from alliance_hub.hub import Hub
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64, unb64
from privacy.logged import entry_leaf
from tests.admin.people import Browser, Office
from tests.alliance_hub.builders import Clock


@pytest.fixture
def audit(office: Office) -> Browser:
    return office.browser_as(office.officer(Role.AUDIT_ADMIN))


@pytest.fixture
def told(office: Office, hub: Hub, clock: Clock) -> Actor:
    """A membership officer who did two things on two days; hers are the newest entries."""
    anne = office.officer(Role.MEMBERSHIP_OFFICER, name="安妮", staff_number="M007")
    with hub.database.transaction() as session:
        transparency.record_act(session, anne, "member_suspended", object="member/北辰小贷", now=clock())
        clock.move(days=1)
        transparency.record_act(session, anne, "member_resumed", object="member/北辰小贷", now=clock())
    return anne


def test_everybody_finds_what_is_looked_for(told: Actor, audit: Browser) -> None:
    both = audit.get("/console/activity?q=安妮").text
    assert "暂停会员资格" in both
    assert "恢复会员资格" in both
    assert "安妮 (association/M007)" in both

    # 18:00 UTC on the first is the second in Shanghai.
    first = audit.get("/console/activity?object=北辰小贷&until=2026-11-02&format=csv").text
    assert "暂停会员资格" in first
    assert "恢复会员资格" not in first
    assert "暂停会员资格" not in audit.get("/console/activity?kind=member_resumed&format=csv").text
    assert "M007" not in audit.get("/console/activity?organisation=北辰小贷&format=csv").text


def test_older_entries_follow(audit: Browser, hub: Hub, clock: Clock) -> None:
    with hub.database.transaction() as session:
        for number in range(60):
            transparency.record_entry(session, "match", {"member": f"M{number:02}"}, now=clock())

    page = audit.get("/console/activity?kind=match")
    assert "会员 M59" in page.text
    assert "会员 M09" not in page.text
    before = page.text.split("before=")[1].split('"')[0]
    older = audit.get(f"/console/activity?kind=match&page=2&before={before}").text
    assert "会员 M09" in older
    assert "会员 M10" not in older
    assert 'rel="next"' not in older


def test_an_entry_has_its_receipt_until_it_is_erased(told: Actor, audit: Browser, hub: Hub) -> None:
    with hub.database.reading() as session:
        row = session.query(LogRow).filter(LogRow.kind == "member_resumed").one()
    page = audit.get(f"/console/activity/{row.id}").text
    assert "恢复会员资格：会员 北辰小贷" in page
    assert b64(row.leaf) in page

    answer = audit.get(f"/console/activity/{row.id}/receipt")
    assert "attachment" in answer.headers["Content-Disposition"]
    receipt = json.loads(answer.text)
    assert receipt["entry"]["officer"] == "association/M007"
    assert b64(entry_leaf(receipt["entry"], unb64(receipt["salt"]))) == b64(row.leaf)

    with hub.database.transaction() as session:
        kept = session.get_one(LogRow, row.id)
        kept.entry = kept.salt = None
    assert "已永久清除" in audit.get(f"/console/activity/{row.id}").text
    assert audit.get(f"/console/activity/{row.id}/receipt").status_code == 404


def test_only_auditors_and_inspectors_read_it(office: Office, told: Actor) -> None:
    for roles in ((Role.SYSTEM_ADMIN,), (Role.MEMBERSHIP_OFFICER,)):
        browser = office.browser_as(office.officer(*roles))
        for path in ("", "/1", "/1/receipt"):
            assert browser.get(f"/console/activity{path}").status_code == 404


def test_each_view_of_an_inspector_is_an_entry(office: Office, hub: Hub) -> None:
    inspector = office.officer(Role.INSPECTOR)
    browser = office.browser_as(inspector)

    browser.get("/console/settings/exit_days")
    browser.get("/console/activity?format=csv&kind=match")
    browser.get("/console/no-such-page")

    with hub.database.reading() as session:
        rows = session.query(LogRow).filter(LogRow.kind == "inspector_viewed").order_by(LogRow.id).all()
    said = [json.loads(row.entry or b"") for row in rows]
    assert [(each["officer"], each["object"], each["form"]) for each in said] == [
        (inspector.ref, "parameter/exit_days", "page"),
        (inspector.ref, "page/activity", "file"),
    ]


def test_nobody_else_is_watched(audit: Browser, hub: Hub) -> None:
    audit.get("/console/activity")

    with hub.database.reading() as session:
        assert session.query(LogRow).filter(LogRow.kind == "inspector_viewed").count() == 0
