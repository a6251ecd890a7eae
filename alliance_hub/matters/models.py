"""What is kept of a matter: the signed request, lawyers, certificates, bundles and courts' orders.

No document, name or amount: they stay with the member. What names the debtor here is its pseudonym.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base, word_type
from alliance_hub.matters.kinds import CertificateKind, MatterState, Why
from privacy.evidence import MatterKind


class MatterRow(Base):
    """One matter of one member, about one debtor; what names the debtor is null once it was forgotten."""

    __tablename__ = "matters"
    __table_args__ = (
        UniqueConstraint("member", "reference"),
        Index("ix_matters_until", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("members.name"))
    reference: Mapped[str]
    """As the member chose it: unique among its own."""
    kind: Mapped[MatterKind] = mapped_column(word_type(MatterKind))
    pseudonym: Mapped[bytes | None]
    standing_key: Mapped[bytes | None]
    digest: Mapped[bytes]
    """SHA-256 of the request: another request under the same reference is refused."""
    request: Mapped[bytes | None] = mapped_column(deferred=True)
    """The SignedMatterRequest as JSON."""
    agreement: Mapped[str]
    """Which agreement allowed it, and ..."""
    version: Mapped[int]
    """... in which version."""
    law_firm: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"))
    opened_at: Mapped[datetime]
    until: Mapped[datetime]
    """The first instant at which it is over; earlier than the request says where the member shortened it."""
    closed_at: Mapped[datetime | None]
    log_leaf: Mapped[bytes]
    """The leaf of the log entry of its opening."""
    handed_out: Mapped[list[int]] = mapped_column(JSON)
    """The numbers of the certificates in the newest evidence: the next bundle holds them."""
    forgotten_at: Mapped[datetime | None]

    def state_at(self, at: datetime) -> MatterState:
        """Return how far it is at an instant."""
        if self.closed_at is not None:
            return MatterState.CLOSED
        return MatterState.EXPIRED if at >= self.until else MatterState.OPEN

    @property
    def ends_at(self) -> datetime:
        """When it is, or was, over."""
        return self.until if self.closed_at is None else min(self.closed_at, self.until)

    @property
    def object(self) -> str:
        """What log entries call it."""
        return f"matter/{self.reference}"


class MatterContract(Base):
    """One contract that a matter is about."""

    __tablename__ = "matter_contracts"

    matter: Mapped[int] = mapped_column(ForeignKey("matters.id"), primary_key=True)
    contract_ref: Mapped[bytes] = mapped_column(primary_key=True)
    place: Mapped[int]
    """Where it stands in the request, from 0."""


class MatterLawyer(Base):
    """A lawyer that a member appointed to a matter."""

    __tablename__ = "matter_lawyers"

    matter: Mapped[int] = mapped_column(ForeignKey("matters.id"), primary_key=True)
    officer: Mapped[int] = mapped_column(ForeignKey("officers.id"), primary_key=True, index=True)
    appointed_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]
    terms: Mapped[str | None]
    """The version of the terms that it accepted for this matter."""
    accepted_at: Mapped[datetime | None]


class MatterView(Base):
    """On which days a lawyer looked at a matter: the first look of a day is logged."""

    __tablename__ = "matter_views"

    matter: Mapped[int] = mapped_column(ForeignKey("matters.id"), primary_key=True)
    officer: Mapped[int] = mapped_column(ForeignKey("officers.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class MatterCertificate(Base):
    """One certificate; a later number of the same kind and subject supersedes it."""

    __tablename__ = "matter_certificates"
    __table_args__ = (UniqueConstraint("log_leaf"),)

    matter: Mapped[int] = mapped_column(ForeignKey("matters.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[CertificateKind] = mapped_column(word_type(CertificateKind))
    subject: Mapped[str]
    """What it is about within its kind: the agreement's name and version, else empty."""
    issued_at: Mapped[datetime]
    position: Mapped[int]
    """Where the feed ended when it was issued."""
    document: Mapped[bytes | None] = mapped_column(deferred=True)
    """The SignedCertificate as JSON; null once it was forgotten."""
    log_leaf: Mapped[bytes]
    superseded_at: Mapped[datetime | None]
    why: Mapped[Why | None] = mapped_column(word_type(Why))


class MatterBundle(Base):
    """A bundle that the member says it has sealed; the hub has never seen it."""

    __tablename__ = "matter_bundles"

    matter: Mapped[int] = mapped_column(ForeignKey("matters.id"), primary_key=True)
    seal: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of its seal.json."""
    sealed_at: Mapped[datetime]
    certificates: Mapped[list[int]] = mapped_column(JSON)
    """The numbers of the certificates in it."""
    reported_at: Mapped[datetime]
    log_leaf: Mapped[bytes]
    delivered_at: Mapped[datetime | None]
    delivery_leaf: Mapped[bytes | None]
    superseded_at: Mapped[datetime | None]
    why: Mapped[Why | None] = mapped_column(word_type(Why))


class BundleReceived(Base):
    """A lawyer's word that it holds the bundle with this seal."""

    __tablename__ = "matter_bundles_received"

    matter: Mapped[int] = mapped_column(ForeignKey("matters.id"), primary_key=True)
    seal: Mapped[bytes] = mapped_column(primary_key=True)
    officer: Mapped[int] = mapped_column(ForeignKey("officers.id"), primary_key=True)
    at: Mapped[datetime]


class CourtOrderRow(Base):
    """A court's order on which a member asks to have the existence of a match certified."""

    __tablename__ = "matter_orders"
    __table_args__ = (UniqueConstraint("matter", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    matter: Mapped[int] = mapped_column(ForeignKey("matters.id"))
    court: Mapped[str]
    number: Mapped[str]
    ordered_on: Mapped[date]
    digest: Mapped[bytes]
    """SHA-256 of the order's scan, which stays with the member."""
    asked_at: Mapped[datetime]
    certificate: Mapped[int | None]
    """The number of the certificate that was issued on it."""

    @property
    def object(self) -> str:
        """What proposals and log entries call it."""
        return f"court_order/{self.id}"
