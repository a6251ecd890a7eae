"""What is kept of parameters and mode: every change, by whom proposed and approved, on what grounds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base, word_type
from alliance_hub.policy import RegulatoryMode


class ParameterChange(Base):
    """A parameter has this value from here on; the newest row of a name counts."""

    __tablename__ = "parameter_changes"
    __table_args__ = (Index("ix_parameter_changes_name_id", "name", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    old: Mapped[int]
    new: Mapped[int]
    at: Mapped[datetime]
    proposal: Mapped[int] = mapped_column(ForeignKey("proposals.id"), unique=True)
    """Who proposed it and why, and who approved it."""
    log_leaf: Mapped[bytes]


class ModeChange(Base):
    """The hub works in this regulatory mode from here on; the newest row counts."""

    __tablename__ = "mode_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[RegulatoryMode] = mapped_column(word_type(RegulatoryMode))
    opinion_digest: Mapped[str]
    """SHA-256 of the recorded legal opinion, in hex."""
    consultation: Mapped[str]
    """Under which reference the authority was consulted."""
    names_amounts: Mapped[bool]
    """Whether the opinion names amounts."""
    at: Mapped[datetime]
    proposal: Mapped[int] = mapped_column(ForeignKey("proposals.id"), unique=True)
    log_leaf: Mapped[bytes]
