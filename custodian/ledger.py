"""What only this custodian knows, durably: charges, nonces, the cuts that it signed, alarms, facts.

The feed's state can be computed again from the feed; this cannot. A charge is on disk before the
answer that it pays for leaves the house. What belongs to one business has its queries there:
`cohorts.py`, `handed_in.py`, `checkpoints.py`, `cosigned.py`, `heads.py`, `restoring.py`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from custodian import cohorts
from custodian.errors import OtherContent, QuotaExhausted
from custodian.ledger_schema import SCHEMA
from privacy.encoding import instant_text, parse_instant
from privacy.periods import SHANGHAI, day_of
from privacy.request_signing import NONCE_LIFE


@dataclass(frozen=True, slots=True)
class Use:
    """A quota and how much of it is used."""

    quota: int
    used: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person must look at; `kind` is a short code."""

    at: str
    kind: str
    detail: str


class Ledger:
    """One file, one connection for each use: every method is a transaction of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self.transaction() as db:
            for statement in SCHEMA.split(";"):
                db.execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give a connection in a transaction that is on disk at the end; an error leaves nothing."""
        db = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        finally:
            db.close()

    def first_use(self, keyid: str, nonce: str, *, now: datetime) -> bool:
        """Remember a nonce; returns False when it was seen within its life. Forgets old ones."""
        with self.transaction() as db:
            db.execute("DELETE FROM nonces WHERE expires_at < ?", (int(now.timestamp()),))
            expires = int((now + NONCE_LIFE).timestamp())
            added = db.execute("INSERT OR IGNORE INTO nonces VALUES (?, ?, ?)", (keyid, nonce, expires))
            return added.rowcount == 1

    def charge_evaluation(
        self,
        member: str,
        request_id: str,
        batch: bytes,
        count: int,
        *,
        epoch: int,
        quota: tuple[int, int],
        now: datetime,
    ) -> None:
        """Charge a batch once, whatever happens after; asking again with the same id is free.

        `quota` is (per epoch, per day). Raises QuotaExhausted and OtherContent.
        """
        day = day_of(now).isoformat()
        with self.transaction() as db:
            seen = db.execute(
                "SELECT batch FROM evaluations WHERE member = ? AND request_id = ?", (member, request_id)
            ).fetchone()
            if seen:
                if seen[0] != batch:
                    raise OtherContent
                return
            if self._evaluations(db, member, epoch, None) + count > quota[0]:
                raise QuotaExhausted("the quota of this key epoch is used up", None)
            if self._evaluations(db, member, epoch, day) + count > quota[1]:
                raise QuotaExhausted("today's quota is used up", next_midnight(now))
            db.execute(
                "INSERT INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?)",
                (member, request_id, batch, count, epoch, day, instant_text(now)),
            )

    def charge_opening(
        self,
        member: str,
        manifest: bytes,
        count: int,
        *,
        period: str,
        quota: int,
        retry_at: datetime,
        now: datetime,
        opened: Sequence[cohorts.Cohort] = (),
    ) -> None:
        """Charge the open subjects of a manifest once, and count the records that stood in their cohorts.

        Raises QuotaExhausted, and Refused when the period's counts have been published.
        """
        with self.transaction() as db:
            if db.execute(
                "SELECT 1 FROM openings WHERE member = ? AND manifest = ?", (member, manifest)
            ).fetchone():
                return
            if self._openings(db, member, period) + count > quota:
                raise QuotaExhausted("this period's opening quota is used up", retry_at)
            db.execute(
                "INSERT INTO openings VALUES (?, ?, ?, ?, ?)",
                (member, manifest, period, count, instant_text(now)),
            )
            cohorts.count(db, period, opened)

    def evaluations_used(self, member: str, *, epoch: int, now: datetime) -> tuple[int, int]:
        """Return how many elements a member had evaluated: (in this epoch, today)."""
        with self.transaction() as db:
            day = day_of(now).isoformat()
            return self._evaluations(db, member, epoch, None), self._evaluations(db, member, epoch, day)

    def openings_used(self, member: str, *, period: str) -> int:
        """Return how many subjects a member had opened in a period."""
        with self.transaction() as db:
            return self._openings(db, member, period)

    def quota(self, member: str, kind: str) -> int | None:
        """Return the operator's own quota for a member, if one was set."""
        with self.transaction() as db:
            row = db.execute(
                "SELECT quota FROM quotas WHERE member = ? AND kind = ?", (member, kind)
            ).fetchone()
            return row[0] if row else None

    def set_quota(self, member: str, kind: str, quota: int | None) -> None:
        """Set the operator's own quota for a member, or go back to the policy's with None."""
        with self.transaction() as db:
            db.execute("DELETE FROM quotas WHERE member = ? AND kind = ?", (member, kind))
            if quota is not None:
                db.execute("INSERT INTO quotas VALUES (?, ?, ?)", (member, kind, quota))

    def sign_once(self, period: str, body: bytes) -> bool:
        """Remember what is signed for a period before it is sent; False when it was something else."""
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO signed_cuts VALUES (?, ?)", (period, body))
            stored = db.execute("SELECT body FROM signed_cuts WHERE period = ?", (period,)).fetchone()
            return bool(stored[0] == body)

    def raise_alarm(self, kind: str, detail: str, evidence: bytes, *, now: datetime) -> None:
        """Keep an alarm with the signed evidence, for a person to look at."""
        with self.transaction() as db:
            db.execute(
                "INSERT INTO alarms (at, kind, detail, evidence) VALUES (?, ?, ?, ?)",
                (instant_text(now), kind, detail, evidence),
            )

    def alarms(self) -> list[Alarm]:
        """Return all alarms, newest first."""
        with self.transaction() as db:
            return [Alarm(*row) for row in db.execute("SELECT at, kind, detail FROM alarms ORDER BY id DESC")]

    def evidence(self, kind: str | None = None) -> tuple[Alarm, bytes] | None:
        """Return the newest alarm, or the newest of a kind, with what was kept as evidence."""
        query = "SELECT at, kind, detail, evidence FROM alarms WHERE ? IN (kind, '') ORDER BY id DESC LIMIT 1"
        with self.transaction() as db:
            row = db.execute(query, (kind or "",)).fetchone()
            return None if row is None else (Alarm(*row[:3]), bytes(row[3]))

    def fact(self, name: str) -> str | None:
        """Return a remembered fact, or None.

        `paused` (who), `stopped` (why), `closed` (the epoch ended: how), `restored`
        (`restoring.Restored` as JSON), `heartbeat` (the hub's newest, an instant), `hub_head` (the same,
        signed), `ahead` (the hub's time when it was first seen ahead of the clock), `unsigned` (why the
        newest cut is not signed here), `cohorts_refused` (by the hub, why), `cohort_secret`, `log_unsigned`,
        `log_uncompared`, `cosignature_refused` (complaints about the log that prove nothing), `log_recall`
        (since a restoration: fellows are to tell how far the log was cosigned), `log_floor` (how far).
        """
        with self.transaction() as db:
            row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
            return row[0] if row else None

    def set_fact(self, name: str, value: str | None) -> None:
        """Remember a fact, or forget it with None."""
        with self.transaction() as db:
            db.execute("DELETE FROM facts WHERE name = ?", (name,))
            if value is not None:
                db.execute("INSERT INTO facts VALUES (?, ?)", (name, value))

    def note(self, name: str, value: str | None) -> bool:
        """Remember a fact that seldom changes; says whether it did, and writes nothing otherwise."""
        if self.fact(name) == value:
            return False
        self.set_fact(name, value)
        return True

    def heartbeat_at(self) -> datetime | None:
        """Return the time of the hub's newest heartbeat that was checked."""
        text = self.fact("heartbeat")
        return parse_instant(text) if text else None

    @staticmethod
    def _evaluations(db: sqlite3.Connection, member: str, epoch: int, day: str | None) -> int:
        query = "SELECT coalesce(sum(count), 0) FROM evaluations WHERE member = ? AND epoch = ?"
        row = db.execute(query + (" AND day = ?" if day else ""), (member, epoch, day)[: 3 if day else 2])
        return int(row.fetchone()[0])

    @staticmethod
    def _openings(db: sqlite3.Connection, member: str, period: str) -> int:
        query = "SELECT coalesce(sum(count), 0) FROM openings WHERE member = ? AND period = ?"
        return int(db.execute(query, (member, period)).fetchone()[0])


def next_midnight(now: datetime) -> datetime:
    """Return the next midnight in Asia/Shanghai, when daily quotas begin anew."""
    local = now.astimezone(SHANGHAI)
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
