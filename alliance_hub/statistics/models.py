"""What is counted: one figure for each day, name and label, and how far the log has been counted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base

ONLY_TALLY = 1
"""The key of the one tally row; whoever counts holds its lock."""


class FigureRow(Base):
    """A sum over one day of Asia/Shanghai."""

    __tablename__ = "figures"

    name: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class TallyRow(Base):
    """How far the log has been counted. One row, made by the migration that made the table."""

    __tablename__ = "tally"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry: Mapped[int]
    """The id of the last entry that is counted."""
    live_records: Mapped[int | None]
    """Live records when they were counted last, which takes too long for a page."""
    records_at: Mapped[datetime | None]
