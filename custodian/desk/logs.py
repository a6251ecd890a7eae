"""What an operator's page says of the hub's log: what was cosigned here, and by whom else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from custodian import cosigned
from custodian.cosigned import Cosigned
from custodian.ledger import Ledger


class Place(StrEnum):
    """Where a fellow stands against what was cosigned here."""

    SAME = "same"
    """It has cosigned the same checkpoint."""
    BEHIND = "behind"
    """It was last heard to have cosigned a smaller log."""
    AHEAD = "ahead"
    """It was last heard to have cosigned a larger log."""
    OTHER = "other"
    """It has cosigned another log of the same size: this custodian stops when it compares them."""


@dataclass(frozen=True, slots=True)
class FellowRow:
    """The newest checkpoint that a fellow was heard to have cosigned."""

    custodian: int
    size: int
    at: datetime
    place: Place


@dataclass(frozen=True, slots=True)
class LogBook:
    """The newest checkpoint that was cosigned here, and what is known of the fellows'."""

    own: Cosigned | None
    fellows: list[FellowRow]
    complaint: str
    """Why the newest checkpoint is not cosigned here, or not taken by the hub; empty when all is well."""


_COMPLAINTS = ("log_unsigned", "log_uncompared", "cosignature_refused")


def read(ledger: Ledger, custodian: int) -> LogBook:
    """Return what the ledger knows of the log, as custodian `custodian` sees it."""
    every = cosigned.every(ledger)
    own = next((each for each in every if each.custodian == custodian), None)
    said = [text for fact in _COMPLAINTS if (text := ledger.fact(fact))]
    if ledger.fact("log_recall"):
        said.append("restored: fellows are to tell how far the log was cosigned before; set `peers`")
    rows = [_row(each, own) for each in every if each.custodian != custodian]
    return LogBook(own, rows, "; ".join(said))


def _row(fellow: Cosigned, own: Cosigned | None) -> FellowRow:
    if own is None or fellow.size > own.size:
        place = Place.AHEAD
    elif fellow.size < own.size:
        place = Place.BEHIND
    else:
        place = Place.SAME if fellow.root == own.root else Place.OTHER
    return FellowRow(fellow.custodian, fellow.size, fellow.at, place)
