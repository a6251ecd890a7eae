"""Where the state lives: one SQLite file that holds nothing but what the feed says.

Rows are temporal: they say from which position to which they hold, so that anything can be judged at a
position of the past. The rest of the custodian keeps its own tables (quotas, nonces, alarms) in another
file: this one may be thrown away and computed again.

What is forgotten is overwritten (`secure_delete`), in this file as soon as it is written back from the
write-ahead log, and that is gone when the last connection closes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from custodian.errors import OperatorError
from privacy.merkle import Frontier

NEVER: Final = 2**53 - 1
"""Until when holds what has no end yet; a number, so that "later than P" is one comparison and an index
range. Above every position and second, and JSON still says it exactly."""

_VERSION: Final = 2
"""What `user_version` says of a file with these tables. Version 1 did not keep what leaves are made of."""

_SCHEMA: Final = f"""
CREATE TABLE feed (
    only_row INTEGER NOT NULL DEFAULT 0 UNIQUE CHECK (only_row = 0),
    position INTEGER NOT NULL,
    stamp TEXT,
    frontier BLOB NOT NULL
) STRICT;
INSERT INTO feed VALUES (0, 0, NULL, x'{Frontier().encode().hex()}');

-- The verdict on every position, for those who ask; the head commits to the statements themselves. Of
-- positions before the checkpoint that this custodian started from there is none.
CREATE TABLE entries (
    position INTEGER PRIMARY KEY,
    stamp TEXT NOT NULL,
    author TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    type TEXT NOT NULL,
    digest BLOB NOT NULL,
    reason TEXT,
    ignored INTEGER NOT NULL
) STRICT;
CREATE INDEX entries_by_author ON entries (author, position);

CREATE TABLE authors (
    author TEXT PRIMARY KEY,
    next_sequence INTEGER NOT NULL,
    previous BLOB NOT NULL,
    signed_at TEXT
) STRICT, WITHOUT ROWID;

-- A member's id is the position of its enrolment.
CREATE TABLE members (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    control_group TEXT NOT NULL,
    declared_portfolio INTEGER NOT NULL,
    enrolment BLOB NOT NULL UNIQUE,
    active_from INTEGER NOT NULL,
    taken_in TEXT NOT NULL,
    taken INTEGER NOT NULL
) STRICT;

CREATE TABLE keys (
    member INTEGER NOT NULL,
    from_position INTEGER NOT NULL,
    signing BLOB NOT NULL,
    recovery BLOB NOT NULL,
    sealing BLOB NOT NULL,
    key_id TEXT NOT NULL,
    PRIMARY KEY (member, from_position)
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_by_id ON keys (key_id, from_position);

CREATE TABLE acceptances (
    member INTEGER NOT NULL,
    custodian INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (member, custodian)
) STRICT, WITHOUT ROWID;

CREATE TABLE suspensions (
    member INTEGER NOT NULL,
    from_position INTEGER NOT NULL,
    from_time INTEGER NOT NULL,
    until_position INTEGER NOT NULL,
    PRIMARY KEY (member, from_position)
) STRICT, WITHOUT ROWID;

CREATE TABLE agreements (
    agreement TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    valid_from TEXT NOT NULL,
    terms TEXT NOT NULL,
    PRIMARY KEY (agreement, version)
) STRICT, WITHOUT ROWID;

-- A contract's id is that of its first record, a record's is position * 4096 + its index in the chunk:
-- both grow with the feed, so that rows are only ever appended.
CREATE TABLE contracts (
    id INTEGER PRIMARY KEY,
    member INTEGER NOT NULL,
    contract_ref TEXT NOT NULL,
    newest INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    UNIQUE (member, contract_ref)
) STRICT;

-- The body of a record is what is null once it is erased, and its contribution.
CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    contract INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    superseded_at INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    erased_at INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    leaf BLOB NOT NULL,
    pseudonym TEXT,
    standing_key TEXT,
    private_digest TEXT
) STRICT;
CREATE INDEX records_by_pseudonym ON records (pseudonym, superseded_at) WHERE pseudonym IS NOT NULL;
CREATE INDEX records_by_erasure ON records (erased_at);

-- Apart from the records: 768 bytes each, read only for what opens.
CREATE TABLE contributions (
    record INTEGER PRIMARY KEY,
    ciphertext BLOB NOT NULL
) STRICT;

CREATE TABLE holds (
    contract INTEGER NOT NULL,
    holder TEXT NOT NULL,
    from_position INTEGER NOT NULL,
    from_time INTEGER NOT NULL,
    until_position INTEGER NOT NULL,
    PRIMARY KEY (contract, holder, from_position)
) STRICT, WITHOUT ROWID;

CREATE TABLE cuts (
    position INTEGER PRIMARY KEY,
    period TEXT NOT NULL UNIQUE,
    stamp TEXT NOT NULL,
    root BLOB NOT NULL,
    state_digest BLOB,
    effective_at INTEGER NOT NULL
) STRICT;

CREATE TABLE live_counts (
    cut INTEGER NOT NULL,
    member INTEGER NOT NULL,
    live INTEGER NOT NULL,
    PRIMARY KEY (cut, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE cut_signatures (
    cut INTEGER NOT NULL,
    custodian INTEGER NOT NULL,
    position INTEGER NOT NULL,
    matching INTEGER NOT NULL,
    PRIMARY KEY (cut, custodian)
) STRICT, WITHOUT ROWID;

CREATE TABLE cohorts (
    custodian INTEGER NOT NULL,
    period TEXT NOT NULL,
    position INTEGER NOT NULL,
    root BLOB NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (custodian, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE deletions (
    member INTEGER NOT NULL,
    position INTEGER NOT NULL,
    period TEXT NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    PRIMARY KEY (member, position)
) STRICT, WITHOUT ROWID;
"""


def open_state(path: Path | str) -> sqlite3.Connection:
    """Open the state file at `path`, or make it; `":memory:"` for one that is forgotten.

    Threads may share the connection when they take turns. Raises OperatorError for a file of another version.
    """
    db = sqlite3.connect(path, check_same_thread=False)
    db.execute("PRAGMA secure_delete = ON")
    db.execute("PRAGMA journal_mode = WAL")  # openings read while the feed is followed
    db.execute("PRAGMA cache_size = -65536")  # 64 MiB: pseudonyms come in no order
    _require_tables(db)
    return db


def insert(db: sqlite3.Connection, table: str, **values: str | int | bytes | None) -> None:
    """Add one row, named column by column."""
    columns, places = ", ".join(values), ", ".join(f":{column}" for column in values)
    db.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)


@contextmanager
def snapshot(db: sqlite3.Connection) -> Iterator[None]:
    """Let several queries see one state, also while another connection follows the feed."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.rollback()  # nothing was written


def _require_tables(db: sqlite3.Connection) -> None:
    """Make the tables in a new file; raises OperatorError for those of another version."""
    if not _version(db):
        db.execute("BEGIN IMMEDIATE")
        with db:
            if not _version(db):  # again: another process may have been faster
                for statement in _SCHEMA.split(";\n"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {_VERSION}")
    if _version(db) > _VERSION:
        raise OperatorError("a newer version of this program wrote the state file: install that one")
    if _version(db) < _VERSION:
        raise OperatorError(
            "an older version of this program wrote the state file: delete it, and it is computed again"
        )


def _version(db: sqlite3.Connection) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version
