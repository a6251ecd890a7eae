"""Certificates that the bodies of a member's ended records are gone from this custodian.

The state forgets by itself, the same at every custodian; here the custodian says so over its signature, so
that a member can show its debtors who claims to have erased what, and when.
"""

from __future__ import annotations

import sqlite3

from custodian import state
from privacy.encoding import b64
from privacy.keyset import KeySet
from privacy.receipts import Deletion, SignedDeletion, sign_deletion
from privacy.signing import SigningKey


def certificates(
    db: sqlite3.Connection, member: str, key_set: KeySet, index: int, key: SigningKey
) -> list[SignedDeletion]:
    """Return custodian `index`'s signed certificates for a member, oldest first; raises Refused."""
    return [
        sign_deletion(
            key,
            Deletion(
                alliance=key_set.alliance,
                epoch=key_set.epoch,
                custodian=index,
                member=member,
                period=deleted.period,
                position=deleted.position,
                size=deleted.size,
                root=b64(deleted.root),
            ),
        )
        for deleted in state.deletions(db, member)
    ]
