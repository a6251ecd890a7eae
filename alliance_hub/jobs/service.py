"""Take up, renew, finish and retry jobs, so that each is done though workers die and messages are lost.

- Whoever runs a job holds a lease, renewed as it goes on; a lease that lapses makes the job anyone's.
- The lease's number is the attempt: a worker that was thought dead and wakes up again is told so, and
  what it was writing is rolled back.
- The reaper finds what nobody works on: a message that was lost, a worker that was killed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from alliance_hub.errors import HubError, Unavailable
from alliance_hub.hub import Hub
from alliance_hub.jobs.models import Job, JobState, Key

LEASE = timedelta(seconds=120)
"""How long a worker may be silent before its job is anyone's: many times what one chunk takes."""

FIRST_SENDING = timedelta(seconds=10)
"""Whoever enqueues also sends; a job that nobody has taken up by then is sent again."""

RESENDING = timedelta(seconds=60)
"""A busy queue is no reason to send the same job every few seconds."""

MAX_FAILURES = 12
"""With the backoff below, about forty minutes; what fails so often fails for a reason."""

LONGEST_BACKOFF = timedelta(minutes=10)

REAPED_AT_ONCE = 500

log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has taken the job over: stop, and write nothing more."""


class Stopped(Exception):
    """This worker is to stop: the job goes on elsewhere, or after the restart."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's right to go on with a job; the attempt's number tells it from later leases."""

    job_id: int
    attempt: int
    stopping: Callable[[], bool] = _never

    def renew(self, session: Session, now: datetime) -> None:
        """Extend the lease within the transaction that does a part of the work; raises LeaseLost or Stopped.

        The transaction then commits only if no other worker has taken over.
        """
        if self.stopping():
            raise Stopped
        held = update(Job).where(Job.id == self.job_id, Job.attempts == self.attempt)
        renewed = held.where(Job.state == JobState.RUNNING).values(due_at=now + LEASE)
        if session.execute(renewed.returning(Job.id)).first() is None:
            raise LeaseLost


Handler = Callable[[Hub, Key, Lease], None]
"""Does a job, or what is left of it, in transactions of its own, renewing the lease in each."""

_HANDLERS: dict[str, Handler] = {}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register a function as the handler of a kind of job, when its module is imported."""

    def register(handler: Handler) -> Handler:
        _HANDLERS[kind] = handler
        return handler

    return register


def enqueue(session: Session, kind: str, key: Key, *, now: datetime) -> Job:
    """Write down a job in the transaction that makes it necessary; send its id after the commit."""
    job = Job(
        kind=kind,
        key=key,
        state=JobState.WAITING,
        attempts=0,
        failures=0,
        due_at=now + FIRST_SENDING,
        created_at=now,
    )
    session.add(job)
    session.flush()
    return job


def try_again(session: Session, job_id: int, *, now: datetime) -> None:
    """Let a job that was given up begin anew; nothing happens to any other."""
    job = session.get_one(Job, job_id, with_for_update=True)
    if job.state == JobState.FAILED:
        job.state, job.failures, job.finished_at, job.due_at = JobState.WAITING, 0, None, now + FIRST_SENDING


def run(hub: Hub, job_id: int, *, stopping: Callable[[], bool] = _never) -> None:
    """Do a job unless it is done or another worker has it. What goes wrong is written down, not raised.

    `stopping` says whether this worker is to stop at the next part.
    """
    taken = _take(hub, job_id, stopping)
    if taken is None:
        return
    lease, kind, key = taken
    try:
        _HANDLERS[kind](hub, key, lease)
    except LeaseLost:
        log.warning("job %d was taken over by another worker", job_id)
    except Stopped:
        _settle(hub, lease, _put_down)
    except Exception as error:
        # The name alone: a message or a traceback could quote what the job was about.
        slug = error.slug if isinstance(error, HubError) else type(error).__name__
        log.error("job %d failed at attempt %d: %s", job_id, lease.attempt, slug)
        _settle(hub, lease, partial(_set_back, error=error, slug=slug))
    else:
        _settle(hub, lease, _finish)


def reap(hub: Hub, now: datetime, *, alone: bool = False) -> list[int]:
    """Return the ids of jobs that must be sent to a worker, having taken them from dead ones.

    `alone`: no worker runs yet, so that every lease is a dead one's and every message is lost.
    """
    unfinished = Job.due_at.is_not(None) if alone else Job.due_at <= now
    due = select(Job).where(unfinished).order_by(Job.due_at).limit(REAPED_AT_ONCE)
    with hub.database.reading() as session:
        if session.scalar(due.with_only_columns(Job.id)) is None:
            return []
    with hub.database.transaction() as session:
        jobs = session.scalars(due.with_for_update(skip_locked=True)).all()
        return [job.id for job in jobs if _revive(job, now)]


def _take(hub: Hub, job_id: int, stopping: Callable[[], bool]) -> tuple[Lease, str, Key] | None:
    now = hub.clock()
    free = or_(
        Job.state == JobState.WAITING,
        and_(Job.state == JobState.RUNNING, Job.due_at <= now),
    )
    take = (
        update(Job)
        .where(Job.id == job_id, free)
        .values(state=JobState.RUNNING, attempts=Job.attempts + 1, due_at=now + LEASE)
        .returning(Job.attempts, Job.kind, Job.key)
    )
    with hub.database.transaction() as session:
        taken = session.execute(take).one_or_none()
    return None if taken is None else (Lease(job_id, taken.attempts, stopping), taken.kind, taken.key)


def _settle(hub: Hub, lease: Lease, end: Callable[[Job, datetime], None]) -> None:
    """Write how an attempt ended, unless another has begun meanwhile."""
    with hub.database.transaction() as session:
        job = session.get_one(Job, lease.job_id, with_for_update=True)
        if (job.state, job.attempts) == (JobState.RUNNING, lease.attempt):
            end(job, hub.clock())


def _finish(job: Job, now: datetime) -> None:
    job.state, job.due_at, job.finished_at, job.last_error = JobState.DONE, None, now, None


def _put_down(job: Job, now: datetime) -> None:
    job.state, job.due_at = JobState.WAITING, now


def _give_up(job: Job, now: datetime) -> None:
    job.state, job.due_at, job.finished_at = JobState.FAILED, None, now


def _set_back(job: Job, now: datetime, *, error: Exception, slug: str) -> None:
    """Give up when a rule refused, which it would again; wait while a part is down; else try again later."""
    job.last_error = slug
    if isinstance(error, Unavailable):
        job.state, job.due_at = JobState.WAITING, max(error.retry_at or now, now + RESENDING)
    elif isinstance(error, HubError):
        _give_up(job, now)
    else:
        _count_failure(job, now, wait=min(timedelta(seconds=2 << job.failures), LONGEST_BACKOFF))


def _revive(job: Job, now: datetime) -> bool:
    """Make a job whose worker is silent anyone's, and say whether it is to be sent."""
    if job.state == JobState.RUNNING:
        job.last_error = "worker-lost"
        _count_failure(job, now, wait=RESENDING)
    else:
        job.due_at = now + RESENDING
    return job.state == JobState.WAITING


def _count_failure(job: Job, now: datetime, *, wait: timedelta) -> None:
    job.failures += 1
    if job.failures >= MAX_FAILURES:
        _give_up(job, now)
    else:
        job.state, job.due_at = JobState.WAITING, now + wait
