"""Single statements, kept from before they are sent until taken: sent again they are the same."""

from __future__ import annotations

from typing import Any

import msgspec

from member.vault.vault import Vault
from privacy.messages import parse_json
from privacy.statements import SignedStatement


def find(vault: Vault, name: str) -> SignedStatement | None:
    """Return the statement kept under `name`."""
    row: Any = vault.db.execute("SELECT sealed FROM drafts WHERE name = ?", (name,)).fetchone()
    if row is None:
        return None
    return parse_json(SignedStatement, vault.unseal("drafts", row[0], context=name.encode()))


def keep(vault: Vault, name: str, statement: SignedStatement) -> None:
    """Keep a statement before it is sent, in place of an earlier one of that name."""
    sealed = vault.seal("drafts", msgspec.json.encode(statement), context=name.encode())
    with vault.transaction() as db:
        db.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?)", (name, sealed))


def drop(vault: Vault, name: str) -> None:
    """Forget a statement that the hub has taken."""
    with vault.transaction() as db:
        db.execute("DELETE FROM drafts WHERE name = ?", (name,))
