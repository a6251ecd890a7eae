"""What is kept of a job: what is to be done, how far it is, and when somebody must look again."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base

Key = dict[str, str | int]
"""Which rows a job is about: ids only, never what stands in them."""


class JobState(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    """Nobody works on it; it is sent to a worker, now or at `due_at` again."""
    RUNNING = "running"
    """A worker holds its lease until `due_at`."""
    DONE = "done"
    """Finished, for good."""
    FAILED = "failed"
    """Given up; `last_error` says why, and a person must look."""


class Job(Base):
    """One piece of work. Its handler may run twice, so it finds out by itself what is left to do."""

    __tablename__ = "jobs"
    __table_args__ = (
        # Who looks after the hub asks how many were given up; hundreds of thousands were done.
        Index(
            "ix_jobs_failed",
            "id",
            sqlite_where=text("state = 'failed'"),
            postgresql_where=text("state = 'failed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[Key] = mapped_column(JSON)
    state: Mapped[JobState] = mapped_column(String)
    attempts: Mapped[int]
    """How often a worker has taken it up: the number of its newest lease."""
    failures: Mapped[int]
    """How often that ended badly; waiting for a part that is down does not count."""
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    """When the reaper must look: a waiting job's next sending, a running one's end of lease; null at rest."""
    last_error: Mapped[str | None]
    """A short name of what went wrong last, never a value."""
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
