"""What is kept of a member: its keys in force and who has accepted it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance_hub.db import Base, word_type
from alliance_hub.membership.rules import MemberState


class Member(Base):
    """A lending platform that has introduced itself."""

    __tablename__ = "members"

    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[MemberState] = mapped_column(word_type(MemberState))
    signing: Mapped[bytes]
    recovery: Mapped[bytes]
    sealing: Mapped[bytes]
    key_id: Mapped[str] = mapped_column(unique=True)
    """Under which its signing key signs requests."""
    recovery_key_id: Mapped[str] = mapped_column(unique=True)
    control_group: Mapped[str]
    declared_portfolio: Mapped[int]
    fingerprint: Mapped[str]
    """Over name and keys as enrolled: what the custodians' operators compare with the member's card."""
    suspended_at: Mapped[int | None]
    """Where in the feed its suspension stands; null while it is at work."""
    applied_at: Mapped[datetime]
    enrolment: Mapped[bytes] = mapped_column(deferred=True)
    """The application as JSON: a SignedStatement without countersignature."""
    enrolment_digest: Mapped[bytes | None] = mapped_column(unique=True)
    """Digest of the countersigned enrolment in the feed; null until it stands there."""
    acceptances: Mapped[list[Acceptance]] = relationship(order_by="Acceptance.custodian", lazy="selectin")

    @property
    def accepted_by(self) -> list[int]:
        """The custodians that have accepted the member, by index."""
        return [acceptance.custodian for acceptance in self.acceptances]


class Acceptance(Base):
    """A custodian's operator has compared this member's fingerprint."""

    __tablename__ = "member_acceptances"

    member: Mapped[str] = mapped_column(ForeignKey("members.name"), primary_key=True)
    custodian: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(ForeignKey("feed_entries.position"))
    """Where in the feed the acceptance stands."""
