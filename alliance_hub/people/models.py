"""What is kept of the people who use the console, and of how they show that it is they."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.db import Base, word_type
from alliance_hub.people.roles import OrganisationKind, Role

ASSOCIATION = "association"
"""The id of the association's own organisation."""


class Organisation(Base):
    """A body whose officers log in. A member's id is the member's name, also before it is admitted."""

    __tablename__ = "organisations"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[OrganisationKind] = mapped_column(word_type(OrganisationKind))
    name: Mapped[str]
    """Its full legal name."""
    uscc: Mapped[str | None]
    """Its unified social credit code (GB 32100)."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    """Since when none of its officers may log in."""


class OfficerState(StrEnum):
    """Whether an officer may log in."""

    INVITED = "invited"
    """Has a link and has not chosen a password yet."""
    ACTIVE = "active"
    """May log in."""
    DISABLED = "disabled"
    """May not log in any more; what it did stays."""


class Officer(Base):
    """One person at one organisation."""

    __tablename__ = "officers"
    __table_args__ = (UniqueConstraint("organisation", "staff_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    staff_number: Mapped[str]
    mobile: Mapped[str | None] = mapped_column(unique=True)
    """Normalised as `privacy.identifiers` does."""
    name: Mapped[str]
    email: Mapped[str | None]
    language: Mapped[str]
    """`zh` or `en`."""
    state: Mapped[OfficerState] = mapped_column(word_type(OfficerState))
    password: Mapped[str | None]
    """argon2id's own text form; null until the invitation is taken up."""
    totp: Mapped[bytes | None]
    """The sealed TOTP secret."""
    totp_step: Mapped[int | None]
    """The newest time step whose code was taken: none is taken twice."""
    failures: Mapped[int]
    """Failed logins since the last success."""
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def ref(self) -> str:
        """What log entries name it by."""
        return f"{self.organisation}/{self.staff_number}"


class RoleGrant(Base):
    """An officer holds a role from an instant until another, or until it is taken away."""

    __tablename__ = "officer_roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    officer: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    role: Mapped[Role] = mapped_column(word_type(Role))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    granted_by: Mapped[str]
    """The ref of whoever granted it, or `operator` for the command line."""


class DeputyRow(Base):
    """An officer stands in for another in one of that officer's roles, between two instants."""

    __tablename__ = "officer_deputies"

    id: Mapped[int] = mapped_column(primary_key=True)
    principal: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    deputy: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    role: Mapped[Role] = mapped_column(word_type(Role))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    """Ending early sets this to the instant of the end."""


class Invitation(Base):
    """A link that works once, by which an officer chooses its password and second factor."""

    __tablename__ = "officer_invitations"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of the link's secret."""
    officer: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A second factor for the day when the others are lost; works once."""

    __tablename__ = "officer_recovery_codes"

    officer: Mapped[int] = mapped_column(ForeignKey("officers.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A WebAuthn credential."""

    __tablename__ = "officer_passkeys"

    credential: Mapped[bytes] = mapped_column(primary_key=True)
    officer: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    label: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ConsoleSession(Base):
    """One officer's time at the console; a new login ends the one before."""

    __tablename__ = "console_sessions"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of the secret in the browser's cookie."""
    officer: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LoginAttempts(Base):
    """How often somebody at one address tried to log in lately."""

    __tablename__ = "login_attempts"

    source: Mapped[bytes] = mapped_column(primary_key=True)
    """A keyed digest of the address: addresses themselves are not kept."""
    since: Mapped[datetime]
    count: Mapped[int]
