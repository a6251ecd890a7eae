"""What the hub has signed of its log, and who has cosigned it.

A checkpoint counts with the cosignatures of `threshold` custodians. The notes that are handed out bear the
custodians' lines only: members cosign too, and with a thousand of theirs a note would be too long to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from alliance_hub.transparency.models import CheckpointRow, CosignatureRow, TreeRow
from privacy.checkpoint import Checkpoint, Note, read_line
from privacy.keyset import KeySet


@dataclass(frozen=True, slots=True)
class Cosigned:
    """Who cosigned, and when it says it did: a custodian by its index, or a member by its name."""

    custodian: int | None
    member: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A checkpoint, when the hub signed it, and everybody who cosigned it, custodians first."""

    note: Note
    at: datetime
    cosigned: tuple[Cosigned, ...]

    @property
    def size(self) -> int:
        """How many entries it is over."""
        return self.note.checkpoint.size

    @property
    def root(self) -> bytes:
        """The root over them."""
        return self.note.checkpoint.root

    @property
    def custodians(self) -> dict[int, datetime]:
        """Which custodians cosigned, and when."""
        return {each.custodian: each.at for each in self.cosigned if each.custodian is not None}

    @property
    def members(self) -> dict[str, datetime]:
        """Which members cosigned, and when."""
        return {each.member: each.at for each in self.cosigned if each.member is not None}


_NEWEST = select(CheckpointRow).order_by(CheckpointRow.size.desc())


def newest(session: Session) -> Shown | None:
    """Return the checkpoint that was signed last; None of an empty log."""
    return _first(session, _NEWEST)


def offered(session: Session) -> Shown | None:
    """Return the checkpoint that is shown to custodians at present; None before the first."""
    return _first(session, select(CheckpointRow).join(TreeRow, TreeRow.offered == CheckpointRow.size))


def find(session: Session, size: int) -> Shown | None:
    """Return the checkpoint of this size, if it was kept."""
    return _first(session, _NEWEST.where(CheckpointRow.size == size))


def newest_counted(session: Session, key_set: KeySet, *, min_size: int = 0) -> Note | None:
    """Return the newest checkpoint that `threshold` custodians cosigned; None if it is below `min_size`."""
    shown = newest_counted_shown(session, key_set)
    return None if shown is None or shown.size < min_size else shown.note


def newest_counted_shown(session: Session, key_set: KeySet) -> Shown | None:
    """Return the newest checkpoint that counts, with everybody who cosigned it."""
    return _first(session, _NEWEST.where(CheckpointRow.custodians >= key_set.threshold))


def list_newest(session: Session, limit: int) -> list[Shown]:
    """Return the newest checkpoints that are kept, the newest first, with who cosigned each."""
    return [_shown(session, row) for row in session.scalars(_NEWEST.limit(limit)).all()]


def _first(session: Session, chosen: Select[CheckpointRow]) -> Shown | None:
    row = session.scalar(chosen.limit(1))
    return None if row is None else _shown(session, row)


def _shown(session: Session, row: CheckpointRow) -> Shown:
    own = read_line(row.line)
    rows = session.scalars(select(CosignatureRow).where(CosignatureRow.size == row.size)).all()
    ordered: Sequence[CosignatureRow] = sorted(rows, key=_place)
    lines = (read_line(each.line) for each in ordered if each.custodian is not None)
    note = Note(Checkpoint(own.name, row.size, row.root), (own, *lines))
    return Shown(note, row.at, tuple(Cosigned(each.custodian, each.member, each.at) for each in ordered))


def _place(row: CosignatureRow) -> tuple[bool, int, str]:
    return row.custodian is None, row.custodian or 0, row.name
