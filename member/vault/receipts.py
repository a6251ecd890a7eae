"""The hub's log entries about this member, kept so that they can be found in its log, or missed there."""

from __future__ import annotations

from datetime import datetime

import msgspec

from member.vault.vault import Vault
from privacy.encoding import instant_text, unb64
from privacy.logged import LogReceipt


def keep(vault: Vault, receipt: LogReceipt, *, at: datetime) -> None:
    """Keep a receipt that was checked; the same one again changes nothing."""
    leaf = unb64(receipt.leaf)
    sealed = vault.seal("receipts", msgspec.json.encode(receipt), context=leaf)
    with vault.db as db:
        db.execute("INSERT OR IGNORE INTO receipts VALUES (?, ?, ?)", (leaf, instant_text(at), sealed))
