"""What the log keeps: one row an entry. The tree over the leaves comes later and needs `id` and `leaf`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base


class LogRow(Base):
    """One act of the hub. Entry and salt may be erased one day; the leaf stays."""

    __tablename__ = "log_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
    leaf: Mapped[bytes] = mapped_column(unique=True)
    salt: Mapped[bytes | None]
    entry: Mapped[bytes | None]
    """The canonical JSON that the leaf commits to."""
