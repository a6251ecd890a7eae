"""What is kept of a reminder: to whom, of what day, how many, and whether it has gone out."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base, word_type


class Topic(StrEnum):
    """What somebody is reminded of."""

    DIGEST = "digest"
    """All of the following, to one officer."""
    PROPOSALS_WAITING = "proposals_waiting"
    """Proposals that wait for a decision."""
    CLOCKS_RUNNING_OUT = "clocks_running_out"
    """What ends in 14, 7 or 1 days, or is late."""
    INVITATIONS_OPEN = "invitations_open"
    """Officers who have not taken up their invitations."""


class Delivery(StrEnum):
    """How far a reminder has come."""

    WAITING = "waiting"
    """It is to be sent."""
    SENDING = "sending"
    """It is being handed over; if the worker dies now, it is not sent again."""
    SENT = "sent"
    """The other side has taken it."""
    UNCERTAIN = "uncertain"
    """The other side may have it: a second one would be worse than none."""
    REFUSED = "refused"
    """The other side does not want it."""
    LAPSED = "lapsed"
    """Its day was over before it could be sent; the next day has one of its own."""


class Reminder(Base):
    """One message of one day. It goes out at most once."""

    __tablename__ = "reminders"
    __table_args__ = (UniqueConstraint("day", "recipient", "topic"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    """In Shanghai."""
    recipient: Mapped[str]
    """An officer's ref, or `webhook`."""
    topic: Mapped[Topic] = mapped_column(word_type(Topic))
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    """How many of each topic; nothing else is told."""
    state: Mapped[Delivery] = mapped_column(word_type(Delivery))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    job: Mapped[int] = mapped_column(ForeignKey("jobs.id"))


class ReminderDay(Base):
    """On this day all reminders were written; whoever writes this row first writes them."""

    __tablename__ = "reminder_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime]
