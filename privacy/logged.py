"""A log entry as others receive it: the salted leaf that it gives, and the proof that the log holds it.

An adversary would show one entry to its subject and log another, or guess what public leaves say. A leaf is a
commitment to the whole entry under 32 random bytes; without them it says nothing.
"""

from __future__ import annotations

import hashlib

from privacy import merkle
from privacy.encoding import Json, canonical, unb64
from privacy.errors import VerifyError
from privacy.messages import Bytes32, Count, Message


class LogReceipt(Message, frozen=True):
    """A log entry as its subject receives it: entry and salt give the leaf."""

    entry: Json
    salt: Bytes32
    leaf: Bytes32


class LogProof(Message, frozen=True):
    """A log entry with its salt, and its inclusion path in the tree of a checkpoint."""

    receipt: LogReceipt
    index: Count
    path: tuple[Bytes32, ...]


def entry_leaf(entry: Json, salt: bytes) -> bytes:
    """Return `SHA-256(0x00 || SHA-256(salt || JCS(entry)))`: 32 bytes (protocol section 9)."""
    return merkle.leaf_hash(hashlib.sha256(salt + canonical(entry)).digest())


def verify_receipt(receipt: LogReceipt) -> None:
    """Check that entry and salt give the leaf; raises VerifyError."""
    if entry_leaf(receipt.entry, unb64(receipt.salt, length=32)) != unb64(receipt.leaf):
        raise VerifyError("the log receipt's entry does not give its leaf")


def verify_logged(proof: LogProof, *, size: int, root: bytes) -> None:
    """Check that an entry gives its leaf, and that it stands in the tree of this size and root.

    Raises VerifyError.
    """
    verify_receipt(proof.receipt)
    path = [unb64(node) for node in proof.path]
    merkle.verify_inclusion(unb64(proof.receipt.leaf), proof.index, size, path, root)
