"""Celery around the table of jobs: messages carry ids, the table says what is done.

One machine: the broker is `memory://`, and worker, reaper and the log's integrator are threads of the serving
process. Grown: RabbitMQ, and `alliance-hub worker` as often as there is work. A message that is lost, and a
worker that is killed, cost time and nothing else: the reaper finds their jobs in the table.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import pkgutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Protocol

from celery import Celery, bootsteps
from celery.concurrency.thread import TaskPool
from kombu.exceptions import OperationalError

import alliance_hub
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.jobs.daily import Days
from alliance_hub.statistics import counting
from alliance_hub.transparency import integrator

RUN_JOB = "alliance_hub.run_job"
IN_PROCESS = "memory:"
CONCURRENCY = 2
"""Jobs at once in one process: beside a portfolio of a million rows, a small one goes on."""

REAP_EVERY = timedelta(seconds=3)
STOP_SECONDS = 10.0
"""Many times what one chunk takes: a job that is told to stop does so at its next part."""

log = logging.getLogger(__name__)


class Stoppable(Protocol):
    """Something that runs until it is stopped."""

    def stop(self) -> None:
        """Return when it has stopped, or has had its time."""


def make_worker(hub: Hub) -> Celery:
    """Return the Celery application of this hub; every one of the same hub shares its queue."""
    return _assemble(hub, threading.Event())


def _assemble(hub: Hub, stopping: threading.Event) -> Celery:
    """Return the application, whose jobs and threads stop once `stopping` is set."""
    _import_handlers()
    worker = Celery("alliance_hub", broker=_broker(hub), set_as_current=False)
    worker.conf.update(
        task_default_queue=_queue(hub),
        task_ignore_result=True,
        # A message goes only when its job was run: a killed worker's is delivered again.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        # Threads: the connection's heartbeat goes on while a job computes, and nothing is forked that holds
        # a database connection.
        worker_pool=f"{__name__}:Threads",
        # The lease tells a job whose message was delivered again meanwhile; it goes on.
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_concurrency=CONCURRENCY,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"polling_interval": 0.1} if is_in_process(hub) else {},
    )
    worker.task(name=RUN_JOB, shared=False)(_runner(hub, stopping))
    worker.steps["worker"].add(_thread("reaper", lambda: _reap(hub, worker, stopping), stopping))
    worker.steps["worker"].add(_thread("integrator", lambda: integrator.run(hub, stopping.wait), stopping))
    return worker


def is_in_process(hub: Hub) -> bool:
    """Say whether the jobs are run in the serving process itself."""
    return hub.settings.broker_url.startswith(IN_PROCESS)


def send(worker: Celery, job_id: int) -> None:
    """Ring for a job, after the commit that made it; if the broker is down, the reaper rings later."""
    try:
        worker.send_task(RUN_JOB, args=[job_id])
    except OperationalError:
        log.warning("the broker does not answer: job %d waits for the reaper", job_id)


def start_in_process(hub: Hub) -> Stoppable:
    """Run worker and reaper in threads of this process until they are stopped."""
    waiting = jobs.reap(hub, hub.clock(), alone=True)
    return _InProcess(hub, waiting)


def run_worker(hub: Hub) -> None:
    """Run jobs until SIGTERM or Ctrl-C; what is being done then is set back and goes on elsewhere."""
    make_worker(hub).worker_main(["worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle"])


class Threads(TaskPool):
    """Threads that know which application they work for: Celery's would ask the process for its only one."""

    def __init__(self, *args: Any, app: Celery, **options: Any) -> None:
        super().__init__(*args, app=app, **options)
        self.executor = ThreadPoolExecutor(max_workers=self.limit, initializer=app.set_current)


class _InProcess:
    """A worker in a thread. Celery's own program would claim the signals, which are the server's."""

    def __init__(self, hub: Hub, waiting: Sequence[int]) -> None:
        self._stopping, ready = threading.Event(), threading.Event()
        worker = _assemble(hub, self._stopping)
        self._controller: Any = worker.WorkController(
            app=worker, ready_callback=lambda _consumer: ready.set(), without_mingle=True, without_gossip=True
        )
        self._thread = threading.Thread(target=self._run, name="alliance-hub-worker", daemon=True)
        self._thread.start()
        ready.wait(STOP_SECONDS)
        for job_id in waiting:
            send(worker, job_id)

    def stop(self) -> None:
        """Let running jobs come to the end of their part, and the threads to theirs."""
        self._stopping.set()
        # Celery's own switch is one for the whole process; this one is this worker's.
        self._controller.consumer.blueprint.state = bootsteps.CLOSE  # type: ignore[attr-defined]
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        self._controller.start()
        self._controller.stop()


def _runner(hub: Hub, stopping: threading.Event) -> Callable[[int], None]:
    def run_job(job_id: int) -> None:
        """Do a job. Nothing is raised: Celery would log what the error quotes."""
        try:
            jobs.run(hub, job_id, stopping=stopping.is_set)
        except Exception as error:
            log.error("job %d could not be taken up or put down: %s", job_id, type(error).__name__)

    return run_job


def _thread(title: str, work: Callable[[], None], stopping: threading.Event) -> type[bootsteps.StartStopStep]:
    """Return a part of a worker that does `work` in a thread of its own, as long as the worker runs."""

    class Step(bootsteps.StartStopStep):
        # The worker knows its steps by their names.
        name = f"{__name__}.{title}"
        requires = ("celery.worker.components:Pool",)

        def __init__(self, parent: Any, **options: Any) -> None:
            self.thread = threading.Thread(target=work, name=f"alliance-hub-{title}", daemon=True)
            super().__init__(parent, **options)

        def start(self, parent: Any) -> None:
            self.thread.start()

        def close(self, parent: Any) -> None:
            stopping.set()

        def stop(self, parent: Any) -> None:
            stopping.set()
            self.thread.join(STOP_SECONDS)

    return Step


def _reap(hub: Hub, worker: Celery, stopping: threading.Event) -> None:
    """Look for jobs that nobody works on, and for the day's work."""
    days = Days(hub.clock())
    while not stopping.wait(REAP_EVERY.total_seconds()):
        days.tick(hub, hub.clock())
        try:
            for job_id in jobs.reap(hub, hub.clock()):
                send(worker, job_id)
            counting.count(hub, hub.clock())
        except Exception as error:
            log.error("the reaper could not look: %s", type(error).__name__)


def _import_handlers() -> None:
    """Import the tasks of every part, which register what they handle."""
    for part in pkgutil.iter_modules(alliance_hub.__path__):
        tasks = f"alliance_hub.{part.name}.tasks"
        if part.ispkg and importlib.util.find_spec(tasks):
            importlib.import_module(tasks)


def _broker(hub: Hub) -> str:
    # With a host, or the library complains that it had to think of one.
    return "memory://localhost//" if is_in_process(hub) else hub.settings.broker_url


def _queue(hub: Hub) -> str:
    """Return a queue of this alliance's own; in process, of this hub's own."""
    name = f"alliance-hub.{hub.key_set.alliance}.{hub.key_set.epoch}"
    return f"{name}.{id(hub.database):x}" if is_in_process(hub) else name
