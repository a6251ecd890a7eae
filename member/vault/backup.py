"""The whole vault in one sealed file, recovery key included, to be kept apart from the machine."""

from __future__ import annotations

import os
from pathlib import Path

from member.errors import VaultRefused
from member.files.atomic import replacing
from member.vault.vault import Vault
from privacy import sealing
from privacy.errors import CannotOpen
from privacy.sealing import DEFAULT_COST, ScryptCost

_PURPOSE = "member-backup"


def back_up(vault: Vault, passphrase: str, target: Path, *, cost: ScryptCost = DEFAULT_COST) -> None:
    """Write the vault, sealed under `passphrase`, to `target`.

    Raises VaultRefused when the file exists, CannotWrite when there is no place for it.
    """
    if target.exists():
        raise VaultRefused(f"{target} exists: a backup never overwrites, choose another name")
    sealed = sealing.seal_with_passphrase(passphrase, vault.db.serialize(), purpose=_PURPOSE, cost=cost)
    with replacing(target) as beside:
        beside.write_bytes(sealed)


def restore(source: Path, passphrase: str, path: Path, *, force: bool = False) -> Vault:
    """Put a backup in place of `path` and open it.

    An existing vault is replaced only by `force`, and then kept beside it as `vault.replaced`. Raises
    VaultRefused, before anything is touched when the passphrase or the file is wrong.
    """
    if path.exists() and not force:
        raise VaultRefused(
            f"{path} is a vault already: --force replaces it, and keeps it beside as vault.replaced"
        )
    plaintext = _read(source, passphrase)
    unfinished = path.with_suffix(".unfinished")
    _write(unfinished, plaintext)
    Vault.open(unfinished, passphrase).close()
    if path.exists():
        os.replace(path, path.with_suffix(".replaced"))
    os.replace(unfinished, path)
    return Vault.open(path, passphrase)


def _read(source: Path, passphrase: str) -> bytes:
    try:
        return sealing.open_with_passphrase(passphrase, source.read_bytes(), purpose=_PURPOSE)
    except OSError as error:
        raise VaultRefused(f"{source} cannot be read: {error.strerror}") from error
    except CannotOpen as error:
        raise VaultRefused(f"{source} does not open: wrong passphrase, or no backup of a vault") from error


def _write(path: Path, database: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with replacing(path) as beside:
        beside.write_bytes(database)
