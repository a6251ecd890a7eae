"""What is kept of a request that was seen: whose key, which nonce, until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base


class NonceRow(Base):
    """One signed request that this hub has taken."""

    __tablename__ = "nonces"

    key_id: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    """From then on the signature's age alone refuses the request."""
