"""Celery around the table: in this process, and over a real RabbitMQ."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from alliance_hub import worker
from alliance_hub.db import Database
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.jobs.models import Key
from alliance_hub.jobs.service import Lease
from alliance_hub.settings import load_settings
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.jobs.conftest import Errands


@pytest.fixture
def started(errands: Errands) -> Iterator[worker.Stoppable]:
    running = worker.start_in_process(errands.hub)
    yield running
    running.stop()


def until(ready: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_jobs_run_in_threads_of_this_process(errands: Errands, started: worker.Stoppable) -> None:
    threads: set[str] = set()
    errands.act = lambda _hub, _key, _lease: threads.add(threading.current_thread().name)
    sender = worker.make_worker(errands.hub)
    ids = [errands.enqueue(number) for number in range(5)]
    for job_id in ids:
        worker.send(sender, job_id)
    until(lambda: all(errands.look(job_id).state == "done" for job_id in ids))
    assert threading.current_thread().name not in threads
    assert sorted(key["number"] for key in errands.done) == [0, 1, 2, 3, 4]


def test_a_job_whose_message_was_lost_is_found(
    errands: Errands, started: worker.Stoppable, clock: Clock
) -> None:
    job = errands.enqueue()
    clock.at += jobs.FIRST_SENDING
    until(lambda: errands.look(job).state == "done")


def test_what_waited_at_the_start_is_done(errands: Errands) -> None:
    job = errands.enqueue()
    running = worker.start_in_process(errands.hub)
    until(lambda: errands.look(job).state == "done")
    running.stop()


def test_stopping_ends_every_thread_and_puts_down_what_was_being_done(errands: Errands, clock: Clock) -> None:
    before = set(threading.enumerate())
    begun = threading.Event()

    def long(hub: Hub, _key: Key, lease: Lease) -> None:
        while True:
            begun.set()
            with hub.database.transaction() as session:
                lease.renew(session, clock())
            time.sleep(0.02)

    errands.act = long
    job = errands.enqueue()
    running = worker.start_in_process(errands.hub)
    assert begun.wait(10)
    running.stop()
    assert (errands.look(job).state, errands.look(job).failures) == ("waiting", 0)
    assert {thread.name for thread in set(threading.enumerate()) - before if thread.is_alive()} == set()


def test_two_hubs_in_one_process_do_not_take_each_others_jobs(
    errands: Errands, hub_on: Callable[[Database], Hub]
) -> None:
    def queue(hub: Hub) -> str:
        return str(worker.make_worker(hub).conf.task_default_queue)

    other = Database("sqlite://")
    assert queue(errands.hub) == queue(errands.hub)
    assert queue(hub_on(other)) != queue(errands.hub)
    other.close()


def test_a_message_carries_an_id_and_the_log_no_more(
    errands: Errands, started: worker.Stoppable, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    job = errands.enqueue(424242)
    worker.send(worker.make_worker(errands.hub), job)
    until(lambda: errands.look(job).state == "done")
    assert "424242" not in caplog.text


def test_a_broker_that_is_down_loses_nothing(errands: Errands, caplog: pytest.LogCaptureFixture) -> None:
    job = errands.enqueue()
    url = "amqp://guest:guest@127.0.0.1:1//"
    grown = replace(errands.hub, settings=load_settings(errands.hub.settings.home, broker_url=url))
    worker.send(worker.make_worker(grown), job)
    assert f"job {job} waits for the reaper" in caplog.text
    assert errands.look(job).state == "waiting"
