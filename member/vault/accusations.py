"""What shows that somebody lied: kept so that it can be handed on, each falsehood once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from member.vault.vault import Vault
from privacy.accusations import Accusation
from privacy.encoding import instant_text, parse_instant
from privacy.messages import parse_json


@dataclass(frozen=True, slots=True)
class Kept:
    """An accusation under the number that a person names it by, and when it was found."""

    number: int
    at: datetime
    accusation: Accusation


def keep(vault: Vault, accusation: Accusation, *, at: datetime) -> None:
    """Keep an accusation that holds; the same one again changes nothing."""
    mark = vault.mark("accusation", accusation.canonical())
    sealed = vault.seal("accusations", msgspec.json.encode(accusation), context=mark)
    with vault.transaction() as db:
        db.execute(
            "INSERT OR IGNORE INTO accusations VALUES (NULL, ?, ?, ?)", (mark, instant_text(at), sealed)
        )


def list_accusations(vault: Vault) -> list[Kept]:
    """Return everything that was found, the first first."""
    rows = vault.db.execute("SELECT number, mark, at, sealed FROM accusations ORDER BY number").fetchall()
    return [_kept(vault, *row) for row in rows]


def find(vault: Vault, number: int) -> Kept | None:
    """Return the accusation of that number."""
    row = vault.db.execute(
        "SELECT number, mark, at, sealed FROM accusations WHERE number = ?", (number,)
    ).fetchone()
    return _kept(vault, *row) if row else None


def _kept(vault: Vault, number: int, mark: bytes, at: str, sealed: bytes) -> Kept:
    plaintext = vault.unseal("accusations", sealed, context=mark)
    # mypy cannot see that a union of classes is a form to be read.
    return Kept(number, parse_instant(at), parse_json(Accusation, plaintext))  # type: ignore[arg-type]
