"""What is kept of a proposal: what is to be done, who proposed it and why, and who decided."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base, word_type


class Kind(StrEnum):
    """What is proposed (domain section 8)."""

    ADMISSION = "admission"
    """An applicant becomes a member: its enrolment is countersigned and stands in the feed."""
    SUSPENSION = "suspension"
    """A member is taken out of work until further notice."""
    RESUMPTION = "resumption"
    """A suspended member works again."""
    LEAVING = "leaving"
    """A member leaves: its data are returned and deleted, with a certificate."""
    QUOTA = "quota"
    """A member's quota changes."""
    ACTIVATION = "activation"
    """A data agreement that both sides have signed takes effect."""
    AGREEMENT_SUSPENSION = "agreement_suspension"
    """A data agreement rests until further notice."""
    AGREEMENT_RESUMPTION = "agreement_resumption"
    """A suspended data agreement is in effect again."""
    PARAMETER = "parameter"
    """A parameter of the alliance changes."""
    MODE = "mode"
    """The regulatory mode changes, on a recorded legal opinion."""
    CEREMONY = "ceremony"
    """A key ceremony is to be held."""
    COURT_ORDER = "court_order"
    """A court's order is followed: whether another member holds a debtor is certified."""
    INSPECTION = "inspection"
    """Somebody may read all registers until a day."""
    LOG_ERASURE = "log_erasure"
    """What a log entry says is erased; its leaf stays."""


class ProposalState(StrEnum):
    """How far a proposal has come."""

    OPEN = "open"
    """It waits for another officer."""
    APPROVED = "approved"
    """Another officer approved it, and it took effect in the same moment."""
    REJECTED = "rejected"
    """Another officer turned it down, with a reason."""
    WITHDRAWN = "withdrawn"
    """Whoever proposed it took it back."""
    LAPSED = "lapsed"
    """Nobody decided in time."""


class Proposal(Base):
    """Something that needs two people."""

    __tablename__ = "proposals"
    __table_args__ = (
        # At most one open proposal of a kind about an object.
        Index(
            "uq_proposals_open",
            "kind",
            "object",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_proposals_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(word_type(Kind))
    object: Mapped[str]
    """What it is about, as log entries name it: `member/NAME`."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the handler needs; never an identifier, an amount or a key."""
    reason: Mapped[str]
    state: Mapped[ProposalState] = mapped_column(word_type(ProposalState))
    proposed_by: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    proposed_for: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    """The principal, where a deputy proposed it."""
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
