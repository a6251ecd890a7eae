"""The tables of `ledger.db`: what only this custodian knows. An older file gets the tables that it lacks."""

from __future__ import annotations

from typing import Final

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS nonces (
    keyid TEXT, nonce TEXT, expires_at INTEGER NOT NULL, PRIMARY KEY (keyid, nonce)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS evaluations (
    member TEXT, request_id TEXT, batch BLOB NOT NULL, count INTEGER NOT NULL,
    epoch INTEGER NOT NULL, day TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (member, request_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS evaluations_by_day ON evaluations (member, epoch, day, count);

CREATE TABLE IF NOT EXISTS openings (
    member TEXT, manifest BLOB, period TEXT NOT NULL, count INTEGER NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (member, manifest)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS openings_by_period ON openings (member, period, count);

-- How often each record stood in a cohort that was opened: grows in the transaction that charges for it.
CREATE TABLE IF NOT EXISTS cohort_counts (
    period TEXT, member TEXT, contract_ref TEXT, openings INTEGER NOT NULL,
    PRIMARY KEY (period, member, contract_ref)
) WITHOUT ROWID;

-- A period with a row here is over: its counts stand, and its root is what the feed says or will say.
-- Without a root it is not to be published: counts of it were lost. `sent_at` is when that was last tried.
CREATE TABLE IF NOT EXISTS cohort_roots (
    period TEXT PRIMARY KEY, root BLOB, size INTEGER NOT NULL, sent_at TEXT
) WITHOUT ROWID;

-- Each member's leaf under that root.
CREATE TABLE IF NOT EXISTS cohort_leaves (
    period TEXT, member TEXT, leaf BLOB NOT NULL, PRIMARY KEY (period, member)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS signed_cuts (period TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;

-- The statements of all custodians under the newest cuts, by their position in the feed.
CREATE TABLE IF NOT EXISTS cut_statements (
    position INTEGER PRIMARY KEY, cut INTEGER NOT NULL, statement BLOB NOT NULL
);

-- The feed's root at each position that was followed: what others sign is compared with it.
CREATE TABLE IF NOT EXISTS heads (position INTEGER PRIMARY KEY, root BLOB NOT NULL);

-- The newest checkpoint of the hub's log that each custodian has cosigned, as far as it is known here. The
-- own one stands here before it is sent. `sent`: whether the hub has taken it.
CREATE TABLE IF NOT EXISTS cosigned (
    custodian INTEGER PRIMARY KEY, size INTEGER NOT NULL, at TEXT NOT NULL, note TEXT NOT NULL,
    sent INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS handed_in (
    member TEXT, sequence INTEGER, digest BLOB NOT NULL, statement BLOB NOT NULL,
    signed_at TEXT NOT NULL, received_at TEXT NOT NULL, alarmed INTEGER NOT NULL,
    PRIMARY KEY (member, sequence)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS quotas (
    member TEXT, kind TEXT, quota INTEGER NOT NULL, PRIMARY KEY (member, kind)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS alarms (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT, detail TEXT, evidence BLOB
);

CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
