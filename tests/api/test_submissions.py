"""Submissions at the door."""

from __future__ import annotations

from alliance_hub.jobs import service as jobs
from alliance_hub.records.models import Submission
from privacy.encoding import b64
from tests.alliance_hub.builders import Platform
from tests.alliance_hub.matching.story import Story
from tests.alliance_hub.records.builders import Body, record_of, reference_of, sign_chunk
from tests.api.asking import Asker, fields, problem

SUBMISSIONS = "/v1/submissions"


def body(story: Story, member: Platform, *contracts: str, product_class: str = "consumer_loan") -> bytes:
    """Return a submission of one chunk."""
    records = [record_of(story.hub.key_set, contract, product_class=product_class) for contract in contracts]
    return bytes(Body(story.hub, "reference-9", [sign_chunk(member, story.hub.key_set, records)]))


def test_rows_that_are_refused_are_listed_in_pages(story: Story, north: Platform, as_north: Asker) -> None:
    sent = body(story, north, "B-1", "B-2", product_class="campus_loan")
    taken = as_north.post(SUBMISSIONS, sent, Idempotency_Key="reference-9").json
    assert taken is not None
    with story.hub.database.reading() as session:
        jobs.run(story.hub, session.get_one(Submission, taken["id"]).job)
    shown = as_north.get(f"{SUBMISSIONS}/{taken['id']}").json
    assert shown is not None
    assert (shown["refused"], shown["chunks"][0]["reason"]) == (2, "rows")

    first = as_north.get(f"{SUBMISSIONS}/{taken['id']}/rows?limit=1").json
    assert first is not None
    assert first["rows"] == [
        {
            "chunk": 0,
            "index": 0,
            "contract_ref": b64(reference_of("B-1")),
            "outcome": "refused",
            "reason": "product_class",
        }
    ]
    rest = as_north.get(f"{SUBMISSIONS}/{taken['id']}/rows?after={first['next']}").json
    assert rest is not None
    assert ([row["index"] for row in rest["rows"]], rest["next"]) == ([1], None)


def test_a_reference_is_good_for_one_body(story: Story, north: Platform, as_north: Asker) -> None:
    sent = body(story, north, "B-1")
    assert as_north.post(SUBMISSIONS, sent, Idempotency_Key="reference-9").status_code == 202
    other = body(story, north, "B-2")
    assert problem(as_north.post(SUBMISSIONS, other, Idempotency_Key="reference-9")) == (409, "reference")


def test_a_submission_of_anothers_is_not_there(
    story: Story, north: Platform, as_north: Asker, as_south: Asker
) -> None:
    taken = as_north.post(SUBMISSIONS, body(story, north, "B-1"), Idempotency_Key="reference-9").json
    assert taken is not None
    for path in (taken["id"], f"{taken['id']}/rows", "none"):
        assert problem(as_south.get(f"{SUBMISSIONS}/{path}")) == (404, "not-found")


def test_the_reference_is_named_twice_alike(story: Story, north: Platform, as_north: Asker) -> None:
    response = as_north.post(SUBMISSIONS, body(story, north, "B-1"), Idempotency_Key="reference-8")
    assert (problem(response), fields(response)) == ((422, "invalid"), ["header.reference"])


def test_without_a_reference_nothing_is_taken(story: Story, north: Platform, as_north: Asker) -> None:
    response = as_north.post(SUBMISSIONS, body(story, north, "B-1"))
    assert (problem(response), fields(response)) == ((422, "invalid"), ["Idempotency-Key"])


def test_a_stream_that_was_changed(story: Story, north: Platform, as_north: Asker) -> None:
    sent = body(story, north, "B-1")
    headers = as_north.headers("POST", SUBMISSIONS, sent) | {"Idempotency-Key": "reference-9"}
    changed = sent.replace(b"consumer_loan", b"business_loan")
    response = as_north.app.test_client().post(SUBMISSIONS, data=changed, headers=headers)
    assert problem(response)[0] == 401
    assert as_north.get(SUBMISSIONS).json["submissions"][0]["reference"] != "reference-9"  # type: ignore[index]
