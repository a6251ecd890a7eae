"""The statements of the feed: who may say what, and how it is signed, chained and placed.

An adversary at the hub would invent, drop, reorder or re-date what members said. Every statement
names its alliance, epoch, author, sequence number and the digest of its author's previous one, and
the signature covers all of it; the feed's head commits to every statement and the time it was stamped.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from privacy import merkle, signing
from privacy.encoding import b64, digest, instant_text, unb64
from privacy.messages import (
    Base64Url,
    Bytes32,
    Bytes64,
    Count,
    Day,
    Index,
    Instant,
    Message,
    Name,
    Ordinal,
    PeriodName,
    PlainMessage,
    exactly,
)
from privacy.signing import SigningKey
from privacy.vocabulary import Category, Purpose

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


class Terms(Message, frozen=True):
    """The terms that the member signs (label `agreement`) before the secretariat states them."""

    agreement: Name
    version: Ordinal
    member: Name
    purposes: tuple[Purpose, ...]
    categories: tuple[Category, ...]
    min_contributors: Annotated[int, msgspec.Meta(ge=2, le=1_000)]
    valid_from: Instant
    valid_until: Instant


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


def sign_terms(key: SigningKey, terms: Terms) -> str:
    """Return the member's signature over the terms of an agreement."""
    return key.sign_document("agreement", terms.document())


def verify_terms(public: bytes, body: Agreement) -> None:
    """Check the member's signature under the terms of an agreement; raises VerifyError."""
    signing.verify_document(public, "agreement", body.terms.document(), body.member_signature)


class Record(PlainMessage, frozen=True):
    """One contract of one debtor at one member: the leaf of its chunk.

    `contribution` is the Paillier ciphertext, 2|N|/8 bytes; `private_digest` commits to what only the
    hub sees (`PrivateRest`).
    """

    pseudonym: Bytes32
    epoch: Count
    standing_key: Bytes32
    contract_ref: Bytes32
    as_of: Day
    contribution: Base64Url
    private_digest: Bytes32

    def leaf(self) -> bytes:
        """Return the record's leaf hash in its chunk's tree."""
        return merkle.leaf_hash(self.canonical())


class Flag(Message, frozen=True):
    """An evasion flag in its simplest form: a category code and a narrative sealed to fellow holders."""

    id: Bytes32
    version: Count
    category: Annotated[str, exactly("[a-z_]{1,40}")]
    sealed: Base64Url


class PrivateRest(PlainMessage, frozen=True):
    """What the hub sees of a record and the custodians do not."""

    product_class: Annotated[str, exactly("[a-z_]{1,40}")]
    lost_contact: bool | None
    consent_digest: Bytes32
    notice_digest: Bytes32 | None
    flag: Flag | None

    def digest(self, salt: bytes) -> bytes:
        """Return the salted commitment that the record carries: 32 bytes."""
        return digest("private", salt, self.canonical())


class SubmittedRecord(Message, frozen=True):
    """A record as its member hands it to the hub: with the private rest and its salt."""

    record: Record
    private: PrivateRest
    salt: Bytes32


class FeedEntry(Message, frozen=True):
    """One position of the feed as the hub serves it; `records` come with a chunk."""

    position: Ordinal
    stamp: Instant
    salt: Bytes32
    statement: SignedStatement
    records: tuple[Record, ...] | None

    def leaf(self) -> bytes:
        """Return the leaf hash of this position in the feed's tree."""
        return feed_leaf(self.position, self.stamp, unb64(self.salt, length=32), self.statement.digest())


def feed_leaf(position: int, stamp: str, salt: bytes, statement_digest: bytes) -> bytes:
    """Return the leaf hash for a position: salted digest of statement and stamp."""
    return merkle.leaf_hash(
        digest("feed", salt, position.to_bytes(8, "big"), stamp.encode(), statement_digest)
    )


class Head(Message, frozen=True):
    """The feed's size and RFC 9162 root, as seen at `at` by whoever signs it.

    The hub signs it with every answer of the feed under label `heartbeat`, a custodian under `head`.
    """

    alliance: Name
    epoch: Count
    position: Count
    head: Bytes32
    at: Instant


class SignedHead(Message, frozen=True):
    """A head with its signature; `custodian` is null when it is the hub's heartbeat."""

    head: Head
    custodian: Index | None
    signature: Bytes64


def sign_head(key: SigningKey, head: Head, *, custodian: int | None) -> SignedHead:
    """Sign a head as the hub (`custodian=None`) or as a custodian."""
    name = "heartbeat" if custodian is None else "head"
    return SignedHead(head=head, custodian=custodian, signature=key.sign_document(name, head.document()))


def verify_head(signed: SignedHead, public: bytes) -> None:
    """Check a signed head; raises VerifyError."""
    name = "heartbeat" if signed.custodian is None else "head"
    signing.verify_document(public, name, signed.head.document(), signed.signature)
