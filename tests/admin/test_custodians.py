"""The custodians' page: the key set, who signed, how they stand, and ceremonies that two officers decide."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from alliance_hub.app import EXTENSION
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from alliance_hub.settings import load_settings
from privacy.encoding import b64, unb64
from privacy.keyset import witness_fingerprint
from tests.admin.people import Office

CEREMONY = {"custodians": "3", "threshold": "2", "on": "2026-11-20", "reason": "更换托管方"}


@pytest.fixture
def anne(office: Office) -> Actor:
    return office.officer(Role.SYSTEM_ADMIN)


@pytest.fixture
def together(app: Flask, hub: Hub) -> Hub:
    """The hub with two custodians on this machine, which do not answer, and one elsewhere."""
    addresses = ("http://127.0.0.1:9", "http://localhost:9", "https://127.0.0.2:9")
    found = replace(hub, settings=load_settings(hub.settings.home, custodians=addresses[:2]))
    app.extensions[EXTENSION] = found
    return found


def test_the_key_set_can_be_compared_with_paper(office: Office, hub: Hub, anne: Actor) -> None:
    page = office.browser_as(anne).get("/console/custodians").text

    for witness in hub.key_set.witnesses:
        assert witness_fingerprint(unb64(witness)) in page
    assert b64(hub.key_set.digest) in page
    assert "运行于同一台设备" not in page


def test_custodians_on_one_machine_are_named(office: Office, together: Hub, anne: Actor) -> None:
    page = office.browser_as(anne).get("/console/custodians").text

    assert "托管方 1、2 运行于同一台设备" in page


def test_how_they_stand_is_asked_apart(office: Office, together: Hub, anne: Actor) -> None:
    browser = office.browser_as(anne)
    assert browser.get("/console/custodians").text.count("尚未查询") == 3

    assert browser.get("/console/custodians/health").text.count("无应答") == 3

    assert browser.get("/console/custodians").text.count("无应答") == 3


def test_the_newest_cut_names_who_has_not_signed(office: Office, hub: Hub, anne: Actor) -> None:
    with hub.database.transaction() as session:
        feed.cut(session, hub, hub.clock())

    page = office.browser_as(anne).get("/console/custodians?lang=en", follow_redirects=True).text
    assert "waits for signatures" in page
    assert "1, 2, 3" in page


def test_a_ceremony_is_decided_by_two_and_then_printed(office: Office, hub: Hub, anne: Actor) -> None:
    ben = office.officer(Role.SECURITY_ADMIN)
    browser, other = office.browser_as(anne), office.browser_as(ben)
    path = "/console/custodians/ceremony"

    half = browser.post(path, data={**CEREMONY, "threshold": "1", "code": office.code_for(anne)})
    assert (half.status_code, 'id="threshold-wrong"' in half.text) == (422, True)
    assert browser.post(path, data={**CEREMONY, "code": office.code_for(anne)}).status_code == 303
    assert "alliance-custodian ceremony" not in browser.get("/console/custodians").text
    assert "托管方于 2026-11-20 生成第 2 期密钥" in other.get("/console/approvals/1").text
    assert other.get(path).status_code == 404

    other.post("/console/approvals/1/approve", data={"code": office.code_for(ben)})

    script = other.get("/console/custodians").text
    assert "alliance-custodian ceremony --threshold 2 --out ceremony-2" in script
    assert "--synthetic" in script


def test_members_do_not_see_it(office: Office) -> None:
    collector = office.browser_as(office.officer(Role.COLLECTOR, organisation="北辰小贷"))

    assert collector.get("/console/custodians").status_code == 404
    assert collector.get("/console/custodians/health").status_code == 404
