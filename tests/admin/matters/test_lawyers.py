"""A lawyer's matters: nothing before the terms, nothing after the end, a receipt for what it takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from alliance_hub.matters import service as matters
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64, unb64
from privacy.logged import entry_leaf
from tests.admin.matters.conftest import SEAL, Case
from tests.admin.people import Browser
from tests.alliance_hub.builders import seed
from tests.alliance_hub.matters.court import CONTRACT, hand_in
from tests.alliance_hub.records.builders import pseudonym_of, reference_of


def entries(case: Case, kind: str) -> list[dict[str, object]]:
    """Return what the log's entries of a kind say, the oldest first."""
    with case.desk.hub.database.reading() as session:
        rows = session.query(LogRow).filter(LogRow.kind == kind).order_by(LogRow.id).all()
    return [json.loads(row.entry or b"") for row in rows]


def test_before_the_terms_there_is_only_whose_it_is(case: Case) -> None:
    browser, path = case.browser(case.lawyer), f"/console/matters/{case.id}"
    assert browser.get("/console/").location == "/console/matters"
    register = browser.get("/console/matters").text
    assert "待接受条款" in register
    assert f'href="{path}/terms"' in register
    assert 'in-">诉讼' not in register
    assert browser.get(path).status_code == 404

    terms = browser.get(f"{path}/terms").text
    assert "仅为本案诉讼" in terms
    assert browser.post(f"{path}/terms").location == path
    assert browser.get(f"{path}/terms").location == path
    assert [each["officer"] for each in entries(case, "matter_terms_accepted")] == ["Firm/L-1"]


def test_the_page_shows_the_matter_and_no_debtor(case: Case) -> None:
    case.court.certify()
    browser = case.accept()
    page = browser.get(f"/console/matters/{case.id}").text

    for words in ("matter-0001", "诉讼", "North", "Officer L-1 (L-1)", "报送记录", "court/1"):
        assert words in page
    assert b64(reference_of(CONTRACT)) in page
    for secret in (b64(pseudonym_of("Lin")), pseudonym_of("Lin").hex()):
        assert secret not in page.replace(" ", "")
    assert "办结案件" not in page
    browser.get(f"/console/matters/{case.id}")
    assert len(entries(case, "matter_viewed")) == 1


def test_who_is_not_appointed_sees_nothing(case: Case) -> None:
    case.court.certify()
    case.seal()
    browser, path = case.browser(case.colleague), f"/console/matters/{case.id}"

    assert "matter-0001" not in browser.get("/console/matters").text
    for page in ("", "/terms", "/certificates/1", f"/bundles/{SEAL.hex()}/received"):
        assert browser.get(path + page).status_code == 404
        assert browser.post(path + page).status_code in (404, 405)
    assert browser.get("/console/matters/by-reference/matter-0001").status_code == 404


def test_a_certificate_comes_with_a_receipt(case: Case) -> None:
    case.court.certify()
    browser, path = case.accept(), f"/console/matters/{case.id}"
    assert "您将取得该条日志的回执" in browser.get(f"{path}/certificates/2").text
    assert entries(case, "certificate_downloaded") == []

    taken = browser.post(f"{path}/certificates/2").location
    receipt = json.loads(browser.get(f"{taken}/receipt.json").text)
    assert receipt["leaf"] in browser.get(taken).text
    assert b64(entry_leaf(receipt["entry"], unb64(receipt["salt"]))) == receipt["leaf"]
    assert (receipt["entry"]["officer"], receipt["entry"]["number"]) == ("Firm/L-1", 2)
    paper = browser.get(f"{taken}/certificate.pdf")
    assert paper.data.startswith(b"%PDF-")
    assert "attachment" in paper.headers["Content-Disposition"]

    with case.desk.hub.database.transaction() as session:
        matters.appoint(session, case.admin, case.id, ["L-2"], case.desk.clock())
    other = case.browser(case.colleague)
    other.post(f"{path}/terms")
    assert other.get(path).status_code == 200
    assert other.get(taken).status_code == other.get(f"{taken}/certificate.pdf").status_code == 404


def test_only_a_download_of_ones_own_is_a_receipt(case: Case) -> None:
    case.court.certify()
    browser, path = case.accept(), f"/console/matters/{case.id}"
    with case.desk.hub.database.reading() as session:
        viewed = session.query(LogRow).filter(LogRow.kind == "matter_terms_accepted").one()

    for leaf in (b64(viewed.leaf), b64(bytes(32)), "nothing"):
        assert browser.get(f"{path}/taken/{leaf}").status_code == 404
    assert browser.post(f"{path}/certificates/99").status_code == 404


def test_a_bundle_is_compared_and_confirmed(case: Case) -> None:
    case.seal()
    browser, path = case.accept(), f"/console/matters/{case.id}"
    assert SEAL.hex() in browser.get(path).text.replace(" ", "")

    step = f"{path}/bundles/{SEAL.hex()}/received"
    assert SEAL.hex() in browser.get(step).text.replace(" ", "")
    assert browser.post(step).location == path
    page = browser.get(path).text
    assert "Officer L-1 确认收到" in page
    assert step not in page
    (said,) = entries(case, "bundle_received")
    assert (said["officer"], said["seal"]) == ("Firm/L-1", b64(SEAL))
    for seal in (seed("another").hex(), "zz", "00"):
        assert browser.get(f"{path}/bundles/{seal}/received").status_code == 404


@contextmanager
def gone(case: Case) -> Iterator[Browser]:
    """Let the lawyer see its matter, then check that nothing of it is left."""
    browser, path = case.accept(), f"/console/matters/{case.id}"
    assert browser.get(path).status_code == 200
    yield browser
    browser = case.browser(case.lawyer)
    for page in ("", "/terms", "/certificates/1"):
        assert browser.get(path + page).status_code == 404
    assert "matter-0001" not in browser.get("/console/matters").text


def test_after_its_end_a_matter_is_gone(case: Case) -> None:
    case.court.certify()
    with gone(case):
        form = {"last_day": "2026-11-03"}
        assert (
            case.browser(case.admin).post(f"/console/matters/{case.id}/shorten", data=form).status_code == 303
        )
        case.desk.clock.move(days=2)


def test_a_closed_matter_is_gone(case: Case) -> None:
    with gone(case):
        assert case.browser(case.admin).post(f"/console/matters/{case.id}/close").status_code == 303


def test_whoever_is_dismissed_sees_it_no_longer(case: Case) -> None:
    with gone(case):
        form = {"lawyer": str(case.lawyer.officer)}
        step = f"/console/matters/{case.id}/dismiss"
        assert case.browser(case.admin).post(step, data=form).status_code == 303


def test_what_is_superseded_is_said_with_the_reason(case: Case) -> None:
    case.court.certify()
    browser, path = case.accept(), f"/console/matters/{case.id}"
    case.court.cosign(1, 2)
    case.court.evidence()
    case.seal()
    assert "已被替代。" not in browser.get(path).text.split("证据包如何核验")[0]
    hand_in(case.court)

    page = browser.get(path).text
    assert "封存的证据包已被替代。会员已报送该合同的更新记录。" in page
    assert "该证明已被替代。" in browser.get(f"{path}/certificates/3").text
    english = case.browser(case.lawyer)
    english.set_cookie("lang", "en", path="/console")
    assert "Do not hand it in before the member has made a new one." in english.get(path).text
