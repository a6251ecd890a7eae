"""A firm applies by a signed request; a leaving member fetches what is its own."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

import pytest
from flask import Flask

from alliance_hub.jobs import service as jobs
from alliance_hub.membership import leaving, tasks
from privacy.encoding import unb64
from privacy.receipts import Deletion, sign_deletion
from tests.alliance_hub.builders import Clock, Platform, platform
from tests.alliance_hub.matching.story import Story
from tests.alliance_hub.membership.firms import card_of, facts
from tests.api.asking import Asker, fields, problem

assert tasks


def form(firm: Platform, **changes: Any) -> dict[str, Any]:
    typed = facts(1)
    contact = {"role": "business", "name": "张伟", "mobile": "13800000000", "email": "zhang@example.com"}
    return {
        "card": card_of(firm).document(),
        **{name: typed[name] for name in ("legal_name", "kind", "uscc", "licence_kind", "licence_number")},
        "licence_until": None,
        "declared_portfolio": 2_000,
        "controller_uscc": None,
        "contacts": [contact],
        **changes,
    }


@pytest.fixture
def firm(clock: Clock) -> Platform:
    return platform("河东", clock)


def test_a_firm_applies_with_its_own_key(empty_app: Flask, firm: Platform, clock: Clock) -> None:
    asker = Asker(empty_app, firm.key, clock)

    first, again = asker.post("/v1/applications", form(firm)), asker.post("/v1/applications", form(firm))

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json is not None
    assert again.json is not None
    assert (first.json["member"], first.json["state"]) == ("河东", "received")
    assert first.json["id"] == again.json["id"]
    assert first.json["link"] != again.json["link"]


def test_a_strangers_key_applies_for_nobody(empty_app: Flask, firm: Platform, clock: Clock) -> None:
    stranger = Asker(empty_app, platform("Stranger", clock).key, clock)

    assert problem(stranger.post("/v1/applications", form(firm)))[0] == 401


def test_a_refused_field_is_named(empty_app: Flask, firm: Platform, clock: Clock) -> None:
    refused = Asker(empty_app, firm.key, clock).post("/v1/applications", form(firm, uscc="1"))

    assert problem(refused) == (422, "invalid")
    assert fields(refused) == ["uscc"]


def test_who_does_not_leave_has_nothing_to_fetch(as_north: Asker) -> None:
    assert problem(as_north.get("/v1/exit")) == (404, "not-found")
    assert problem(as_north.get("/v1/exit/data")) == (404, "not-found")


def test_a_leaving_member_fetches_its_data(
    as_north: Asker, as_south: Asker, story: Story, clock: Clock
) -> None:
    with story.hub.database.transaction() as session:
        job = leaving.begin(session, story.hub, "North", clock()).job
    assert problem(as_north.get("/v1/exit/data")) == (409, "not-ready")
    jobs.run(story.hub, job)

    shown, fetched = as_north.get("/v1/exit").json, as_north.get("/v1/exit/data")
    assert shown is not None
    assert (fetched.mimetype, len(fetched.data)) == ("application/zip", shown["export_bytes"])
    assert hashlib.sha256(fetched.data).digest() == unb64(shown["export_sha256"])
    assert "records.jsonl" in zipfile.ZipFile(io.BytesIO(fetched.data)).namelist()
    assert problem(as_south.get("/v1/exit/data")) == (404, "not-found")

    key_set = story.hub.key_set
    said = Deletion(key_set.alliance, key_set.epoch, 1, "North", "2026-11", 9, 3, shown["export_sha256"])
    signed = sign_deletion(story.alliance.custodians[0].key, said)
    after = as_north.post("/v1/exit/deletions", {"deletions": [signed.document()]}).json
    assert after is not None
    assert len(after["certificates"]) == len(shown["certificates"]) + 1
