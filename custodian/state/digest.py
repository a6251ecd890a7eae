"""One digest of the whole state: what the custodians sign at a cut, and what must be equal in all.

The state is written as lines of JSON: a line with each table's name, then its rows as arrays in the
order of their key, bytes as base64 (RFC 4648 section 4). Records stand there with their leaf hashes, which
cover all they say; their bodies may be erased and the digest stays. The verdict on each position is left
out: the head commits to the statements, and verdicts show in what they change.
"""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Final

import msgspec

from custodian.state.schema import snapshot
from privacy.encoding import frame, label

_PAGE: Final = 10_000

_TABLES: Final = {
    "feed": "SELECT position, stamp, frontier FROM feed",
    "authors": "SELECT author, next_sequence, previous, signed_at FROM authors ORDER BY author",
    "members": "SELECT id, name, control_group, declared_portfolio, enrolment, active_from, taken_in, taken"
    " FROM members ORDER BY id",
    "keys": "SELECT member, from_position, signing, recovery, sealing"
    " FROM keys ORDER BY member, from_position",
    "acceptances": "SELECT member, custodian, position FROM acceptances ORDER BY member, custodian",
    "suspensions": "SELECT member, from_position, from_time, until_position"
    " FROM suspensions ORDER BY member, from_position",
    "agreements": "SELECT agreement, version, position, terms FROM agreements ORDER BY agreement, version",
    "contracts": "SELECT id, member, contract_ref, newest, ended_at FROM contracts ORDER BY id",
    "records": "SELECT id, contract, accepted_at, superseded_at, expires, leaf FROM records ORDER BY id",
    "holds": "SELECT contract, holder, from_position, from_time, until_position"
    " FROM holds ORDER BY contract, holder, from_position",
    "cuts": "SELECT position, period, stamp, root, effective_at FROM cuts ORDER BY position",
    "live_counts": "SELECT cut, member, live FROM live_counts ORDER BY cut, member",
    "cut_signatures": "SELECT cut, custodian, position, matching FROM cut_signatures ORDER BY cut, custodian",
}


def state_digest(db: sqlite3.Connection) -> bytes:
    """Return the 32 bytes that stand for everything the feed has led to; 1e6 records take seconds."""
    encoder = msgspec.json.Encoder()
    hasher = hashlib.sha256(frame(label("state")))
    with snapshot(db):
        for table, query in _TABLES.items():
            hasher.update(encoder.encode_lines([table]))
            rows = db.execute(query)
            while page := rows.fetchmany(_PAGE):
                hasher.update(encoder.encode_lines(page))
    return hasher.digest()
