"""What is kept of submissions and records: what matching needs, and never a ciphertext.

The ciphertexts stand in the feed's attachments, and until a chunk is processed in its spooled body.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance_hub.db import Base
from privacy.statements import MAX_CHUNK


class SubmissionState(StrEnum):
    """How far a submission is."""

    RECEIVED = "received"
    """Stored whole; nothing of it is in the feed yet."""
    PROCESSING = "processing"
    """Some of its chunks have been judged."""
    DONE = "done"
    """Every chunk has been appended or refused."""


class ChunkState(StrEnum):
    """What became of a chunk."""

    WAITING = "waiting"
    """Not judged yet; its body is still spooled."""
    APPENDED = "appended"
    """It stands in the feed at `position`."""
    REFUSED = "refused"
    """Nothing of it was taken; `reason` says why."""


class RowOutcome(StrEnum):
    """What became of a row that is not accepted."""

    UNCHANGED = "unchanged"
    """The hub holds exactly this already."""
    REFUSED = "refused"
    """It refuses its chunk; `reason` says why."""


class RecordState(StrEnum):
    """Whether a contract still counts."""

    LIVE = "live"
    """It counts until its record expires."""
    SETTLED = "settled"
    """Its member has said that it is paid."""
    WITHDRAWN = "withdrawn"
    """Its member has taken it back."""


class Submission(Base):
    """What a member handed in under one reference."""

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("member", "reference"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("members.name"))
    reference: Mapped[str]
    digest: Mapped[str]
    """The body's Content-Digest: the same reference with another body is another submission, and refused."""
    as_of: Mapped[date]
    state: Mapped[SubmissionState] = mapped_column(String)
    rows: Mapped[int]
    accepted: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    """All rows of refused chunks, also those that nothing was wrong with."""
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    job: Mapped[int] = mapped_column(ForeignKey("jobs.id"))
    """Who receives the submission sends this job after the commit."""
    chunks: Mapped[list[SubmissionChunk]] = relationship(order_by="SubmissionChunk.number")


class SubmissionChunk(Base):
    """One chunk of a submission: the unit that is appended or refused."""

    __tablename__ = "submission_chunks"

    submission: Mapped[str] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its place in the submission, from 0."""
    sequence: Mapped[int]
    """The sequence number of its statement."""
    size: Mapped[int]
    state: Mapped[ChunkState] = mapped_column(String)
    reason: Mapped[str | None]
    position: Mapped[int | None] = mapped_column(ForeignKey("feed_entries.position"), unique=True)
    period: Mapped[str | None]
    """The period of its stamp, in which its rows count towards the portfolio."""


class ChunkBody(Base):
    """A chunk's lines as they were received; gone once the chunk is judged."""

    __tablename__ = "submission_bodies"

    submission: Mapped[str] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class SubmissionRow(Base):
    """A row that was not accepted, and why."""

    __tablename__ = "submission_rows"

    submission: Mapped[str] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    chunk: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The row's index in its chunk, from 0."""
    contract_ref: Mapped[bytes]
    outcome: Mapped[RowOutcome] = mapped_column(String)
    reason: Mapped[str | None]

    @property
    def cursor(self) -> int:
        """Where a list that goes on after this row begins."""
        return self.chunk * MAX_CHUNK + self.place


class RecordRow(Base):
    """The newest accepted record of one contract, without its ciphertext.

    What it says is null once it was forgotten: the contract, its last day and that it ended stay, so that
    it neither comes back nor is counted anew.
    """

    __tablename__ = "records"
    __table_args__ = (
        # With the state, so that contracts can be counted in it: SQLite else reads the member's whole table.
        Index("ix_records_pseudonym_member_state", "pseudonym", "member", "state"),
        # The key is the table: a million rows are looked up and replaced by it.
        {"sqlite_with_rowid": False},
    )

    member: Mapped[str] = mapped_column(ForeignKey("members.name"), primary_key=True)
    contract_ref: Mapped[bytes] = mapped_column(primary_key=True)
    pseudonym: Mapped[bytes | None]
    standing_key: Mapped[bytes | None]
    as_of: Mapped[date]
    product_class: Mapped[str | None]
    lost_contact: Mapped[bool | None]
    consent_digest: Mapped[bytes | None]
    notice_digest: Mapped[bytes | None]
    content_digest: Mapped[bytes]
    """Over all that the member says of the contract, salts left out: tells an unchanged row."""
    leaf: Mapped[bytes]
    """The record's leaf hash in its chunk."""
    position: Mapped[int] = mapped_column(ForeignKey("feed_entries.position"))
    """Where in the feed its chunk stands, ..."""
    place: Mapped[int]
    """... and the record's index in it."""
    seen_at: Mapped[int]
    """The position of the last chunk that named the contract, changed or not."""
    live_since: Mapped[int]
    """The position since which the contract has been live without a gap."""
    expires_at: Mapped[datetime]
    """`signed_at` of its chunk and the policy's `record_days`."""
    state: Mapped[RecordState] = mapped_column(String)
    ended_at: Mapped[int | None]
    """The position of its settlement or withdrawal."""
    member_hold: Mapped[int | None]
    """The position at which its member put it on hold, and ..."""
    secretariat_hold: Mapped[int | None]
    """... the secretariat; null where the hold was released or never began."""

    @property
    def is_held(self) -> bool:
        """Whether anybody holds it."""
        return self.member_hold is not None or self.secretariat_hold is not None
