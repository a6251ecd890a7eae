"""Where an entry stands in the log, and the proof of it under the newest checkpoint that counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from alliance_hub.errors import Unavailable
from alliance_hub.transparency import checkpoints, proofs
from alliance_hub.transparency.checkpoints import Shown
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64
from privacy.keyset import KeySet


@dataclass(frozen=True, slots=True)
class Under:
    """The checkpoint under which an entry is proved: its size, when it was signed, who cosigned it."""

    size: int
    at: datetime
    custodians: tuple[int, ...]


def find_under(session: Session, key_set: KeySet, row: LogRow) -> Under | None:
    """Return the newest checkpoint that counts, if the entry stands in it."""
    shown = _covering(session, key_set, row)
    return None if shown is None else Under(shown.size, shown.at, tuple(shown.custodians))


def proof(session: Session, key_set: KeySet, row: LogRow) -> dict[str, Any]:
    """Return an entry with its inclusion path and the checkpoint as a signed note.

    Of an erased entry the leaf stands where the receipt was. Raises Unavailable until a checkpoint that
    counts holds it.
    """
    shown = _covering(session, key_set, row)
    if shown is None:
        raise Unavailable("no checkpoint that counts holds this entry yet: try again in a minute")
    if row.salt is None:
        found = proofs.inclusion(session, row.leaf, size=shown.size)
        path = {"leaf": b64(row.leaf), "index": found.index, "path": [b64(node) for node in found.path]}
    else:
        (logged,) = proofs.logged(session, [row.leaf], size=shown.size)
        path = logged.document()
    return {**path, "checkpoint": shown.note.text()}


def _covering(session: Session, key_set: KeySet, row: LogRow) -> Shown | None:
    shown = checkpoints.newest_counted_shown(session, key_set)
    covers = shown is not None and row.number is not None and row.number < shown.size
    return shown if covers else None
