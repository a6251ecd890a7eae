"""The agreements' pages: a version's life as officers walk it, and what the pages say of it."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from alliance_hub.agreements.service import AgreementState
from alliance_hub.approvals import service as approvals
from alliance_hub.membership import quotas
from alliance_hub.membership import service as membership
from alliance_hub.people.roles import Role
from privacy.periods import day_of
from tests.admin.people import Browser
from tests.admin.told import Desk


@pytest.fixture
def writer(desk: Desk) -> Browser:
    browser = desk.browser(desk.writer)
    browser.set_cookie("lang", "en", path="/console")
    return browser


@pytest.fixture
def second(desk: Desk) -> Browser:
    browser = desk.browser(desk.second)
    browser.set_cookie("lang", "en", path="/console")
    return browser


def page(browser: Browser, path: str, status: int = 200) -> str:
    answer = browser.get(f"/console{path}")
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def send(browser: Browser, path: str, status: int = 303, /, **form: Any) -> str:
    answer = browser.post(f"/console{path}", data=form)
    assert answer.status_code == status, answer.get_data(as_text=True)[-3000:]
    return str(answer.headers.get("Location", "")) if status == 303 else answer.get_data(as_text=True)


def form_of(desk: Desk, **changes: Any) -> dict[str, Any]:
    """Return the draft form as a browser would send it for a further agreement of North."""
    terms = desk.view("North", 1).terms
    facts: dict[str, Any] = {
        "member": "North",
        "purposes": ["skip_trace", "audit"],
        "contributes": ["exposure"],
        "receives": ["exposure"],
        "min_contributors": "3",
        "subjects_per_day": "100",
        "subjects_per_request": "10",
        "retention_days": "30",
        "consent_version": "2026-1",
        "exit_days": "30",
        "dispute_days": "15",
        "incident_hours": "24",
        "notice_days": "30",
        "audit_right": "y",
        "valid_from": "2026-11-05T00:00:00",
        "valid_until": "2027-11-05T00:00",
        "wording": "第一条\r\n保存 ${retention_days} 日。",
    }
    for side in ("association_party", "member_party"):
        facts |= {f"{side}_{part}": value for part, value in getattr(terms, side).document().items()}
    facts |= {f"roles_{part}": str(value) for part, value in terms.roles.document().items()}
    return facts | changes


def test_a_draft_is_written_reviewed_by_another_offered_and_signed_by_the_member(
    desk: Desk, writer: Browser, second: Browser
) -> None:
    href = send(writer, "/agreements/new", **form_of(desk))
    (name,) = [part for part in href.split("/") if part.startswith("data-")]
    here = f"/agreements/{name}/1"
    terms = desk.view(name, 1).terms
    assert (terms.purposes, terms.retention_days, terms.audit_right) == (("skip_trace", "audit"), 30, True)
    assert (terms.sub_processing, terms.valid_from) == (False, "2026-11-04T16:00:00Z")
    assert desk.view(name, 1).text == "第一条\n保存 30 日。"

    send(writer, f"{here}/send-to-review")
    assert "another officer looks it over" in page(writer, here)
    assert "does not review it" in send(writer, f"{here}/review", 422)
    send(second, f"{here}/give-back", reason="too long")
    assert "too long" in page(writer, here)
    send(writer, f"{here}/edit", **form_of(desk, retention_days="20"))
    assert desk.view(name, 1).terms.retention_days == 20

    send(writer, f"{here}/send-to-review")
    assert "nobody but its author" in send(writer, f"{here}/offer", 422).lower()
    send(second, f"{here}/review")
    send(writer, f"{here}/offer")
    assert f"alliance-member agreements sign {name}" in page(second, here)
    desk.sign(name, 1)
    assert desk.view(name, 1).state is AgreementState.SIGNED


def test_what_is_refused_stands_at_its_field(desk: Desk, writer: Browser) -> None:
    shown = send(writer, "/agreements/new", 422, **form_of(desk, dispute_days="21", receives=["flags"]))
    assert 'id="dispute_days-wrong"' in shown
    shown = send(writer, "/agreements/new", 422, **form_of(desk, receives=["flags"]))
    assert 'id="receives-wrong"' in shown or "receives only the categories" in shown
    shown = send(writer, "/agreements/new", 422, **form_of(desk, wording="${nothing}"))
    assert 'id="wording-wrong"' in shown
    shown = send(writer, "/agreements/new", 422, **form_of(desk, member_party_uscc="91000000MA0000001X"))
    assert 'id="member_party_uscc-wrong"' in shown
    # What was typed is still there.
    assert "91000000MA0000001X" in shown


def test_terms_come_in_as_a_document_and_go_out_as_the_bytes_that_are_signed(
    desk: Desk, writer: Browser
) -> None:
    answer = writer.get("/console/agreements/North/1/document.json")
    terms = desk.view("North", 1).terms
    assert answer.data == terms.canonical()

    document = json.loads(answer.data) | {"agreement": "pasted", "retention_days": 7}
    send(writer, "/agreements/document", document=json.dumps(document))
    assert desk.view("pasted", 1).terms.retention_days == 7
    file = (BytesIO(json.dumps(document | {"agreement": "uploaded"}).encode()), "terms.json")
    send(writer, "/agreements/document", file=file)
    assert desk.view("uploaded", 1).terms.retention_days == 7

    assert "not JSON" in send(writer, "/agreements/document", 422, document="{")
    wrong = json.dumps(document | {"agreement": "third", "retention_days": 2_000})
    assert "retention_days:" in send(writer, "/agreements/document", 422, document=wrong)


def test_two_officers_put_it_into_effect_suspend_and_resume_it(
    desk: Desk, writer: Browser, second: Browser
) -> None:
    version = desk.amend("North", retention_days=30)
    desk.offer("North", version)
    desk.sign("North", version)
    here = f"/agreements/North/{version}"

    def decided(way: str) -> None:
        assert "second factor" in page(writer, f"{here}/{way}")
        send(writer, f"{here}/{way}", 422, code=desk.office.code_for(desk.writer))
        send(writer, f"{here}/{way}", 422, reason="why", code="000000")
        send(writer, f"{here}/{way}", reason="why", code=desk.office.code_for(desk.writer))
        assert "another officer decides" in page(writer, here)
        with desk.hub.database.transaction() as session:
            (proposal,) = approvals.list_waiting(session, desk.second, at=desk.clock())
            assert proposal.facts["version"] == version
            approvals.approve(session, desk.hub, desk.second, proposal.id, desk.clock())

    decided("activate")
    assert desk.view("North", version).state is AgreementState.ACTIVE
    assert desk.view("North", 1).state is AgreementState.ENDED
    decided("suspend")
    assert "denied by clause state" in page(second, here)
    asked = "member=North&agreement=North&purpose=post_loan_management&categories=exposure&subjects=1"
    assert "the agreement is suspended" in page(second, f"/decisions/?{asked}")
    decided("resume")
    assert desk.view("North", version).state is AgreementState.ACTIVE


def test_notice_says_the_last_day_before_it_is_given(desk: Desk, writer: Browser) -> None:
    last = "2026-12-02 Wed 02:00:00"
    assert last in page(writer, "/agreements/North/1/terminate")
    send(writer, "/agreements/North/1/terminate")
    shown = page(writer, "/agreements/North/1")
    assert (desk.view("North", 1).state, last in shown) == (AgreementState.TERMINATING, True)
    assert "Give notice" not in shown


def test_a_version_is_compared_with_the_one_before(desk: Desk, writer: Browser) -> None:
    version = desk.amend("North", retention_days=30)
    shown = page(writer, f"/agreements/North/{version}/compare/1")
    assert "deleted after at most 365 days" in shown
    assert "deleted after at most 30 days" in shown
    assert "Consent text" not in shown
    page(writer, f"/agreements/North/{version}/compare/9", 404)
    send(writer, f"/agreements/North/{version}/withdraw")
    assert desk.view("North", version).state is AgreementState.ENDED


def test_one_amendment_for_many_shows_each_difference_before_it_drafts(desk: Desk, writer: Browser) -> None:
    desk.amend("South", retention_days=30)
    form = {
        "title": "Shorter",
        "template": "",
        "everyone": "y",
        "dispute_days": "10",
        "audit_right": "no",
    } | {"sub_processing": ""}
    shown = send(writer, "/campaigns/new", 200, **form)
    assert "in writing within 10 days" in shown
    assert "version 2 is under way" in shown.lower()
    assert "The association has no right to audit." in shown
    page(writer, "/agreements/North/2", 404)

    here = send(writer, "/campaigns/new", **form, confirmed="1").removeprefix("/console")
    assert desk.view("North", 2).terms.dispute_days == 10
    shown = page(writer, here)
    assert "not drafted" in shown
    send(writer, f"{here}/send-to-review")
    assert desk.view("North", 2).state is AgreementState.REVIEW
    page(writer, f"{here}/nonsense", 404)
    assert "Shorter" in page(writer, "/campaigns/")
    nobody = form | {"everyone": ""}
    assert "choose members" in send(writer, "/campaigns/new", 422, **nobody).lower()


def test_a_template_is_kept_and_begun_from(desk: Desk, writer: Browser) -> None:
    send(writer, "/agreements/North/1/keep", 422, name="Bad Name", says="all")
    send(writer, "/agreements/North/1/keep", name="good-one", says="all")
    assert "good-one" in page(writer, "/agreements/templates")
    begun = page(writer, "/agreements/new?template=good-one&member=South")
    assert 'value="365"' in begun
    assert '<option selected value="South">' in begun
    page(writer, "/agreements/new?template=unknown", 404)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("purpose=marketing&categories=flags&subjects=1", "refused_purposes"),
        ("purpose=post_loan_management&categories=exposure&subjects=1", "purposes.post_loan_management"),
        ("purpose=post_loan_management&categories=evidence&subjects=1", "categories"),
        ("purpose=litigation&categories=exposure&subjects=1", "does not name the purpose litigation"),
        ("purpose=post_loan_management&categories=exposure&subjects=1000001", "batch_cap"),
        ("purpose=post_loan_management&categories=exposure&subjects=401", "400 subjects are left"),
        (
            "purpose=post_loan_management&categories=exposure&subjects=1&at=2028-01-01T00:00",
            "2027-11-02 02:00:00",
        ),
        ("agreement=nothing&purpose=audit&categories=exposure&subjects=1", "parties"),
    ],
)
def test_a_dry_run_names_the_clause(desk: Desk, writer: Browser, asked: str, says: str) -> None:
    assert says in page(writer, f"/decisions/?member=North&{asked}")
    with desk.hub.database.reading() as session:
        north = membership.get(session, "North")
        assert quotas.use(session, north, day_of(desk.clock())).used == 0


def test_the_register_is_narrowed_by_its_filters(desk: Desk, writer: Browser) -> None:
    desk.amend("South", purposes=["litigation"])

    def rows(asked: str) -> list[str]:
        lines = writer.get(f"/console/agreements/?format=csv&{asked}").get_data(as_text=True).splitlines()[1:]
        return sorted("/".join(line.split(",")[:2]) for line in lines)

    assert rows("") == ["North/1", "South/1", "South/2"]
    assert rows("state=draft") == rows("purpose=litigation") == ["South/2"]
    assert rows("member=North") == rows("q=nor") == ["North/1"]
    assert rows("versions=newest") == ["North/1", "South/2"]
    assert rows("expiring=30") == []
    desk.clock.move(days=340)
    writer = desk.browser(desk.writer)
    assert rows("expiring=30") == ["North/1", "South/1"]


def test_who_only_reads_sees_no_way_to_write(desk: Desk) -> None:
    reader = desk.browser(desk.office.officer(Role.MEMBERSHIP_OFFICER))
    shown = page(reader, "/agreements/North/1")
    assert "/terminate" not in shown
    assert "/decisions/" in shown
    for path in (
        "/agreements/new",
        "/agreements/North/1/terminate",
        "/agreements/North/1/suspend",
        "/campaigns/new",
    ):
        page(reader, path, 404)
    member = desk.own("North")
    for path in ("/agreements/", "/agreements/North/1", "/campaigns/", "/decisions/"):
        page(member, path, 404)


def test_pages_that_are_not_there(desk: Desk, writer: Browser) -> None:
    for path in ("/agreements/North/7", "/agreements/Nobody", "/agreements/North/7/text", "/campaigns/7"):
        page(writer, path, 404)
    assert writer.get("/console/agreements/North").headers["Location"].endswith("/agreements/North/1")
