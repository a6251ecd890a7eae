"""What a member says of one contract: the record for all custodians, and the rest that only the hub sees.

An adversary would change a record after it was signed, or pass another private rest off as the one that the
member meant. A record is a leaf of its chunk's tree, and it commits to the rest by a salted digest.
"""

from __future__ import annotations

from typing import Annotated

from privacy import merkle
from privacy.encoding import digest
from privacy.messages import Base64Url, Bytes32, Count, Day, Message, PlainMessage, exactly


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
