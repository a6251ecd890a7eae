"""The statements of the feed: who may say what, and how it is signed and chained.

An adversary at the hub would invent, drop, reorder or re-date what members said. Every statement
names its alliance, epoch, author, sequence number and the digest of its author's previous one, and
the signature covers all of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from privacy import signing
from privacy.encoding import b64, digest, instant_text
from privacy.messages import (
    Base64Url,
    Bytes32,
    Bytes64,
    Count,
    Instant,
    Message,
    Name,
    Ordinal,
    PeriodName,
)
from privacy.signing import SigningKey
from privacy.terms import Terms

MAX_CHUNK = 4_096
"""Records in one chunk."""

HUB = "hub"
SECRETARIAT = "secretariat"


def member_author(name: str) -> str:
    """Return the author text of a member."""
    return f"member/{name}"


def custodian_author(index: int) -> str:
    """Return the author text of custodian `index`."""
    return f"custodian/{index}"


class Body(Message, frozen=True, tag_field="type", tag=str.lower):
    """What a statement says; the field `type` names which of the forms below it is."""


class Enrolment(Body, frozen=True, tag="enrolment"):
    """A member introduces itself: self-signed, countersigned by the secretariat, always its first."""

    member: Name
    signing: Bytes32
    recovery: Bytes32
    sealing: Bytes32
    control_group: Name
    declared_portfolio: Annotated[int, msgspec.Meta(ge=1, le=100_000_000)]


class Acceptance(Body, frozen=True, tag="acceptance"):
    """A custodian's operator compared the fingerprint of this enrolment with the member's card."""

    enrolment: Bytes32


class Rotation(Body, frozen=True, tag="rotation"):
    """A member replaces its keys; only the recovery key replaces the recovery key."""

    signing: Bytes32
    recovery: Bytes32
    sealing: Bytes32


class Suspension(Body, frozen=True, tag="suspension"):
    """The secretariat takes a member out of the alliance's work until further notice."""

    member: Name


class Resumption(Body, frozen=True, tag="resumption"):
    """The secretariat lets a suspended member work again."""

    member: Name


class Agreement(Body, frozen=True, tag="agreement"):
    """The secretariat states an agreement that the member has signed."""

    terms: Terms
    member_signature: Bytes64


class KnowledgeProof(Message, frozen=True):
    """Proof of plaintext knowledge of a whole chunk (protocol, appendix B)."""

    a: Base64Url
    z_m: Base64Url
    z_r: Base64Url


class Chunk(Body, frozen=True, tag="chunk"):
    """Up to 4,096 records under one signature; `root` is the RFC 9162 root over their leaves."""

    key_set: Bytes32
    root: Bytes32
    size: Annotated[int, msgspec.Meta(ge=1, le=MAX_CHUNK)]
    proof: KnowledgeProof | None


class Settlement(Body, frozen=True, tag="settlement"):
    """A member says that a contract of its own is paid."""

    contract_ref: Bytes32


class Withdrawal(Body, frozen=True, tag="withdrawal"):
    """A member takes back a contract of its own."""

    contract_ref: Bytes32


class Hold(Body, frozen=True, tag="hold"):
    """A member or the secretariat puts a contract on hold; its subject does not open meanwhile."""

    member: Name
    contract_ref: Bytes32


class Release(Body, frozen=True, tag="release"):
    """A member or the secretariat ends a hold."""

    member: Name
    contract_ref: Bytes32


class Cut(Body, frozen=True, tag="cut"):
    """The hub begins a period at this position."""

    period: PeriodName


class CutSignature(Body, frozen=True, tag="cut_signature"):
    """A custodian confirms the cut's position, the feed's head there and the state that follows."""

    period: PeriodName
    position: Count
    head: Bytes32
    state_digest: Bytes32


class Cohorts(Body, frozen=True, tag="cohorts"):
    """A custodian commits to whose records stood in the cohorts that it helped open in a period.

    `root` is the RFC 9162 root over the `size` receipts that it gives to the contributors
    (`receipts.CohortReceipt`): a hub that hid an opening from them would have to hide this.
    """

    period: PeriodName
    root: Bytes32
    size: Ordinal


AnyBody = (
    Enrolment
    | Acceptance
    | Rotation
    | Suspension
    | Resumption
    | Agreement
    | Chunk
    | Settlement
    | Withdrawal
    | Hold
    | Release
    | Cut
    | CutSignature
    | Cohorts
)


class Statement(Message, frozen=True):
    """What an author says, chained to what it said before. `previous` is null for its first."""

    alliance: Name
    epoch: Count
    author: Annotated[str, msgspec.Meta(max_length=80)]
    sequence: Count
    previous: Bytes32 | None
    signed_at: Instant
    body: AnyBody


class SignedStatement(Message, frozen=True):
    """A statement with its author's signature and, for an enrolment, the secretariat's beside it."""

    statement: Statement
    signature: Bytes64
    countersignature: Bytes64 | None

    def digest(self) -> bytes:
        """Return the 32 bytes that the author's next statement and the feed's leaf refer to."""
        return digest("statement-digest", self.canonical())


def sign_statement(
    key: SigningKey,
    body: AnyBody,
    *,
    alliance: str,
    epoch: int,
    author: str,
    sequence: int,
    previous: bytes | None,
    signed_at: datetime,
) -> SignedStatement:
    """Return `body` as its author's next statement, signed."""
    statement = Statement(
        alliance=alliance,
        epoch=epoch,
        author=author,
        sequence=sequence,
        previous=None if previous is None else b64(previous),
        signed_at=instant_text(signed_at),
        body=body,
    )
    signature = key.sign_document("statement", statement.document())
    return SignedStatement(statement=statement, signature=signature, countersignature=None)


def countersign(signed: SignedStatement, key: SigningKey) -> SignedStatement:
    """Return the statement with the secretariat's countersignature."""
    countersignature = key.sign_document("countersignature", signed.statement.document())
    return msgspec.structs.replace(signed, countersignature=countersignature)


def verify_statement(signed: SignedStatement, public: bytes) -> None:
    """Check the author's signature; raises VerifyError."""
    signing.verify_document(public, "statement", signed.statement.document(), signed.signature)


def verify_countersignature(signed: SignedStatement, public: bytes) -> None:
    """Check the secretariat's countersignature; raises VerifyError, also when there is none."""
    signing.verify_document(
        public, "countersignature", signed.statement.document(), signed.countersignature or ""
    )


def verify_terms(public: bytes, body: Agreement) -> None:
    """Check the member's signature under the terms of an agreement; raises VerifyError."""
    signing.verify_document(public, "agreement", body.terms.document(), body.member_signature)
