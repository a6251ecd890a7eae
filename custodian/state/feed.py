"""Feed in, state out: every custodian that applies the same entries holds the same state.

The rules have a version in the key set; this is version 2. Nothing here looks at a clock or draws a
random number, and a statement without effect is as much a part of the feed as any other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, Final

from custodian.state import agreements, contracts, cuts, delivery, membership, records
from custodian.state.act import Act, Void
from custodian.state.delivery import Delivery
from custodian.state.enter import enter
from custodian.state.schema import insert
from custodian.state.values import Outcome, VoidReason
from privacy import statements
from privacy.feed import FeedEntry
from privacy.keyset import KeySet

_RULES: Final[dict[type, Callable[[Act, Any], int | None]]] = {
    statements.Enrolment: membership.enrolment,
    statements.Acceptance: membership.acceptance,
    statements.Rotation: membership.rotation,
    statements.Suspension: membership.suspension,
    statements.Resumption: membership.resumption,
    statements.Agreement: agreements.agreement,
    statements.Chunk: records.chunk,
    statements.Settlement: contracts.end,
    statements.Withdrawal: contracts.end,
    statements.Hold: contracts.hold,
    statements.Release: contracts.release,
    statements.Cut: cuts.cut,
    statements.CutSignature: cuts.cut_signature,
    statements.Cohorts: cuts.cohorts,
}


def apply(db: sqlite3.Connection, key_set: KeySet, entry: FeedEntry) -> Outcome:
    """Apply the next entry of the feed and say what became of it.

    The caller holds the transaction; many entries in one give the same as one by one. Raises
    DeliveryFault, before any change, for what does not continue the feed.
    """
    delivered = delivery.receive(db, entry)
    reason, ignored = _judge(db, key_set, delivered)
    _record(db, delivered, reason, ignored)
    return Outcome(entry.position, reason is None, reason, ignored)


def _judge(db: sqlite3.Connection, key_set: KeySet, delivered: Delivery) -> tuple[VoidReason | None, int]:
    """Let the statement's rule have its effect; return why it has none, and the records ignored."""
    body = delivered.entry.statement.statement.body
    try:
        return None, _RULES[type(body)](enter(db, key_set, delivered), body) or 0
    except Void as void:
        return void.reason, 0


def _record(db: sqlite3.Connection, delivered: Delivery, reason: VoidReason | None, ignored: int) -> None:
    """Keep the verdict, for the author that asks."""
    entry = delivered.entry
    statement = entry.statement.statement
    insert(
        db,
        "entries",
        position=entry.position,
        stamp=entry.stamp,
        author=statement.author,
        sequence=statement.sequence,
        type=statement.body.__struct_config__.tag,
        digest=delivered.digest,
        reason=reason,
        ignored=ignored,
    )
