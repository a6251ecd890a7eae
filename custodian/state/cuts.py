"""Rules for cuts: when a period begins, and when all custodians agree on what it begins with.

- cut: its period contains its stamp and is later than the last cut's; within the period's first tenth,
  anywhere when synthetic. What holds at its position is digested there and then, once for all.
- cut_signature: names a valid cut's period and position; a custodian's first one counts. The cut takes
  effect where the n-th stands that also names the same head and state.
"""

from __future__ import annotations

import sqlite3

from custodian.state.act import Act, Void
from custodian.state.delivery import head
from custodian.state.digest import state_digest
from custodian.state.live import count_live
from custodian.state.schema import NEVER, insert
from custodian.state.values import VoidReason
from privacy import periods
from privacy.encoding import b64, unb64
from privacy.statements import Cut, CutSignature


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
    act.db.execute(
        "UPDATE cuts SET effective_at = ? WHERE position = ? AND effective_at = ?"
        " AND (SELECT count(*) FROM cut_signatures WHERE cut = cuts.position AND matching) = ?",
        (act.position, body.position, NEVER, act.key_set.count),
    )


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
    if not policy.synthetic and not periods.in_first_tenth(policy.period, period, act.stamp):
        raise Void(VoidReason.LATE)
