"""Match jobs at the door."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from alliance_hub.jobs import service as jobs
from alliance_hub.jobs.models import Job
from alliance_hub.matching.batches import MATCH
from privacy.encoding import b64
from tests.alliance_hub.builders import Platform
from tests.alliance_hub.matching.story import Story
from tests.api.asking import Asker, fields, problem

JOBS = "/v1/match-jobs"


def body(story: Story, north: Platform, **header: Any) -> bytes:
    """Return a job of two manifests, the second with a purpose that is refused."""
    head = {
        "recipient": "hub",
        "epoch": 1,
        "key_set": b64(story.hub.key_set.digest),
        "reference": "reference-1",
        "manifests": 2,
    }
    requests = [
        story.request(north, "Lin"),
        story.request(north, "Lin", request_id="request-0002", purpose="scoring"),
    ]
    return b"\n".join(msgspec.json.encode(line) for line in [head | header, *requests])


def drop_receipt(problem: Any) -> dict[str, Any]:
    """Return a problem without the log entry, which is another for each time of asking."""
    return {name: value for name, value in problem.items() if name != "receipt"}


def run_all(story: Story) -> None:
    with story.hub.database.reading() as session:
        found = session.scalars(select(Job.id).where(Job.kind == MATCH)).all()
    for job_id in found:
        jobs.run(story.hub, job_id)


def test_a_job_is_taken_answered_and_fetched(story: Story, north: Platform, as_north: Asker) -> None:
    sent = body(story, north)
    taken = as_north.post(JOBS, sent)
    assert (taken.status_code, taken.json["state"]) == (202, "received")  # type: ignore[index]
    assert as_north.post(JOBS, sent).json == taken.json
    run_all(story)

    path = f"{JOBS}/{taken.json['id']}"  # type: ignore[index]
    shown = as_north.get(path).json
    assert shown is not None
    assert (shown["state"], shown["manifests"], shown["answered"]) == ("done", 2, 1)
    (failed,) = shown["failed"]
    assert failed["request_id"] == "request-0002"
    alone = as_north.post(
        "/v1/matches", story.request(north, "Lin", purpose="scoring", request_id="request-3")
    )
    assert drop_receipt(failed["problem"]) == drop_receipt(alone.json)

    page = as_north.get(f"{path}/answers?limit=1").json
    assert page is not None
    (answer,) = page["answers"]
    assert answer["answer"]["manifest"] == b64(story.manifest(north, "Lin").sha256())
    assert as_north.get(f"{path}/answers?after={page['next']}").json == {"answers": [], "next": None}


def test_a_job_of_anothers_is_not_there(
    story: Story, north: Platform, as_north: Asker, as_south: Asker
) -> None:
    job = as_north.post(JOBS, body(story, north)).json
    assert job is not None
    for path in (f"{JOBS}/{job['id']}", f"{JOBS}/{job['id']}/answers", f"{JOBS}/none"):
        assert problem(as_south.get(path)) == (404, "not-found")


def test_a_reference_is_good_for_one_body(story: Story, north: Platform, as_north: Asker) -> None:
    assert as_north.post(JOBS, body(story, north)).status_code == 202
    other = body(story, north).replace(b"case 1", b"case 2")
    assert problem(as_north.post(JOBS, other)) == (409, "reference")


@pytest.mark.parametrize(
    ("header", "field"),
    [({"recipient": "custodian/1"}, "header.recipient"), ({"manifests": 3}, "header.manifests")],
)
def test_a_header_that_does_not_fit(
    story: Story, north: Platform, as_north: Asker, header: dict[str, Any], field: str
) -> None:
    response = as_north.post(JOBS, body(story, north, **header))
    assert (problem(response), fields(response)) == ((422, "invalid"), [field])


def test_a_stream_that_was_changed(story: Story, north: Platform, as_north: Asker) -> None:
    sent = body(story, north)
    headers = as_north.headers("POST", JOBS, sent)
    response = as_north.app.test_client().post(
        JOBS, data=sent.replace(b"Lin", b"Mao") + b" ", headers=headers
    )
    assert problem(response) == (401, "unauthenticated")
