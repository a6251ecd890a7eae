"""Leases, retries and the reaper: each job is done, though workers die and messages are lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from alliance_hub.db import Database
from alliance_hub.errors import Invalid, Unavailable
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.jobs.models import Job, Key
from alliance_hub.jobs.service import (
    FIRST_SENDING,
    LEASE,
    LONGEST_BACKOFF,
    MAX_FAILURES,
    RESENDING,
    Lease,
    LeaseLost,
)
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.jobs.conftest import Errands, registered

SECOND = timedelta(seconds=1)


@pytest.fixture
def either_errands(hub_on: Callable[[Database], Hub], either_database: Database) -> Iterator[Errands]:
    yield from registered(hub_on(either_database))


def raising(error: Exception) -> Callable[[Hub, Key, Lease], None]:
    def act(_hub: Hub, _key: Key, _lease: Lease) -> None:
        raise error

    return act


def test_a_job_is_done_once(either_errands: Errands, clock: Clock) -> None:
    job = either_errands.enqueue(7)
    before = either_errands.look(job)
    assert (before.state, before.attempts, before.due_at) == ("waiting", 0, clock() + FIRST_SENDING)

    jobs.run(either_errands.hub, job)
    jobs.run(either_errands.hub, job)  # the message came twice

    assert either_errands.done == [{"number": 7}]
    after = either_errands.look(job)
    assert (after.state, after.attempts, after.due_at) == ("done", 1, None)
    assert after.finished_at == clock()


def test_of_two_workers_one_gets_the_job(either_errands: Errands) -> None:
    """The second message arrives while the first is being worked on."""
    job = either_errands.enqueue()
    begun, go_on = threading.Event(), threading.Event()

    def slow(_hub: Hub, _key: Key, _lease: Lease) -> None:
        begun.set()
        assert go_on.wait(10)

    either_errands.act = slow
    first = threading.Thread(target=jobs.run, args=(either_errands.hub, job))
    first.start()
    assert begun.wait(10)
    jobs.run(either_errands.hub, job)
    go_on.set()
    first.join()
    assert len(either_errands.done) == 1
    assert either_errands.look(job).state == "done"


def test_an_unknown_job_is_nobodys(errands: Errands) -> None:
    jobs.run(errands.hub, 99)
    assert errands.done == []


def test_what_goes_wrong_is_tried_again_later_and_later(errands: Errands, clock: Clock) -> None:
    job = errands.enqueue()
    errands.act = raising(OSError("Lin owes 100000 fen"))
    waits = []
    for _ in range(MAX_FAILURES - 1):
        jobs.run(errands.hub, job)
        found = errands.look(job)
        assert (found.state, found.last_error) == ("waiting", "OSError")
        assert found.due_at is not None
        waits.append(found.due_at - clock())
    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (2, 4, 8, 16)]
    assert waits[-1] == LONGEST_BACKOFF

    jobs.run(errands.hub, job)
    given_up = errands.look(job)
    assert (given_up.state, given_up.due_at, given_up.finished_at) == ("failed", None, clock())
    jobs.run(errands.hub, job)
    assert len(errands.done) == MAX_FAILURES


def test_it_works_at_the_second_try(errands: Errands) -> None:
    job = errands.enqueue()
    errands.act = raising(OSError())
    jobs.run(errands.hub, job)
    errands.act = lambda _hub, _key, _lease: None
    jobs.run(errands.hub, job)
    assert (errands.look(job).state, errands.look(job).last_error) == ("done", None)


def test_a_rules_refusal_is_final(errands: Errands) -> None:
    job = errands.enqueue()
    errands.act = raising(Invalid("Lin owes 100000 fen", slug="too-much"))
    jobs.run(errands.hub, job)
    assert (errands.look(job).state, errands.look(job).last_error) == ("failed", "too-much")


def test_a_part_that_is_down_is_waited_for_as_long_as_it_takes(errands: Errands, clock: Clock) -> None:
    job = errands.enqueue()
    errands.act = raising(Unavailable("custodian 2 is down", retry_at=clock() + timedelta(hours=1)))
    for _ in range(MAX_FAILURES + 1):
        jobs.run(errands.hub, job)
    found = errands.look(job)
    assert (found.state, found.failures, found.last_error) == ("waiting", 0, "unavailable")
    assert found.due_at == clock() + timedelta(hours=1)

    errands.act = raising(Unavailable("custodian 2 is down"))
    jobs.run(errands.hub, job)
    assert errands.look(job).due_at == clock() + RESENDING


def test_no_error_is_quoted_in_the_log(errands: Errands, caplog: pytest.LogCaptureFixture) -> None:
    job = errands.enqueue()
    errands.act = raising(ValueError("Lin owes 100000 fen"))
    jobs.run(errands.hub, job)
    assert f"job {job} failed at attempt 1: ValueError" in caplog.text
    assert "Lin" not in caplog.text


# The reaper


def test_a_lost_message_is_sent_again(either_errands: Errands, clock: Clock) -> None:
    job = either_errands.enqueue()
    hub = either_errands.hub
    assert jobs.reap(hub, clock() + FIRST_SENDING - SECOND) == []
    assert jobs.reap(hub, clock() + FIRST_SENDING) == [job]
    # Not again at the next look: a long queue is no loss.
    assert jobs.reap(hub, clock() + FIRST_SENDING + SECOND) == []
    assert jobs.reap(hub, clock() + FIRST_SENDING + RESENDING) == [job]


def test_a_dead_workers_job_is_taken_over(either_errands: Errands, clock: Clock) -> None:
    job = either_errands.enqueue()
    either_errands.act = die
    with pytest.raises(Killed):
        jobs.run(either_errands.hub, job)
    assert either_errands.look(job).state == "running"
    clock.at += LEASE - SECOND
    assert jobs.reap(either_errands.hub, clock()) == []
    jobs.run(either_errands.hub, job)  # redelivered, but the lease still holds
    assert len(either_errands.done) == 1

    clock.at += SECOND
    assert jobs.reap(either_errands.hub, clock()) == [job]
    found = either_errands.look(job)
    assert (found.state, found.failures, found.last_error) == ("waiting", 1, "worker-lost")
    either_errands.act = lambda _hub, _key, _lease: None
    jobs.run(either_errands.hub, job)
    assert (either_errands.look(job).state, either_errands.look(job).attempts) == ("done", 2)


def test_a_job_that_kills_its_workers_is_given_up(errands: Errands, clock: Clock) -> None:
    job = errands.enqueue()
    errands.act = die
    for _ in range(MAX_FAILURES):
        with pytest.raises(Killed):
            jobs.run(errands.hub, job)
        clock.at += LEASE
        jobs.reap(errands.hub, clock())
    assert (errands.look(job).state, errands.look(job).last_error) == ("failed", "worker-lost")


def test_who_starts_alone_takes_everything_over_at_once(errands: Errands, clock: Clock) -> None:
    """After a restart no worker is alive and no message in memory."""
    killed, waiting, done = errands.enqueue(1), errands.enqueue(2), errands.enqueue(3)
    jobs.run(errands.hub, done)
    errands.act = die
    with pytest.raises(Killed):
        jobs.run(errands.hub, killed)
    assert jobs.reap(errands.hub, clock()) == []
    assert sorted(jobs.reap(errands.hub, clock(), alone=True)) == [killed, waiting]


# Leases


def test_a_renewed_lease_is_not_taken_over(errands: Errands, clock: Clock) -> None:
    job = errands.enqueue()

    def long(hub: Hub, _key: Key, lease: Lease) -> None:
        for _ in range(3):
            clock.at += LEASE - SECOND
            assert jobs.reap(hub, clock()) == []
            with hub.database.transaction() as session:
                lease.renew(session, clock())

    errands.act = long
    jobs.run(errands.hub, job)
    assert errands.look(job).state == "done"


def test_a_worker_that_wakes_up_late_writes_nothing(errands: Errands, clock: Clock) -> None:
    job = errands.enqueue()
    other = errands.enqueue()

    def sleepy(hub: Hub, _key: Key, lease: Lease) -> None:
        clock.at += LEASE
        assert jobs.reap(hub, clock()) == [other, job]
        errands.act = lambda _hub, _key, _lease: None
        jobs.run(hub, job)  # somebody else does it
        with hub.database.transaction() as session:
            session.get_one(Job, other).last_error = "written by the dead"
            lease.renew(session, clock())

    errands.act = sleepy
    jobs.run(errands.hub, job)
    assert (errands.look(job).state, errands.look(job).attempts) == ("done", 2)
    assert errands.look(other).last_error is None


def test_a_lapsed_lease_that_nobody_took_can_be_renewed(errands: Errands, clock: Clock) -> None:
    job = errands.enqueue()

    def slow(hub: Hub, _key: Key, lease: Lease) -> None:
        clock.at += 2 * LEASE
        with hub.database.transaction() as session:
            lease.renew(session, clock())

    errands.act = slow
    jobs.run(errands.hub, job)
    assert errands.look(job).state == "done"


def test_a_lease_on_nothing_is_lost(errands: Errands, clock: Clock) -> None:
    with pytest.raises(LeaseLost), errands.hub.database.transaction() as session:
        Lease(99, 1).renew(session, clock())


def test_a_worker_that_is_to_stop_puts_the_job_down(errands: Errands, clock: Clock) -> None:
    job = errands.enqueue()

    def parts(hub: Hub, _key: Key, lease: Lease) -> None:
        with hub.database.transaction() as session:
            lease.renew(session, clock())

    errands.act = parts
    jobs.run(errands.hub, job, stopping=lambda: True)
    found = errands.look(job)
    assert (found.state, found.due_at, found.failures) == ("waiting", clock(), 0)
    assert jobs.reap(errands.hub, clock()) == [job]


class Killed(BaseException):
    """Stands for kill -9: nothing that the code could catch, and nothing is written down."""


def die(_hub: Hub, _key: Key, _lease: Lease) -> None:
    raise Killed
