"""The vault: one SQLite file that holds a member's keys and everything that must outlive a killed command."""

from __future__ import annotations

import hashlib
import hmac
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Self

import msgspec

from member.errors import VaultRefused
from member.vault import schema
from member.vault.keys import Keys
from privacy import sealing
from privacy.encoding import frame
from privacy.errors import CannotOpen, InvalidInputError
from privacy.keyset import SignedKeySet
from privacy.messages import Message, Name, parse_json
from privacy.sealing import DEFAULT_COST, ScryptCost


class Settings(Message, frozen=True):
    """Who this member is and whom it talks to. `key_set` was checked against the printed fingerprints."""

    name: Name
    hub: str
    control_group: Name
    declared_portfolio: Annotated[int, msgspec.Meta(ge=1, le=100_000_000)]
    key_set: SignedKeySet


@dataclass(slots=True)
class Vault:
    """An open vault, locked for this process. Used by one thread."""

    path: Path
    db: sqlite3.Connection
    keys: Keys
    settings: Settings
    _derived: dict[str, bytes] = field(default_factory=dict, repr=False)

    @classmethod
    def create(
        cls, path: Path, passphrase: str, settings: Settings, *, cost: ScryptCost = DEFAULT_COST
    ) -> Self:
        """Make a vault with fresh keys; raises VaultRefused when there is one or the passphrase is empty."""
        if path.exists():
            raise VaultRefused(f"{path} is a vault already: choose another --home")
        if not passphrase:
            raise VaultRefused("a vault needs a passphrase")
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        keys = Keys.generate()
        db = schema.make(unfinished)
        vault = cls(unfinished, db, keys, settings)
        with db:
            vault._put("keys", keys.wrap(passphrase, cost))
            vault._put("settings", vault.seal("settings", msgspec.json.encode(settings)))
        db.close()
        os.replace(unfinished, path)
        return cls(path, schema.connect(path), keys, settings)

    @classmethod
    def open(cls, path: Path, passphrase: str) -> Self:
        """Open and lock a vault; raises VaultRefused and VaultBusy."""
        if not path.exists():
            raise VaultRefused(
                f"there is no vault in {path.parent}: run alliance-member init first, or name its --home"
            )
        db = schema.connect(path)
        try:
            keys = Keys.unwrap(passphrase, _get(db, "keys"))
            settings = _settings(_open(_derive(keys.root, "data"), "settings", b"", _get(db, "settings")))
            schema.upgrade(db)
        except BaseException:
            db.close()
            raise
        return cls(path, db, keys, settings)

    def close(self) -> None:
        """Close the file and give up its lock."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the database; what is written within stands or falls together.

        Inside another one it joins it: `with vault.db` there would commit the half of what is around it.
        """
        if self.db.in_transaction:
            yield self.db
            return
        self.db.execute("BEGIN IMMEDIATE")
        with self.db:
            yield self.db

    def seal(self, table: str, plaintext: bytes, *, context: bytes = b"") -> bytes:
        """Seal a value under the data key, so that it opens only in this table and row."""
        return sealing.seal_under(self._key("data"), plaintext, purpose=f"vault-{table}", context=context)

    def unseal(self, table: str, sealed: bytes, *, context: bytes = b"") -> bytes:
        """Open what `seal` made; raises VaultRefused for a row that was changed."""
        return _open(self._key("data"), table, context, sealed)

    def mark(self, use: str, *fields: bytes) -> bytes:
        """Return HMAC-SHA256 over the framed fields under a key of this vault and `use`: 32 bytes.

        Who has the file without the passphrase cannot try identifiers or contract numbers against it.
        """
        return hmac.digest(self._key(use), frame(*fields), hashlib.sha256)

    def _key(self, use: str) -> bytes:
        if use not in self._derived:
            self._derived[use] = _derive(self.keys.root, use)
        return self._derived[use]

    def _put(self, name: str, value: bytes) -> None:
        self.db.execute("INSERT INTO meta VALUES (?, ?)", (name, value))


def _settings(plaintext: bytes) -> Settings:
    try:
        return parse_json(Settings, plaintext)
    except InvalidInputError as error:
        raise VaultRefused(
            "the vault was made under other rules of the alliance than this program follows: use the program "
            "with which it was made, or begin with init in a new --home"
        ) from error


def _derive(root: bytes, use: str) -> bytes:
    return sealing.derive_key(root, f"vault-{use}")


def _open(key: bytes, table: str, context: bytes, sealed: bytes) -> bytes:
    try:
        return sealing.open_under(key, sealed, purpose=f"vault-{table}", context=context)
    except CannotOpen as error:
        raise VaultRefused("a row of the vault was changed or is damaged: restore a backup") from error


def _get(db: sqlite3.Connection, name: str) -> bytes:
    row: Any = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise VaultRefused("the vault is not complete: restore a backup, or begin again with init")
    return bytes(row[0])
