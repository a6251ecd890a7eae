"""What the feed keeps: its head, its entries in order, each author's place, the cuts and who signed them.

And where it goes on, once the epoch has ended.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base

ONLY_HEAD = 1
"""The key of the one head row; whoever appends holds its lock."""


class HeadRow(Base):
    """Where the feed ends. One row, made by the migration that made the table."""

    __tablename__ = "feed_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    stamp: Mapped[datetime | None]
    frontier: Mapped[bytes]
    """`merkle.Frontier.encode()` of the leaves up to `position`."""


class FeedRow(Base):
    """One position of the feed."""

    __tablename__ = "feed_entries"
    __table_args__ = (UniqueConstraint("author", "sequence"),)

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stamp: Mapped[datetime]
    salt: Mapped[bytes]
    leaf: Mapped[bytes]
    author: Mapped[str]
    sequence: Mapped[int]
    type: Mapped[str]
    digest: Mapped[bytes] = mapped_column(unique=True)
    log_leaf: Mapped[bytes]
    """The leaf of the log entry that records the appending."""
    document: Mapped[bytes] = mapped_column(deferred=True)
    """The SignedStatement as JSON, exactly as it is served."""


class AttachmentRow(Base):
    """The records of a chunk, as the JSON array that is served; apart, so that statements read fast."""

    __tablename__ = "feed_attachments"

    position: Mapped[int] = mapped_column(
        ForeignKey("feed_entries.position"), primary_key=True, autoincrement=False
    )
    size: Mapped[int]
    records: Mapped[bytes]


class AuthorRow(Base):
    """Where an author's chain ends: what its next statement must carry."""

    __tablename__ = "feed_authors"

    author: Mapped[str] = mapped_column(primary_key=True)
    next_sequence: Mapped[int]
    previous: Mapped[bytes]
    signed_at: Mapped[datetime]


class CutRow(Base):
    """A cut of the hub: the period that it begins, and where it took effect once all custodians signed."""

    __tablename__ = "feed_cuts"

    position: Mapped[int] = mapped_column(
        ForeignKey("feed_entries.position"), primary_key=True, autoincrement=False
    )
    period: Mapped[str] = mapped_column(unique=True)
    stamp: Mapped[datetime]
    head: Mapped[bytes]
    """The feed's root with the cut itself as its last leaf: what the custodians sign."""
    state_digest: Mapped[bytes | None]
    """What all custodians computed; null until the cut is effective."""
    effective_position: Mapped[int | None]
    effective_at: Mapped[datetime | None]


class CutSignatureRow(Base):
    """One custodian's signature under a cut; the first counts, there is no second."""

    __tablename__ = "feed_cut_signatures"

    cut_position: Mapped[int] = mapped_column(ForeignKey("feed_cuts.position"), primary_key=True)
    custodian: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state_digest: Mapped[bytes]
    position: Mapped[int] = mapped_column(ForeignKey("feed_entries.position"))
    """Where in the feed the signature stands."""


class CohortsRow(Base):
    """One custodian's commitment to whose records stood in the cohorts that it helped open in a period."""

    __tablename__ = "feed_cohorts"

    custodian: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    period: Mapped[str] = mapped_column(ForeignKey("feed_cuts.period"), primary_key=True)
    position: Mapped[int] = mapped_column(ForeignKey("feed_entries.position"))
    """Where in the feed the commitment stands."""


ONLY_SUCCESSOR = 1
"""The key of the one successor row."""


class SuccessorRow(Base):
    """The epoch that follows. While there is none, this one goes on; from then on nothing is appended."""

    __tablename__ = "feed_successor"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    address: Mapped[str]
    """Where the next epoch's hub serves."""
    key_set: Mapped[bytes]
    """The SignedKeySet as JSON."""
    at: Mapped[datetime]
