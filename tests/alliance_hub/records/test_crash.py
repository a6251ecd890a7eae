"""kill -9 in the middle of a submission: nothing is lost, nothing is there twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from alliance_hub import faults, schema, worker
from alliance_hub.db import Database
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.jobs.models import Job
from alliance_hub.keys import write_keys
from alliance_hub.records.models import ChunkBody, RecordRow, Submission
from alliance_hub.settings import KEY_SET_FILE, KEYS_FILE, PREFIX, load_settings
from alliance_hub.transparency.models import LogRow
from tests.alliance_hub.builders import Ceremony, Clock, Platform
from tests.alliance_hub.records.builders import Body, SignedChunk, record_of, sign_chunk
from tests.alliance_hub.records.conftest import Alliance

CHUNKS, ROWS = 4, 5

# In the first chunk's transaction, before its commit; and between two chunks. With how many appended.
POINTS = [("submit.chunk_appended", 0), ("submit.chunk_done", 1)]


@dataclass
class Site:
    """An alliance whose home can be opened by processes of their own."""

    alliance: Alliance
    environment: dict[str, str]

    def run(self, *arguments: str, crash_at: str = "") -> subprocess.Popen[bytes]:
        """Start a process; `crash_at` names the point where it kills itself."""
        warnings = ("-W", "error", "-W", "ignore:You're running the worker with superuser privileges")
        command = [sys.executable, *warnings, "-m", "tests.alliance_hub.records.process", *arguments]
        environment = {**os.environ, **self.environment, faults.VARIABLE: crash_at}
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def at(self, ahead: timedelta = timedelta()) -> str:
        """Return the test's instant, or a later one, for a process's clock."""
        return (self.alliance.clock() + ahead).isoformat()


def open_site(home: Path, hub: Hub, ceremony: Ceremony, clock: Clock) -> Site:
    write_keys(home / KEYS_FILE, ceremony.hub_keys, passphrase=None)
    (home / KEY_SET_FILE).write_bytes(msgspec.json.encode(ceremony.signed))
    environment = {
        f"{PREFIX}HOME": str(home),
        f"{PREFIX}DATABASE_URL": hub.database.engine.url.render_as_string(hide_password=False),
        f"{PREFIX}BROKER_URL": hub.settings.broker_url,
    }
    return Site(Alliance(hub, clock, ceremony), environment)


@pytest.fixture
def small(tmp_path: Path, hub: Hub, ceremony: Ceremony, clock: Clock) -> Site:
    """One machine: SQLite, the worker in the serving process."""
    return open_site(tmp_path, hub, ceremony, clock)


@pytest.fixture
def grown(
    tmp_path: Path, postgres_database: str, rabbitmq_url: str, ceremony: Ceremony, clock: Clock
) -> Iterator[Site]:
    """PostgreSQL, and workers that RabbitMQ rings for."""
    database = Database(postgres_database)
    schema.upgrade(database)
    settings = load_settings(tmp_path, broker_url=rabbitmq_url, database_url=postgres_database)
    hub = Hub(settings, database, ceremony.hub_keys, ceremony.signed, clock)
    yield open_site(tmp_path, hub, ceremony, clock)
    database.close()


def submission_of(site: Site) -> tuple[Platform, Body]:
    """Let a lender join and sign four chunks of five records."""
    north, key_set = site.alliance.join("North Bank"), site.alliance.hub.key_set
    chunks: list[SignedChunk] = []
    for number in range(CHUNKS):
        rows = [record_of(key_set, f"c{number}-{row}", f"debtor {row}") for row in range(ROWS)]
        chunks.append(sign_chunk(north, key_set, rows))
    return north, Body(site.alliance.hub, "reference-1", chunks)


def until(ready: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def killed(process: subprocess.Popen[bytes]) -> bool:
    """Wait for the process, and say whether it died of SIGKILL."""
    return process.wait(30) == -signal.SIGKILL


def require_once(site: Site, north: Platform, submission: Submission, body: Body) -> None:
    """Everything that was handed in stands in the feed and in the tables, once."""
    done = site.alliance.look(north, submission)
    assert (done.state, done.accepted, done.unchanged, done.refused) == ("done", CHUNKS * ROWS, 0, 0)
    assert site.alliance.live(north) == CHUNKS * ROWS
    with site.alliance.hub.database.reading() as session:
        lines = [msgspec.json.decode(line)["entry"] for line in feed.stream_after(session, 0, 1_000)]
        assert session.scalar(select(func.count()).select_from(RecordRow)) == CHUNKS * ROWS
        assert session.scalars(select(ChunkBody)).all() == []
        kinds = session.scalars(select(LogRow.kind)).all()
    chunks = [line for line in lines if line["statement"]["statement"]["body"]["type"] == "chunk"]
    assert [line["records"] for line in chunks] == [
        [each.record.document() for each in chunk.records] for chunk in body.chunks
    ]
    assert [line["position"] for line in lines] == list(range(1, len(lines) + 1))
    assert kinds.count("statement") == len(lines)
    assert (kinds.count("submission_received"), kinds.count("submission_processed")) == (1, 1)


def job_of(site: Site, submission: Submission) -> Job:
    with site.alliance.hub.database.reading() as session:
        return session.get_one(Job, submission.job)


@pytest.mark.parametrize(("point", "appended"), POINTS)
def test_a_serving_process_is_killed_and_the_reaper_finds_the_rest(
    small: Site, clock: Clock, point: str, appended: int
) -> None:
    alliance = small.alliance
    north, body = submission_of(small)
    submission = alliance.receive(north, body)

    assert killed(small.run("serve", small.at(), crash_at=point))

    states = [chunk.state for chunk in alliance.look(north, submission).chunks]
    assert states == ["appended"] * appended + ["waiting"] * (CHUNKS - appended)
    assert alliance.live(north) == appended * ROWS
    assert job_of(small, submission).state == "running"

    # While the dead one's lease holds, nobody else begins.
    assert jobs.reap(alliance.hub, clock()) == []
    clock.at += jobs.LEASE + timedelta(minutes=1)
    assert jobs.reap(alliance.hub, clock()) == [submission.job]
    jobs.run(alliance.hub, submission.job)
    require_once(small, north, submission, body)


def test_after_a_restart_the_rest_is_done_at_once(small: Site) -> None:
    """No lease to wait for: the process that starts is the only one."""
    north, body = submission_of(small)
    submission = small.alliance.receive(north, body)
    assert killed(small.run("serve", small.at(), crash_at="submit.chunk_done"))

    again = small.run("serve", small.at(timedelta(seconds=10)))
    try:
        until(lambda: small.alliance.look(north, submission).state == "done")
        until(lambda: job_of(small, submission).state == "done")
    finally:
        again.kill()
        again.wait()
    require_once(small, north, submission, body)


def test_killed_while_it_takes_a_body_in_nothing_was_accepted(small: Site, tmp_path: Path) -> None:
    alliance = small.alliance
    north, body = submission_of(small)
    path = tmp_path / "body.ndjson"
    path.write_bytes(bytes(body))
    arguments = ("receive", small.at(), north.name, str(path), body.digest, body.reference)

    assert killed(small.run(*arguments, crash_at="submit.stored"))
    with alliance.hub.database.reading() as session:
        assert session.scalars(select(Submission)).all() == []
        assert session.scalars(select(Job)).all() == []
    assert small.run(*arguments).wait(30) == 0
    submission = alliance.receive(north, body)  # the member, who heard nothing, posts the same again
    jobs.run(alliance.hub, submission.job)
    require_once(small, north, submission, body)


def test_a_worker_over_rabbitmq_is_killed_and_another_goes_on(grown: Site) -> None:
    alliance = grown.alliance
    north, body = submission_of(grown)
    submission = alliance.receive(north, body)
    worker.send(worker.make_worker(alliance.hub), submission.job)

    assert killed(grown.run("work", grown.at(), crash_at="submit.chunk_done"))
    assert alliance.live(north) == ROWS
    # The broker delivers again at once, and the second dies in the middle of the next chunk.
    later = jobs.LEASE + timedelta(minutes=1)
    assert killed(grown.run("work", grown.at(later), crash_at="submit.chunk_appended"))
    assert alliance.live(north) == ROWS

    last = grown.run("work", grown.at(2 * later))
    until(lambda: job_of(grown, submission).state == "done")
    last.terminate()  # a warm shutdown, as an operator does it
    assert last.wait(30) == 0
    require_once(grown, north, submission, body)
