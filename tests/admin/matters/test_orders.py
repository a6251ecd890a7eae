"""Courts' orders: two officers have one followed, and see of the matter no more than they need."""

from __future__ import annotations

from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from privacy.encoding import b64, unb64
from tests.admin.matters.conftest import Case
from tests.alliance_hub.matters.court import CONTRACT, COURT_ORDER
from tests.alliance_hub.records.builders import pseudonym_of, reference_of

REASON = {"reason": "已致电法院核实文书真实"}


def test_an_order_is_followed_by_two_officers(case: Case, two_officers: tuple[Actor, Actor]) -> None:
    anne, ben = two_officers
    browser, other = case.browser(anne), case.browser(ben)
    assert "法院文书列于此处" in browser.get("/console/court-orders").text
    path = f"/console/court-orders/{case.order()}"
    assert "待办理" in browser.get("/console/court-orders?state=waits").text
    page = browser.get(path).text
    for words in (COURT_ORDER.court, COURT_ORDER.number, "matter-0001", "North", "诉讼"):
        assert words in page
    assert unb64(COURT_ORDER.digest).hex() in page.replace(" ", "")

    code = {"code": case.desk.office.code_for(anne)}
    assert browser.post(f"{path}/propose", data={**REASON}).status_code == 422
    assert browser.post(f"{path}/propose", data={**REASON, **code}).status_code == 303
    assert f"{path}/propose" not in browser.get(path).text
    assert other.get(f"{path}/propose").status_code == 404
    words = other.get("/console/approvals/1").text
    assert "在 North 的案件 matter-0001 中，证明其他会员处有无该债务人的记录。" in words
    assert unb64(COURT_ORDER.digest).hex() in words.replace(" ", "")

    own = browser.post("/console/approvals/1/approve", data={"code": case.desk.office.code_for(anne)})
    assert own.status_code == 422
    code = {"code": case.desk.office.code_for(ben)}
    assert other.post("/console/approvals/1/approve", data=code).status_code == 303
    assert "已出具证明" in browser.get(path).text
    assert "存在情况" in case.browser(case.admin).get(f"/console/matters/{case.id}").text


def test_the_secretariat_sees_no_contract_and_no_debtor(
    case: Case, two_officers: tuple[Actor, Actor]
) -> None:
    path = f"/console/court-orders/{case.order()}"
    secrets = [b64(reference_of(CONTRACT)), b64(pseudonym_of("Lin"))]
    for officer in two_officers:
        browser = case.browser(officer)
        for page in (path, "/console/court-orders", "/console/court-orders?format=csv"):
            shown = browser.get(page)
            assert shown.status_code == 200
            assert [secret for secret in secrets if secret in shown.text] == []
        assert browser.get(f"/console/matters/{case.id}").status_code == 404


def test_nobody_else_reads_orders(case: Case) -> None:
    number = case.order()
    for role in (Role.AUDIT_ADMIN, Role.AGREEMENT_OFFICER, Role.INSPECTOR):
        browser = case.browser(case.desk.office.officer(role))
        assert browser.get(f"/console/court-orders/{number}").status_code == 404
    assert case.browser(case.lawyer).get("/console/court-orders").status_code == 404


def test_an_order_of_a_matter_that_is_over_is_not_followed(
    case: Case, two_officers: tuple[Actor, Actor]
) -> None:
    path = f"/console/court-orders/{case.order()}"
    case.desk.clock.move(days=91)
    browser = case.browser(two_officers[0])

    assert "案件已终结" in browser.get(path).text
    code = {"code": case.desk.office.code_for(two_officers[0])}
    refused = browser.post(f"{path}/propose", data={**REASON, **code})
    assert (refused.status_code, "案件已到期：请另行登记" in refused.text) == (422, True)
