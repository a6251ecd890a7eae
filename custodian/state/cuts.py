"""Rules for cuts: when a period begins, and when all custodians agree on what it begins with.

- cut: its period contains its stamp and is later than the last cut's, in a successor epoch also than the
  last of its predecessor; within the period's first tenth, anywhere when synthetic. What holds at its
  position is digested there and then, once for all.
- cut_signature: names a valid cut's period and position; a custodian's first one counts. The cut takes
  effect where the n-th stands that also names the same head and state; there the members' records are
  forgotten that had ended at the effective cut before it.
- cohorts: of a period whose cut took effect, as one of a later period has; once per custodian.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from custodian.state import forgetting
from custodian.state.act import Act, Void
from custodian.state.delivery import head
from custodian.state.digest import state_digest
from custodian.state.live import count_live
from custodian.state.schema import NEVER, insert
from custodian.state.values import VoidReason
from privacy import periods
from privacy.encoding import b64, unb64
from privacy.errors import InvalidInputError
from privacy.periods import Period
from privacy.statements import Cohorts, Cut, CutSignature


def cut(act: Act, body: Cut) -> None:
    """Begin a period here: count what is live, and digest the state."""
    _require_period(act, body.period)
    insert(
        act.db,
        "cuts",
        position=act.position,
        period=body.period,
        stamp=act.delivery.entry.stamp,
        root=head(act.db).root,
        effective_at=NEVER,
    )
    act.db.executemany(
        "INSERT INTO live_counts (cut, member, live) VALUES (?, ?, ?)",
        [(act.position, member, live) for member, live in count_live(act.db)],
    )
    act.db.execute(
        "UPDATE cuts SET state_digest = ? WHERE position = ?", (state_digest(act.db), act.position)
    )


def cut_signature(act: Act, body: CutSignature) -> None:
    """Count a custodian's signature under a cut; the last one makes it effective."""
    row = act.db.execute(
        "SELECT root, state_digest FROM cuts WHERE period = ? AND position = ?", (body.period, body.position)
    ).fetchone()
    if row is None:
        raise Void(VoidReason.UNKNOWN_CUT)
    matching = row == (unb64(body.head), unb64(body.state_digest))
    added = act.db.execute(
        "INSERT OR IGNORE INTO cut_signatures (cut, custodian, position, matching) VALUES (?, ?, ?, ?)",
        (body.position, act.author.custodian, act.position, matching),
    )
    if not added.rowcount:
        raise Void(VoidReason.REPEATED)
    effective = act.db.execute(
        "UPDATE cuts SET effective_at = ? WHERE position = ? AND effective_at = ?"
        " AND (SELECT count(*) FROM cut_signatures WHERE cut = cuts.position AND matching) = ?",
        (act.position, body.position, NEVER, act.key_set.count),
    )
    if effective.rowcount:
        forgetting.forget(act, body.position)


def cohorts(act: Act, body: Cohorts) -> None:
    """Keep a custodian's commitment to the cohorts that it helped open in a period that is over."""
    if body.period not in _periods_over(act.db):
        raise Void(VoidReason.PERIOD_RUNNING)
    added = act.db.execute(
        "INSERT OR IGNORE INTO cohorts (custodian, period, position, root, size) VALUES (?, ?, ?, ?, ?)",
        (act.author.custodian, body.period, act.position, unb64(body.root), body.size),
    )
    if not added.rowcount:
        raise Void(VoidReason.REPEATED)


def cut_to_sign(db: sqlite3.Connection, custodian: int) -> CutSignature | None:
    """Return what custodian `custodian` should sign: the newest valid cut, unless it has.

    An older cut without its signature is left alone: only the newest that takes effect is ever opened.
    """
    row = db.execute(
        "SELECT period, position, root, state_digest FROM cuts"
        " WHERE position = (SELECT max(position) FROM cuts) AND NOT EXISTS"
        " (SELECT 1 FROM cut_signatures WHERE cut = cuts.position AND custodian = ?)",
        (custodian,),
    ).fetchone()
    if row is None:
        return None
    period, position, root, digest = row
    return CutSignature(period=period, position=position, head=b64(root), state_digest=b64(digest))


def _require_period(act: Act, period: str) -> None:
    policy = act.key_set.policy
    if period != periods.name_of(policy.period, act.stamp):
        raise Void(VoidReason.PERIOD)
    (last,) = act.db.execute("SELECT max(period) FROM cuts").fetchone()
    if last is not None and period <= last:
        raise Void(VoidReason.PERIOD_TAKEN)
    if not _follows_predecessor(act, period):
        raise Void(VoidReason.PERIOD_TAKEN)
    if not policy.synthetic and not periods.in_first_tenth(policy.period, period, act.stamp):
        raise Void(VoidReason.LATE)


def _follows_predecessor(act: Act, period: str) -> bool:
    """Say whether a period begins after the last of the epoch before has ended; their lengths may differ."""
    predecessor = act.key_set.predecessor
    if predecessor is None or predecessor.period is None:
        return True
    begin, _ = periods.bounds(act.key_set.policy.period, period)
    return any(end <= begin for end in _ends(predecessor.period))


def _ends(period: str) -> Iterator[datetime]:
    """Yield where the period of this name ends: one end, as names of different lengths never look alike."""
    for length in Period:
        with suppress(InvalidInputError):
            yield periods.bounds(length, period)[1]


def _periods_over(db: sqlite3.Connection) -> list[str]:
    """Return the periods of which nothing is opened any more: all that took effect but the newest."""
    query = "SELECT period FROM cuts WHERE effective_at < ? ORDER BY position"
    return [period for (period,) in db.execute(query, (NEVER,))][:-1]
