"""What the log keeps: one row an entry. The tree over the leaves comes later and needs `id` and `leaf`.

`actor`, `organisation` and `object` repeat what the entry says, so that a million entries can be searched;
they go when the entry is erased.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base


class LogRow(Base):
    """One act of the hub. Entry and salt may be erased one day; the leaf stays."""

    __tablename__ = "log_entries"
    __table_args__ = (
        Index("ix_log_entries_kind_id", "kind", "id"),
        Index("ix_log_entries_actor_id", "actor", "id"),
        Index("ix_log_entries_organisation_id", "organisation", "id"),
        Index("ix_log_entries_object_id", "object", "id"),
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
