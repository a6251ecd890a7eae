"""What a log entry's leaf is (protocol section 9): a salted commitment, so that leaves can be public."""

from __future__ import annotations

import hashlib

from privacy import merkle
from privacy.encoding import Json, canonical


def entry_leaf(entry: Json, salt: bytes) -> bytes:
    """Return `SHA-256(0x00 || SHA-256(salt || JCS(entry)))`: 32 bytes."""
    return merkle.leaf_hash(hashlib.sha256(salt + canonical(entry)).digest())
