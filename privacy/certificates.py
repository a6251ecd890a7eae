"""What the hub certifies in a matter: each fact with the log entries on which it rests.

An adversary at the hub would certify what no entry says. So every fact names the leaf of a log entry, which
stands under a checkpoint that custodians cosigned, and what others signed (terms, statements, standing keys)
stands there with their signatures. The hub knows no name, no amount and no document, and certifies none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from privacy import signing
from privacy.encoding import b64
from privacy.messages import Bytes32, Bytes64, Count, Day, Instant, Message, Name, Ordinal, Reference
from privacy.signing import SigningKey
from privacy.statements import SignedStatement
from privacy.terms import Terms

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Said(Message, frozen=True, tag_field="kind"):
    """What a certificate says; `kind` names which of the forms below it is. Leaves name log entries."""


class AgreementSaid(Said, frozen=True, tag="agreement"):
    """Under which terms the member took part: signed by the member, stated on the feed by the secretariat."""

    terms: Terms
    member_signature: Bytes64
    position: Ordinal
    stamp: Instant
    state: str
    leaf: Bytes32


class Decided(Message, frozen=True):
    """One question of the member's about this debtor, and what decided it.

    `manifest` is the digest of what the member signed, about `subjects` people; this debtor stands at
    `position` (from 0), and `standing` is the signature of the debtor's standing key there
    (`matching.standing_message`): it shows the debtor among them without showing anybody else.
    """

    manifest: Bytes32
    position: Count
    subjects: Ordinal
    standing: Bytes64
    asked_at: Instant
    purpose: str
    agreement: Name
    version: Count
    clause: str
    allowed: bool
    leaf: Bytes32


class DecisionSaid(Said, frozen=True, tag="decision"):
    """Every question of this member's about this debtor that was decided, the oldest first."""

    decisions: tuple[Decided, ...]


class Recorded(Message, frozen=True):
    """The newest accepted record of one contract: where on the feed its chunk stands, and who signed when."""

    contract_ref: Bytes32
    as_of: Day
    state: str
    record: Bytes32
    chunk: Bytes32
    position: Ordinal
    stamp: Instant
    leaf: Bytes32


class RecordSaid(Said, frozen=True, tag="record"):
    """That the member had handed in these contracts, and since when. Never an amount: the hub knows none."""

    records: tuple[Recorded, ...]


class Flagged(Message, frozen=True):
    """The evasion flag on one contract's newest record: its category, never the narrative."""

    contract_ref: Bytes32
    flag: Bytes32
    version: Count
    category: str
    position: Ordinal
    stamp: Instant
    leaf: Bytes32


class FlagSaid(Said, frozen=True, tag="flag"):
    """The evasion flags that the member itself has set on these contracts."""

    flags: tuple[Flagged, ...]


class Ended(Message, frozen=True):
    """A contract that its member called settled or took back, with the member's statement."""

    contract_ref: Bytes32
    state: str
    position: Ordinal
    stamp: Instant
    statement: SignedStatement
    leaf: Bytes32


class SettlementSaid(Said, frozen=True, tag="settlement"):
    """Which of these contracts have ended."""

    ended: tuple[Ended, ...]


class Noticed(Message, frozen=True):
    """The digests of written consent and of the delivered notice, as they were handed in with the record."""

    contract_ref: Bytes32
    consent: Bytes32
    notice: Bytes32 | None
    position: Ordinal
    stamp: Instant
    leaf: Bytes32


class NoticeSaid(Said, frozen=True, tag="notice"):
    """Proof of consent and notice by digest: whoever holds the papers shows that they are those."""

    notices: tuple[Noticed, ...]


class CourtOrder(Message, frozen=True):
    """The order on which the existence of a match is certified."""

    court: Text
    number: Text
    ordered_on: Day
    digest: Bytes32


class ExistenceSaid(Said, frozen=True, tag="existence"):
    """Whether another member holds the debtor, on a court's order; never who, how many or how much."""

    order: CourtOrder
    held_elsewhere: bool
    position: Ordinal


AnySaid = AgreementSaid | DecisionSaid | RecordSaid | FlagSaid | SettlementSaid | NoticeSaid | ExistenceSaid


def leaves_of(said: AnySaid) -> Sequence[str]:
    """Return the leaves of the log entries on which a certificate rests."""
    match said:
        case AgreementSaid():
            return [said.leaf]
        case DecisionSaid():
            return [each.leaf for each in said.decisions]
        case RecordSaid():
            return [each.leaf for each in said.records]
        case FlagSaid():
            return [each.leaf for each in said.flags]
        case SettlementSaid():
            return [each.leaf for each in said.ended]
        case NoticeSaid():
            return [each.leaf for each in said.notices]
        case ExistenceSaid():
            return []


class Certificate(Message, frozen=True):
    """What the hub certifies in one matter; a later number of the same kind supersedes an earlier one."""

    alliance: Name
    epoch: Count
    matter: Reference
    number: Ordinal
    issued_at: Instant
    supersedes: Ordinal | None
    said: AnySaid


class SignedCertificate(Message, frozen=True):
    """A certificate, the hub's signature (label `certificate`) and the leaf of the entry that records it.

    That entry has kind `certificate` and names the certificate's digest.
    """

    certificate: Certificate
    signature: Bytes64
    leaf: Bytes32


def sign_certificate(key: SigningKey, certificate: Certificate, *, leaf: bytes) -> SignedCertificate:
    """Sign a certificate as the hub."""
    document = {"certificate": certificate.document(), "leaf": b64(leaf)}
    signature = key.sign_document("certificate", document)
    return SignedCertificate(certificate=certificate, signature=signature, leaf=b64(leaf))


def verify_certificate(signed: SignedCertificate, hub: bytes) -> None:
    """Check the hub's signature over a certificate and its leaf; raises VerifyError."""
    document = {"certificate": signed.certificate.document(), "leaf": signed.leaf}
    signing.verify_document(hub, "certificate", document, signed.signature)
