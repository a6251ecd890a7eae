"""Which function knows which kind of clock: each part registers its own in its `clocks.py`.

@collects(ClockKind.AGREEMENT_EXPIRES)
def expiring(session, now, until): ...
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache

from sqlalchemy.orm import Session

import alliance_hub


class ClockKind(StrEnum):
    """What comes to an end, or must be done by then."""

    AGREEMENT_EXPIRES = "agreement_expires"
    """A data agreement in effect reaches its last instant."""
    AGREEMENT_TERMINATES = "agreement_terminates"
    """The notice given for a data agreement is over."""
    LICENCE_EXPIRES = "licence_expires"
    """A member's licence reaches its last day."""
    EXIT_DUE = "exit_due"
    """What a leaving member's data are returned and deleted by."""
    COMPLAINT_DUE = "complaint_due"
    """A complaint must be answered."""
    PROPOSAL_LAPSES = "proposal_lapses"
    """A proposal that nobody has decided must be made again."""
    DEPUTY_ENDS = "deputy_ends"
    """An officer stops standing in for another."""
    INSPECTOR_ENDS = "inspector_ends"
    """An inspector reads its last register."""
    LAWYER_ENDS = "lawyer_ends"
    """A lawyer's appointment is over."""
    MATTER_EXPIRES = "matter_expires"
    """A matter before a court reaches its last instant: its lawyers see it no longer."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One thing that runs out at an instant."""

    kind: ClockKind
    object: str
    """What it is about, as log entries name it: `agreement/NAME`, `complaint/NUMBER`."""
    due_at: datetime
    """The first instant at which it is over."""
    says_params: Mapping[str, str] = field(default_factory=dict)
    """What its sentence on the page is filled with; never a reason, an identifier or an amount."""
    organisation: str | None = None
    """The member or law firm that it concerns too, if any."""
    officer: int | None = None
    """The officer in whose hands it is, if one is named."""


Collector = Callable[[Session, datetime, datetime], Iterable[Clock]]
"""Returns what is not done at `now` and due before `until`, what is overdue included."""

_COLLECTORS: dict[ClockKind, Collector] = {}


def collects(kind: ClockKind | str) -> Callable[[Collector], Collector]:
    """Register a function as what knows all clocks of a kind, when its module is imported."""

    def register(collector: Collector) -> Collector:
        _COLLECTORS[ClockKind(kind)] = collector
        return collector

    return register


def collectors() -> Mapping[ClockKind, Collector]:
    """Return every registered function by its kind."""
    _import_all()
    return _COLLECTORS


@cache
def _import_all() -> None:
    for part in pkgutil.iter_modules(alliance_hub.__path__):
        clocks = f"alliance_hub.{part.name}.clocks"
        if part.ispkg and importlib.util.find_spec(clocks):
            importlib.import_module(clocks)
