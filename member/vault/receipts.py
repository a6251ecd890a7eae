"""The hub's log entries about this member, kept so that they can be found in its log, or missed there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from member.vault.vault import Vault
from privacy.encoding import instant_text, parse_instant, unb64
from privacy.logged import LogReceipt
from privacy.messages import Message, parse_json

ANSWERS_KEPT: Final = 64_000_000
"""Bytes of signed answers that wait for their entries to be found; further ones are not kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt, when it came by this machine's clock, and what became of it.

    `epoch` is None where nobody noted it. `number` is the entry's place in the log once that was proven, and
    `size` the log's size then; before that, `size` is that of the largest log in which it was missed.
    """

    receipt: LogReceipt
    at: datetime
    epoch: int | None
    number: int | None
    size: int | None
    missed_at: datetime | None

    @property
    def leaf(self) -> bytes:
        """What the log holds of the entry: 32 bytes."""
        return unb64(self.receipt.leaf)


def keep(vault: Vault, receipt: LogReceipt, *, at: datetime, answer: Message | None = None) -> None:
    """Keep a receipt that was checked; the same one again changes nothing.

    `answer` is what the hub signed together with its leaf, where it did.
    """
    leaf = unb64(receipt.leaf)
    sealed = vault.seal("receipts", msgspec.json.encode(receipt), context=leaf)
    row = (leaf, instant_text(at), sealed, vault.settings.key_set.key_set.epoch)
    with vault.transaction() as db:
        added = db.execute(
            "INSERT OR IGNORE INTO receipts (leaf, at, sealed, epoch) VALUES (?, ?, ?, ?)", row
        )
        if answer is not None and added.rowcount and _answers_kept(vault) < ANSWERS_KEPT:
            signed = vault.seal("receipt-answers", msgspec.json.encode(answer), context=leaf)
            db.execute("INSERT OR IGNORE INTO receipt_answers VALUES (?, ?)", (leaf, signed))


def list_receipts(vault: Vault) -> list[Kept]:
    """Return all receipts in the order in which they came."""
    rows = vault.db.execute(
        "SELECT leaf, at, sealed, epoch, number, size, missed_at FROM receipts ORDER BY at, leaf"
    ).fetchall()
    return list(_kept(vault, rows))


def get_answer(vault: Vault, leaf: bytes) -> msgspec.Raw | None:
    """Return what the hub signed together with a leaf, as JSON; None when it is not kept (any more)."""
    row: Any = vault.db.execute("SELECT sealed FROM receipt_answers WHERE leaf = ?", (leaf,)).fetchone()
    return None if row is None else msgspec.Raw(vault.unseal("receipt-answers", row[0], context=leaf))


def note_found(vault: Vault, leaf: bytes, *, number: int, size: int) -> None:
    """Remember that an entry was proven to stand in the log; its answer need not be kept any longer."""
    with vault.transaction() as db:
        db.execute("UPDATE receipts SET number = ?, size = ? WHERE leaf = ?", (number, size, leaf))
        db.execute("DELETE FROM receipt_answers WHERE leaf = ?", (leaf,))


def note_missed(vault: Vault, leaf: bytes, *, size: int, alarm_at: datetime | None) -> None:
    """Remember in how large a log an entry was missed, and since when that is an alarm, if it is one."""
    text = None if alarm_at is None else instant_text(alarm_at)
    with vault.transaction() as db:
        db.execute(
            "UPDATE receipts SET size = max(ifnull(size, 0), ?), missed_at = ifnull(missed_at, ?)"
            " WHERE leaf = ? AND number IS NULL",
            (size, text, leaf),
        )


def _answers_kept(vault: Vault) -> int:
    query = "SELECT ifnull(sum(length(sealed)), 0) FROM receipt_answers"
    return int(vault.db.execute(query).fetchone()[0])


def _kept(vault: Vault, rows: Iterable[Any]) -> Iterator[Kept]:
    here = vault.settings.key_set.key_set.epoch
    for leaf, at, sealed, epoch, number, size, missed_at in rows:
        yield Kept(
            receipt=parse_json(LogReceipt, vault.unseal("receipts", sealed, context=leaf)),
            at=parse_instant(at),
            epoch=(here if epoch is None else epoch) or None,
            number=number,
            size=size,
            missed_at=None if missed_at is None else parse_instant(missed_at),
        )
