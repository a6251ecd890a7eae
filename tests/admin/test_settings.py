"""Settings and the regulatory mode: who sees them, what is refused and by what, what the banner says."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from flask import Flask

from alliance_hub.app import EXTENSION
from alliance_hub.approvals import service as approvals
from alliance_hub.hub import Hub
from alliance_hub.parameters import acts
from alliance_hub.parameters.rules import Standing
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from alliance_hub.policy import RegulatoryMode
from alliance_hub.settings import load_settings
from privacy.keyset import Policy
from tests.admin.people import Office

PROPOSE = "/console/settings/{}/propose"


@pytest.fixture
def anne(office: Office) -> Actor:
    return office.officer(Role.SYSTEM_ADMIN)


@pytest.fixture
def ben(office: Office) -> Actor:
    return office.officer(Role.SECURITY_ADMIN)


@pytest.fixture
def real(app: Flask, hub: Hub) -> Hub:
    """The same hub as if its key set were for real data."""
    mode = RegulatoryMode.POST_LOAN_MATCH
    settings = load_settings(hub.settings.home, regulatory_mode=mode, opinion_digest="ab" * 32)
    key_set = msgspec.structs.replace(hub.key_set, policy=Policy.for_real_data())
    signed = msgspec.structs.replace(hub.signed_key_set, key_set=key_set)
    found = replace(hub, settings=settings, signed_key_set=signed)
    app.extensions[EXTENSION] = found
    return found


def test_every_parameter_stands_there_with_its_source(office: Office, anne: Actor) -> None:
    browser = office.browser_as(anne)

    page = browser.get("/console/settings").text
    assert "异议答复时限" in page
    assert "《征信业管理条例》第二十五条（法规原文）" in page
    one = browser.get("/console/settings/dispute_answer_days?lang=en", follow_redirects=True).text
    assert "A dispute about somebody&#39;s data is verified and answered in writing within this time." in one
    assert browser.get("/console/settings/no_such").status_code == 404


def test_a_value_outside_its_bounds_is_refused_beside_its_field(office: Office, anne: Actor) -> None:
    browser, path = office.browser_as(anne), PROPOSE.format("dispute_answer_days")

    late = browser.post(path, data={"new": "21", "reason": "更久", "code": office.code_for(anne)})

    assert late.status_code == 422
    assert 'id="new-wrong"' in late.text
    assert browser.post(path, data={"new": "x"}).status_code == 422


def test_who_may_only_read_proposes_nothing(office: Office, ben: Actor) -> None:
    browser = office.browser_as(ben)

    assert "提出调整" not in browser.get("/console/settings/exit_days").text
    for name in ("exit_days", "regulatory_mode"):
        assert browser.get(PROPOSE.format(name)).status_code == 404
    collector = office.browser_as(office.officer(Role.COLLECTOR, organisation="北辰小贷"))
    assert collector.get("/console/settings").status_code == 404


def test_made_up_data_keep_their_mode(office: Office, anne: Actor) -> None:
    browser = office.browser_as(anne)
    form = {"mode": "post_loan_match", "opinion_digest": "5f" * 32, "consultation": "函 17", "reason": "获批"}

    sent = browser.post(PROPOSE.format("regulatory_mode"), data={**form, "code": office.code_for(anne)})

    assert sent.status_code == 422
    assert "密钥集仅限虚构数据" in sent.text


def test_banner_and_api_name_the_mode_that_two_officers_set(
    office: Office, real: Hub, anne: Actor, ben: Actor
) -> None:
    browser = office.browser_as(anne)
    assert "贷后" in browser.get("/console/settings/regulatory_mode").text
    assert browser.get("/v1/alliance").headers["Alliance-Mode"] == "post_loan_match"
    form = {"mode": "via_licensed_bureau", "opinion_digest": "5F" * 32, "consultation": "函 17"}
    data = {**form, "reason": "改由持牌机构", "code": office.code_for(anne)}
    assert browser.post(PROPOSE.format("regulatory_mode"), data=data).status_code == 303

    with real.database.transaction() as session:
        waiting = approvals.list_waiting(session, ben, at=real.clock())
        approvals.approve(session, real, ben, waiting[0].id, real.clock())

    page = browser.get("/console/settings/regulatory_mode?lang=en", follow_redirects=True).text
    assert "A licensed bureau answers, not this hub" in page
    assert "5f" * 32 in page
    alliance = browser.get("/v1/alliance")
    assert alliance.headers["Alliance-Mode"] == "via_licensed_bureau"
    assert alliance.get_json()["mode"] == "via_licensed_bureau"


def test_an_opinion_is_named_before_anything_is_proposed(office: Office, real: Hub, anne: Actor) -> None:
    browser = office.browser_as(anne)
    data = {"mode": "via_licensed_bureau", "reason": "x", "code": office.code_for(anne)}

    sent = browser.post(PROPOSE.format("regulatory_mode"), data=data)

    assert sent.status_code == 422
    assert 'id="opinion_digest-wrong"' in sent.text
    with real.database.transaction() as session, pytest.raises(Exception, match="was consulted"):
        acts.propose_mode(
            session,
            real,
            anne,
            Standing(RegulatoryMode.VIA_LICENSED_BUREAU, "5f" * 32),
            reason="x",
            now=real.clock(),
        )
