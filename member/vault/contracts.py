"""What the hub has taken of each contract, so that nothing is sent twice and an end is remembered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from member.vault.vault import Vault


class Ending(StrEnum):
    """How a contract left the alliance."""

    SETTLED = "settled"
    """It is paid."""
    WITHDRAWN = "withdrawn"
    """The member took it back."""


@dataclass(frozen=True, slots=True)
class Note:
    """The newest content of a contract that the hub has taken."""

    ref: bytes
    subject: bytes
    as_of: date
    mark: bytes
    ended: Ending | None


def ref(vault: Vault, contract: str) -> bytes:
    """Return the opaque `contract_ref` of a contract number: a keyed hash, 32 bytes."""
    return vault.mark("contract-ref", contract.encode())


def find(vault: Vault, ref: bytes) -> Note | None:
    """Return what is known of a contract."""
    row: Any = vault.db.execute(
        "SELECT ref, subject, as_of, mark, ended FROM contracts WHERE ref = ?", (ref,)
    ).fetchone()
    if row is None:
        return None
    ended = None if row[4] is None else Ending(row[4])
    return Note(row[0], row[1], date.fromisoformat(row[2]), row[3], ended)


def is_live(vault: Vault, ref: bytes | None, subject: bytes) -> bool:
    """Say whether the hub has taken this contract of the subject (any, for None) and it has not ended."""
    query = "SELECT 1 FROM contracts WHERE subject = ? AND ended IS NULL"
    parameters: tuple[bytes, ...] = (subject,)
    if ref is not None:
        query, parameters = f"{query} AND ref = ?", (subject, ref)
    return vault.db.execute(query, parameters).fetchone() is not None


def count_live(vault: Vault) -> int:
    """Return how many contracts the hub has taken and nobody has ended."""
    return int(vault.db.execute("SELECT count(*) FROM contracts WHERE ended IS NULL").fetchone()[0])


def end(vault: Vault, ref: bytes, ending: Ending) -> None:
    """Remember that a contract has ended; one that this vault does not know is left alone."""
    with vault.db as db:
        db.execute("UPDATE contracts SET ended = ? WHERE ref = ?", (ending, ref))
