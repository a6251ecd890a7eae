"""What is kept of a sample: from which register, how it was drawn, and what it holds."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base, word_type


class Register(StrEnum):
    """From what a sample is drawn."""

    MEMBERS = "members"
    """Every member and applicant whose keys are known."""
    AGREEMENTS = "agreements"
    """Every version of every data agreement."""
    COMPLAINTS = "complaints"
    """Every complaint and dispute."""
    SUBMISSIONS = "submissions"
    """Everything that members handed in."""
    MATCHES = "matches"
    """Every question that was allowed."""
    LOG = "log"
    """Every act of the hub and its officers."""


class Sample(Base):
    """Rows drawn at random from a register."""

    __tablename__ = "samples"

    id: Mapped[int] = mapped_column(primary_key=True)
    register: Mapped[Register] = mapped_column(word_type(Register))
    population: Mapped[int]
    """How many rows the register had."""
    population_digest: Mapped[bytes]
    """SHA-256 over all their references, in order: shows that none was left out."""
    seed: Mapped[bytes]
    """32 bytes from the system's generator, drawn when the register was already fixed."""
    rows: Mapped[list[str]] = mapped_column(JSON)
    """The references drawn, in the register's order."""
    reason: Mapped[str]
    officer: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    drawn_at: Mapped[datetime]
    log_leaf: Mapped[bytes]
