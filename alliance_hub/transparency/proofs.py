"""Proofs from the stored nodes: that the log holds an entry, and that a larger log begins with a smaller one.

Two queries each: where the leaf stands, and the few nodes that lead from it to the root. They hold for any
size that the tree has ever had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import Select, Table, bindparam, select, true
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, NotFound, Unavailable
from alliance_hub.transparency import nodes, service, tree
from alliance_hub.transparency.models import LogRow, TreeRow
from privacy import merkle
from privacy.encoding import b64
from privacy.logged import LogProof

INTEGRATED_WITHIN = timedelta(seconds=5)
"""An entry stands in the tree so long after it was written, at the latest."""


@dataclass(frozen=True, slots=True)
class Proof:
    """That a leaf stands at `index` of the tree of `size` leaves."""

    leaf: bytes
    index: int
    size: int
    path: tuple[bytes, ...]


_ENTRIES: Final = cast(Table, LogRow.__table__)
_TREE: Final = cast(Table, TreeRow.__table__)

_PLACE: Final[Select[int | None, datetime, int]] = (
    select(_ENTRIES.c.number, _ENTRIES.c.at, _TREE.c.size)
    .join_from(_ENTRIES, _TREE, true())
    .where(_ENTRIES.c.leaf == bindparam("leaf"))
)


def inclusion(session: Session, leaf: bytes, *, size: int | None = None) -> Proof:
    """Prove that the log of `size` entries, by default of all, holds the entry with this leaf.

    Raises NotFound without such an entry, Unavailable `not-integrated` while it waits for its number,
    Conflict `later-checkpoint` when it stands behind `size`, `not-reached` when the tree is not that large.
    """
    index, total = _place(session, leaf)
    size = total if size is None else size
    if size > total:
        raise _not_reached(total)
    if index >= size:
        raise Conflict(
            "the entry stands behind the end of a log of this size: ask under a later checkpoint",
            slug="later-checkpoint",
        )
    path = nodes.roots_of(session, merkle.inclusion_ranges(index, size))
    return Proof(leaf, index, size, path)


def consistency(session: Session, old: int, new: int) -> tuple[bytes, ...]:
    """Prove that the log of `new` entries begins with that of `old` entries.

    Raises Conflict `not-reached` for a size that the tree has not reached, and when `old` exceeds `new`.
    """
    total = tree.size_of(session)
    if not 0 <= old <= new <= total:
        raise _not_reached(total)
    ranges = merkle.consistency_ranges(old, new)
    return nodes.roots_of(session, ranges) if ranges else ()


def logged(session: Session, leaves: Sequence[bytes], *, size: int) -> list[LogProof]:
    """Return these entries as a court is given them, each with its proof in the log of `size` entries.

    Raises what `inclusion` raises, and NotFound for one that was erased.
    """
    return [_logged(session, leaf, size) for leaf in leaves]


def _logged(session: Session, leaf: bytes, size: int) -> LogProof:
    proof, receipt = inclusion(session, leaf, size=size), service.get_receipt(session, leaf)
    return LogProof(receipt=receipt, index=proof.index, path=tuple(map(b64, proof.path)))


def _place(session: Session, leaf: bytes) -> tuple[int, int]:
    """Return which leaf of the tree it is, and how many there are."""
    found = session.connection().execute(_PLACE, {"leaf": leaf}).one_or_none()
    if found is None:
        raise NotFound("the log holds no entry with this leaf")
    number, at, total = found
    if number is None:
        raise Unavailable(
            "the entry waits for its place in the log: ask again in some seconds",
            slug="not-integrated",
            retry_at=at + INTEGRATED_WITHIN,
        )
    return number, total


def _not_reached(total: int) -> Conflict:
    return Conflict(
        f"the log has {total} entries, and has not come from the one size to the other", slug="not-reached"
    )
