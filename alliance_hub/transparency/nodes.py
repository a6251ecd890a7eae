"""The tree's perfect subtrees in rows: written in bulk, read a few at a time, past the ORM on purpose.

What stands here never changes, so a proof for any size that the tree ever had is made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, cast

from sqlalchemy import CompoundSelect, Table, bindparam, insert, select, union_all
from sqlalchemy.orm import Session

from alliance_hub.transparency.models import LogRow, NodeRow
from privacy import merkle
from privacy.merkle import Node, Range

_NODES: Final = cast(Table, NodeRow.__table__)
_ENTRIES: Final = cast(Table, LogRow.__table__)

_READ: Final[CompoundSelect[int, bytes]] = union_all(
    select(_NODES.c.place, _NODES.c.hash).where(_NODES.c.place.in_(bindparam("inner", expanding=True))),
    # A leaf's own place: twice its number.
    select(2 * _ENTRIES.c.number, _ENTRIES.c.leaf).where(
        _ENTRIES.c.number.in_(bindparam("leaves", expanding=True))
    ),
)


def place_of(node: Node) -> int:
    """Return a subtree's place in the tree from left to right: leaf n has 2n, what joins two lies between."""
    level, number = node
    return (2 * number + 1 << level) - 1


def store(session: Session, made: Iterable[tuple[Node, bytes]]) -> None:
    """Write the perfect subtrees that `merkle.grow` made; its leaves stand in the entries already."""
    rows = [{"place": place_of(node), "hash": hash} for node, hash in made if node[0] > 0]
    if rows:
        session.execute(insert(_NODES), rows)


def roots_of(session: Session, ranges: Sequence[Range]) -> tuple[bytes, ...]:
    """Return the root over each of these ranges of leaves, by one query; all lie within the tree."""
    parts = [merkle.perfect_nodes(each) for each in ranges]
    stored = _read(session, [node for nodes in parts for node in nodes])
    return tuple(merkle.fold([stored[place_of(node)] for node in nodes]) for nodes in parts)


def root_at(session: Session, size: int) -> bytes:
    """Return the root that the tree had at `size`; at most its present one."""
    return roots_of(session, [(0, size)])[0] if size else merkle.EMPTY_ROOT


def _read(session: Session, nodes: Iterable[Node]) -> dict[int, bytes]:
    inner, leaves = list[int](), list[int]()
    for node in nodes:
        level, number = node
        if level:
            inner.append(place_of(node))
        else:
            leaves.append(number)
    return dict(session.connection().execute(_READ, {"inner": inner, "leaves": leaves}).all())
