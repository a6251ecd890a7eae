"""The feed as it travels: positions with their stamps, and the signed heads that commit to all of them.

An adversary at the hub would drop, reorder or re-date what was said, or show two custodians two feeds. A
position's leaf covers its statement and its stamp, and a head covers every leaf before it.
"""

from __future__ import annotations

from privacy import merkle, signing
from privacy.encoding import digest, unb64
from privacy.messages import Bytes32, Bytes64, Count, Index, Instant, Message, Name, Ordinal
from privacy.records import Record
from privacy.signing import SigningKey
from privacy.statements import SignedStatement


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


class HandIn(Message, frozen=True):
    """A member hands a statement of its own to a custodian directly, because the hub may be hiding it.

    Records do not come with it: the custodian only waits until the feed carries the statement.
    """

    recipient: str
    epoch: Count
    key_set: Bytes32
    statement: SignedStatement


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
