"""The words of a matter: how far it is, what is certified in it, and why that is superseded."""

from __future__ import annotations

from enum import StrEnum

from privacy.evidence import MatterKind
from privacy.vocabulary import Purpose


class MatterState(StrEnum):
    """How far a matter is."""

    OPEN = "open"
    """The member is certified what it asks for, and its lawyers see it."""
    CLOSED = "closed"
    """The member has closed it; its lawyers see it no longer."""
    EXPIRED = "expired"
    """Its last instant is over; its lawyers see it no longer."""


class CertificateKind(StrEnum):
    """What the hub certifies; the value is the `kind` of what the certificate says."""

    AGREEMENT = "agreement"
    """Under which terms the member took part: one certificate for each version."""
    DECISION = "decision"
    """What the member asked about the debtor, and what was decided."""
    RECORD = "record"
    """That the member had handed in the contracts, and since when."""
    FLAG = "flag"
    """The evasion flags that stand on the contracts' records."""
    SETTLEMENT = "settlement"
    """Which of the contracts have ended."""
    NOTICE = "notice"
    """The digests of consent and delivered notice."""
    EXISTENCE = "existence"
    """Whether another member holds the debtor, on a court's order."""


ASKED_FOR = tuple(CertificateKind)[:-1]
"""What a member has without a court's order."""


class Why(StrEnum):
    """Why a certificate, and every bundle with it, is superseded; the weightiest first."""

    SETTLED = "settled"
    """The member has said since that a contract is paid."""
    WITHDRAWN = "withdrawn"
    """The member has taken a contract back since."""
    MEMBER_SUSPENDED = "member_suspended"
    """The secretariat has taken the member out of work since."""
    AGREEMENT_CHANGED = "agreement_changed"
    """The agreement has been suspended, resumed, terminated or has ended since."""
    HOLD = "hold"
    """A contract has been put on hold since, or its hold has ended."""
    NEWER_RECORD = "newer_record"
    """The member has handed in a newer record of a contract."""
    FLAG_CHANGED = "flag_changed"
    """A flag has been changed, set or taken away since."""
    EXPIRED = "expired"
    """A contract's record has run out, because it was not handed in again in time."""
    CORRECTED = "corrected"
    """A later certificate of the same kind says more, or something else."""


PURPOSES: dict[MatterKind, Purpose] = {
    MatterKind.LITIGATION: Purpose.LITIGATION,
    MatterKind.ARBITRATION: Purpose.ARBITRATION,
    MatterKind.MEDIATION: Purpose.MEDIATION,
    MatterKind.ENFORCEMENT: Purpose.ENFORCEMENT,
}
"""Which purpose the agreement must name for a matter of each kind."""
