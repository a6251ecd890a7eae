"""RFC 9162 Merkle tree over byte strings: roots, inclusion, consistency, and a frontier that grows.

An adversary that keeps the list would drop, reorder or rewrite what stands in it; two parties that
hold the same size and root hold the same list, and a consistency proof shows that a larger list begins
with a smaller one. Leaves and nodes are hashed under different prefixes, so that no node passes for a leaf.

Whoever stores the nodes of perfect subtrees, which never change, proves with a few of them: `*_ranges` say
over which leaves the proof's hashes are, `perfect_nodes` of which stored nodes each is made, `fold` makes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from privacy.errors import DeserializeError, InvalidInputError, VerifyError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = tuple[int, int]
"""A perfect subtree, by level and number: over the leaves `number << level` to `(number + 1) << level`."""

Range = tuple[int, int]
"""A subtree by its first leaf and the one behind its last."""


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 || data) (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right) (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: roots of its perfect subtrees, largest first; all that appending needs.

    `size` leaves give `size.bit_count()` nodes of 32 bytes.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Frontier:
        """Return the frontier with one more leaf hash."""
        nodes, size = [*self.nodes, leaf], self.size
        while size & 1:
            right, left = nodes.pop(), nodes.pop()
            nodes.append(node_hash(left, right))
            size >>= 1
        return Frontier(self.size + 1, tuple(nodes))

    def root(self) -> bytes:
        """Return the tree's root hash (RFC 9162 section 2.1.1)."""
        return fold(self.nodes) if self.nodes else EMPTY_ROOT

    def encode(self) -> bytes:
        """Return 8 bytes of size and the nodes, for a database column."""
        return self.size.to_bytes(8, "big") + b"".join(self.nodes)

    @classmethod
    def decode(cls, data: bytes) -> Frontier:
        """Read what `encode` wrote; raises DeserializeError."""
        size, body = int.from_bytes(data[:8], "big"), data[8:]
        if len(data) < 8 or len(body) != size.bit_count() * HASH_BYTES:
            raise DeserializeError("not an encoded frontier")
        return cls(size, tuple(body[n : n + HASH_BYTES] for n in range(0, len(body), HASH_BYTES)))


def grow(frontier: Frontier, leaves: Iterable[bytes]) -> tuple[Frontier, list[tuple[Node, bytes]]]:
    """Return the frontier with these leaf hashes behind it, and every perfect subtree that they complete.

    Leaves are among them, at level 0. About two nodes a leaf.
    """
    edge, size = list(frontier.nodes), frontier.size
    made: list[tuple[Node, bytes]] = []
    for node in leaves:
        level, number = 0, size
        made.append(((level, number), node))
        while number & 1:
            level, number, node = level + 1, number >> 1, node_hash(edge.pop(), node)
            made.append(((level, number), node))
        edge.append(node)
        size += 1
    return Frontier(size, tuple(edge)), made


def fold(nodes: Sequence[bytes]) -> bytes:
    """Return the root over neighbouring perfect subtrees, the largest first; at least one."""
    *lefts, root = nodes
    for left in reversed(lefts):
        root = node_hash(left, root)
    return root


def perfect_nodes(leaves: Range) -> list[Node]:
    """Return the perfect subtrees of which a proof's range consists, the largest first: what `fold` takes."""
    start, end = leaves
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes (RFC 9162 section 2.1.1)."""
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf)
    return frontier.root()


def inclusion_path(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the nodes that lead from leaf hash `index` (from 0) to the root, lowest first.

    RFC 9162 section 2.1.3.1. Raises InvalidInputError when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise InvalidInputError("the tree has no such leaf", field="index")
    path, level = [], list(leaves)
    while len(level) > 1:
        if (sibling := index ^ 1) < len(level):
            path.append(level[sibling])
        level = _level_above(level)
        index >>= 1
    return tuple(path)


def _level_above(level: Sequence[bytes]) -> list[bytes]:
    """Return the parents of these nodes; a last one without a sibling stands for itself."""
    parents = [node_hash(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
    return [*parents, level[-1]] if len(level) % 2 else parents


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check that leaf hash `leaf` stands at `index` (from 0) of the tree of `size` leaves with this root.

    RFC 9162 section 2.1.3.2. Raises VerifyError.
    """
    if not 0 <= index < size:
        raise VerifyError("the tree has no such leaf")
    node, last, rest = leaf, size - 1, list(reversed(path))
    while last and rest:
        if index & 1:
            node = node_hash(rest.pop(), node)
        elif index < last:
            node = node_hash(node, rest.pop())
        index, last = index >> 1, last >> 1
    if last or rest or node != root:
        raise VerifyError("the leaf does not stand under this root")


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return over which leaves the nodes of an inclusion path are, lowest first (RFC 9162 section 2.1.3.1).

    Raises InvalidInputError when the tree of `size` leaves has no leaf `index` (from 0).
    """
    if not 0 <= index < size:
        raise InvalidInputError("the tree has no such leaf", field="index")
    ranges, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Return over which leaves the nodes of a consistency proof are (RFC 9162 section 2.1.4.1).

    Empty between equal sizes and from an empty tree. Raises InvalidInputError when `old` exceeds `new`.
    """
    if not 0 <= old <= new:
        raise InvalidInputError("a tree is consistent only with a larger one", field="old")
    if old in (0, new):
        return []
    ranges, start, end = [], 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    # The old tree's own root is known to whoever asks, when the old tree is a subtree of the new one.
    return [*([(start, end)] if start else []), *ranges[::-1]]


def consistency_path(leaves: Sequence[bytes], old: int) -> tuple[bytes, ...]:
    """Return the nodes that show that the tree over these leaf hashes begins with its first `old` ones.

    RFC 9162 section 2.1.4.1. Raises InvalidInputError when there are fewer leaves.
    """
    return tuple(root(leaves[start:end]) for start, end in consistency_ranges(old, len(leaves)))


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """Check that the tree of `new` leaves begins with the tree of `old` leaves.

    RFC 9162 section 2.1.4.2; an empty tree begins every other. Raises VerifyError.
    """
    if not 0 <= old <= new:
        raise VerifyError("the tree has become smaller")
    if old in (0, new):
        if path or (old and old_root != new_root) or (not old and old_root != EMPTY_ROOT):
            raise VerifyError("the trees are not the same")
        return
    rest = list(reversed(path))
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    if node and not rest:
        raise VerifyError("the proof is too short")
    first = second = rest.pop() if node else old_root
    while rest:
        if not last:
            raise VerifyError("the proof is too long")
        sibling = rest.pop()
        if node & 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    if last or first != old_root or second != new_root:
        raise VerifyError("the larger tree does not begin with the smaller one")


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
