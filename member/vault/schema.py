"""The vault's tables. Whatever could tell of a debtor is sealed, or stands under a keyed hash."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from member.errors import VaultBusy, VaultRefused

VERSION = 3
"""Stands in the file's `user_version`."""

_APPLICATION = 0x414C4D56
"""Stands in the file's `application_id` ("ALMV"), so that no other SQLite file passes for a vault."""

_FORM_1 = """
-- Keys under the passphrase; settings under the data key.
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
-- OPRF outputs, each under a keyed hash of its input.
CREATE TABLE tokens (
    epoch INTEGER, mark BLOB, sealed BLOB NOT NULL, PRIMARY KEY (epoch, mark)
) WITHOUT ROWID;
-- Batches that custodians may have charged already: inputs, blinds, elements.
CREATE TABLE batches (
    request_id TEXT PRIMARY KEY, epoch INTEGER NOT NULL, sealed BLOB NOT NULL
) WITHOUT ROWID;
-- What the hub has taken of each contract; `mark` is a keyed hash of its content.
CREATE TABLE contracts (
    ref BLOB PRIMARY KEY, subject BLOB NOT NULL, as_of TEXT NOT NULL, mark BLOB NOT NULL, ended TEXT
) WITHOUT ROWID;
CREATE INDEX contracts_by_subject ON contracts (subject);
-- Signed statements that were perhaps sent: settlements, withdrawals.
CREATE TABLE drafts (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
-- The submission that is on its way, byte for byte: at most one.
CREATE TABLE outbox (reference TEXT PRIMARY KEY, header BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE outbox_chunks (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE outbox_records (
    ref BLOB PRIMARY KEY, chunk INTEGER NOT NULL,
    subject BLOB NOT NULL, as_of TEXT NOT NULL, mark BLOB NOT NULL
) WITHOUT ROWID;
-- What was asked and is not yet written down: manifests, and answers as they come.
CREATE TABLE questions (mark BLOB PRIMARY KEY, asked_at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE manifests (
    number INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE,
    question BLOB NOT NULL REFERENCES questions ON DELETE CASCADE, sealed BLOB NOT NULL, answer BLOB
);
-- The hub's log entries about this member, to be found in its log later.
CREATE TABLE receipts (leaf BLOB PRIMARY KEY, at TEXT NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID;
"""

_FORM_2 = """
-- Every statement that this member has signed and perhaps sent, to be found in the feed later. A sequence
-- number may stand twice: what was not taken is signed anew.
CREATE TABLE statements (
    digest BLOB PRIMARY KEY, sequence INTEGER NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL,
    sealed BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX statements_by_sequence ON statements (sequence);
-- What shows that a custodian or a contributor lied; `mark` is a keyed hash, so that each stands once.
CREATE TABLE accusations (
    number INTEGER PRIMARY KEY, mark BLOB NOT NULL UNIQUE, at TEXT NOT NULL, sealed BLOB NOT NULL
);
"""

_FORM_3 = """
-- The newest checkpoint of each epoch's log that this member has checked: the log begins with it for ever.
CREATE TABLE checkpoints (
    epoch INTEGER PRIMARY KEY, size INTEGER NOT NULL, at TEXT NOT NULL, note TEXT NOT NULL
);
-- In which epoch's log a receipt's entry stands; its number there, once that was proven; the size of the tree
-- in which it was proven, or was last missed; and when it was found to be missing.
ALTER TABLE receipts ADD COLUMN epoch INTEGER;
-- Null: of the epoch that the vault is in. Where there was an earlier one, nobody noted which: 0.
UPDATE receipts SET epoch = 0 WHERE EXISTS (SELECT 1 FROM meta WHERE name LIKE 'key-set/%');
ALTER TABLE receipts ADD COLUMN number INTEGER;
ALTER TABLE receipts ADD COLUMN size INTEGER;
ALTER TABLE receipts ADD COLUMN missed_at TEXT;
CREATE INDEX receipts_in_order ON receipts (at, leaf);
-- What the hub signed together with a leaf, until the leaf is found: without it nobody else need believe that
-- the hub gave the receipt.
CREATE TABLE receipt_answers (leaf BLOB PRIMARY KEY, sealed BLOB NOT NULL);
-- Matters that this member has opened: the identity opening and what else must not be lost.
CREATE TABLE matters (reference TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
"""

_UPGRADES = {1: _FORM_2, 2: _FORM_3}
"""What leads from each older form to the next."""


def make(path: Path) -> sqlite3.Connection:
    """Make an empty vault file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    db = sqlite3.connect(path)
    # In one transaction: each statement by itself would wait for the disk.
    header = f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {VERSION};"
    db.executescript(f"BEGIN; {header} {_FORM_1} {_FORM_2} {_FORM_3} COMMIT")
    return db


def connect(path: Path) -> sqlite3.Connection:
    """Open a vault file for this process alone; the lock ends with the process, however it ends.

    Raises VaultRefused for a file that is no vault, or of a newer form; VaultBusy for one in use.
    """
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0.25)
    try:
        _claim(db)
    except sqlite3.OperationalError as error:
        db.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise VaultBusy(
                "another alliance-member is at work on this vault: wait until it has ended"
            ) from error
        raise VaultRefused(f"{path} cannot be opened: check the folder and its permissions") from error
    except sqlite3.DatabaseError as error:
        db.close()
        raise VaultRefused(f"{path} is damaged or no vault: restore a backup") from error
    except VaultRefused:
        db.close()
        raise
    return db


def _claim(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA secure_delete = ON")
    # A token is paid for with quota and a manifest with an opening: on disk before anybody hears of it.
    db.execute("PRAGMA synchronous = FULL")
    db.executescript("BEGIN EXCLUSIVE; COMMIT")
    application, version = (
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    if application != _APPLICATION:
        raise VaultRefused("this file is no vault")
    if version > VERSION:
        raise VaultRefused(
            f"the vault has form {version}, this program reads form {VERSION}: update the program"
        )
    if version < VERSION and version not in _UPGRADES:
        raise VaultRefused(f"the vault has form {version}, which no program had: restore a backup")


def upgrade(db: sqlite3.Connection) -> None:
    """Bring a vault of an older form to this one, in one transaction.

    Called once everything else about the vault is known to be in order: a vault that is refused stays as it
    is, for the program that can read it.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version < VERSION:
        steps = " ".join(_UPGRADES[older] for older in range(version, VERSION))
        db.executescript(f"BEGIN; {steps} PRAGMA user_version = {VERSION}; COMMIT")
