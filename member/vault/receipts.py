"""The hub's log entries about this member, kept so that they can be found in its log, or missed there."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from member.vault.vault import Vault
from privacy import merkle
from privacy.answers import LogReceipt
from privacy.encoding import canonical, instant_text, unb64
from privacy.errors import VerifyError


def verify(receipt: LogReceipt) -> None:
    """Check that entry and salt give the leaf (protocol section 9); raises VerifyError."""
    inner = hashlib.sha256(unb64(receipt.salt, length=32) + canonical(receipt.entry)).digest()
    if merkle.leaf_hash(inner) != unb64(receipt.leaf):
        raise VerifyError("the log receipt's entry does not give its leaf")


def keep(vault: Vault, receipt: LogReceipt, *, at: datetime) -> None:
    """Keep a receipt that was checked; the same one again changes nothing."""
    leaf = unb64(receipt.leaf)
    sealed = vault.seal("receipts", msgspec.json.encode(receipt), context=leaf)
    with vault.db as db:
        db.execute("INSERT OR IGNORE INTO receipts VALUES (?, ?, ?)", (leaf, instant_text(at), sealed))
