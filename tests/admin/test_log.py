"""The transparency log in the browser: who cosigned what, what is wrong with it, proofs, and erasure."""

from __future__ import annotations

import json

import pytest

from alliance_hub.hub import Hub
from alliance_hub.people.roles import Role
from alliance_hub.permissions import Sender
from alliance_hub.transparency import checkpoints, cosigning, tree
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.keeping import CHECKPOINT_FILE
from alliance_hub.transparency.models import AnchorRow, LogRow
from privacy import checkpoint, merkle
from privacy.checkpoint import Checkpoint, Note, custodian_name, log_origin, read_note, verify_counted
from privacy.encoding import b64, unb64
from privacy.logged import LogProof, verify_logged
from privacy.messages import parse_json
from tests.admin.people import Browser, Office
from tests.alliance_hub.builders import Ceremony, Clock


@pytest.fixture
def audit(office: Office) -> Browser:
    return office.browser_as(office.officer(Role.AUDIT_ADMIN))


@pytest.fixture
def entry(hub: Hub, clock: Clock) -> LogRow:
    """An entry that tells of a member, among others."""
    with hub.database.transaction() as session:
        for name in ("甲", "北辰小贷", "乙"):
            transparency.record_entry(session, "application", {"member": name}, now=clock())
    with hub.database.reading() as session:
        return session.query(LogRow).filter(LogRow.object == "member/北辰小贷").one()


def integrate(hub: Hub) -> None:
    with hub.database.transaction() as session:
        tree.integrate(session, hub, hub.clock())


def cosign(hub: Hub, ceremony: Ceremony, *custodians: int) -> int:
    """Let custodians cosign what is offered, and return its size."""
    with hub.database.transaction() as session:
        shown = checkpoints.offered(session)
        assert shown is not None
        for index in custodians:
            name = custodian_name(log_origin(hub.key_set), index)
            line = checkpoint.cosign(
                ceremony.witnesses[index - 1], name, shown.note.checkpoint, at=hub.clock()
            )
            cosigning.receive(session, hub, Sender.for_custodian(index), shown.size, line.text(), hub.clock())
    return shown.size


def test_it_tells_who_cosigned_what(
    audit: Browser, entry: LogRow, hub: Hub, clock: Clock, ceremony: Ceremony
) -> None:
    assert "尚未签署检查点" in audit.get("/console/log").text
    integrate(hub)
    page = audit.get("/console/log").text
    assert page.count("待副署") == 3
    assert audit.get("/console/log/checkpoint.txt?counted=true").status_code == 404

    clock.move(seconds=3)
    size = cosign(hub, ceremony, 1)
    clock.move(minutes=11)
    assert "副署的托管方不足数已超过十分钟" in audit.get("/console/log").text
    cosign(hub, ceremony, 3)

    page = audit.get("/console/log").text
    assert "02:00:03" in page
    assert "逾时 02:11:03" in page
    assert page.count("未副署") == 1
    assert "不足数已超过" not in page
    assert hub.key_set.count == 3
    note = read_note(audit.get("/console/log/checkpoint.txt?counted=true").text)
    assert sorted(verify_counted(note, hub.key_set)) == [1, 3]
    assert note.checkpoint.size == size
    assert note.checkpoint.root.hex() in page.replace(" ", "")


def test_who_had_to_wait_for_the_others_is_not_late(
    audit: Browser, entry: LogRow, hub: Hub, clock: Clock, ceremony: Ceremony
) -> None:
    integrate(hub)
    cosign(hub, ceremony, 1)
    with hub.database.transaction() as session:
        transparency.record_entry(session, "application", {"member": "丙"}, now=clock())
    integrate(hub)
    assert "尚未出示" in audit.get("/console/log").text

    clock.move(minutes=12)
    # Only now the second checkpoint is shown to anybody.
    first = cosign(hub, ceremony, 2)
    clock.move(seconds=6)
    integrate(hub)
    assert cosign(hub, ceremony, 1, 2) == first + 1
    page = audit.get("/console/log").text
    assert page.count("逾时") == 1
    assert "逾时 02:12:00" in page


def test_what_somebody_must_look_at_is_said(
    office: Office, audit: Browser, entry: LogRow, hub: Hub, clock: Clock
) -> None:
    clock.move(seconds=61)
    assert "等待编号已超过一分钟" in audit.get("/console/log").text
    anne = office.browser_as(office.officer(Role.SYSTEM_ADMIN))
    assert "等待编号已超过一分钟" in anne.get("/console/").text

    ahead = Checkpoint(log_origin(hub.key_set), 9_999, bytes(32))
    signed = Note(ahead, (checkpoint.sign_checkpoint(hub.keys.hub, ahead),))
    (hub.settings.home / CHECKPOINT_FILE).write_text(signed.text(), "utf-8")
    page = audit.get("/console/log").text
    assert "目前暂停签署" in page
    assert "已签署 9999 条" in page


