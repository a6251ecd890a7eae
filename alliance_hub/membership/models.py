"""What is kept of a member: its keys in force, who has accepted it, its file, its use, and how it leaves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from alliance_hub.db import Base, word_type
from alliance_hub.membership.rules import MemberState
from alliance_hub.membership.vocabulary import ApplicationState, ExitStage, LicenceKind, MemberKind


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


class Firm:
    """What an applicant says of itself, and a member's file keeps."""

    legal_name: Mapped[str]
    kind: Mapped[MemberKind] = mapped_column(word_type(MemberKind))
    uscc: Mapped[str]
    """Its unified social credit code, normalised."""
    licence_kind: Mapped[LicenceKind] = mapped_column(word_type(LicenceKind))
    licence_number: Mapped[str]
    licence_until: Mapped[date | None]
    """Its last day; null for one without end."""
    declared_portfolio: Mapped[int]
    """Contracts, as the firm says now; quotas of the custodians go by what it enrolled with."""
    controller_uscc: Mapped[str | None] = mapped_column(index=True)
    """That of its controlling shareholder, if it has one."""
    contacts: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    """Role, name, mobile and mail of its people: never in a log entry."""


class Application(Firm, Base):
    """A firm that asks to become a member, by a page or by its own signed request."""

    __tablename__ = "applications"
    __table_args__ = (
        # One name is asked for by one firm at a time.
        Index(
            "uq_applications_member_open",
            "member",
            unique=True,
            sqlite_where=text("state IN ('received', 'in_review', 'returned', 'ready')"),
            postgresql_where=text("state IN ('received', 'in_review', 'returned', 'ready')"),
        ),
        Index("ix_applications_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member: Mapped[str]
    """The name on its card."""
    card: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The MemberCard: its public keys."""
    fingerprint: Mapped[str]
    state: Mapped[ApplicationState] = mapped_column(word_type(ApplicationState))
    reason: Mapped[str]
    """What is to be corrected, or why it was refused; else empty."""
    reference: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256 of the secret in the applicant's link."""
    received_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    """When its state last changed."""
    ticks: Mapped[list[Tick]] = relationship(
        order_by="Tick.item", lazy="selectin", cascade="all, delete-orphan"
    )


class Tick(Base):
    """An officer has checked one item of an application's checklist."""

    __tablename__ = "application_ticks"

    application: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    officer: Mapped[str]
    """By the ref that log entries have."""
    note: Mapped[str]
    at: Mapped[datetime]


class ApplicationSource(Base):
    """How often somebody at one address has applied lately."""

    __tablename__ = "application_sources"

    source: Mapped[bytes] = mapped_column(primary_key=True)
    """A keyed digest of the address: addresses themselves are not kept."""
    since: Mapped[datetime]
    count: Mapped[int]


class Profile(Firm, Base):
    """The file of a member: what its application said, as corrected since. Made-up members may have none."""

    __tablename__ = "member_profiles"

    member: Mapped[str] = mapped_column(ForeignKey("members.name"), primary_key=True)
    application: Mapped[int | None] = mapped_column(ForeignKey("applications.id"))
    quota: Mapped[int | None]
    """Subjects that it may ask about in a day, where two officers set it; else by its declared portfolio."""
    admitted_at: Mapped[datetime]


class QuotaUse(Base):
    """How many subjects a member has asked about on one day of Asia/Shanghai."""

    __tablename__ = "member_quota_use"

    member: Mapped[str] = mapped_column(ForeignKey("members.name"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    subjects: Mapped[int]


class Exit(Base):
    """A member leaves: what has been done of it."""

    __tablename__ = "member_exits"

    member: Mapped[str] = mapped_column(ForeignKey("members.name"), primary_key=True)
    stage: Mapped[ExitStage] = mapped_column(word_type(ExitStage))
    began_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    """By then its data are returned and erased, as its agreement says."""
    position: Mapped[int] = mapped_column(ForeignKey("feed_entries.position"))
    """Where in the feed its last suspension stands."""
    job: Mapped[int] = mapped_column(ForeignKey("jobs.id"))
    exported_at: Mapped[datetime | None]
    export_until: Mapped[datetime | None]
    """Until then the member may fetch its data; then the copy is erased."""
    export_digest: Mapped[bytes | None]
    """SHA-256 of the archive."""
    export_size: Mapped[int | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    """Rows erased so far, by table."""
    custodians: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """The custodians' signed deletion certificates that the member has handed in."""
    closed_at: Mapped[datetime | None]


class ExportPart(Base):
    """A piece of the archive that a leaving member may fetch."""

    __tablename__ = "member_export_parts"

    member: Mapped[str] = mapped_column(ForeignKey("member_exits.member"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class ExitCertificate(Base):
    """What the secretariat signed of a leaving; a later one says more."""

    __tablename__ = "member_exit_certificates"

    member: Mapped[str] = mapped_column(ForeignKey("member_exits.member"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1."""
    final: Mapped[bool]
    """Whether nothing of it is left to be done."""
    at: Mapped[datetime]
    document: Mapped[bytes]
    """The signed certificate as JSON."""
