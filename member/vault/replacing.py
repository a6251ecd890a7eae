"""Fresh keys between the moment at which they are made and the one at which the hub has taken them.

Both sets must be in the vault until then: a command that dies after sending would else leave a member whose
keys in force are nowhere. The secret of the contributions and the vault's own root stay as they are.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from member.vault import drafts
from member.vault.keys import Keys
from member.vault.vault import Vault
from privacy.sealing import DEFAULT_COST, ScryptCost, SealingKey
from privacy.signing import SEED_BYTES, SigningKey

NAME = "rotation"
"""Under which the statement is kept until the hub has taken it."""

_NEXT = "next-keys"


def make(keys: Keys, *, all_of_them: bool) -> Keys:
    """Return `keys` with fresh signing and sealing keys, and a fresh recovery key if `all_of_them`."""
    recovery = SigningKey(secrets.token_bytes(SEED_BYTES)) if all_of_them else keys.recovery
    signing = SigningKey(secrets.token_bytes(SEED_BYTES))
    return replace(keys, signing=signing, recovery=recovery, sealing=SealingKey.generate())


def keep(vault: Vault, keys: Keys, passphrase: str, *, cost: ScryptCost = DEFAULT_COST) -> None:
    """Keep fresh keys beside those in force, under the vault's passphrase."""
    wrapped = keys.wrap(passphrase, cost)
    with vault.transaction() as db:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_NEXT, wrapped))


def find(vault: Vault, passphrase: str) -> Keys | None:
    """Return the keys that wait to be taken; raises VaultRefused for another passphrase."""
    row: Any = vault.db.execute("SELECT value FROM meta WHERE name = ?", (_NEXT,)).fetchone()
    return None if row is None else Keys.unwrap(passphrase, bytes(row[0]))


def drop(vault: Vault) -> None:
    """Forget keys that the hub has not taken."""
    with vault.transaction() as db:
        drafts.drop(vault, NAME)
        db.execute("DELETE FROM meta WHERE name = ?", (_NEXT,))


def put_in_force(vault: Vault, keys: Keys) -> None:
    """Put the waiting keys in the place of the old ones; the old are gone then."""
    with vault.transaction() as db:
        db.execute(
            "UPDATE meta SET value = (SELECT value FROM meta WHERE name = ?) WHERE name = 'keys'", (_NEXT,)
        )
        drop(vault)
    vault.keys = keys


def count_under_way(vault: Vault) -> int:
    """Return how much is under way that was signed with, or would be sealed to, the keys in force."""
    other = "SELECT count(*) FROM drafts WHERE name <> ?"
    (statements,) = vault.db.execute(other, (NAME,)).fetchone()
    tables = ("outbox", "questions")
    counts = [vault.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]
    return int(statements + sum(counts))


def give_up_under_way(vault: Vault) -> None:
    """Give up work under way: nobody takes what stolen keys have signed, once they are replaced."""
    with vault.transaction() as db:
        for table in ("outbox", "outbox_chunks", "outbox_records", "questions"):
            db.execute(f"DELETE FROM {table}")
        db.execute("DELETE FROM drafts WHERE name <> ?", (NAME,))
