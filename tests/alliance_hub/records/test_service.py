"""Submissions are taken in once, and read by their own member."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from alliance_hub.errors import Conflict, Forbidden, NotFound
from alliance_hub.jobs import service as jobs
from alliance_hub.jobs.models import Job, JobState
from alliance_hub.membership import service as membership
from alliance_hub.records import service as records
from alliance_hub.records.models import ChunkBody, RecordRow, Submission
from tests.alliance_hub.builders import Clock, Platform
from tests.alliance_hub.records.builders import Body, record_of, sign_chunk
from tests.alliance_hub.records.conftest import Alliance


@pytest.fixture
def north(alliance: Alliance) -> Platform:
    return alliance.join("North Bank")


def body_of(alliance: Alliance, member: Platform, *contracts: str, reference: str = "reference-1") -> Body:
    key_set = alliance.hub.key_set
    rows = [record_of(key_set, contract) for contract in contracts or ("c1",)]
    return Body(alliance.hub, reference, [sign_chunk(member, key_set, rows)])


def count(alliance: Alliance, table: type) -> int:
    with alliance.hub.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_received_means_stored_with_its_job_and_nothing_more(alliance: Alliance, north: Platform) -> None:
    submission = alliance.receive(north, body_of(alliance, north, "c1", "c2"))

    assert (submission.state, submission.rows, submission.reference) == ("received", 2, "reference-1")
    with alliance.hub.database.reading() as session:
        job = session.get_one(Job, submission.job)
        assert (job.kind, job.key, job.state) == ("submission", {"submission": submission.id}, "waiting")
    assert (count(alliance, ChunkBody), count(alliance, RecordRow)) == (1, 0)


def test_the_same_again_is_the_same_submission(alliance: Alliance, north: Platform) -> None:
    body = body_of(alliance, north)
    first = alliance.receive(north, body)
    again = alliance.receive(north, body)
    assert (again.id, again.job) == (first.id, first.job)
    assert (count(alliance, Submission), count(alliance, Job)) == (1, 1)


def test_the_same_again_when_it_is_done_shows_what_became_of_it(alliance: Alliance, north: Platform) -> None:
    body = body_of(alliance, north)
    alliance.submit(north, body.chunks)
    again = alliance.receive(north, body)
    assert (again.state, again.accepted) == ("done", 1)


def test_the_same_again_lets_a_job_that_was_given_up_begin_anew(alliance: Alliance, north: Platform) -> None:
    body = body_of(alliance, north)
    submission = alliance.receive(north, body)
    with alliance.hub.database.transaction() as session:
        session.get_one(Job, submission.job).state = JobState.FAILED
    jobs.run(alliance.hub, submission.job)
    assert alliance.look(north, submission).state == "received"

    alliance.receive(north, body)
    jobs.run(alliance.hub, submission.job)
    assert (alliance.look(north, submission).state, count(alliance, RecordRow)) == ("done", 1)


def test_one_reference_is_one_content(alliance: Alliance, north: Platform) -> None:
    alliance.receive(north, body_of(alliance, north, "c1"))
    with pytest.raises(Conflict) as caught:
        alliance.receive(north, body_of(alliance, north, "c2"))
    assert caught.value.slug == "reference"


def test_two_members_may_choose_one_reference(alliance: Alliance, north: Platform) -> None:
    south = alliance.join("South Bank")
    one = alliance.receive(north, body_of(alliance, north))
    other = alliance.receive(south, body_of(alliance, south))
    assert one.id != other.id


def test_without_an_agreement_nothing_is_taken(alliance: Alliance) -> None:
    east = alliance.join("East Bank", agreed=False)
    with pytest.raises(Forbidden) as caught:
        alliance.receive(east, body_of(alliance, east))
    assert caught.value.slug == "no-agreement"
    assert count(alliance, Submission) == 0


def test_an_agreement_that_has_ended_is_none(alliance: Alliance, north: Platform, clock: Clock) -> None:
    clock.move(days=365)
    with pytest.raises(Forbidden) as caught:
        alliance.receive(north, body_of(alliance, north))
    assert caught.value.slug == "no-agreement"


def test_a_suspended_member_submits_nothing(alliance: Alliance, north: Platform) -> None:
    with alliance.hub.database.transaction() as session:
        membership.suspend(session, alliance.hub, north.name, alliance.clock())
    with pytest.raises(Forbidden) as caught:
        alliance.receive(north, body_of(alliance, north))
    assert caught.value.slug == "not-active"


def test_a_slow_sender_holds_up_nobody(alliance: Alliance, north: Platform) -> None:
    """While a body is still coming in, others write: on SQLite, a lock held meanwhile would stop them."""
    south = alliance.join("South Bank")
    body, row = body_of(alliance, north), alliance.row_of(north)
    others: list[Submission] = []

    def slow() -> Iterator[bytes]:
        for piece in body.pieces():
            if not others:
                others.append(alliance.receive(south, body_of(alliance, south)))
            yield piece

    with alliance.hub.database.transaction() as session:
        records.receive(session, alliance.hub, row, slow(), body.digest, body.reference, alliance.clock())
    assert [other.member for other in others] == ["South Bank"]
    assert count(alliance, Submission) == 2


def test_another_members_submission_does_not_exist(alliance: Alliance, north: Platform) -> None:
    south = alliance.join("South Bank")
    submission = alliance.receive(north, body_of(alliance, north))
    with alliance.hub.database.reading() as session:
        row = membership.get(session, south.name)
        for id in (submission.id, "nothing"):
            with pytest.raises(NotFound) as caught:
                records.get_submission(session, row, id)
            assert str(caught.value) == "there is no such submission"
        assert records.list_submissions(session, row, None, 10) == []


def test_submissions_come_in_pages_oldest_first(alliance: Alliance, north: Platform, clock: Clock) -> None:
    references = [f"reference-{number}" for number in range(5)]
    for reference in references:
        alliance.receive(north, body_of(alliance, north, reference=reference))
        clock.at += timedelta(seconds=1) if reference == "reference-2" else timedelta()

    seen: list[str] = []
    with alliance.hub.database.reading() as session:
        row, after = membership.get(session, north.name), None
        while page := records.list_submissions(session, row, after, 2):
            assert len(page) <= 2
            seen += [submission.reference for submission in page]
            after = page[-1].id
    assert sorted(seen[:3]) == references[:3]
    assert sorted(seen[3:]) == references[3:]


def test_rows_come_in_pages_across_chunks(alliance: Alliance, north: Platform) -> None:
    key_set = alliance.hub.key_set
    first = [record_of(key_set, f"c{number}") for number in range(5)]
    alliance.submit(north, [sign_chunk(north, key_set, first)])
    chunks = [
        sign_chunk(north, key_set, [*first[:3], record_of(key_set, "new")]),
        sign_chunk(north, key_set, first[3:]),
    ]
    submission = alliance.submit(north, chunks, reference="reference-2")

    seen: list[tuple[int, int, str]] = []
    with alliance.hub.database.reading() as session:
        after = -1
        while page := records.list_rows(session, submission, after, 2):
            seen += [(row.chunk, row.place, str(row.outcome)) for row in page]
            after = page[-1].cursor
    assert seen == [(chunk, place, "unchanged") for chunk, place in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]]
