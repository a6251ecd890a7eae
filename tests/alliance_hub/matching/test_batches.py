"""Match jobs: taken in whole, answered one by one, resumable, one failure among them no harm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.jobs import service as jobs
from alliance_hub.jobs.models import Job, JobState
from alliance_hub.matching import batches, refusals
from alliance_hub.matching import tasks as _tasks  # registers what it handles
from alliance_hub.matching.batches import Batch, Progress
from alliance_hub.matching.models import MatchJob
from alliance_hub.membership import service as membership
from privacy.answers import SignedMatchAnswer
from privacy.encoding import b64
from privacy.matching import MatchRequest
from privacy.messages import parse_json
from tests.alliance_hub.builders import Ceremony, Platform, seed
from tests.alliance_hub.matching.story import SIGNED, Story

assert _tasks


def lines(ceremony: Ceremony, requests: Sequence[MatchRequest], **changes: Any) -> list[bytes]:
    """Return a match job as it travels, with some of its header changed."""
    header = {
        "recipient": "hub",
        "epoch": 1,
        "key_set": b64(ceremony.key_set.digest),
        "reference": "reference-1",
        "manifests": len(requests),
    }
    return [msgspec.json.encode(header | changes), *(msgspec.json.encode(request) for request in requests)]


def hand_in(story: Story, batch: Batch, *, digest: str = "sha-256=:x:") -> tuple[MatchJob, list[int]]:
    with story.hub.database.transaction() as session:
        member = membership.get(session, "North")
        return batches.receive(session, member, batch, digest, SIGNED, story.clock())


def progress(story: Story, job: MatchJob) -> Progress:
    with story.hub.database.reading() as session:
        return batches.progress(session, job)


def answers(story: Story, job: MatchJob, after: int = 0, limit: int = 10) -> list[tuple[int, str]]:
    """Return number and manifest digest of each answer of a page."""
    with story.hub.database.reading() as session:
        found = batches.list_answers(session, job, after, limit)
    return [(number, parse_json(SignedMatchAnswer, answer).answer.manifest) for number, answer in found]


@pytest.fixture
def requests(story: Story, north: Platform) -> list[MatchRequest]:
    """Two sound questions around one whose purpose is refused."""
    return [
        story.request(north, "Lin", request_id="request-0001"),
        story.request(north, "Lin", request_id="request-0002", purpose="marketing"),
        story.request(north, "Mao", request_id="request-0003"),
    ]


def test_each_manifest_is_answered_on_its_own(
    story: Story, ceremony: Ceremony, requests: list[MatchRequest]
) -> None:
    job, work = hand_in(story, batches.read(lines(ceremony, requests), ceremony.key_set))
    assert progress(story, job) == Progress(0, [], 3)
    for job_id in work:
        jobs.run(story.hub, job_id)

    done = progress(story, job)
    assert (done.answered, done.is_done) == (2, True)
    (failed,) = done.failed
    assert (failed.request_id, refusals.recall(failed.refusal or b"").slug) == ("request-0002", "forbidden")
    digests = [b64(request.manifest.sha256()) for request in requests]
    assert answers(story, job) == [(1, digests[0]), (3, digests[2])]
    assert answers(story, job, after=1) == [(3, digests[2])]
    assert answers(story, job, limit=1) == [(1, digests[0])]


def test_a_job_waits_while_custodians_are_down_and_goes_on(
    story: Story, ceremony: Ceremony, requests: list[MatchRequest]
) -> None:
    job, work = hand_in(story, batches.read(lines(ceremony, requests[:1]), ceremony.key_set))
    for double in story.doubles:
        double.refuses = (503, {})
    jobs.run(story.hub, work[0])
    assert progress(story, job) == Progress(0, [], 1)
    for double in story.doubles:
        double.refuses = None
    story.wait(minutes=5)
    (again,) = jobs.reap(story.hub, story.clock())
    jobs.run(story.hub, again)
    assert progress(story, job).answered == 1
    with story.hub.database.reading() as session:
        assert session.get_one(Job, again).state == JobState.DONE


def test_the_same_reference_and_body_are_the_same_job(
    story: Story, ceremony: Ceremony, requests: list[MatchRequest]
) -> None:
    batch = batches.read(lines(ceremony, requests), ceremony.key_set)
    first, _ = hand_in(story, batch)
    again, work = hand_in(story, batch)
    assert (again.id, work) == (first.id, [])
    with pytest.raises(Conflict) as refused:
        hand_in(story, batch, digest="sha-256=:y:")
    assert refused.value.slug == "reference"


def test_a_job_is_its_members_own(story: Story, ceremony: Ceremony, requests: list[MatchRequest]) -> None:
    job, _ = hand_in(story, batches.read(lines(ceremony, requests), ceremony.key_set))
    with story.hub.database.reading() as session:
        south = membership.get(session, "South")
        with pytest.raises(NotFound):
            batches.get(session, south, job.id)
        with pytest.raises(NotFound):
            batches.get(session, south, "no such job")


def test_a_suspended_member_hands_in_nothing(
    story: Story, ceremony: Ceremony, requests: list[MatchRequest]
) -> None:
    batch = batches.read(lines(ceremony, requests), ceremony.key_set)
    with story.hub.database.transaction() as session:
        membership.suspend(session, story.hub, "North", story.clock())
    with pytest.raises(Forbidden):
        hand_in(story, batch)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"recipient": "custodian/1"}, "header.recipient"),
        ({"manifests": 4}, "header.manifests"),
        ({"manifests": 0}, "header.manifests"),
        ({"reference": "x"}, "header.reference"),
    ],
)
def test_a_header_that_does_not_fit_is_named(
    ceremony: Ceremony, requests: list[MatchRequest], changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        batches.read(lines(ceremony, requests, **changes), ceremony.key_set)
    assert refused.value.field == field


def test_other_keys_are_a_conflict(ceremony: Ceremony, requests: list[MatchRequest]) -> None:
    with pytest.raises(Conflict) as refused:
        batches.read(lines(ceremony, requests, key_set=b64(seed("another"))), ceremony.key_set)
    assert refused.value.slug == "key-set"


def test_a_line_that_is_no_request_is_named_by_its_number(
    ceremony: Ceremony, requests: list[MatchRequest]
) -> None:
    body = lines(ceremony, requests)
    body[2] = body[2].replace(b'"period":"2026-11"', b'"period":11')
    with pytest.raises(Invalid) as refused:
        batches.read(body, ceremony.key_set)
    assert refused.value.field == "manifests[1].manifest.period"


def test_a_request_id_stands_once(ceremony: Ceremony, requests: list[MatchRequest]) -> None:
    with pytest.raises(Invalid, match="one request id"):
        batches.read(lines(ceremony, [requests[0], requests[0]]), ceremony.key_set)


def test_an_empty_body_is_refused(ceremony: Ceremony) -> None:
    with pytest.raises(Invalid) as refused:
        batches.read([], ceremony.key_set)
    assert refused.value.field == "header"
