"""One digest of the whole state: what the custodians sign at a cut, and what must be equal in all.

The state is written as lines of JSON: a line with each table's name, then its rows as arrays in the
order of their key, bytes as base64 (RFC 4648 section 4). Records stand there with their leaf hashes, which
cover all they say; their bodies may be erased and the digest stays. The verdict on each position is left
out: the head commits to the statements, and verdicts show in what they change. What else a custodian must
know in order to go on is all there: the lines of a cut are the checkpoint from which a new one may start.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec

from custodian.state.schema import snapshot
from privacy.encoding import frame, label

_PAGE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a table that stand in its lines, with their types; the first `key` give the order."""

    key: int
    columns: dict[str, Any]


TABLES: Final = {
    "feed": Table(1, {"position": int, "stamp": str | None, "frontier": bytes}),
    "authors": Table(1, {"author": str, "next_sequence": int, "previous": bytes, "signed_at": str | None}),
    "members": Table(
        1,
        {
            "id": int,
            "name": str,
            "control_group": str,
            "declared_portfolio": int,
            "enrolment": bytes,
            "active_from": int,
            "taken_in": str,
            "taken": int,
        },
    ),
    "keys": Table(
        2,
        {
            "member": int,
            "from_position": int,
            "signing": bytes,
            "recovery": bytes,
            "sealing": bytes,
            "key_id": str,
        },
    ),
    "acceptances": Table(2, {"member": int, "custodian": int, "position": int}),
    "suspensions": Table(2, {"member": int, "from_position": int, "from_time": int, "until_position": int}),
    "agreements": Table(
        2, {"agreement": str, "version": int, "position": int, "valid_from": str, "terms": str}
    ),
    "contracts": Table(1, {"id": int, "member": int, "contract_ref": str, "newest": int, "ended_at": int}),
    "records": Table(
        1,
        {
            "id": int,
            "contract": int,
            "accepted_at": int,
            "superseded_at": int,
            "expires": int,
            "erased_at": int,
            "as_of": str,
            "leaf": bytes,
        },
    ),
    "holds": Table(
        3,
        {"contract": int, "holder": str, "from_position": int, "from_time": int, "until_position": int},
    ),
    "cuts": Table(
        1,
        {
            "position": int,
            "period": str,
            "stamp": str,
            "root": bytes,
            "state_digest": bytes | None,
            "effective_at": int,
        },
    ),
    "live_counts": Table(2, {"cut": int, "member": int, "live": int}),
    "cut_signatures": Table(2, {"cut": int, "custodian": int, "position": int, "matching": int}),
    "cohorts": Table(2, {"custodian": int, "period": str, "position": int, "root": bytes, "size": int}),
    "deletions": Table(2, {"member": int, "position": int, "period": str, "size": int, "root": bytes}),
}
"""What the state consists of, in the order of the lines."""

_DIGEST_BEFORE_HERE: Final = (
    "CASE WHEN position < (SELECT position FROM feed) THEN state_digest END AS state_digest"
)
"""A cut's own digest cannot stand in the lines that it is the digest of."""


class Hasher(Protocol):
    """What lines are hashed with."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""

    def digest(self) -> bytes:
        """Return the digest of all of them."""


def new_hasher() -> Hasher:
    """Return what the lines are hashed with."""
    return hashlib.sha256(frame(label("state")))


def state_digest(db: sqlite3.Connection) -> bytes:
    """Return the 32 bytes that stand for everything the feed has led to; 1e6 records take seconds."""
    hasher = new_hasher()
    with snapshot(db):
        for lines in pages(db):
            hasher.update(lines)
    return hasher.digest()


def pages(db: sqlite3.Connection) -> Iterator[bytes]:
    """Yield the lines of the state, many at a time; the caller holds a snapshot."""
    encoder = msgspec.json.Encoder()
    for name, table in TABLES.items():
        yield encoder.encode_lines([name])
        rows = db.execute(_query(name, table))
        while page := rows.fetchmany(_PAGE):
            yield encoder.encode_lines(page)


def _query(name: str, table: Table) -> str:
    columns = list(table.columns)
    named = [_DIGEST_BEFORE_HERE if column == "state_digest" else column for column in columns]
    return f"SELECT {', '.join(named)} FROM {name} ORDER BY {', '.join(columns[: table.key])}"
