"""What the state forgets: the bodies of records that had ended two cuts ago.

When a cut takes effect, nothing is judged any more by the one before it, E. So of each record that had ended
at E there is erased what it says of anybody: pseudonym, standing key, digest of the private rest and
contribution. Its leaf hash and `as_of` stay: whoever has it can still prove what it said, and an older record
of its contract is refused as before. All custodians forget the same at the same position of the feed.

A record had ended at E when by then

- a newer record of its contract was accepted, or the contract was settled or withdrawn;
- it had expired, and no block that began before that still stood;
- it had been blocked for six effective cuts, and that block stands here still. Such a record would come back
  with the end of its block; once it is forgotten it does not, and its member submits it anew.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import Final

from custodian.state import directory
from custodian.state.act import Act
from custodian.state.live import blocked_since, moment
from custodian.state.schema import NEVER
from custodian.state.values import Deleted
from privacy.merkle import Frontier

_ERASE: Final = f"""
    UPDATE records
    SET erased_at = :here, pseudonym = NULL, standing_key = NULL, private_digest = NULL
    FROM contracts
    WHERE records.erased_at = {NEVER} AND contracts.id = records.contract AND records.accepted_at <= :at AND (
        records.superseded_at <= :at
        OR contracts.ended_at <= :at
        OR (records.expires < :time AND records.expires < {blocked_since("from_time")})
        OR {blocked_since("from_position", ":here")} < :oldest
    )
"""

_ERASED: Final = """
    SELECT contracts.member, records.leaf
    FROM records JOIN contracts ON contracts.id = records.contract
    WHERE records.erased_at = ? ORDER BY records.id
"""


def forget(act: Act, cut: int) -> None:
    """Forget what had ended at the effective cut before `cut`, which takes effect at this position."""
    newest = act.db.execute(
        "SELECT position, period FROM cuts WHERE effective_at <= ? ORDER BY position DESC LIMIT 2",
        (act.position,),
    ).fetchall()
    if len(newest) < 2 or newest[0][0] != cut:  # the first, or an older one that was late
        return
    (_, period), (before, _) = newest
    act.db.execute(_ERASE, moment(act.db, before).names() | {"here": act.position})
    act.db.execute(
        "DELETE FROM contributions WHERE record IN (SELECT id FROM records WHERE erased_at = ?)",
        (act.position,),
    )
    _certify(act, period)


def deletions(db: sqlite3.Connection, member: str) -> list[Deleted]:
    """Return what was forgotten of a member, the oldest first; raises Refused for one not enrolled."""
    rows = db.execute(
        "SELECT period, position, size, root FROM deletions WHERE member = ? ORDER BY position",
        (directory.get_member(db, member).id,),
    )
    return [Deleted(*row) for row in rows]


def _certify(act: Act, period: str) -> None:
    """Keep by member which leaves were erased here."""
    trees: defaultdict[int, Frontier] = defaultdict(Frontier)
    for member, leaf in act.db.execute(_ERASED, (act.position,)):
        trees[member] = trees[member].append(leaf)
    act.db.executemany(
        "INSERT INTO deletions (member, position, period, size, root) VALUES (?, ?, ?, ?, ?)",
        [(member, act.position, period, tree.size, tree.root()) for member, tree in trees.items()],
    )
