"""What a member gets evaluated, and every way to be refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from privacy import oprf
from privacy.encoding import b64
from privacy.evaluating import EvaluationAnswer, EvaluationRequest, verify_evaluation_answer
from privacy.messages import parse_json
from privacy.signing import SigningKey
from tests.custodian.conftest import INDEX, Office
from tests.feeds import Member

PATH = "/v1/evaluations"
BLINDED = [oprf.blind(data) for data in (b"one", b"two", b"three")]


@pytest.fixture
def north(office: Office) -> Member:
    member = office.alliance.enrols("北辰", portfolio=2)
    office.custodian.follow()
    return member


def batch(office: Office, **changes: Any) -> EvaluationRequest:
    usual: dict[str, Any] = {
        "recipient": f"custodian/{INDEX}",
        "epoch": 1,
        "key_set": b64(office.alliance.key_set.digest),
        "request_id": "request-0001",
        "elements": tuple(b64(each.element) for each in BLINDED),
    }
    return EvaluationRequest(**usual | changes)


def slug(response: Any) -> str:
    assert response.mimetype == "application/problem+json"
    return str(response.json["type"]).removeprefix("urn:alliance-hub:problem:")


def test_an_answer_is_signed_proved_and_charged(office: Office, north: Member) -> None:
    response = office.ask("POST", PATH, north.key, batch(office))
    answer = parse_json(EvaluationAnswer, response.data)
    elements = [each.element for each in BLINDED]
    verify_evaluation_answer(
        answer,
        office.alliance.key_set.witness(INDEX),
        key_set=office.alliance.key_set.digest,
        request_id="request-0001",
        custodian=INDEX,
        elements=elements,
    )
    oprf.verify(office.alliance.key_set.oprf_public(INDEX), elements, answer.evaluation())
    account = office.ask("GET", "/v1/account", north.key).json
    assert account["evaluations"]["epoch"] == {"quota": 8, "used": 3}
    assert account["evaluations"]["day"]["used"] == 3


def test_the_same_request_again_is_free_another_batch_is_not(office: Office, north: Member) -> None:
    for _ in range(3):
        assert office.ask("POST", PATH, north.key, batch(office)).status_code == 200
    assert office.ask("GET", "/v1/account", north.key).json["evaluations"]["epoch"]["used"] == 3
    other = batch(office, elements=(b64(BLINDED[0].element),))
    response = office.ask("POST", PATH, north.key, other)
    assert (response.status_code, slug(response)) == (409, "conflict")


def test_a_quota_says_when_to_return(office: Office, north: Member) -> None:
    assert office.ask("POST", PATH, north.key, batch(office)).status_code == 200
    response = office.ask("POST", PATH, north.key, batch(office, request_id="request-0002"))
    assert (response.status_code, slug(response)) == (429, "quota-exceeded")
    # Half past midnight in Shanghai on 1 November: the day ends at 16:00 UTC.
    assert response.json["retry_at"] == "2026-11-01T16:00:00Z"
    assert response.json["retry_at"] in response.json["detail"]


@pytest.mark.parametrize(
    ("element", "status"),
    [
        (b64(bytes(32)), 422),
        (b64(b"\x01" + bytes(31)), 422),
        (b64(b"\xff" * 32), 422),
        ("not base64url", 422),
        (b64(bytes(31)), 422),
    ],
    ids=["identity", "not on the group", "not canonical", "not text", "short"],
)
def test_a_bad_element_is_refused_and_costs_nothing(
    office: Office, north: Member, element: str, status: int
) -> None:
    document = {**batch(office).document(), "elements": [element]}
    response = office.ask("POST", PATH, north.key, msgspec.json.encode(document))
    assert (response.status_code, slug(response)) == (status, "invalid")
    assert element not in response.text
    assert office.ask("GET", "/v1/account", north.key).json["evaluations"]["epoch"]["used"] == 0


@pytest.mark.parametrize(
    "changes",
    [{"recipient": "custodian/2"}, {"epoch": 2}, {"key_set": b64(bytes(32))}],
    ids=["another custodian", "another epoch", "another key set"],
)
def test_a_request_for_others_is_refused(office: Office, north: Member, changes: dict[str, Any]) -> None:
    response = office.ask("POST", PATH, north.key, batch(office, **changes))
    assert (response.status_code, slug(response)) == (403, "misdirected")


def test_a_batch_has_at_most_1000_elements(office: Office, north: Member) -> None:
    elements = tuple(b64(BLINDED[0].element) for _ in range(1_001))
    response = office.ask("POST", PATH, north.key, batch(office, elements=elements))
    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "elements")


def test_a_replayed_request_is_refused(office: Office, north: Member) -> None:
    data = msgspec.json.encode(batch(office))
    headers = office.signed("POST", PATH, north.key, data)
    assert office.ask("POST", PATH, north.key, data, headers=headers).status_code == 200
    again = office.ask("POST", PATH, north.key, data, headers=headers)
    assert (again.status_code, slug(again)) == (401, "signature")
    assert "replayed nonce" in again.json["detail"]


def test_a_tampered_body_is_refused(office: Office, north: Member) -> None:
    sent = msgspec.json.encode(batch(office, request_id="request-0002"))
    response = office.ask("POST", PATH, north.key, batch(office), sent=sent)
    assert (response.status_code, slug(response)) == (401, "signature")


def test_an_old_request_is_refused(office: Office, north: Member) -> None:
    data = msgspec.json.encode(batch(office))
    headers = office.signed("POST", PATH, north.key, data)
    office.alliance.passes(seconds=301)
    assert office.ask("POST", PATH, north.key, data, headers=headers).status_code == 401


def test_a_strangers_and_an_unsigned_request_look_alike(office: Office, north: Member) -> None:
    stranger = office.ask("POST", PATH, SigningKey(bytes(32)), batch(office))
    unsigned = office.asker.post(PATH, data=msgspec.json.encode(batch(office)))
    assert (stranger.status_code, unsigned.status_code) == (401, 401)


def test_a_member_that_too_few_custodians_accepted_is_refused(office: Office) -> None:
    member = office.alliance.enrols("南山", accepted_by=[2])
    office.custodian.follow()
    response = office.ask("POST", PATH, member.key, batch(office))
    assert (response.status_code, slug(response)) == (403, "not-active")


def test_a_suspended_member_is_refused_until_it_is_resumed(office: Office, north: Member) -> None:
    office.alliance.suspends(north)
    office.custodian.follow()
    assert slug(office.ask("POST", PATH, north.key, batch(office))) == "not-active"
    office.alliance.resumes(north)
    office.custodian.follow()
    assert office.ask("POST", PATH, north.key, batch(office)).status_code == 200


def test_a_paused_custodian_says_so(office: Office, north: Member) -> None:
    office.custodian.ledger.set_fact("paused", "operator")
    response = office.ask("POST", PATH, north.key, batch(office))
    assert (response.status_code, slug(response)) == (503, "paused")
    office.custodian.ledger.set_fact("paused", None)
    assert office.ask("POST", PATH, north.key, batch(office)).status_code == 200


def test_tomorrow_there_is_a_new_day(office: Office, north: Member) -> None:
    assert office.ask("POST", PATH, north.key, batch(office)).status_code == 200
    office.alliance.now += timedelta(days=1)
    response = office.ask("POST", PATH, north.key, batch(office, request_id="request-0002"))
    assert response.status_code == 200
