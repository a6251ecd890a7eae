"""What the log's tests are told with: entries, and what an independent tree makes of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

import pymerkle
from sqlalchemy.orm import Session

from alliance_hub.hub import Hub
from alliance_hub.permissions import Sender
from alliance_hub.transparency import checkpoints, cosigning, integrator
from alliance_hub.transparency import service as transparency
from privacy.checkpoint import Checkpoint, cosign, custodian_name
from privacy.encoding import unb64
from privacy.logged import LogReceipt
from tests.alliance_hub.builders import Ceremony


def write(hub: Hub, count: int) -> list[LogReceipt]:
    """Write so many entries, each in its place of the order."""
    with hub.database.transaction() as session:
        return [
            transparency.record_entry(session, "test", {"member": "North", "n": n}, now=hub.clock())
            for n in range(count)
        ]


def grown(hub: Hub, count: int) -> list[LogReceipt]:
    """Write so many entries and integrate them."""
    receipts = write(hub, count)
    integrator.turn(hub, hub.clock())
    return receipts


def salted(receipt: LogReceipt) -> bytes:
    """Return what a leaf is the hash of, computed as the protocol says and by no code of ours."""
    text = json.dumps(receipt.entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(unb64(receipt.salt) + text).digest()


def oracle_of(receipts: Sequence[LogReceipt]) -> pymerkle.InmemoryTree:
    """Return the tree that pymerkle makes of these entries; it counts leaves from 1."""
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for receipt in receipts:
        tree.append_entry(salted(receipt))
    return tree


def offered(session: Session) -> Checkpoint:
    """Return the checkpoint that custodians are shown."""
    shown = checkpoints.offered(session)
    assert shown is not None
    return shown.note.checkpoint


def line_of(ceremony: Ceremony, index: int, checkpoint: Checkpoint, at: datetime) -> str:
    """Return custodian `index`'s cosignature."""
    name = custodian_name(checkpoint.origin, index)
    return cosign(ceremony.witnesses[index - 1], name, checkpoint, at=at).text()


def witness(hub: Hub, ceremony: Ceremony, *indices: int) -> list[int]:
    """Let custodians cosign what they are shown, one after the other; return who has cosigned it."""
    found: list[int] = []
    with hub.database.reading() as session:
        shown = offered(session)
    for index in indices:
        with hub.database.transaction() as session:
            line = line_of(ceremony, index, shown, hub.clock())
            sender = Sender.for_custodian(index)
            found = cosigning.receive(session, hub, sender, shown.size, line, hub.clock())
    return found
