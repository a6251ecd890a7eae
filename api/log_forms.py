"""What the hub's answers and requests about its transparency log look like."""

from __future__ import annotations

from privacy.messages import Bytes32, Count, Index, Message


class CheckpointShown(Message, frozen=True):
    """A checkpoint of the transparency log: a C2SP signed note with the custodians' cosignatures."""

    checkpoint: str


class InclusionShown(Message, frozen=True):
    """Where a leaf stands in the log of `size` entries, and the path from it to the root, lowest first."""

    leaf: Bytes32
    index: Count
    size: Count
    path: tuple[Bytes32, ...]


class ConsistencyShown(Message, frozen=True):
    """The nodes that show that the log of `new` entries begins with that of `old` entries."""

    old: Count
    new: Count
    path: tuple[Bytes32, ...]


class CosignatureHandedIn(Message, frozen=True):
    """A witness's signature line under the checkpoint of `size`, without its newline."""

    recipient: str
    epoch: Count
    key_set: Bytes32
    size: Count
    line: str


class CosignatureTaken(Message, frozen=True):
    """Which custodians have cosigned the checkpoint by now."""

    size: Count
    custodians: tuple[Index, ...]
