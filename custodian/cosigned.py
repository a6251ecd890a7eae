"""Which checkpoint of the hub's log each custodian has cosigned last, as notes that anybody can check.

A hub could show two custodians two logs, and each would cosign its own. The notes that fellows have cosigned
carry the hub's signature: two of them that do not fit together prove it to whoever is shown both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx
import msgspec

from custodian.heads import TIMEOUT
from custodian.hub import require_safe
from custodian.ledger import Ledger
from privacy.checkpoint import MAX_NOTE_BYTES, Note, cosigners, read_note, verify_checkpoint
from privacy.encoding import instant_text, parse_instant
from privacy.errors import PrivacyError
from privacy.keyset import KeySet

NONE_YET: Final = "no-checkpoint"
"""How a custodian says that it has cosigned nothing yet."""


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The newest checkpoint that a custodian has cosigned, and when it says that it did."""

    custodian: int
    note: Note
    at: datetime
    sent: bool

    @property
    def size(self) -> int:
        """How many entries the log had."""
        return self.note.checkpoint.size

    @property
    def root(self) -> bytes:
        """The log's root."""
        return self.note.checkpoint.root


def find(ledger: Ledger, custodian: int) -> Cosigned | None:
    """Return what is known of one custodian."""
    return next((each for each in every(ledger) if each.custodian == custodian), None)


def every(ledger: Ledger) -> list[Cosigned]:
    """Return what is known of all custodians, by index."""
    with ledger.transaction() as db:
        rows = db.execute("SELECT custodian, note, at, sent FROM cosigned ORDER BY custodian").fetchall()
    return [_cosigned(*row) for row in rows]


def keep_own(ledger: Ledger, each: Cosigned, *, last: Cosigned | None) -> bool:
    """Keep what was cosigned here before it is sent; False when another process was faster.

    Whoever signs has checked that the log only grew since `last`, so that must still be the last.
    """
    with ledger.transaction() as db:
        (size,) = db.execute(
            "SELECT max(size) FROM cosigned WHERE custodian = ?", (each.custodian,)
        ).fetchone()
        if size != (None if last is None else last.size):
            return False
        db.execute("INSERT OR REPLACE INTO cosigned VALUES (?, ?, ?, ?, ?)", _row(each))
        return True


def keep_fellows(ledger: Ledger, fellows: Iterable[Cosigned]) -> None:
    """Keep what fellows have cosigned, unless more is known of them."""
    with ledger.transaction() as db:
        db.executemany(
            "INSERT INTO cosigned VALUES (?, ?, ?, ?, ?) ON CONFLICT (custodian) DO UPDATE SET"
            " size = excluded.size, at = excluded.at, note = excluded.note WHERE excluded.size > size",
            map(_row, fellows),
        )


def note_sent(ledger: Ledger, each: Cosigned) -> None:
    """Remember that the hub has taken a cosignature."""
    with ledger.transaction() as db:
        db.execute(
            "UPDATE cosigned SET sent = 1 WHERE custodian = ? AND size = ?", (each.custodian, each.size)
        )


def ask(addresses: Iterable[str]) -> list[Note | None]:
    """Return what the custodians at these addresses show as cosigned, None for one that says: nothing yet.

    Who does not answer is left out. Nothing of it is checked: see `signed_by_the_hub`. Raises OperatorError
    for plain HTTP off loopback.
    """
    with httpx.Client(timeout=TIMEOUT) as http:
        return [answer for address in addresses for answer in _ask(http, address.rstrip("/"))]


def _ask(http: httpx.Client, address: str) -> Iterator[Note | None]:
    require_safe(address)
    try:
        response = http.get(f"{address}/v1/checkpoint")
        if len(response.content) > 2 * MAX_NOTE_BYTES:
            return
        answer: Any = msgspec.json.decode(response.content)
        if response.is_success:
            yield read_note(answer["checkpoint"])
        elif str(answer.get("type", "")).endswith(f":{NONE_YET}"):
            yield None
    except (httpx.HTTPError, msgspec.DecodeError, PrivacyError, AttributeError, KeyError, TypeError):
        return


def signed_by_the_hub(key_set: KeySet, notes: Iterable[Note | None]) -> list[Note]:
    """Return the notes that the hub has signed as its log's: each binds it, whoever shows it."""
    return [note for note in notes if note is not None and _is_signed(note, key_set)]


def cosigned_by(key_set: KeySet, note: Note) -> list[Cosigned]:
    """Return which custodians have cosigned a note; none where a line that claims to be one's is not."""
    try:
        found = cosigners(note, key_set)
    except PrivacyError:
        return []
    return [Cosigned(custodian, note, at, sent=True) for custodian, at in found.items()]


def _is_signed(note: Note, key_set: KeySet) -> bool:
    try:
        verify_checkpoint(note, key_set)
    except PrivacyError:
        return False
    return True


def _cosigned(custodian: int, note: str, at: str, sent: int) -> Cosigned:
    return Cosigned(custodian, read_note(note), parse_instant(at), bool(sent))


def _row(each: Cosigned) -> tuple[int, int, str, str, bool]:
    return each.custodian, each.size, instant_text(each.at), each.note.text(), each.sent
