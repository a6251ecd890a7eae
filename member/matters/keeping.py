"""What the vault keeps of each matter: how its debtor's identifier was evaluated, and what the member signed.

The evaluation is kept before it is asked for and the request before it is sent: a run that was killed asks
the very same again, which costs nothing and opens nothing twice.
"""

from __future__ import annotations

from typing import Any

import msgspec

from member.errors import Refused
from member.vault import Vault
from privacy.evidence import IdentityOpening, SignedMatterRequest
from privacy.logged import LogReceipt
from privacy.messages import Bytes32, Count, Reference


class Asked(msgspec.Struct, frozen=True):
    """One blinded identifier under its request id: asked again it costs nothing."""

    request_id: str
    blind: Bytes32
    element: Bytes32


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A matter as far as it has come: evaluated, signed, taken by the hub."""

    input: str
    epoch: Count
    key_set: Bytes32
    asked: Asked
    opening: IdentityOpening | None = None
    request: SignedMatterRequest | None = None
    receipt: LogReceipt | None = None
    """The hub's log entry of the opened matter; none until the hub has answered."""


def find(vault: Vault, matter: Reference) -> Kept | None:
    """Return what is kept of a matter, or None."""
    row: Any = vault.db.execute("SELECT sealed FROM matters WHERE reference = ?", (matter,)).fetchone()
    if row is None:
        return None
    return msgspec.json.decode(vault.unseal("matters", row[0], context=matter.encode()), type=Kept)


def get(vault: Vault, matter: Reference) -> Kept:
    """Return what is kept of a matter; raises Refused when this vault has never opened it."""
    kept = find(vault, matter)
    if kept is None:
        raise Refused("this vault has opened no such matter: run alliance-member matters open", rule="matter")
    return kept


def keep(vault: Vault, matter: Reference, kept: Kept) -> None:
    """Keep a matter as it stands now, in place of what was kept before."""
    sealed = vault.seal("matters", msgspec.json.encode(kept), context=matter.encode())
    with vault.transaction() as db:
        db.execute("INSERT OR REPLACE INTO matters VALUES (?, ?)", (matter, sealed))


def list_matters(vault: Vault) -> list[str]:
    """Return the references of all matters that this vault has begun, sorted."""
    rows = vault.db.execute("SELECT reference FROM matters ORDER BY reference").fetchall()
    return [reference for (reference,) in rows]
