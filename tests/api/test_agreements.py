"""Agreements at the door: the text by its digest, signature, notice, and what would be decided."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from alliance_hub.agreements import ending
from alliance_hub.agreements import service as agreements
from alliance_hub.agreements.keeping import OPERATOR, get_row
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64, instant_text
from privacy.terms import sign_terms
from privacy.vocabulary import RefusedPurpose
from tests.alliance_hub.builders import Platform, terms_for
from tests.alliance_hub.matching.story import Story
from tests.api.asking import Asker, fields, problem
from tests.terms import TEXT

DECISIONS = "/v1/decisions"


def question(**changes: Any) -> dict[str, Any]:
    usual = {
        "agreement": "North",
        "purpose": "post_loan_management",
        "categories": ["exposure", "evidence"],
        "subjects": 10,
    }
    return usual | changes


def entries(story: Story) -> int:
    with story.hub.database.reading() as session:
        return session.scalar(select(func.count()).select_from(LogRow)) or 0


def test_a_text_is_found_by_its_digest_by_its_member_alone(as_north: Asker, story: Story) -> None:
    digest = b64(hashlib.sha256(TEXT.encode()).digest())
    (shown,) = as_north.get("/v1/agreements").json["agreements"]  # type: ignore[index]
    assert shown["terms"]["text"] == digest
    assert as_north.get(f"/v1/agreements/texts/{digest}").json == {"text": TEXT}
    assert problem(as_north.get(f"/v1/agreements/texts/{b64(bytes(32))}")) == (404, "not-found")


def test_a_signature_waits_for_two_officers(as_north: Asker, story: Story, north: Platform) -> None:
    terms = terms_for("North", story.clock(), agreement="data-0009")
    with story.hub.database.transaction() as session:
        agreements.offer_made_up(session, story.hub, terms, TEXT, story.clock())
    signature = {"agreement": "data-0009", "version": 1, "signature": sign_terms(north.key, terms)}

    signed = as_north.post("/v1/agreements/signatures", signature)

    assert (signed.status_code, signed.json) == (
        201,
        {"agreement": "data-0009", "version": 1, "state": "signed", "position": None},
    )


def test_notice_says_when_it_is_over_and_is_given_once(
    as_north: Asker, as_south: Asker, story: Story
) -> None:
    notice = {"agreement": "North"}
    assert problem(as_south.post("/v1/agreements/terminations", notice)) == (404, "not-found")

    given = as_north.post("/v1/agreements/terminations", notice)

    over = instant_text(story.clock() + timedelta(days=30))
    assert (given.status_code, given.json) == (201, {"agreement": "North", "ends_at": over})
    assert problem(as_north.post("/v1/agreements/terminations", notice)) == (409, "agreement-state")
    (shown,) = as_north.get("/v1/agreements").json["agreements"]  # type: ignore[index]
    assert (shown["state"], shown["ends_at"]) == ("terminating", over)


def test_a_dry_run_names_clause_and_entry_and_leaves_no_trace(as_north: Asker, story: Story) -> None:
    before = entries(story)
    with story.hub.database.reading() as session:
        row = get_row(session, "North", 1)

    answer = as_north.post(DECISIONS, question())

    exposure, evidence = answer.json["decisions"]  # type: ignore[index]
    assert exposure == {
        "category": "exposure",
        "allowed": True,
        "agreement": "North",
        "version": 1,
        "clause": "purposes.post_loan_management",
        "reason": "the agreement allows post_loan_management for exposure",
        "since": instant_text(row.activated_at or story.clock()),
        "retry_at": None,
        "entry": b64(row.log_leaf or b""),
    }
    assert (evidence["allowed"], evidence["clause"]) == (False, "categories")
    assert answer.json["mode"] == "synthetic"  # type: ignore[index]
    assert entries(story) == before


def test_a_dry_run_of_a_suspended_agreement_says_since_when(as_north: Asker, story: Story) -> None:
    with story.hub.database.transaction() as session:
        ending.suspend(session, OPERATOR, get_row(session, "North", 1), story.clock())

    (decision,) = as_north.post(DECISIONS, question(categories=["exposure"])).json["decisions"]  # type: ignore[index]

    assert (decision["clause"], decision["since"]) == ("state", instant_text(story.clock()))
    with story.hub.database.reading() as session:
        newest = session.scalars(select(LogRow).order_by(LogRow.id.desc()).limit(1)).one()
    assert decision["entry"] == b64(newest.leaf)
    assert json.loads(newest.entry or b"")["kind"] == "agreement_suspended"


@pytest.mark.parametrize("purpose", [*RefusedPurpose, "curiosity"])
def test_a_dry_run_refuses_purposes_by_name(as_north: Asker, purpose: str) -> None:
    asked = question(purpose=purpose, categories=["flags"], agreement="South")
    (decision,) = as_north.post(DECISIONS, asked).json["decisions"]  # type: ignore[index]
    assert decision["clause"] == ("purposes" if purpose == "curiosity" else "refused_purposes")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"categories": []}, "categories"),
        ({"categories": ["amounts"]}, "categories[0]"),
        ({"subjects": -1}, "subjects"),
        ({"purpose": "x" * 65}, "purpose"),
    ],
)
def test_a_question_of_another_form_names_its_field(
    as_north: Asker, changes: dict[str, Any], field: str
) -> None:
    answer = as_north.post(DECISIONS, question(**changes))
    assert problem(answer) == (422, "invalid")
    assert fields(answer) == [field]


def test_a_suspended_agreement_denies_naming_its_clause(
    as_north: Asker, story: Story, north: Platform
) -> None:
    with story.hub.database.transaction() as session:
        ending.suspend(session, OPERATOR, get_row(session, "North", 1), story.clock())

    refused = as_north.post("/v1/matches", story.request(north, "Lin"))

    assert problem(refused) == (403, "forbidden")
    assert refused.json is not None
    assert (refused.json["clause"], refused.json["agreement"], refused.json["version"]) == (
        "state",
        "North",
        1,
    )
    assert refused.json["receipt"]["entry"]["clause"] == "state"


def test_a_quota_denies_until_midnight_naming_its_clause(
    as_north: Asker, story: Story, north: Platform
) -> None:
    story.agree(north, agreement="small", subjects_per_day=1, subjects_per_request=1)
    assert as_north.post("/v1/matches", story.request(north, "Mao", agreement="small")).status_code == 200

    again = story.request(north, "Mao", agreement="small", request_id="request-0002")
    refused = as_north.post("/v1/matches", again)

    assert problem(refused) == (429, "member-quota")
    assert refused.json is not None
    assert (refused.json["clause"], refused.json["retry_at"]) == ("quota", "2026-11-02T16:00:00Z")


def test_a_job_above_the_cap_is_refused_as_a_whole(as_north: Asker, story: Story, north: Platform) -> None:
    story.agree(north, agreement="small", subjects_per_request=1)
    head = {
        "recipient": "hub",
        "epoch": 1,
        "key_set": b64(story.hub.key_set.digest),
        "reference": "reference-1",
        "manifests": 2,
    }
    asked = [story.request(north, "Lin", agreement="small", request_id=f"request-000{n}") for n in (1, 2)]
    body = b"\n".join([json.dumps(head).encode(), *(each.canonical() for each in asked)])

    refused = as_north.post("/v1/match-jobs", body)

    assert problem(refused) == (403, "forbidden")
    assert refused.json is not None
    assert refused.json["clause"] == refused.json["receipt"]["entry"]["clause"] == "batch_cap"
