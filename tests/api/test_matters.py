"""Matters at the door: a member opens one, has it certified, fetches evidence, reports what it made."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from alliance_hub.app import EXTENSION
from alliance_hub.membership import service as membership
from api.matter_forms import CertificatesIssued, MatterDetail, MatterOpened, MatterPage
from privacy.certificates import verify_certificate
from privacy.encoding import b64, instant_text
from privacy.evidence import MatterEvidence
from privacy.logged import LogReceipt, verify_receipt
from privacy.messages import parse
from tests.alliance_hub.builders import Clock, seed
from tests.alliance_hub.matching.story import Story
from tests.alliance_hub.matters.conftest import court, stage
from tests.alliance_hub.matters.court import COURT_ORDER, Court
from tests.api.asking import Asker, fields, problem

__all__ = ["court", "stage"]

MATTERS = "/v1/matters"
MATTER = f"{MATTERS}/matter-0001"


@pytest.fixture
def story(court: Court) -> Story:
    """The alliance of this test's court."""
    return court.story


@pytest.fixture
def clock(court: Court) -> Clock:
    """Its clock."""
    return court.clock


@pytest.fixture
def app(shared_app: Flask, court: Court) -> Flask:
    """The application over its hub."""
    shared_app.extensions[EXTENSION] = court.hub
    return shared_app


def addressed(court: Court, **facts: Any) -> dict[str, Any]:
    """Return a body for this hub under the keys in force."""
    key_set = court.hub.key_set
    return {"recipient": "hub", "epoch": key_set.epoch, "key_set": b64(key_set.digest)} | facts


def asked(court: Court, *kinds: str, **facts: Any) -> dict[str, Any]:
    return addressed(court, **({"kinds": kinds, "order": None} | facts))


@pytest.fixture
def opened(court: Court, as_north: Asker) -> MatterOpened:
    response = as_north.post(MATTERS, court.request())
    assert response.status_code == 201
    return parse(MatterOpened, response.json)


def test_from_opening_to_close(court: Court, opened: MatterOpened, as_north: Asker, clock: Clock) -> None:
    assert (opened.state, opened.kind, opened.lawyers) == ("open", "litigation", ("L-1",))
    verify_receipt(opened.receipt)
    assert opened.receipt.entry["kind"] == "matter"

    issued = as_north.post(f"{MATTER}/certificates", asked(court, "record", "notice"))
    found = parse(CertificatesIssued, issued.json)
    for certificate in found.certificates:
        verify_certificate(certificate, court.hub.key_set.hub_key)

    response = as_north.get(f"{MATTER}/evidence")
    assert problem(response) == (503, "checkpoint-pending")
    assert response.json is not None
    assert response.json["retry_at"] > instant_text(clock())
    court.cosign(1, 2)
    evidence = parse(MatterEvidence, as_north.get(f"{MATTER}/evidence").json)
    assert evidence.certificates == found.certificates

    now = instant_text(clock())
    sealed = addressed(court, seal=b64(seed("seal")), sealed_at=now)
    receipt = parse(LogReceipt, as_north.post(f"{MATTER}/bundles", sealed).json)
    assert receipt.entry["kind"] == "bundle"
    delivered = addressed(court, seal=b64(seed("seal")), delivered_at=now)
    assert as_north.post(f"{MATTER}/deliveries", delivered).status_code == 200

    closed = as_north.post(f"{MATTER}/close", addressed(court))
    assert parse(LogReceipt, closed.json).entry["kind"] == "matter_closed"
    detail = parse(MatterDetail, as_north.get(MATTER).json)
    assert detail.state == "closed"
    assert [each.kind for each in detail.certificates] == ["record", "notice"]
    assert (detail.bundles[0].seal, detail.bundles[0].delivered_at) == (b64(seed("seal")), now)
    assert problem(as_north.post(f"{MATTER}/certificates", asked(court, "record"))) == (409, "matter-over")


def test_the_same_request_again_is_the_same_matter(
    court: Court, opened: MatterOpened, as_north: Asker
) -> None:
    again = as_north.post(MATTERS, court.request())
    assert (again.status_code, parse(MatterOpened, again.json)) == (201, opened)
    page = parse(MatterPage, as_north.get(MATTERS).json)
    assert (page.matters, page.next) == ((opened,), None)


def test_a_page_of_matters_says_where_the_next_begins(court: Court, as_north: Asker) -> None:
    for number in (1, 2, 3):
        as_north.post(MATTERS, court.request(matter=f"matter-000{number}"))
    first = parse(MatterPage, as_north.get(f"{MATTERS}?limit=2").json)
    second = parse(MatterPage, as_north.get(f"{MATTERS}?limit=2&after={first.next}").json)
    assert [each.matter for each in first.matters] == ["matter-0001", "matter-0002"]
    assert ([each.matter for each in second.matters], second.next) == (["matter-0003"], None)


def test_a_certificate_on_paper(court: Court, opened: MatterOpened, as_north: Asker) -> None:
    as_north.post(f"{MATTER}/certificates", asked(court, "record"))
    response = as_north.get(f"{MATTER}/certificates/1/paper")
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    assert response.data.startswith(b"%PDF-")
    assert problem(as_north.get(f"{MATTER}/certificates/2/paper")) == (404, "not-found")


