"""A matter as its readers see it: values that outlive their session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from alliance_hub.matters.kinds import CertificateKind, MatterState, Why
from alliance_hub.matters.terms import LawyerTerms
from privacy.evidence import MatterKind


@dataclass(frozen=True, slots=True)
class LawyerShown:
    """A lawyer of a matter."""

    officer: int
    number: str
    name: str
    appointed_at: datetime
    accepted_at: datetime | None
    """When it accepted the terms in force; null until it has."""


@dataclass(frozen=True, slots=True)
class CertificateShown:
    """A certificate, and whether it still says what is on record."""

    number: int
    kind: CertificateKind
    subject: str
    issued_at: datetime
    leaf: bytes
    superseded_at: datetime | None
    why: Why | None


@dataclass(frozen=True, slots=True)
class BundleShown:
    """A bundle that the member has sealed; `received` names the lawyers who say that they hold it."""

    seal: bytes
    sealed_at: datetime
    certificates: tuple[int, ...]
    delivered_at: datetime | None
    superseded_at: datetime | None
    why: Why | None
    received: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class OrderShown:
    """A court's order on which the existence of a match is, or is to be, certified."""

    id: int
    court: str
    number: str
    ordered_on: date
    digest: bytes
    asked_at: datetime
    certificate: int | None


@dataclass(frozen=True, slots=True)
class MatterLine:
    """A matter in a list. Until a lawyer has accepted the terms, `kind` is None and nothing is counted."""

    id: int
    reference: str
    member: str
    kind: MatterKind | None
    state: MatterState
    opened_at: datetime
    until: datetime
    accepted: bool
    """Whether this reader may open it; always so for the member's own people."""
    certificates: int
    superseded: int
    """How many certificates and bundles are superseded, as far as that is written down."""


@dataclass(frozen=True, slots=True)
class MatterShown:
    """A matter as its page shows it."""

    id: int
    reference: str
    member: str
    kind: MatterKind
    state: MatterState
    opened_at: datetime
    until: datetime
    closed_at: datetime | None
    agreement: str
    version: int
    law_firm: str | None
    lawyers: tuple[LawyerShown, ...]
    contracts: tuple[bytes, ...]
    """Opaque references, in the order of the request."""
    certificates: tuple[CertificateShown, ...]
    bundles: tuple[BundleShown, ...]
    orders: tuple[OrderShown, ...]
    leaf: bytes
    """The log entry of its opening."""
    forgotten_at: datetime | None


@dataclass(frozen=True, slots=True)
class TermsShown:
    """The terms in force, and which version this lawyer has accepted for the matter, when."""

    matter: int
    reference: str
    member: str
    until: datetime
    terms: LawyerTerms
    accepted: str | None
    accepted_at: datetime | None

    @property
    def is_accepted(self) -> bool:
        """Whether nothing is left to accept."""
        return self.accepted == self.terms.version
