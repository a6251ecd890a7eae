"""RFC 9162 Merkle tree over byte strings: roots, and a frontier that grows by one leaf at a time.

An adversary that keeps the list would drop, reorder or rewrite what stands in it; two parties that
hold the same size and root hold the same list. Leaves and nodes are hashed under different prefixes,
so that no node passes for a leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from privacy.errors import DeserializeError

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
