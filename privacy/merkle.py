"""RFC 9162 Merkle tree over byte strings: roots, inclusion, and a frontier that grows by one leaf at a time.

An adversary that keeps the list would drop, reorder or rewrite what stands in it; two parties that
hold the same size and root hold the same list. Leaves and nodes are hashed under different prefixes,
so that no node passes for a leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from privacy.errors import DeserializeError, InvalidInputError, VerifyError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


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
        if not self.nodes:
            return EMPTY_ROOT
        *lefts, root = self.nodes
        for left in reversed(lefts):
            root = node_hash(left, root)
        return root

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