def test_existence_waits_for_two_officers(court: Court, opened: MatterOpened, as_north: Asker) -> None:
    body = asked(court, "existence", order=COURT_ORDER.document())
    response = as_north.post(f"{MATTER}/certificates", body)
    assert response.json == {"certificates": [], "waiting": ["existence"]}


def test_a_denial_names_the_clause_and_the_log_entry(court: Court, as_north: Asker) -> None:
    response = as_north.post(MATTERS, court.request(kind="enforcement"))
    assert problem(response) == (403, "forbidden")
    assert response.json is not None
    assert response.json["clause"] == "purposes"
    assert response.json["receipt"]["entry"]["kind"] == "matter_denied"


def test_what_is_wrong_is_named_and_not_quoted(court: Court, as_north: Asker) -> None:
    response = as_north.post(MATTERS, court.request(contracts=(b64(seed("none")),)))
    assert (problem(response), fields(response)) == ((422, "invalid"), ["request.contracts[0]"])
    assert b64(seed("none")) not in response.text
    response = as_north.post(MATTERS, court.request(lawyers=("L-9",)))
    assert (problem(response), fields(response)) == ((422, "invalid"), ["request.lawyers[0]"])


def test_another_matter_under_the_reference(
    court: Court, opened: MatterOpened, as_north: Asker, clock: Clock
) -> None:
    clock.move(seconds=1)
    assert problem(as_north.post(MATTERS, court.request())) == (409, "reference-taken")


REQUESTS = (
    ("GET", ""),
    ("GET", "/evidence"),
    ("GET", "/certificates/1/paper"),
    ("POST", "/certificates"),
    ("POST", "/bundles"),
    ("POST", "/deliveries"),
    ("POST", "/close"),
)


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_anothers_matter_is_not_there(
    court: Court, opened: MatterOpened, as_south: Asker, method: str, path: str
) -> None:
    bodies = {
        "/certificates": asked(court, "record"),
        "/bundles": addressed(court, seal=b64(seed("seal")), sealed_at="2026-11-02T00:00:00Z"),
        "/deliveries": addressed(court, seal=b64(seed("seal")), delivered_at="2026-11-02T00:00:00Z"),
        "/close": addressed(court),
    }
    address = MATTER + path
    response = as_south.get(address) if method == "GET" else as_south.post(address, bodies[path])
    assert problem(response) == (404, "not-found")


WRONG: dict[str, tuple[dict[str, Any], tuple[int, str], list[str] | None]] = {
    "for another": ({"recipient": "custodian/1"}, (422, "invalid"), ["recipient"]),
    "under other keys": ({"key_set": b64(seed("another"))}, (409, "key-set"), None),
    "of another epoch": ({"epoch": 2}, (409, "key-set"), None),
    "no kind": ({"kinds": ()}, (422, "invalid"), ["kinds"]),
    "an unknown kind": ({"kinds": ("score",)}, (422, "invalid"), ["kinds[0]"]),
    "existence without an order": ({"kinds": ("existence",)}, (422, "invalid"), ["order"]),
}


@pytest.mark.parametrize(("change", "refusal", "named"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_asked(
    court: Court,
    opened: MatterOpened,
    as_north: Asker,
    change: dict[str, Any],
    refusal: tuple[int, str],
    named: list[str] | None,
) -> None:
    response = as_north.post(f"{MATTER}/certificates", asked(court, "record") | change)
    assert problem(response) == refusal
    if named is not None:
        assert fields(response) == named


BUNDLES: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "sealed before the matter": ({"sealed_at": "2026-11-01T17:59:59Z"}, (422, "invalid")),
    "sealed tomorrow": ({"sealed_at": "2026-11-03T00:00:00Z"}, (422, "invalid")),
    "another instant": ({"sealed_at": "2026-11-01T18:00:01Z"}, (409, "seal-known")),
}


@pytest.mark.parametrize(("change", "refusal"), BUNDLES.values(), ids=BUNDLES.keys())
def test_bundles_that_cannot_be(
    court: Court, opened: MatterOpened, as_north: Asker, change: dict[str, Any], refusal: tuple[int, str]
) -> None:
    sound = addressed(court, seal=b64(seed("seal")), sealed_at="2026-11-01T18:00:00Z")
    if refusal[0] == 409:
        assert as_north.post(f"{MATTER}/bundles", sound).status_code == 200
    assert problem(as_north.post(f"{MATTER}/bundles", sound | change)) == refusal


def test_a_delivery_of_what_was_never_sealed(court: Court, opened: MatterOpened, as_north: Asker) -> None:
    body = addressed(court, seal=b64(seed("none")), delivered_at="2026-11-01T18:00:00Z")
    assert problem(as_north.post(f"{MATTER}/deliveries", body)) == (404, "not-found")


def test_a_custodian_has_no_matters(court: Court, as_custodian: Asker) -> None:
    assert problem(as_custodian.get(MATTERS)) == (403, "forbidden")


def test_a_suspended_member_goes_on(court: Court, opened: MatterOpened, as_north: Asker) -> None:
    with court.hub.database.transaction() as session:
        membership.suspend(session, court.hub, "North", court.clock())
    response = as_north.post(f"{MATTER}/certificates", asked(court, "record"))
    assert response.status_code == 200
