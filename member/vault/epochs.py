"""One epoch after the other in one vault: what stays, what ends with its epoch, and the key sets of old.

Stays: keys, receipts, accusations, statements and tokens (each names its epoch), and that a contract has
ended. Ends: which live contracts the hub has, because the next one has none; and all work under way, because
it is signed for custodians and a hub that have stopped.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from member.errors import Refused
from member.vault.vault import Settings, Vault
from privacy.errors import InvalidInputError
from privacy.keyset import SignedKeySet
from privacy.messages import parse_json


@dataclass(frozen=True, slots=True)
class Ended:
    """What ended with an epoch, as counts."""

    contracts: int
    """Live contracts that are to be submitted anew."""
    submissions: int
    """Submissions under way."""
    statements: int
    """Settlements and withdrawals under way."""
    questions: int
    """Questions whose answers were not written down."""


_COUNTED = {
    "contracts": "contracts WHERE ended IS NULL",
    "submissions": "outbox",
    "statements": "drafts",
    "questions": "questions",
}


def begin(vault: Vault, settings: Settings) -> Ended:
    """Put `settings` with the key set of the next epoch in place, in one step; returns what ended.

    The key set that was pinned until now stays readable by `get_key_set`.
    """
    last = vault.settings.key_set
    name = _name(last.key_set.epoch)
    kept = vault.seal("key-sets", msgspec.json.encode(last), context=name.encode())
    sealed = vault.seal("settings", msgspec.json.encode(settings))
    with vault.transaction() as db:
        ended = Ended(**{what: _count(vault, where) for what, where in _COUNTED.items()})
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, kept))
        db.execute("DELETE FROM batches WHERE epoch <= ?", (last.key_set.epoch,))
        # What was asked goes with its question, by the table's own rule.
        for table in (*_COUNTED.values(), "outbox_chunks", "outbox_records"):
            db.execute(f"DELETE FROM {table}")
        db.execute("UPDATE receipts SET epoch = ? WHERE epoch IS NULL", (last.key_set.epoch,))
        db.execute("UPDATE meta SET value = ? WHERE name = 'settings'", (sealed,))
    vault.settings = settings
    return ended


def get_key_set(vault: Vault, epoch: int) -> SignedKeySet:
    """Return the key set that this vault pins or has pinned for an epoch; raises Refused."""
    if epoch == vault.settings.key_set.key_set.epoch:
        return vault.settings.key_set
    name = _name(epoch)
    row = vault.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise Refused(f"this vault has no key set of epoch {epoch}", rule="epoch")
    try:
        return parse_json(SignedKeySet, vault.unseal("key-sets", bytes(row[0]), context=name.encode()))
    except InvalidInputError as error:
        raise Refused(
            f"the key set of epoch {epoch} follows rules that this program does not know: use the program of "
            "that time",
            rule="epoch",
        ) from error


def _name(epoch: int) -> str:
    return f"key-set/{epoch}"


def _count(vault: Vault, where: str) -> int:
    return int(vault.db.execute(f"SELECT count(*) FROM {where}").fetchone()[0])
