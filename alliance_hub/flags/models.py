"""What is kept of an evasion flag: the category, and a narrative that the hub cannot open."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base
from privacy.encoding import b64
from privacy.records import Flag


class FlagRow(Base):
    """The flag on one contract's newest record; only fellow holders of the subject open its narrative."""

    __tablename__ = "evasion_flags"
    __table_args__ = (
        ForeignKeyConstraint(["member", "contract_ref"], ["records.member", "records.contract_ref"]),
        {"sqlite_with_rowid": False},
    )

    member: Mapped[str] = mapped_column(primary_key=True)
    contract_ref: Mapped[bytes] = mapped_column(primary_key=True)
    flag_id: Mapped[bytes]
    version: Mapped[int]
    category: Mapped[str]
    sealed: Mapped[bytes]

    @property
    def flag(self) -> Flag:
        """The flag as its member handed it in."""
        return Flag(
            id=b64(self.flag_id), version=self.version, category=self.category, sealed=b64(self.sealed)
        )
