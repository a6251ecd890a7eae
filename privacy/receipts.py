"""What a custodian attests to a member about its own records: which stood in opened cohorts, which are gone.

An adversary would open totals and hide it from those whose records were in them, or say that it forgot what
it kept. A receipt is a leaf of the tree whose root its custodian put on the feed; it names the period and
counts, never who asked. That something was erased nobody can prove: a certificate proves who said so.
"""

from __future__ import annotations

from privacy import merkle, signing
from privacy.encoding import digest
from privacy.messages import Bytes32, Bytes64, Count, Index, Message, Name, Ordinal, PeriodName
from privacy.signing import SigningKey


class Opened(Message, frozen=True):
    """How often one record of the member stood in a cohort that was opened."""

    contract_ref: Bytes32
    openings: Ordinal


class CohortReceipt(Message, frozen=True):
    """One custodian's account to one member: its records that stood in opened cohorts of a period.

    `records` are sorted by `contract_ref`, each named once.
    """

    alliance: Name
    epoch: Count
    custodian: Index
    period: PeriodName
    member: Name
    records: tuple[Opened, ...]

    def leaf(self, salt: bytes) -> bytes:
        """Return its leaf under the root of the custodian's `cohorts` statement."""
        return merkle.leaf_hash(digest("cohort-receipt", salt, self.canonical()))


class Deletion(Message, frozen=True):
    """A custodian says that it has erased the bodies of a member's records that ended two cuts ago.

    `position` is where the cut of `period`, the second since they ended, took effect; `root` is the RFC 9162
    root over the leaves of the `size` erased records, in the order in which the feed brought them.
    """

    alliance: Name
    epoch: Count
    custodian: Index
    member: Name
    period: PeriodName
    position: Ordinal
    size: Ordinal
    root: Bytes32


class SignedDeletion(Message, frozen=True):
    """A deletion certificate; it counts when `threshold` custodians say the same."""

    deletion: Deletion
    signature: Bytes64


def sign_deletion(key: SigningKey, deletion: Deletion) -> SignedDeletion:
    """Sign a deletion certificate as its custodian."""
    return SignedDeletion(deletion=deletion, signature=key.sign_document("deletion", deletion.document()))


def verify_deletion(signed: SignedDeletion, witness: bytes) -> None:
    """Check a deletion certificate; raises VerifyError."""
    signing.verify_document(witness, "deletion", signed.deletion.document(), signed.signature)
