"""A custodian's backup: one sealed file with its keys, its shares and its ledger, and no debtor's record.

The state is left out on purpose: what hub and custodians have forgotten must not lie in a drawer. A restored
custodian starts from a fellow's checkpoint. What it did after the backup it does not know, so its ledger
says from when on it must count everything as spent (`restoring.py`).
"""

from __future__ import annotations

import io
import os
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec

from custodian.errors import OperatorError
from custodian.ledger import Ledger
from custodian.restoring import Restored, find, remember
from privacy import sealing
from privacy.encoding import instant_text, parse_instant
from privacy.errors import CannotOpen
from privacy.sealing import ScryptCost

PURPOSE = "custodian-backup"

_FILES = ("card.json", "key-set.json", "settings.json", "ledger.db", "shares.sealed", "keys.sealed")
"""What a backup holds; the keys come last, so that a home with keys is a home restored in full."""

_MADE_AT = "made-at"
"""Beside them, when it was made."""


def write(home: Path, file: Path, passphrase: str, *, now: datetime, cost: ScryptCost) -> None:
    """Write the backup of a home into a new file; raises OperatorError when it exists."""
    Ledger(home / "ledger.db")  # one that has not served yet has an empty one
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar, tempfile.TemporaryDirectory(dir=home) as folder:
        for name in _FILES:
            source = home / name
            if name == "ledger.db":
                source = _copied(source, Path(folder) / name, now)
            if source.exists():
                _add(tar, name, source.read_bytes())
        _add(tar, _MADE_AT, instant_text(now).encode())
    _write_new(file, sealing.seal_with_passphrase(passphrase, packed.getvalue(), purpose=PURPOSE, cost=cost))


def read(home: Path, file: Path, passphrase: str, *, now: datetime) -> datetime:
    """Fill an empty home from a backup; returns when that was made.

    Raises CannotOpen for a wrong passphrase, OperatorError for a home with keys or a file that is no backup.
    """
    if (home / "keys.sealed").exists():
        raise OperatorError(f"{home} holds a custodian's keys already; restore into a new --home")
    contents = _contents(sealing.open_with_passphrase(passphrase, file.read_bytes(), purpose=PURPOSE))
    home.mkdir(parents=True, exist_ok=True)
    for leftover in home.glob("ledger.db-*"):  # of a restoration that was broken off
        leftover.unlink()
    for name in (each for each in _FILES[:-1] if each in contents):
        _write(home / name, contents[name])
    _say_restored(home / "ledger.db", now)
    _write(home / _FILES[-1], contents[_FILES[-1]])
    return parse_instant(contents[_MADE_AT].decode())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def _copied(source: Path, target: Path, now: datetime) -> Path:
    """Copy the ledger as it is at one moment, and write into the copy that it is one."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    ledger = Ledger(target)
    # One that is not through its own restoration has forgotten since that backup, not since this one.
    before = find(ledger) or Restored(backed_up_at=instant_text(now), restored_at=None)
    remember(ledger, msgspec.structs.replace(before, restored_at=None))
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")  # one file again
    return target


def _say_restored(path: Path, now: datetime) -> None:
    ledger = Ledger(path)
    restored = find(ledger)
    if restored is None:
        raise OperatorError("this is no backup of a custodian: its ledger does not say when it was made")
    remember(ledger, msgspec.structs.replace(restored, restored_at=instant_text(now)))


def _contents(packed: bytes) -> dict[str, bytes]:
    """Unpack the files of a backup and nothing else, wherever they say that they belong."""
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as tar:
            for member in tar:
                known = member.name in (*_FILES, _MADE_AT) and member.isfile()
                content = tar.extractfile(member) if known else None
                if content is not None:
                    found[member.name] = content.read()
    except (tarfile.TarError, OSError, EOFError) as error:
        raise CannotOpen("this is no backup of a custodian") from error
    if not {"keys.sealed", "ledger.db", _MADE_AT} <= found.keys():
        raise OperatorError("this is no backup of a custodian: its keys or its ledger are missing")
    return found


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _write_new(path: Path, content: bytes) -> None:
    if path.exists():
        raise OperatorError(f"{path} exists already; choose another place for the backup")
    _write(path, content)
