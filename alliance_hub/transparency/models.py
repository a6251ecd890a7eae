"""What the log keeps: one row an entry, the tree over their leaves, its checkpoints and who cosigned them.

`actor`, `organisation` and `object` repeat what the entry says, so that a million entries can be searched;
they go when the entry is erased.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base

ONLY_TREE = 1
"""The key of the one tree row; whoever integrates or offers holds its lock."""

_WAITING = text("number IS NULL")


class LogRow(Base):
    """One act of the hub. Entry and salt may be erased one day; leaf and number stay."""

    __tablename__ = "log_entries"
    __table_args__ = (
        Index("ix_log_entries_kind_id", "kind", "id"),
        Index("ix_log_entries_actor_id", "actor", "id"),
        Index("ix_log_entries_organisation_id", "organisation", "id"),
        Index("ix_log_entries_object_id", "object", "id"),
        Index("uq_log_entries_number", "number", unique=True),
        Index("ix_log_entries_waiting", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str | None]
    """Who did it: an officer's ref, or a statement's author."""
    organisation: Mapped[str | None]
    """For which organisation: its id, which for a member is its name."""
    object: Mapped[str | None]
    """What it was done to: `member/NAME`, `agreement/NAME`, `proposal/ID`."""
    leaf: Mapped[bytes] = mapped_column(unique=True)
    salt: Mapped[bytes | None]
    entry: Mapped[bytes | None]
    """The canonical JSON that the leaf commits to."""
    number: Mapped[int | None]
    """Which leaf of the tree it is, from 0; null until it is integrated."""


class TreeRow(Base):
    """How far the tree is, and which checkpoint the custodians are shown. One row, made by the migration."""

    __tablename__ = "log_tree"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]
    frontier: Mapped[bytes]
    """`merkle.Frontier.encode()` of the leaves up to `size`."""
    offered: Mapped[int | None]
    """The size of the checkpoint that is shown for cosigning; null before the first."""
    offered_at: Mapped[datetime | None]


class NodeRow(Base):
    """The root of a perfect subtree above the leaves: it never changes again."""

    __tablename__ = "log_nodes"

    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Level and number in one (`nodes.place_of`): SQLite looks up many pairs by reading all rows."""
    hash: Mapped[bytes]


class CheckpointRow(Base):
    """A checkpoint that the hub has signed: the newest one, and each that was ever offered."""

    __tablename__ = "log_checkpoints"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    at: Mapped[datetime]
    line: Mapped[str]
    """The hub's signature line; it names the origin."""
    custodians: Mapped[int]
    """How many have cosigned it; from the threshold on it counts."""


class CosignatureRow(Base):
    """A witness's line under a checkpoint: a custodian's or a member's."""

    __tablename__ = "log_cosignatures"

    size: Mapped[int] = mapped_column(
        ForeignKey("log_checkpoints.size"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    """The name that the line bears: of one key."""
    custodian: Mapped[int | None]
    member: Mapped[str | None]
    at: Mapped[datetime]
    """When the witness says that it signed."""
    line: Mapped[str]


class AnchorRow(Base):
    """A time-stamping authority's word that a checkpoint was there."""

    __tablename__ = "log_anchors"

    size: Mapped[int] = mapped_column(
        ForeignKey("log_checkpoints.size"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    """The authority's own time."""
    authority: Mapped[str]
    """The address that was asked."""
    token: Mapped[bytes]
    """The RFC 3161 response as it came, over `Checkpoint.text()`."""
