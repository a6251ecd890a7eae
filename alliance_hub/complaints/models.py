"""What is kept of a complaint. No name, number or address of the person who complains: the rights desk
knows whom its reference means, and the hub does not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.complaints.kinds import Channel, Kind, Misconduct, Outcome
from alliance_hub.db import Base, word_type


class Complaint(Base):
    """One complaint or dispute."""

    __tablename__ = "complaints"
    __table_args__ = (
        UniqueConstraint("year", "sequence"),
        Index("ix_complaints_closed_at_due_at", "closed_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    """The year, in Shanghai, in which it was entered, and ..."""
    sequence: Mapped[int]
    """... its place in that year's register, from 1."""
    kind: Mapped[Kind] = mapped_column(word_type(Kind))
    channel: Mapped[Channel] = mapped_column(word_type(Channel))
    member: Mapped[str | None] = mapped_column(ForeignKey("members.name"), index=True)
    """The member that it is about, or for whom the agency worked."""
    agency: Mapped[str | None] = mapped_column(index=True)
    """The organisation that it is about, where that is not a member itself."""
    complainant: Mapped[str]
    """The rights desk's reference for whoever complains."""
    summary: Mapped[str]
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """The first instant at which the answer is late."""
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    officer: Mapped[int | None] = mapped_column(ForeignKey("officers.id"), index=True)
    """In whose hands it is; null until somebody takes it."""
    outcome: Mapped[Outcome | None] = mapped_column(word_type(Outcome))
    conclusion: Mapped[str | None]
    """What was found, and what follows from it."""
    replied_at: Mapped[datetime | None]
    """When whoever complained was told how it ended."""
    closed_at: Mapped[datetime | None]

    @property
    def number(self) -> str:
        """Under which number it stands in the register: `C-2026-0001`."""
        return f"C-{self.year}-{self.sequence:04d}"

    @property
    def about(self) -> str:
        """Whose conduct it is about: the agency, else the member."""
        return self.agency or self.member or ""

    @property
    def object(self) -> str:
        """What log entries call it."""
        return f"complaint/{self.number}"


class ComplaintMisconduct(Base):
    """One kind of misconduct that is complained of."""

    __tablename__ = "complaint_misconduct"

    complaint: Mapped[int] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    kind: Mapped[Misconduct] = mapped_column(word_type(Misconduct), primary_key=True)


class ComplaintNote(Base):
    """What was done about a complaint, in the words of whoever did it."""

    __tablename__ = "complaint_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint: Mapped[int] = mapped_column(ForeignKey("complaints.id"), index=True)
    officer: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    at: Mapped[datetime]
    text: Mapped[str]
