"""The integrator's one step: number what waits, store the subtrees that this completes, sign a checkpoint.

All of it in one transaction under the lock of the tree's row: two integrators never give one number twice nor
sign two roots of one size, and a crash leaves what was there before. Entries are taken in the order of their
ids; on PostgreSQL one with a lower id may be committed later, and then it has the higher number.

What custodians cosign must stand still until enough of them have come by, or a busy log would show each of
them another size and none would ever count. So one checkpoint is offered, and the next only when all have
cosigned it, or when it counts and has been offered for `OFFERED_FOR`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, literal, select, update
from sqlalchemy.orm import Session

from alliance_hub.hub import Hub
from alliance_hub.transparency import keeping, nodes
from alliance_hub.transparency.models import ONLY_TREE, CheckpointRow, LogRow, TreeRow
from privacy import merkle
from privacy.checkpoint import Checkpoint, log_origin, sign_checkpoint
from privacy.keyset import KeySet
from privacy.merkle import Frontier

BATCH = 10_000
"""Entries numbered in one transaction: some tenths of a second, in which nobody else writes on SQLite."""

OFFERED_FOR = timedelta(seconds=5)
"""So long a checkpoint that counts already waits for the other custodians while the log goes on."""


def integrate(session: Session, hub: Hub, now: datetime, *, limit: int = BATCH) -> int:
    """Give up to `limit` waiting entries their places and sign the tree; return how many there were.

    Raises Unavailable when the tables do not continue what this hub signed last.
    """
    tree = locked(session)
    keeping.require_continued(session, hub)
    leaves = _number(session, tree.size, limit)
    if leaves:
        frontier, made = merkle.grow(Frontier.decode(tree.frontier), leaves)
        nodes.store(session, made)
        tree.size, tree.frontier = frontier.size, frontier.encode()
        _sign(session, hub, tree, frontier.root(), now)
    offer_next(session, hub.key_set, tree, now)
    session.flush()
    return len(leaves)


def is_due(session: Session, key_set: KeySet, now: datetime) -> bool:
    """Say whether `integrate` would find anything to do: asked first, because it takes the write lock."""
    tree = session.get_one(TreeRow, ONLY_TREE)
    waits = session.scalar(select(exists().where(LogRow.number.is_(None))))
    return bool(waits) or _may_offer(session, key_set, tree, now)


def size_of(session: Session) -> int:
    """Return how many entries stand in the tree."""
    return session.scalar(select(TreeRow.size)) or 0


def locked(session: Session) -> TreeRow:
    """Return the tree's row, locked until the transaction ends."""
    return session.get_one(TreeRow, ONLY_TREE, with_for_update=True, populate_existing=True)


def offer_next(session: Session, key_set: KeySet, tree: TreeRow, now: datetime) -> None:
    """Show the newest checkpoint for cosigning, if the one shown has had its turn; `tree` is locked."""
    if _may_offer(session, key_set, tree, now):
        tree.offered, tree.offered_at = tree.size, now


def _number(session: Session, size: int, limit: int) -> list[bytes]:
    """Number waiting entries from `size` on and return their leaves in order."""
    place: ColumnElement[int] = func.row_number().over(order_by=LogRow.id) - 1
    waiting = (
        select(LogRow.id, place.label("place"))
        .where(LogRow.number.is_(None))
        .order_by(LogRow.id)
        .limit(limit)
        .subquery()
    )
    # One statement: what is numbered and what is read is the same, whatever commits meanwhile.
    numbered = (
        update(LogRow)
        .where(LogRow.id == waiting.c.id)
        .values(number=literal(size) + waiting.c.place)
        .returning(LogRow.number, LogRow.leaf)
    )
    found = session.execute(numbered, execution_options={"synchronize_session": False})
    return [leaf for _, leaf in sorted((number, leaf) for number, leaf in found)]


def _sign(session: Session, hub: Hub, tree: TreeRow, root: bytes, now: datetime) -> None:
    """Sign the tree as it stands; the newest checkpoint before goes, unless it was ever offered."""
    checkpoint = Checkpoint(log_origin(hub.key_set), tree.size, root)
    line = sign_checkpoint(hub.keys.hub, checkpoint)
    session.execute(delete(CheckpointRow).where(CheckpointRow.size > (tree.offered or 0)))
    session.add(CheckpointRow(size=tree.size, root=root, at=now, line=line.text(), custodians=0))
    session.flush()


def _may_offer(session: Session, key_set: KeySet, tree: TreeRow, now: datetime) -> bool:
    if tree.size == (tree.offered or 0):
        return False
    if tree.offered is None or tree.offered_at is None:
        return True
    custodians = session.get_one(CheckpointRow, tree.offered, populate_existing=True).custodians
    if custodians >= key_set.count:
        return True
    return custodians >= key_set.threshold and now >= tree.offered_at + OFFERED_FOR
