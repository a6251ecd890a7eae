"""The overview: what waits for each, and the alliance's numbers for whoever may see business."""

from __future__ import annotations

import pytest

from alliance_hub.hub import Hub
from alliance_hub.parameters import acts
from alliance_hub.people.roles import Role
from alliance_hub.transparency import service as transparency
from tests.admin.people import Office
from tests.alliance_hub.builders import Clock


@pytest.fixture
def busy(hub: Hub, clock: Clock) -> None:
    """Three matches, one of them denied; a submission of five rows."""
    with hub.database.transaction() as session:
        for clause in ("purposes.litigation", "purposes.litigation", "validity"):
            facts = {"member": "North", "allowed": "." in clause, "clause": clause, "subjects": 2}
            transparency.record_entry(session, "match", facts, now=clock())
        rows = {"member": "North", "submission": "s1", "accepted": 5, "unchanged": 0, "refused": 1}
        transparency.record_entry(session, "submission_processed", rows, now=clock())


@pytest.mark.usefixtures("busy")
def test_business_is_shown_in_numbers_and_drawn(office: Office) -> None:
    browser = office.browser_as(office.officer(Role.MEMBERSHIP_OFFICER))

    page = browser.get("/console/").text
    assert "中心无从得知" in page
    assert 'data-chart-url="/console/figures/matches"' in page
    matches = browser.get("/console/figures/matches").get_json()
    assert matches["labels"][-1] == "11-02"
    assert [(each["name"], each["values"][-1]) for each in matches["series"]] == [("准许", 2), ("拒绝", 1)]
    rows = browser.get("/console/figures/contributions").get_json()
    assert [(each["name"], each["values"][-1]) for each in rows["series"]] == [("采纳", 5), ("被拒绝", 1)]


@pytest.mark.usefixtures("busy")
def test_administrators_see_the_system_and_no_business(office: Office) -> None:
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        browser = office.browser_as(office.officer(role))
        page = browser.get("/console/").text
        assert "准许的查询" not in page
        assert "待处理任务" in page
        assert browser.get("/console/figures/matches").status_code == 404
        assert browser.get("/console/figures/clocks").status_code == 200


def test_what_waits_is_counted(office: Office, hub: Hub, clock: Clock) -> None:
    anne, ben = office.officer(Role.SYSTEM_ADMIN), office.officer(Role.SECURITY_ADMIN)
    with hub.database.transaction() as session:
        acts.propose_value(session, hub, anne, "exit_days", 20, reason="faster", now=clock())

    page = office.browser_as(ben).get("/console/").text.split("待我审批")
    assert '<a href="/console/approvals">1</a>' in page[-1]
    # Her proposal lapses after a fortnight: a clock of the third week.
    clocks = office.browser_as(anne).get("/console/figures/clocks").get_json()
    assert clocks["series"][0]["values"][:3] == [0, 0, 1]


def test_a_members_people_have_a_page_of_their_own(office: Office) -> None:
    browser = office.browser_as(office.officer(Role.MEMBER_ADMIN, organisation="北辰小贷"))

    assert browser.get("/console/").location == "/console/mine/"
    lawyer = office.browser_as(office.officer(Role.LAWYER, organisation="明和律师事务所"))
    assert lawyer.get("/console/").location == "/console/matters"


def test_whoever_has_no_role_sees_what_waits(office: Office) -> None:
    page = office.browser_as(office.officer(Role.RIGHTS_DESK)).get("/console/").text

    assert "临期投诉" in page
    assert "联盟概况" not in page
