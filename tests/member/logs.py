"""The hub's log as a member meets it: a real tree of the receipts that it gives, or what a test makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from privacy import checkpoint
from privacy.checkpoint import Note, member_name, read_line
from privacy.encoding import b64, unb64
from privacy.keyset import KeySet
from privacy.logged import LogReceipt
from tests.logs import PaperLog
from tests.member.moments import Clock
from tests.member.server import Problem, Received


class Log:
    """Answers for the log; every receipt is entered at once, unless the hub `withholds`."""

    def __init__(self, key_set: KeySet, clock: Clock) -> None:
        self.clock = clock
        self.paper = PaperLog(key_set)
        self.withholds = False
        self.absent = False
        """There is no log at this hub."""
        self.counted_size: int | None = None
        """The size up to which custodians have cosigned, if not the whole."""
        self.cosigned_at: datetime | None = None
        """When they did, if not just now."""
        self.cosigned_by: tuple[int, ...] = (1, 2)
        self.shows: Note | None = None
        """The note that it shows instead."""
        self.custodians: dict[int, Note] = {}
        """What custodians have cosigned, if not the whole log."""
        self.refuses: Callable[[bytes], Problem | None] = lambda leaf: None
        """What it says when it is asked for a leaf, if not the truth."""
        self.asked: list[bytes] = []
        """The leaves that it was asked for."""
        self.cosignatures: list[tuple[int, str]] = []
        self.routes = {
            ("GET", "/v1/log/checkpoint"): self._checkpoint,
            ("GET", "/v1/log/consistency"): self._consistency,
            ("GET", "/v1/log/inclusion"): self._inclusion,
            ("POST", "/v1/log/cosignatures"): self._cosign,
        }

    def enter(self, receipt: LogReceipt) -> LogReceipt:
        """Enter a receipt's leaf, as the hub says that it has."""
        if not self.withholds:
            self.paper.leaves.append(unb64(receipt.leaf))
        return receipt

    def counted(self) -> Note:
        """Return the newest checkpoint that counts."""
        at = self.cosigned_at or self.clock()
        return self.shows or self.paper.counted(at=at, by=self.cosigned_by, size=self.counted_size)

    def of_custodian(self, index: int) -> dict[str, str]:
        """Show what a custodian has cosigned last."""
        if self.absent or (not self.paper.size and index not in self.custodians):
            raise Problem(404, "no-checkpoint")
        whole = self.paper.counted(at=self.clock(), by=(index,))
        return {"checkpoint": self.custodians.get(index, whole).text()}

    def _checkpoint(self, received: Received) -> Any:
        assert received.query == {"counted": "true"}
        if self.absent:
            raise Problem(404, "not-found")
        if not self.paper.size and self.shows is None:
            raise Problem(404, "no-checkpoint")
        return {"checkpoint": self.counted().text()}

    def _consistency(self, received: Received) -> Any:
        old, new = int(received.query["old"]), int(received.query["new"])
        if new > self.paper.size:
            raise Problem(422, "invalid", "the log has not reached this size")
        return {"old": old, "new": new, "path": [b64(node) for node in self.paper.consistency(old, new)]}

    def _inclusion(self, received: Received) -> Any:
        leaf, size = unb64(received.query["leaf"]), int(received.query["size"])
        self.asked.append(leaf)
        if (problem := self.refuses(leaf)) is not None:
            raise problem
        if leaf not in self.paper.leaves:
            raise Problem(404, "not-found", "the log holds no entry with this leaf")
        index = self.paper.leaves.index(leaf)
        if index >= size:
            raise Problem(409, "later-checkpoint", "it stands behind that size", index=index)
        _, path = self.paper.inclusion(leaf, size)
        return {"leaf": b64(leaf), "index": index, "size": size, "path": [b64(node) for node in path]}

    def _cosign(self, received: Received) -> Any:
        asked = json.loads(received.body)
        key_set = self.paper.key_set
        named = (asked["recipient"], asked["epoch"], asked["key_set"])
        assert named == ("hub", key_set.epoch, b64(key_set.digest))
        self.cosignatures.append((asked["size"], asked["line"]))
        return {"size": asked["size"], "custodians": list(self.cosigned_by)}

    def verify_cosigned(self, member: bytes, size: int) -> datetime:
        """Check the cosignature that a member handed in last; `member` is its public key."""
        handed_in, line = self.cosignatures[-1]
        assert handed_in == size
        shown = self.paper.newest(size).checkpoint
        name = member_name(shown.origin, member)
        return checkpoint.verify_cosignature(read_line(line), shown, name=name, public=member)
