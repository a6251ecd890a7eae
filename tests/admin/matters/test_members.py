"""A member's own matters: who reads them, who manages them, and that no other member sees any."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alliance_hub.matters import service as matters
from alliance_hub.matters import superseding
from alliance_hub.people.roles import Role
from alliance_hub.transparency import service as transparency
from tests.admin.matters.conftest import Case
from tests.admin.people import Browser
from tests.alliance_hub.matters.court import hand_in


@pytest.fixture
def browser(case: Case) -> Browser:
    """The administrator's, in English."""
    found = case.browser(case.admin)
    found.set_cookie("lang", "en", path="/console")
    return found


def test_each_role_of_the_member_has_its_part(case: Case) -> None:
    path = f"/console/matters/{case.id}"
    for role, reads, manages in (
        (Role.MEMBER_ADMIN, True, True),
        (Role.REVIEWER, True, False),
        (Role.COLLECTOR, True, False),
        (Role.SUBMITTER, False, False),
    ):
        browser = case.desk.own("North", role)
        assert browser.get(path).status_code == (200 if reads else 404), role
        assert ("办结案件" in browser.get(path).text) is manages, role
        for act in ("appoint", "dismiss", "shorten", "close"):
            assert browser.get(f"{path}/{act}").status_code == (200 if manages else 404), role


def test_another_member_sees_none_of_it(case: Case) -> None:
    south, path = case.desk.own("South"), f"/console/matters/{case.id}"
    for page in ("", "/appoint", "/shorten", "/close", "/certificates/1"):
        assert south.get(path + page).status_code == 404
        assert south.post(path + page).status_code in (404, 405)
    assert "matter-0001" not in south.get("/console/matters").text
    assert south.get("/console/matters/by-reference/matter-0001").status_code == 404


def test_what_happened_in_anothers_matter_of_the_same_name_is_not_told(case: Case, browser: Browser) -> None:
    facts = {"member": "South", "matter": "matter-0001", "object": "matter/matter-0001"}
    with case.desk.hub.database.transaction() as session:
        transparency.record_entry(session, "matter_closed", facts, now=case.desk.clock())

    page = browser.get(f"/console/matters/{case.id}").text
    assert "Matter opened" in page
    assert "Matter closed" not in page


def test_matters_are_narrowed(case: Case, browser: Browser) -> None:
    case.court.open(matter="second", kind="arbitration")

    def references(asked: str) -> list[str]:
        lines = browser.get(f"/console/matters?format=csv&{asked}").text.splitlines()[1:]
        return [line.split(",")[0] for line in lines]

    assert references("sort=reference") == ["matter-0001", "second"]
    assert references("kind=arbitration") == references("q=SEC") == ["second"]
    assert references("state=closed") == references("warning=superseded") == []
    found = browser.get("/console/matters/by-reference/second")
    assert (found.status_code, found.location) == (303, f"/console/matters/{case.id + 1}")


def test_lawyers_are_appointed_and_dismissed(case: Case, browser: Browser) -> None:
    path = f"/console/matters/{case.id}"
    assert "Officer L-1" not in browser.get(f"{path}/appoint").text
    assert browser.post(f"{path}/appoint").status_code == 422
    assert browser.post(f"{path}/appoint", data={"lawyers": ["L-2"]}).status_code == 303
    page = browser.get(path).text
    assert "Officer L-2 (L-2)" in page
    assert page.count("terms not accepted yet") == 2

    assert browser.post(f"{path}/dismiss", data={"lawyer": "4711"}).status_code == 422
    with case.desk.hub.database.transaction() as session:
        shown = matters.get_for(session, case.desk.hub, case.admin, case.id, case.desk.clock())
    gone = next(each.officer for each in shown.lawyers if each.number == "L-1")
    assert browser.post(f"{path}/dismiss", data={"lawyer": str(gone)}).status_code == 303
    assert "Officer L-1" not in browser.get(path).text.split("Timeline")[0]


def test_a_firm_is_named_where_there_was_none(case: Case, browser: Browser) -> None:
    path = f"/console/matters/{case.court.open(matter='own', law_firm=None, lawyers=()).id}"
    form = {"law_firm": "Nobody & Sons", "lawyer": "L-1"}
    refused = browser.post(f"{path}/appoint", data=form)
    assert (refused.status_code, "No open law firm has this name" in refused.text) == (422, True)
    assert browser.post(f"{path}/appoint", data={**form, "law_firm": "Firm"}).status_code == 303
    assert "Officer L-1 (L-1)" in browser.get(path).text


def test_a_matter_is_shortened_and_closed_but_never_prolonged(case: Case, browser: Browser) -> None:
    path = f"/console/matters/{case.id}"
    late = browser.post(f"{path}/shorten", data={"last_day": "2030-01-01"})
    assert (late.status_code, "can only be shortened" in late.text) == (422, True)
    assert browser.post(f"{path}/shorten", data={"last_day": "2026-11-10"}).status_code == 303
    # The last day ends at 24:00.
    assert "2026-11-11 Wed 00:00" in browser.get(path).text
    assert "Matter matter-0001 of North" in browser.get("/console/clocks").text

    assert browser.post(f"{path}/close").status_code == 303
    page = browser.get(path).text
    assert "closed" in page
    assert "Close the matter" not in page
    again = browser.post(f"{path}/close")
    assert (again.status_code, "The matter is closed: open another one" in again.text) == (422, True)


def test_superseded_certificates_wait_for_the_member(case: Case, browser: Browser) -> None:
    case.court.certify()
    assert "superseded certificates" not in browser.get("/console/mine/").text
    hand_in(case.court)
    case.desk.clock.at += timedelta(seconds=1)
    superseding.mark_open(case.desk.hub, case.desk.clock())

    overview = browser.get("/console/mine/").text
    assert "Matters with superseded certificates or bundles: 1." in overview
    assert "matter-0001" in browser.get("/console/matters?warning=superseded").text
