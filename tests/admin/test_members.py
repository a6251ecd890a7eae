"""The pages of membership: who sees them, a checklist worked through, two officers, a member that leaves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alliance_hub.approvals import service as approvals
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.membership import applications, leaving, service, tasks
from alliance_hub.membership.applying import read_application
from alliance_hub.membership.checklist import MANUAL, Item
from alliance_hub.membership.rules import MemberState
from alliance_hub.membership.vocabulary import ApplicationState
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from privacy.periods import day_of
from tests.admin.people import Browser, Office
from tests.alliance_hub.builders import Clock, platform
from tests.alliance_hub.membership.firms import card_text, facts

assert tasks

NAME = "河东 普惠"
"""With a space, which an address has to carry."""


@pytest.fixture
def wang(office: Office) -> Actor:
    return office.officer(Role.MEMBERSHIP_OFFICER)


@pytest.fixture
def browser(office: Office, wang: Actor) -> Browser:
    return office.browser_as(wang)


@pytest.fixture
def application(hub: Hub, clock: Clock) -> int:
    """A firm has applied and introduced its keys."""
    firm = platform(NAME, clock)
    raw = {**facts(1), "card": card_text(firm)}
    with hub.database.transaction() as session:
        received = applications.receive(session, *read_application(raw, day_of(clock())), clock())
        service.apply(session, hub, firm.say(firm.enrolment()), clock())
        return received.application.id


@pytest.fixture
def member(hub: Hub, clock: Clock, application: int) -> str:
    with hub.database.transaction() as session:
        service.admit(session, hub, NAME, clock())
    return NAME


def state(hub: Hub, application: int) -> ApplicationState:
    with hub.database.reading() as session:
        return applications.get(session, application).state


def test_an_application_is_worked_through_and_admitted_by_two(
    hub: Hub, clock: Clock, office: Office, browser: Browser, wang: Actor, application: int,
    code_for: Callable[[Actor], str],
) -> None:  # fmt: skip
    page = f"/console/applications/{application}"
    assert browser.post(f"{page}/begin").status_code == 303
    for item in MANUAL:
        row = browser.post(
            f"{page}/items/{item}", data={"done": "1", "note": "seen"}, headers={"HX-Request": "true"}
        )
        assert row.status_code == 200
        assert row.get_data(as_text=True).startswith(f'<tr id="item-{item}">')
    assert browser.post(f"{page}/ready").status_code == 303
    assert state(hub, application) is ApplicationState.READY

    without = browser.post(f"{page}/admit", data={"reason": "complete"})
    assert without.status_code == 422
    sent = browser.post(f"{page}/admit", data={"reason": "complete", "code": code_for(wang)})
    assert sent.status_code == 303

    other = office.officer(Role.MEMBERSHIP_OFFICER)
    with hub.database.transaction() as session:
        (proposal,) = approvals.list_waiting(session, other, at=clock())
        approvals.approve(session, hub, other, proposal.id, clock())
    shown = browser.get(f"/console/members/{NAME}").get_data(as_text=True)
    assert "南山信息科技（北京）有限公司" in shown
    assert "zhang@example.com" in shown


def test_an_unfinished_review_says_what_is_missing(browser: Browser, hub: Hub, application: int) -> None:
    page = f"/console/applications/{application}"
    browser.post(f"{page}/begin")

    assert browser.post(f"{page}/ready").status_code == 409
    assert browser.post(f"{page}/items/{Item.USCC_FREE}", data={"done": "1"}).status_code == 422
    assert state(hub, application) is ApplicationState.IN_REVIEW


def test_reasons_are_needed_to_return_and_to_refuse(browser: Browser, hub: Hub, application: int) -> None:
    page = f"/console/applications/{application}"

    assert browser.post(f"{page}/return", data={"reason": " "}).status_code == 422
    assert browser.post(f"{page}/return", data={"reason": "correct it"}).status_code == 303
    assert browser.post(f"{page}/refuse", data={"reason": "no licence"}).status_code == 303
    assert state(hub, application) is ApplicationState.REFUSED


def test_contacts_are_for_those_who_work_with_members(
    browser: Browser, office: Office, application: int
) -> None:
    reader = office.browser_as(office.officer(Role.DISPUTE_OFFICER))
    page = f"/console/applications/{application}"

    assert "zhang@example.com" in browser.get(page).get_data(as_text=True)
    shown = reader.get(page)
    assert shown.status_code == 200
    assert "zhang@example.com" not in shown.get_data(as_text=True)
    assert reader.get(f"{page}/refuse").status_code == 404


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.RIGHTS_DESK])
def test_to_others_there_are_no_such_pages(office: Office, application: int, role: Role) -> None:
    browser = office.browser_as(office.officer(role))

    for page in ("members", "members/groups", "applications", f"applications/{application}"):
        assert browser.get(f"/console/{page}").status_code == 404


@pytest.mark.parametrize(
    "page", ["members", "members/groups", "applications", "members?standing=active&q=x", "members?format=csv"]
)
def test_registers_are_shown(browser: Browser, member: str, page: str) -> None:
    assert browser.get(f"/console/{page}").status_code == 200


def test_a_firm_that_has_only_introduced_itself_has_a_page(browser: Browser, application: int) -> None:
    assert browser.get(f"/console/members/{NAME}").status_code == 200


def test_the_file_of_a_member_is_written(browser: Browser, hub: Hub, member: str) -> None:
    page = f"/console/members/{member}/file"

    assert browser.post(page, data={**facts(1), "business_email": "-"}).status_code == 422
    assert browser.post(page, data=facts(1)).status_code == 303
    assert "138" in browser.get(f"/console/members/{member}").get_data(as_text=True)


@pytest.mark.parametrize("act", ["suspend", "leave", "quota"])
def test_an_act_is_proposed_and_not_yet_done(
    hub: Hub, clock: Clock, office: Office, browser: Browser, wang: Actor, member: str, act: str,
    code_for: Callable[[Actor], str],
) -> None:  # fmt: skip
    page = f"/console/members/{member}"
    browser.post(f"{page}/file", data=facts(1))
    assert browser.get(f"{page}/{act}").status_code == 200

    data = {"reason": "because", "code": code_for(wang), "quota": "77"}
    assert browser.post(f"{page}/{act}", data=data).status_code == 303

    other = office.officer(Role.MEMBERSHIP_OFFICER)
    with hub.database.reading() as session:
        assert service.get(session, member).state is MemberState.ADMITTED
        assert len(approvals.list_waiting(session, other, at=clock())) == 1


def test_what_cannot_be_done_is_refused_with_its_rule(
    browser: Browser, wang: Actor, member: str, code_for: Callable[[Actor], str]
) -> None:
    data = {"reason": "because", "code": code_for(wang)}

    refused = browser.post(f"/console/members/{member}/resume", data=data)

    assert refused.status_code == 422
    assert browser.get("/console/members/nobody/suspend").status_code == 404


def test_a_leaving_members_administrator_fetches_its_data(
    hub: Hub, clock: Clock, office: Office, browser: Browser, member: str
) -> None:
    own = office.browser_as(office.officer(Role.MEMBER_ADMIN, organisation=member))
    assert own.get("/console/leaving").status_code == 200
    assert own.get("/console/leaving/data.zip").status_code == 404
    with hub.database.transaction() as session:
        job = leaving.begin(session, hub, member, clock()).job
    jobs.run(hub, job)

    fetched = own.get("/console/leaving/data.zip")
    assert (fetched.status_code, fetched.mimetype) == (200, "application/zip")
    assert own.get("/console/leaving/certificates/1").status_code == 200
    assert browser.get(f"/console/members/{member}/certificates/1").status_code == 200
    assert browser.get(f"/console/members/{member}/certificates/1.json").json is not None
    assert browser.get("/console/leaving/data.zip").status_code == 404
    stranger = office.browser_as(office.officer(Role.MEMBER_ADMIN, organisation="东桥"))
    assert stranger.get("/console/leaving/data.zip").status_code == 404
    submitter = office.browser_as(office.officer(Role.SUBMITTER, organisation=member))
    assert submitter.get("/console/leaving/data.zip").status_code == 404
