"""The newest checkpoint of the hub's log that this member has checked: the log must begin with it for ever.

A hub could show this member one log today and another tomorrow. Against what stands here it would have to
prove that the one begins with the other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from member.errors import VaultRefused
from member.vault.vault import Vault
from privacy.checkpoint import Note, read_note
from privacy.encoding import instant_text
from privacy.errors import DeserializeError


def find(vault: Vault) -> Note | None:
    """Return the checkpoint of this epoch's log that was seen last."""
    epoch = vault.settings.key_set.key_set.epoch
    row: Any = vault.db.execute("SELECT note FROM checkpoints WHERE epoch = ?", (epoch,)).fetchone()
    if row is None:
        return None
    try:
        return read_note(row[0])
    except DeserializeError as error:
        raise VaultRefused("a row of the vault was changed or is damaged: restore a backup") from error


def keep(vault: Vault, note: Note, *, at: datetime) -> None:
    """Keep a checkpoint that was checked against the last one, in its place."""
    row = (vault.settings.key_set.key_set.epoch, note.checkpoint.size, instant_text(at), note.text())
    with vault.transaction() as db:
        db.execute("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?)", row)
