"""The submission on its way, byte for byte, from before it is sent until its outcome is noted.

A killed run thus sends the same signed chunks again: the hub answers with the submission that it has, or
takes it now. At most one stands here, because the chunks' sequence numbers follow one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from member.vault.vault import Vault
from privacy.messages import Bytes32, Count, Day, Message, Reference, parse_json


class Header(Message, frozen=True):
    """The first line of a submission."""

    recipient: str
    epoch: Count
    key_set: Bytes32
    reference: Reference
    as_of: Day
    rows: Count
    chunks: Count


@dataclass(frozen=True, slots=True)
class Entry:
    """What is noted of a contract once the hub has taken its record."""

    ref: bytes
    subject: bytes
    as_of: date
    mark: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its lines (statement, then records), each ended by a newline, and what they are about."""

    lines: bytes
    entries: Sequence[Entry]


def put(vault: Vault, header: Header, chunks: Iterable[Chunk]) -> None:
    """Keep a submission before it is sent."""
    with vault.transaction() as db:
        db.execute("INSERT INTO outbox VALUES (?, ?)", (header.reference, msgspec.json.encode(header)))
        for number, chunk in enumerate(chunks):
            sealed = vault.seal("outbox", chunk.lines, context=number.to_bytes(4, "big"))
            db.execute("INSERT INTO outbox_chunks VALUES (?, ?)", (number, sealed))
            db.executemany(
                "INSERT INTO outbox_records VALUES (?, ?, ?, ?, ?)",
                (
                    (entry.ref, number, entry.subject, entry.as_of.isoformat(), entry.mark)
                    for entry in chunk.entries
                ),
            )


def header(vault: Vault) -> Header | None:
    """Return the header of the submission on its way, if there is one."""
    row = vault.db.execute("SELECT header FROM outbox").fetchone()
    return parse_json(Header, row[0]) if row else None


def body(vault: Vault) -> Iterator[bytes]:
    """Yield the submission as it is sent: the header's line, then chunk after chunk."""
    first = header(vault)
    if first is not None:
        yield msgspec.json.encode(first) + b"\n"
    # By number and not by an open cursor: the vault may be written to while the body is on its way.
    for (number,) in vault.db.execute("SELECT number FROM outbox_chunks ORDER BY number").fetchall():
        yield lines(vault, number)


def lines(vault: Vault, number: int) -> bytes:
    """Return the lines of one chunk that is in the outbox."""
    (sealed,) = vault.db.execute("SELECT sealed FROM outbox_chunks WHERE number = ?", (number,)).fetchone()
    return vault.unseal("outbox", sealed, context=number.to_bytes(4, "big"))


def refs(vault: Vault) -> dict[bytes, int]:
    """Return the number of the chunk that each contract's record stands in, by `contract_ref`."""
    return dict(vault.db.execute("SELECT ref, chunk FROM outbox_records").fetchall())


def settle(vault: Vault, taken: Iterable[bytes]) -> None:
    """Note the records that the hub has taken, by `contract_ref`, and forget the submission, in one step."""
    note = """
        INSERT INTO contracts SELECT ref, subject, as_of, mark, NULL FROM outbox_records WHERE ref = ?
        ON CONFLICT (ref) DO UPDATE
        SET subject = excluded.subject, as_of = excluded.as_of, mark = excluded.mark
        WHERE excluded.as_of >= contracts.as_of
    """
    with vault.transaction() as db:
        db.executemany(note, ((ref,) for ref in taken))
        for table in ("outbox", "outbox_chunks", "outbox_records"):
            db.execute(f"DELETE FROM {table}")
