"""What is kept of a match: the question, what was decided, and the answer once it is whole."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base


class MatchState(StrEnum):
    """How far a match is."""

    DECIDED = "decided"
    """Allowed and logged; the custodians have not all answered. The same request again goes on from here."""
    ANSWERED = "answered"
    """The signed answer is stored; the same request again returns it."""


class MatchRow(Base):
    """One manifest that an agreement allowed. What was denied stands in the log alone."""

    __tablename__ = "matches"
    __table_args__ = (UniqueConstraint("member", "request_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("members.name"))
    request_id: Mapped[str]
    digest: Mapped[bytes]
    """The manifest's digest: the same request id with another manifest is refused."""
    state: Mapped[MatchState] = mapped_column(String)
    position: Mapped[int]
    """The feed position at which everything is judged; moves on while custodians find it stale."""
    opens: Mapped[bool]
    """Whether the agreement lets totals be opened; else no custodian is asked."""
    log_leaf: Mapped[bytes]
    """The leaf of the log entry with the decision."""
    decided_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    request: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The MatchRequest as JSON: what custodians are asked with, also later."""
    decision: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The Decision as JSON."""
    subjects: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The SubjectAnswers as JSON, as they were at `position`."""
    answer: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """The SignedMatchAnswer as JSON, exactly as it was served."""


class MatchSubject(Base):
    """Whom a match was about: so that a matter finds what its member asked about one debtor."""

    __tablename__ = "match_subjects"
    __table_args__ = ({"sqlite_with_rowid": False},)

    match: Mapped[int] = mapped_column(
        ForeignKey("matches.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Where the subject stands in the manifest, from 0."""
    pseudonym: Mapped[bytes] = mapped_column(index=True)


class FurtherOpening(Base):
    """A custodian's opening that the member asked for after the answer."""

    __tablename__ = "match_openings"

    match: Mapped[int] = mapped_column(ForeignKey("matches.id"), primary_key=True)
    custodian: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opening: Mapped[bytes]
    """The SealedOpening as JSON."""


class MatchJob(Base):
    """Many manifests that a member handed in at once, to fetch the answers later."""

    __tablename__ = "match_jobs"
    __table_args__ = (UniqueConstraint("member", "reference"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("members.name"))
    reference: Mapped[str]
    digest: Mapped[str]
    """The body's Content-Digest: the same reference with another body is refused."""
    manifests: Mapped[int]
    signature_base: Mapped[str]
    """What the member's signature of the HTTP request covers, ..."""
    signature: Mapped[str]
    """... and that signature: both go into the log with each decision."""
    received_at: Mapped[datetime]


class ItemState(StrEnum):
    """How far one manifest of a job is."""

    WAITING = "waiting"
    """Not answered yet; a part that is down is waited for."""
    ANSWERED = "answered"
    """Its answer can be fetched."""
    FAILED = "failed"
    """It was refused; the problem says why, and the others go on."""


class MatchJobItem(Base):
    """One manifest of a job."""

    __tablename__ = "match_job_items"

    job: Mapped[str] = mapped_column(ForeignKey("match_jobs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its place in the job, from 1."""
    request_id: Mapped[str]
    state: Mapped[ItemState] = mapped_column(String)
    match: Mapped[int | None] = mapped_column(ForeignKey("matches.id"))
    refusal: Mapped[bytes | None]
    """Why it failed: a `refusals.Refusal` as JSON."""
    work: Mapped[int] = mapped_column(ForeignKey("jobs.id"))
    """The job of the hub's own table that answers it."""
    request: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The MatchRequest as JSON."""
