"""What comes out of the state: plain frozen values, the same for every custodian with the same feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from privacy.matching import Verdict


class VoidReason(StrEnum):
    """Why a delivered statement has no effect. The first five leave its author's sequence where it was."""

    FOREIGN = "foreign"
    """It names another alliance or epoch."""
    UNKNOWN_AUTHOR = "unknown_author"
    """Nobody of that name may speak: no enrolled member, no custodian of the key set."""
    SIGNATURE = "signature"
    """It is not signed with its author's key in force, or lacks or should lack a countersignature."""
    SEQUENCE = "sequence"
    """Its sequence number is not its author's next."""
    PREVIOUS = "previous"
    """It does not name its author's last statement."""
    SIGNED_AT = "signed_at"
    """It was signed before its author's last one, or more than 24 hours from its stamp."""
    TYPE = "type"
    """Its author may not say this."""
    OTHER_NAME = "other_name"
    """An enrolment names another member than its author, or a hold another member's contract."""
    ENROLLED = "enrolled"
    """The member is enrolled already."""
    UNKNOWN_ENROLMENT = "unknown_enrolment"
    """No enrolment has this digest."""
    UNKNOWN_MEMBER = "unknown_member"
    """No member of that name is enrolled."""
    REPEATED = "repeated"
    """Its author has said so before, and it still holds."""
    RECOVERY = "recovery"
    """Only the recovery key replaces the recovery key."""
    TERMS_SIGNATURE = "terms_signature"
    """The member has not signed these terms with its key in force."""
    MIN_CONTRIBUTORS = "min_contributors"
    """An agreement may only raise the key set's minimum."""
    VERSION = "version"
    """The agreement has this version, or a later one, already."""
    VALIDITY = "validity"
    """The agreement ends before it begins."""
    NOT_ACTIVE = "not_active"
    """The member is not active at this position."""
    KEY_SET = "key_set"
    """A chunk or one of its records was made for another key set or epoch."""
    CONTRIBUTION = "contribution"
    """A contribution is no ciphertext under this key set."""
    PROOF = "proof"
    """A chunk does not prove that its member knows what its contributions hold."""
    PORTFOLIO = "portfolio"
    """With this chunk the period would hold more than twice the declared portfolio."""
    UNKNOWN_CONTRACT = "unknown_contract"
    """The member has no accepted record of this contract."""
    ENDED = "ended"
    """The contract was settled or withdrawn before."""
    NOT_HELD = "not_held"
    """Its author has no hold on this contract."""
    PERIOD = "period"
    """The cut's period does not contain its stamp."""
    PERIOD_TAKEN = "period_taken"
    """The period has a cut already, or a later one has."""
    LATE = "late"
    """The cut does not lie in the first tenth of its period."""
    UNKNOWN_CUT = "unknown_cut"
    """No valid cut of this period stands at this position."""
    PERIOD_RUNNING = "period_running"
    """No later cut has taken effect, so that totals of this period may still be opened, or none ever was."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivered statement. `ignored` counts the records of a valid chunk left out."""

    position: int
    valid: bool
    reason: VoidReason | None
    ignored: int


@dataclass(frozen=True, slots=True)
class Position:
    """How far the feed has been followed; `root` is the RFC 9162 root over its first `position` leaves."""

    position: int
    root: bytes
    stamp: datetime | None


@dataclass(frozen=True, slots=True)
class AuthorState:
    """Where an author's chain stands: what its next statement must name."""

    next_sequence: int
    previous: bytes | None


class MemberState(StrEnum):
    """Whether a member may work."""

    ADMITTED = "admitted"
    """Enrolled; fewer than t custodians have accepted it."""
    ACTIVE = "active"
    """Accepted by t custodians and not suspended."""
    SUSPENDED = "suspended"
    """Taken out of the alliance's work by the secretariat."""


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member at the head: its keys in force (32 bytes each), its standing, its chain.

    `id` is the position of its enrolment, `enrolment` that statement's digest.
    """

    name: str
    state: MemberState
    acceptances: tuple[int, ...]
    id: int
    signing: bytes
    recovery: bytes
    sealing: bytes
    control_group: str
    declared_portfolio: int
    enrolment: bytes
    next_sequence: int
    previous: bytes

    @property
    def active(self) -> bool:
        """Whether the member may submit, evaluate and ask."""
        return self.state is MemberState.ACTIVE


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a custodian says to a manifest at a position.

    `verdicts` follow the manifest's subjects; `contributions` holds, for each open subject in that
    order, the ciphertexts of its cohort, and `cohorts` whose they are, as (member, contract_ref).
    """

    period: str
    cut_at: datetime
    verdicts: tuple[Verdict, ...]
    contributions: list[list[int]]
    cohorts: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Deleted:
    """Records of one member that were forgotten together: where and in which period, how many, which.

    `position` is where the cut of `period` took effect; `root` is the RFC 9162 root over their leaves in
    the order in which the feed brought them.
    """

    period: str
    position: int
    size: int
    root: bytes
