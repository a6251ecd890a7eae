"""Officers and organisations at the console: who sees them, and each act as an officer meets it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from alliance_hub.people import grants
from alliance_hub.people.directory import get_officer
from alliance_hub.people.models import DeputyRow, Officer, OfficerState
from alliance_hub.people.roles import OrganisationKind, Role
from alliance_hub.transparency.models import LogRow
from tests.admin.people import Office


def links_on(page: str) -> list[str]:
    return re.findall(r"<code>http://127\.0\.0\.1:8400(/console/invitation/[^<]+)</code>", page)


def test_a_security_administrator_invites_and_sees_the_link_once(office: Office) -> None:
    admin = office.officer(Role.SECURITY_ADMIN)
    browser = office.browser_as(admin)
    form = {"name": "吴桐", "staff_number": "900", "language": "zh", "role_rights_desk": "y"}
    address = "/console/officers/invite?organisation=association"
    assert browser.get(address).status_code == 200
    assert browser.post(address, data=form).status_code == 422, "the second factor is asked for"
    both = {**form, "role_audit_admin": "y", "code": office.code_for(admin)}
    assert "不得兼任" in browser.post(address, data=both).text
    done = browser.post(address, data={**form, "code": office.code_for(admin)})
    assert done.location == "/console/officers/links"
    (link,) = links_on(browser.get(done.location).text)
    assert office.browser().get(link).status_code == 200
    assert browser.get(done.location).status_code == 303
    assert "吴桐" in browser.get("/console/officers?state=invited").text


def test_a_membership_officer_invites_a_members_first_administrator_only(office: Office) -> None:
    office.officer(Role.SUBMITTER, organisation="North Bank")
    officer = office.officer(Role.MEMBERSHIP_OFFICER)
    browser = office.browser_as(officer)
    address = "/console/officers/invite?organisation=North Bank"
    form = {"name": "王建国", "staff_number": "N-1", "language": "zh", "role_member_admin": "y"}
    done = browser.post(address, data={**form, "code": office.code_for(officer)})
    assert done.location == "/console/officers/links"
    assert browser.get("/console/officers/invite?organisation=association").status_code == 404
    assert browser.get("/console/officers/invite?organisation=nowhere").status_code == 404


def test_a_members_administrator_sees_its_own_people_only(office: Office) -> None:
    north = office.officer(Role.MEMBER_ADMIN, organisation="North Bank", name="王建国")
    own = office.officer(Role.SUBMITTER, organisation="North Bank", name="刘芳")
    south = office.officer(Role.MEMBER_ADMIN, organisation="South Bank", name="张伟")
    browser = office.browser_as(north)
    listed = browser.get("/console/officers").text
    assert "刘芳" in listed
    assert "张伟" not in listed
    assert browser.get(f"/console/officers/{own.officer}").status_code == 200
    assert browser.get(f"/console/officers/by-ref/{own.ref}").location == f"/console/officers/{own.officer}"
    for act in ("", "/roles", "/disable", "/enable", "/unlock", "/reset", "/end-session", "/deputy"):
        assert browser.get(f"/console/officers/{south.officer}{act}").status_code == 404, act
        assert browser.post(f"/console/officers/{south.officer}{act}").status_code in (404, 405), act
    assert browser.get("/console/organisations").status_code == 404
    assert browser.get("/console/officers/staff").status_code == 404


def test_roles_are_changed_until_a_day_in_shanghai(office: Office) -> None:
    admin, anne = office.officer(Role.SECURITY_ADMIN), office.officer(Role.FLAG_REVIEWER)
    browser = office.browser_as(admin)
    form = {
        "role_flag_reviewer": "y",
        "role_rights_desk": "y",
        "until_rights_desk": "2026-12-31",
        "code": office.code_for(admin),
    }
    done = browser.post(f"/console/officers/{anne.officer}/roles", data=form)
    assert done.location == f"/console/officers/{anne.officer}"
    with office.hub.database.reading() as session:
        held = {row.role: row.until_at for row in grants.list_held(session, anne.officer, office.clock())}
    assert held[Role.FLAG_REVIEWER] is None
    assert held[Role.RIGHTS_DESK] == datetime(2026, 12, 31, 16, tzinfo=UTC)
    page = browser.get(done.location).text
    assert "信息主体权益服务岗" in page
    assert "2027-01-01 00:00" in page


ACTS = {"disable": OfficerState.DISABLED, "reset": OfficerState.INVITED, "end-session": OfficerState.ACTIVE}


@pytest.mark.parametrize(("act", "state"), ACTS.items(), ids=ACTS.keys())
def test_an_act_says_what_it_does_and_ends_the_session(office: Office, act: str, state: OfficerState) -> None:
    admin, anne = office.officer(Role.SECURITY_ADMIN), office.officer(Role.FLAG_REVIEWER, name="李文华")
    browser, hers = office.browser_as(admin), office.browser_as(anne)
    address = f"/console/officers/{anne.officer}/{act}"
    assert "李文华" in browser.get(address).text
    assert hers.get("/console/account/").status_code == 200
    assert browser.post(address, data={"code": office.code_for(admin)}).status_code == 303
    assert hers.get("/console/account/").status_code == 303
    with office.hub.database.reading() as session:
        assert get_officer(session, anne.officer).state is state
        newest = session.scalars(select(LogRow).order_by(LogRow.id.desc())).first()
        assert newest is not None
        assert (newest.actor, newest.object) == (admin.ref, f"officer/{anne.ref}")


def test_nobody_acts_on_itself(office: Office) -> None:
    admin = office.officer(Role.SECURITY_ADMIN)
    browser = office.browser_as(admin)
    form = {"role_flag_reviewer": "y", "code": office.code_for(admin)}
    refused = browser.post(f"/console/officers/{admin.officer}/roles", data=form)
    assert refused.status_code == 422
    assert "本人" in refused.text
    own = browser.get(f"/console/officers/{admin.officer}").text
    assert f"/console/officers/{admin.officer}/disable" not in own


def test_an_auditor_reads_and_changes_nothing(office: Office) -> None:
    auditor, anne = office.officer(Role.AUDIT_ADMIN), office.officer(Role.FLAG_REVIEWER)
    browser = office.browser_as(auditor)
    page = browser.get(f"/console/officers/{anne.officer}")
    assert page.status_code == 200
    assert "/console/activity/" in page.text, "each act leads to its log entry"
    assert browser.get(f"/console/officers/{anne.officer}/roles").status_code == 404
    assert browser.get("/console/officers/invite").status_code == 404


def test_a_locked_officer_is_shown_and_unlocked(office: Office) -> None:
    admin, anne = office.officer(Role.SECURITY_ADMIN), office.officer(Role.FLAG_REVIEWER)
    browser = office.browser_as(admin)
    with office.hub.database.transaction() as session:
        get_officer(session, anne.officer).locked_until = office.clock() + timedelta(minutes=30)
    page = browser.get(f"/console/officers/{anne.officer}").text
    assert "已锁定" in page
    assert browser.post(f"/console/officers/{anne.officer}/unlock").status_code == 303
    assert "已锁定" not in browser.get(f"/console/officers/{anne.officer}").text


def test_an_officer_names_its_deputy_and_ends_it(office: Office) -> None:
    anne = office.officer(Role.MEMBERSHIP_OFFICER, name="李文华")
    ben = office.officer(Role.FLAG_REVIEWER, name="赵倩")
    browser, bens = office.browser_as(anne), office.browser_as(ben)
    assert bens.get("/console/organisations").status_code == 200
    address = f"/console/officers/{anne.officer}/deputy"
    form = {"deputy": str(ben.officer), "role": "membership_officer", "first_day": "2026-11-02"}
    too_long = browser.post(address, data={**form, "last_day": "2027-03-01"})
    assert too_long.status_code == 422
    assert bens.get("/console/officers").status_code == 404
    assert browser.post(address, data={**form, "last_day": "2026-11-08"}).status_code == 303
    assert bens.get("/console/officers").status_code == 200, "from now, in the session that runs"
    assert "代行会员管理专员" in bens.get("/console/account/").text
    with office.hub.database.reading() as session:
        row = session.scalars(select(DeputyRow)).one()
    assert row.until_at == datetime(2026, 11, 8, 16, tzinfo=UTC)
    stranger = office.browser_as(office.officer(Role.AUDIT_ADMIN))
    assert stranger.post(f"/console/officers/deputies/{row.id}/end").status_code in (403, 404)
    assert bens.post(f"/console/officers/deputies/{row.id}/end").status_code == 303
    assert bens.get("/console/officers").status_code == 404


def test_a_small_secretariat_is_set_up_at_once(office: Office) -> None:
    admin = office.officer(Role.SECURITY_ADMIN)
    browser = office.browser_as(admin)
    form = {f"{part}_{place}": f"{part}{place}" for place in (1, 3, 4, 5) for part in ("name", "number")}
    half = browser.post("/console/officers/staff", data={"name_1": "A", "code": office.code_for(admin)})
    assert half.status_code == 422
    done = browser.post("/console/officers/staff", data={**form, "code": office.code_for(admin)})
    assert len(links_on(browser.get(done.location).text)) == 4
    with office.hub.database.reading() as session:
        invited = session.scalars(select(Officer).where(Officer.state == OfficerState.INVITED)).all()
        assert sorted(each.staff_number for each in invited) == ["number1", "number3", "number4", "number5"]


def test_a_law_firm_is_entered_and_closed(office: Office) -> None:
    admin = office.officer(Role.SECURITY_ADMIN)
    office.officer(Role.LAWYER, organisation="Zhao", kind=OrganisationKind.LAW_FIRM)
    browser = office.browser_as(admin)
    form = {"id": "lide", "name": "立德律师事务所", "uscc": ""}
    assert browser.post("/console/organisations/law-firms/new", data=form).status_code == 303
    assert browser.post("/console/organisations/law-firms/new", data=form).status_code == 422
    assert "立德律师事务所" in browser.get("/console/organisations?kind=law_firm").text
    assert browser.get("/console/organisations/lide").status_code == 200
    closed = browser.post(
        "/console/organisations/law-firms/lide/close", data={"code": office.code_for(admin)}
    )
    assert closed.location == "/console/organisations/lide"
    assert "已关闭" in browser.get(closed.location).text
    assert browser.get("/console/organisations/law-firms/association/close").status_code == 404
