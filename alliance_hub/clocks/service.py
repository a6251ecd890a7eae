"""Read all clocks together, the nearest first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.clocks import rules
from alliance_hub.clocks.registry import Clock, ClockKind, collectors, collects
from alliance_hub.people.actor import Actor

__all__ = ["Clock", "ClockKind", "collects", "list_clocks", "list_for"]


def list_clocks(
    session: Session, *, now: datetime, until: datetime, kinds: Collection[ClockKind] | None = None
) -> list[Clock]:
    """Return what is not done yet and due before `until`, overdue ones included, the nearest first."""
    found = [
        clock
        for kind, collector in collectors().items()
        if kinds is None or kind in kinds
        for clock in collector(session, now, until)
    ]
    return sorted(found, key=lambda clock: (clock.due_at, clock.kind, clock.object))


def list_for(
    session: Session,
    actor: Actor,
    *,
    now: datetime,
    until: datetime,
    kinds: Collection[ClockKind] | None = None,
) -> list[Clock]:
    """Return those of `list_clocks` that this officer may see."""
    return [
        clock
        for clock in list_clocks(session, now=now, until=until, kinds=kinds)
        if rules.is_shown(clock, actor)
    ]
