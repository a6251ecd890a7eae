"""Matches at the door: one row for each way in which a question is refused, told as a problem."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from privacy.answers import SignedMatchAnswer
from privacy.encoding import b64, instant_text
from privacy.messages import parse
from tests.alliance_hub.builders import Clock, Platform, seed
from tests.alliance_hub.matching.story import Story
from tests.api.asking import Asker, fields, problem

MATCHES = "/v1/matches"


def test_the_same_request_is_the_same_answer(story: Story, north: Platform, as_north: Asker) -> None:
    request = story.request(north, "Lin")
    first, again = as_north.post(MATCHES, request), as_north.post(MATCHES, request)
    assert (first.status_code, again.data) == (200, first.data)
    signed = parse(SignedMatchAnswer, first.json)
    # What the member signed stands in the log: this very request, and no other.
    assert '"@path": /v1/matches' in signed.receipt.entry["signature_base"]
    assert signed.receipt.entry["signature"].startswith("sig=:")


def test_a_denial_names_agreement_clause_and_log_entry(
    story: Story, north: Platform, as_north: Asker
) -> None:
    response = as_north.post(MATCHES, story.request(north, "Lin", purpose="credit_granting"))
    assert problem(response) == (403, "forbidden")
    assert response.json is not None
    assert response.json["clause"] == "refused_purposes"
    assert response.json["detail"] == "No agreement can allow the purpose credit_granting."
    assert response.json["receipt"]["entry"]["allowed"] is False


def test_an_agreement_that_is_over(story: Story, north: Platform, as_north: Asker, clock: Clock) -> None:
    clock.move(days=366)
    response = as_north.post(MATCHES, story.request(north, "Lin"))
    assert problem(response) == (403, "forbidden")
    assert response.json is not None
    assert response.json["clause"] == "validity"


def test_another_period_says_which(story: Story, north: Platform, as_north: Asker) -> None:
    response = as_north.post(MATCHES, story.request(north, "Lin", period="2026-10"))
    assert problem(response) == (409, "period")
    assert response.json is not None
    assert response.json["period"] == "2026-11"


def test_other_keys(story: Story, north: Platform, as_north: Asker) -> None:
    response = as_north.post(MATCHES, story.request(north, "Lin", key_set=b64(seed("another"))))
    assert problem(response) == (409, "key-set")


def test_custodians_down_says_when_to_return(
    story: Story, north: Platform, as_north: Asker, clock: Clock
) -> None:
    for double in story.doubles[1:]:
        double.stop()
    response = as_north.post(MATCHES, story.request(north, "Lin"))
    assert problem(response) == (503, "custodians-unavailable")
    assert response.json is not None
    assert response.json["retry_at"] > instant_text(clock())


def test_a_quota_says_when_to_return(story: Story, north: Platform, as_north: Asker) -> None:
    refusal = {
        "type": "urn:alliance-hub:problem:quota-exceeded",
        "detail": "enough",
        "retry_at": "2026-12-01T00:00:00Z",
    }
    for double in story.doubles:
        double.refuses = (429, refusal)
    response = as_north.post(MATCHES, story.request(north, "Lin"))
    assert problem(response) == (429, "quota-exceeded")
    assert response.json is not None
    assert response.json["retry_at"] == refusal["retry_at"]


def test_another_members_manifest(story: Story, north: Platform, as_south: Asker) -> None:
    response = as_south.post(MATCHES, story.request(north, "Lin"))
    assert (problem(response), fields(response)) == ((422, "invalid"), ["manifest.member"])


def test_another_members_signature(story: Story, north: Platform, as_north: Asker) -> None:
    south = story.request(story.members["South"], "Lin")
    request = msgspec.structs.replace(story.request(north, "Lin"), signature=south.signature)
    response = as_north.post(MATCHES, request)
    assert (problem(response), fields(response)) == ((422, "signature"), ["signature"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"epoch": "one"}, "manifest.epoch", id="text for a number"),
        pytest.param({"subjects": []}, "manifest.subjects", id="nobody"),
        pytest.param({"subjects": ["x"]}, "manifest.subjects[0]", id="no pseudonym"),
        pytest.param({"name": "Lin"}, "manifest", id="a field too many"),
    ],
)
def test_a_field_of_another_form_is_named_and_not_quoted(
    story: Story, north: Platform, as_north: Asker, change: dict[str, Any], field: str
) -> None:
    document = story.request(north, "Lin").document()
    document["manifest"] |= change
    response = as_north.post(MATCHES, document)
    assert (problem(response), fields(response)) == ((422, "invalid"), [field])
    assert "Lin" not in response.text
    assert '"one"' not in response.text


def test_no_json(as_north: Asker) -> None:
    response = as_north.post(MATCHES, b"{")
    assert (problem(response), fields(response)) == ((422, "invalid"), [""])


def test_a_match_of_anothers_is_not_there(
    story: Story, north: Platform, as_north: Asker, as_south: Asker
) -> None:
    assert as_north.post(MATCHES, story.request(north, "Lin")).status_code == 200
    assert as_north.post(f"{MATCHES}/request-0001/openings", {"custodian": 1}).status_code == 200
    assert problem(as_south.post(f"{MATCHES}/request-0001/openings", {"custodian": 1})) == (404, "not-found")
    response = as_north.post(f"{MATCHES}/request-0001/openings", {"custodian": 4})
    assert (problem(response), fields(response)) == ((422, "invalid"), ["custodian"])
