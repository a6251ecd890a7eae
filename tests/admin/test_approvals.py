"""Approvals in the browser: one officer proposes with its second factor, another decides."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from alliance_hub.hub import Hub
from alliance_hub.parameters import service as parameters
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from tests.admin.people import Browser, Office

VALUE = {"new": "20", "reason": "理事会决定"}


@dataclass
class House:
    """Two officers who check each other, one who has nothing to do with it, and their browsers."""

    office: Office
    system: Actor
    security: Actor
    member: Actor

    def at(self, actor: Actor) -> Browser:
        return self.office.browser_as(actor)

    def propose(self) -> None:
        code = self.office.code_for(self.system)
        sent = self.at(self.system).post("/console/settings/exit_days/propose", data={**VALUE, "code": code})
        assert (sent.status_code, sent.location) == (303, "/console/settings/exit_days")


@pytest.fixture
def house(office: Office) -> House:
    return House(
        office,
        office.officer(Role.SYSTEM_ADMIN, name="陈立"),
        office.officer(Role.SECURITY_ADMIN, name="周敏"),
        office.officer(Role.SUBMITTER, organisation="北辰小贷"),
    )


def value(hub: Hub) -> int:
    with hub.database.reading() as session:
        return parameters.value(session, "exit_days")


def test_what_one_proposes_another_approves(house: House, hub: Hub) -> None:
    house.propose()
    browser = house.at(house.security)

    waiting = browser.get("/console/approvals").text
    assert "调整参数：参数 办理会员退出的时限" in waiting
    assert '<span class="waits">1</span>' in waiting
    page = browser.get("/console/approvals/1").text
    assert "由 30 调整为 20 天" in page
    assert "陈立" in page
    assert "理事会决定" in page
    step = browser.get("/console/approvals/1/approve").text
    assert "由 30 调整为 20 天" in step

    refused = browser.post("/console/approvals/1/approve", data={"code": "000000"})
    assert (refused.status_code, value(hub)) == (422, 30)
    done = browser.post("/console/approvals/1/approve", data={"code": house.office.code_for(house.security)})

    assert (done.status_code, done.location, value(hub)) == (303, "/console/approvals/1", 20)
    assert "已批准" in browser.get("/console/approvals/1").text
    history = browser.get("/console/settings/exit_days").text
    assert "30 天 → 20 天" in history


def test_the_proposer_is_told_why_not(house: House, hub: Hub) -> None:
    house.propose()
    browser = house.at(house.system)

    page = browser.get("/console/approvals/1?lang=en", follow_redirects=True).text
    assert "You do not decide this:" in page
    assert "None of your roles allows approve_settings" in page
    assert "/approvals/1/approve" not in page
    code = house.office.code_for(house.system)
    refused = browser.post("/console/approvals/1/approve", data={"code": code})
    assert (refused.status_code, value(hub)) == (422, 30)

    taken_back = browser.post("/console/approvals/1/withdraw")
    assert taken_back.status_code == 303
    assert "Withdrawn" in browser.get("/console/approvals/mine").text


def test_turning_down_needs_a_reason(house: House, hub: Hub) -> None:
    house.propose()
    browser = house.at(house.security)

    assert browser.post("/console/approvals/1/reject").status_code == 422
    assert browser.post("/console/approvals/1/reject", data={"reason": "过短"}).status_code == 303

    assert "过短" in house.at(house.system).get("/console/approvals/1").text
    assert "过短" not in browser.get("/console/approvals").text
    assert "不予批准" in browser.get("/console/approvals/decided").text
    assert value(hub) == 30


def test_whom_it_does_not_concern_it_does_not_exist(house: House) -> None:
    house.propose()

    for path in ("", "/approve", "/reject", "/withdraw"):
        assert house.at(house.member).get(f"/console/approvals/1{path}").status_code == 404
    assert house.at(house.security).get("/console/approvals/2").status_code == 404
    assert house.at(house.member).get("/console/approvals").status_code == 404


def test_the_register_is_exported_as_shown(house: House) -> None:
    house.propose()
    browser = house.at(house.security)

    assert "exit_days" not in browser.get("/console/approvals?format=csv&kind=mode").text
    assert "办理会员退出的时限" in browser.get("/console/approvals?format=csv&kind=parameter").text
    assert "办理会员退出的时限" in browser.get("/console/approvals?print=1").text