def test_anchors_are_handed_out_as_they_came(audit: Browser, entry: LogRow, hub: Hub, clock: Clock) -> None:
    integrate(hub)
    with hub.database.transaction() as session:
        newest = checkpoints.newest(session)
        assert newest is not None
        row = AnchorRow(size=newest.size, at=clock(), authority="tsa.example", token=b"\x30\x03tsr")
        session.add(row)
    path = f"/console/log/anchors/{newest.size}"

    assert "tsa.example" in audit.get("/console/log").text
    assert audit.get(f"{path}.txt").text == newest.note.checkpoint.text()
    assert audit.get(f"{path}.tsr").data == b"\x30\x03tsr"
    for missing in ("/console/log/anchors/77.tsr", "/console/log/anchors/77.txt"):
        assert audit.get(missing).status_code == 404


def test_an_entry_is_proved_under_a_checkpoint_that_counts(
    audit: Browser, entry: LogRow, hub: Hub, ceremony: Ceremony
) -> None:
    page = f"/console/activity/{entry.id}"
    assert "正在等待编号" in audit.get(page).text
    assert audit.get(f"{page}/proof").status_code == 503
    integrate(hub)
    assert "尚无有效检查点包含此条目" in audit.get(page).text

    cosign(hub, ceremony, 2, 3)
    assert "已由托管方 2, 3 副署" in audit.get(page).text
    document = json.loads(audit.get(f"{page}/proof").text)
    note = read_note(document.pop("checkpoint"))
    proof = parse_json(LogProof, json.dumps(document).encode())
    verify_logged(proof, size=note.checkpoint.size, root=note.checkpoint.root)
    assert proof.receipt.entry["member"] == "北辰小贷"
    assert audit.get(f"/console/activity/by-leaf/{b64(entry.leaf)}").location == page


def test_two_officers_erase_an_entry_and_its_proof_still_holds(
    office: Office, audit: Browser, entry: LogRow, hub: Hub, ceremony: Ceremony
) -> None:
    anne, ben = office.officer(Role.DISPUTE_OFFICER), office.officer(Role.MEMBERSHIP_OFFICER)
    browser, other = office.browser_as(anne), office.browser_as(ben)

    def propose(leaf: str) -> int:
        form = {"leaf": leaf, "reason": "条目误载姓名", "code": office.code_for(anne)}
        return browser.post("/console/log/erase", data=form).status_code

    assert [propose(leaf) for leaf in ("", "short", b64(bytes(32)))] == [422, 422, 422]
    assert propose(b64(entry.leaf)) == 303
    page = other.get("/console/approvals/1").text
    assert "会员登记密钥 (2026-11-02 02:00:00)" in page
    assert "北辰小贷" not in page
    assert other.post("/console/approvals/1/approve", data={"code": office.code_for(ben)}).status_code == 303

    integrate(hub)
    cosign(hub, ceremony, 1, 2)
    assert "已永久清除" in audit.get(f"/console/activity/{entry.id}").text
    document = json.loads(audit.get(f"/console/activity/{entry.id}/proof").text)
    tip = read_note(document["checkpoint"]).checkpoint
    path = [unb64(node) for node in document["path"]]
    merkle.verify_inclusion(entry.leaf, document["index"], tip.size, path, tip.root)
    assert "北辰小贷" not in json.dumps(document, ensure_ascii=False)


def test_print_names_the_checkpoint_that_counts(
    office: Office, entry: LogRow, hub: Hub, clock: Clock, ceremony: Ceremony
) -> None:
    integrate(hub)
    size = cosign(hub, ceremony, 1, 2)
    clock.move(seconds=6)
    with hub.database.transaction() as session:
        transparency.record_entry(session, "application", {"member": "丙"}, now=clock())
    integrate(hub)

    page = office.browser_as(office.officer(Role.AUDIT_ADMIN)).get("/console/activity?print=1").text
    assert f"共 {size} 条，签署于 2026-11-02 02:00:00。" in page
    assert "已由托管方 1, 2 副署。" in page


def test_an_erasure_without_a_reason_or_code_is_not_proposed(office: Office, entry: LogRow) -> None:
    anne = office.officer(Role.DISPUTE_OFFICER)
    browser, form = office.browser_as(anne), {"leaf": b64(entry.leaf)}

    for more in ({"reason": "误载"}, {"code": office.code_for(anne)}):
        assert browser.post("/console/log/erase", data={**form, **more}).status_code == 422
    assert browser.get("/console/approvals/1").status_code == 404
