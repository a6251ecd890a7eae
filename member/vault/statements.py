"""What this member has said in the feed: every signed statement that perhaps left, to be found there later.

A hub could drop a statement that it took, or show custodians another one. Against what stands here the
custodians' accounts are compared, and from here a statement is handed to them directly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from member.vault import drafts
from member.vault.vault import Vault
from privacy.encoding import instant_text, parse_instant
from privacy.messages import parse_json
from privacy.statements import SignedStatement


@dataclass(frozen=True, slots=True)
class Kept:
    """A statement of this member, and when it was signed by this machine's clock."""

    signed: SignedStatement
    at: datetime

    @property
    def sequence(self) -> int:
        """Its number in this member's chain of its epoch."""
        return self.signed.statement.sequence

    @property
    def type(self) -> str:
        """What kind of statement it is, as accounts name it."""
        return type_of(self.signed)


def type_of(signed: SignedStatement) -> str:
    """Return the type of a statement: `chunk`, `settlement`, ..."""
    return str(signed.statement.body.__struct_config__.tag)


def keep(vault: Vault, signed: SignedStatement, *, at: datetime) -> None:
    """Keep a statement before it is sent; the same one again changes nothing."""
    digest = signed.digest()
    sealed = vault.seal("statements", msgspec.json.encode(signed), context=digest)
    row = (digest, signed.statement.sequence, type_of(signed), instant_text(at), sealed)
    with vault.transaction() as db:
        db.execute("INSERT OR IGNORE INTO statements VALUES (?, ?, ?, ?, ?)", row)


def drop(vault: Vault, digest: bytes) -> None:
    """Forget a statement that the hub refused in so many words: nobody need look for it in the feed."""
    with vault.transaction() as db:
        db.execute("DELETE FROM statements WHERE digest = ?", (digest,))


def list_statements(vault: Vault, epoch: int) -> list[Kept]:
    """Return the statements of an epoch by sequence, those of one sequence in the order of signing.

    A sequence may stand twice: what was not taken is signed anew, under the number that is still free.
    """
    rows = vault.db.execute("SELECT digest, at, sealed FROM statements ORDER BY sequence, at").fetchall()
    found = (Kept(_opened(vault, digest, sealed), parse_instant(at)) for digest, at, sealed in rows)
    return [kept for kept in found if kept.signed.statement.epoch == epoch]


def list_drafted(vault: Vault) -> set[bytes]:
    """Return the digests of the single statements that a command has yet to bring to an end."""
    names = vault.db.execute("SELECT name FROM drafts").fetchall()
    found = (drafts.find(vault, name) for (name,) in names)
    return {signed.digest() for signed in found if signed is not None}


def _opened(vault: Vault, digest: bytes, sealed: bytes) -> SignedStatement:
    return parse_json(SignedStatement, vault.unseal("statements", sealed, context=digest))
