"""What is kept of an agreement: its terms as they were offered, and the member's signature."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base
from privacy.messages import parse_json
from privacy.statements import Terms


class AgreementRow(Base):
    """One version of an agreement with one member; older versions stay readable."""

    __tablename__ = "agreements"

    agreement: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member: Mapped[str] = mapped_column(ForeignKey("members.name"), index=True)
    document: Mapped[bytes]
    """The Terms as JSON."""
    offered_at: Mapped[datetime]
    signature: Mapped[str | None]
    """The member's, over the terms; null while the version is only offered."""
    signed_at: Mapped[datetime | None]
    position: Mapped[int | None] = mapped_column(ForeignKey("feed_entries.position"))
    """Where in the feed the secretariat states it."""

    @property
    def terms(self) -> Terms:
        """The terms themselves."""
        return parse_json(Terms, self.document)
