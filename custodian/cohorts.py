"""Which members' records stood in the cohorts that this custodian helped open, and its account of that.

A hub that hid an opening from its contributors would have to hide this: when a period is over, the root
over all receipts goes onto the feed, and every contributor can ask for its own. A receipt holds counts and
the period, never who asked. Its salt comes from a secret of this custodian, so that nobody finds a member's
counts by guessing; leaves stand in the order of their hashes, so that an index tells nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from custodian.errors import Refused
from privacy import merkle, sealing
from privacy.encoding import b64, instant_text, parse_instant, unb64
from privacy.keyset import KeySet
from privacy.receipts import CohortReceipt, Opened
from privacy.statements import Cohorts

if TYPE_CHECKING:
    from custodian.ledger import Ledger

SECRET_BYTES: Final = 32

RESEND: Final = timedelta(minutes=10)
"""After how long a period's cohorts are sent again when the feed does not show them."""

Cohort = tuple[tuple[str, str], ...]
"""The records that an opened subject was totalled from: (member, contract_ref)."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """One custodian's cohort counts, as receipts; `fresh` is a random secret, kept if there is none yet."""

    ledger: Ledger
    key_set: KeySet
    index: int
    fresh: bytes

    def close(self, period: str) -> Cohorts | None:
        """Close a period's counts and return what the feed shall say of them, always the same.

        It is on disk before it is returned. None when there is nothing to say, or counts were lost.
        """
        with self.ledger.transaction() as db:
            known = db.execute("SELECT root, size FROM cohort_roots WHERE period = ?", (period,)).fetchone()
            root, size = known or self._close(db, period)
        return None if root is None else Cohorts(period=period, root=b64(root), size=size)

    def may_send(self, period: str, now: datetime) -> bool:
        """Say whether it is time to send what is said of a closed period, and remember that it was sent.

        Where the feed takes it and does not hear it, it must not be repeated every second.
        """
        with self.ledger.transaction() as db:
            (sent_at,) = db.execute("SELECT sent_at FROM cohort_roots WHERE period = ?", (period,)).fetchone()
            if sent_at is not None and now - parse_instant(sent_at) < RESEND:
                return False
            db.execute("UPDATE cohort_roots SET sent_at = ? WHERE period = ?", (instant_text(now), period))
            return True

    def of(self, member: str, published: dict[str, int]) -> list[dict[str, Any]]:
        """Return a member's receipts by period, with salt and path where the root is published.

        `published` gives the position on the feed for each such period.
        """
        with self.ledger.transaction() as db:
            rows = db.execute(
                "SELECT period, contract_ref, openings FROM cohort_counts WHERE member = ?"
                " ORDER BY period, contract_ref",
                (member,),
            ).fetchall()
            return [
                self._entry(db, self._receipt(period, member, [row[1:] for row in group]), published)
                for period, group in groupby(rows, lambda row: str(row[0]))
            ]

    def _close(self, db: sqlite3.Connection, period: str) -> tuple[bytes | None, int]:
        leaves = {receipt.member: self._leaf(db, receipt) for receipt in self._receipts(db, period)}
        root = merkle.root(sorted(leaves.values())) if leaves else None
        db.execute("INSERT INTO cohort_roots VALUES (?, ?, ?, NULL)", (period, root, len(leaves)))
        db.executemany(
            "INSERT INTO cohort_leaves VALUES (?, ?, ?)",
            [(period, member, leaf) for member, leaf in leaves.items()],
        )
        return root, len(leaves)

    def _receipts(self, db: sqlite3.Connection, period: str) -> list[CohortReceipt]:
        rows = db.execute(
            "SELECT member, contract_ref, openings FROM cohort_counts WHERE period = ?"
            " ORDER BY member, contract_ref",
            (period,),
        )
        return [
            self._receipt(period, member, [row[1:] for row in group])
            for member, group in groupby(rows, lambda row: str(row[0]))
        ]

    def _receipt(self, period: str, member: str, counts: Sequence[tuple[str, int]]) -> CohortReceipt:
        return CohortReceipt(
            alliance=self.key_set.alliance,
            epoch=self.key_set.epoch,
            custodian=self.index,
            period=period,
            member=member,
            records=tuple(Opened(contract_ref=ref, openings=openings) for ref, openings in counts),
        )

    def _entry(
        self, db: sqlite3.Connection, receipt: CohortReceipt, published: dict[str, int]
    ) -> dict[str, Any]:
        leaves = _leaves(db, receipt.period) if receipt.period in published else {}
        if receipt.member not in leaves:  # still running, or this custodian has lost counts of it
            return {"receipt": receipt, **_OPEN}
        ordered = sorted(leaves.values())
        index = ordered.index(leaves[receipt.member])
        return {
            "receipt": receipt,
            "salt": b64(self._salt(db, receipt)),
            "index": index,
            "size": len(ordered),
            "path": [b64(node) for node in merkle.inclusion_path(ordered, index)],
            "position": published[receipt.period],
        }

    def _leaf(self, db: sqlite3.Connection, receipt: CohortReceipt) -> bytes:
        return receipt.leaf(self._salt(db, receipt))

    def _salt(self, db: sqlite3.Connection, receipt: CohortReceipt) -> bytes:
        db.execute("INSERT OR IGNORE INTO facts VALUES ('cohort_secret', ?)", (b64(self.fresh),))
        (secret,) = db.execute("SELECT value FROM facts WHERE name = 'cohort_secret'").fetchone()
        fields = receipt.period.encode(), receipt.member.encode()
        return sealing.derive_key(unb64(secret, length=SECRET_BYTES), "cohort-salt", *fields)


_OPEN: Final[dict[str, Any]] = {"salt": None, "index": None, "size": None, "path": [], "position": None}


def count(db: sqlite3.Connection, period: str, opened: Sequence[Cohort]) -> None:
    """Count each record of each opened cohort once more, in the transaction that charges for them.

    Raises Refused when the period's counts are closed: its root may stand on the feed.
    """
    if opened and db.execute("SELECT 1 FROM cohort_roots WHERE period = ?", (period,)).fetchone():
        raise Refused("period", "this period is over: ask in the newest one")
    db.executemany(
        "INSERT INTO cohort_counts VALUES (?, ?, ?, 1)"
        " ON CONFLICT (period, member, contract_ref) DO UPDATE SET openings = openings + 1",
        [(period, member, contract_ref) for cohort in opened for member, contract_ref in cohort],
    )


def counted(ledger: Ledger) -> set[str]:
    """Return the periods in which something was opened here."""
    with ledger.transaction() as db:
        return {period for (period,) in db.execute("SELECT DISTINCT period FROM cohort_counts")}


def _leaves(db: sqlite3.Connection, period: str) -> dict[str, bytes]:
    return dict(db.execute("SELECT member, leaf FROM cohort_leaves WHERE period = ?", (period,)))
