"""A transparency log that a test keeps: a real tree, the hub's real key, and whatever it is made to sign.

    log = PaperLog(key_set)
    log.grows(5)
    log.newest()                          what the hub shows
    log.counted(at=now, by=(1, 3))        with custodians' cosignatures
    other = log.forked(at=3, grows=4)     the same log up to its third entry, another from there

Proofs are those of the tree that is kept; `proves` replaces them by what a lying hub would say.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from datetime import datetime

from privacy import checkpoint, merkle, statements
from privacy.checkpoint import Checkpoint, Note, custodian_name, log_origin
from privacy.keyset import KeySet
from privacy.signing import SigningKey
from privacy.statements import custodian_author
from tests.feeds import secret


class PaperLog:
    """The hub's log over leaves that a test writes."""

    def __init__(self, key_set: KeySet) -> None:
        self.key_set = key_set
        self.key = SigningKey(secret(statements.HUB, "signing"))
        self.leaves: list[bytes] = []
        self.proves: Sequence[bytes] | None = None

    @property
    def size(self) -> int:
        """How many entries it has."""
        return len(self.leaves)

    def grows(self, count: int = 1, *, story: str = "") -> PaperLog:
        """Add entries that nobody else has."""
        self.leaves += [secret("a leaf", story, str(self.size + n)) for n in range(count)]
        return self

    def forked(self, *, at: int, grows: int) -> PaperLog:
        """Return another log of the same hub that has the same first `at` entries."""
        other = copy.copy(self)
        other.leaves = self.leaves[:at]
        return other.grows(grows, story="another")

    def newest(self, size: int | None = None) -> Note:
        """Return the checkpoint of a size, by default the whole, as the hub signs it."""
        size = self.size if size is None else size
        shown = Checkpoint(log_origin(self.key_set), size, merkle.root(self.leaves[:size]))
        return Note(shown, (checkpoint.sign_checkpoint(self.key, shown),))

    def counted(self, *, at: datetime, by: Iterable[int] = (1, 2), size: int | None = None) -> Note:
        """Return a checkpoint that custodians have cosigned."""
        return self.cosigned(self.newest(size), at=at, by=by)

    def cosigned(self, note: Note, *, at: datetime, by: Iterable[int]) -> Note:
        """Return a note with custodians' cosignatures."""
        lines = [
            checkpoint.cosign(
                SigningKey(secret(custodian_author(index), "signing")),
                custodian_name(note.checkpoint.origin, index),
                note.checkpoint,
                at=at,
            )
            for index in by
        ]
        return checkpoint.with_lines(note, lines)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Return the proof that the log of `new` entries begins with that of `old`."""
        if self.proves is not None:
            return list(self.proves)
        return list(merkle.consistency_path(self.leaves[:new], old))

    def inclusion(self, leaf: bytes, size: int) -> tuple[int, list[bytes]]:
        """Return a leaf's index and its path in the tree of `size` entries."""
        index = self.leaves.index(leaf)
        return index, list(merkle.inclusion_path(self.leaves[:size], index))
