"""Whom a clock concerns, and when it is told again.

- An officer sees a clock if one of its roles works on such things, or if the clock is in its own hands.
- A member's or law firm's people see what concerns their own organisation, if they run it.
- A clock is told 14, 7 and 1 days before it runs out, a proposal's 1 day before, and every day once it is
  over.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from alliance_hub.clocks.registry import Clock, ClockKind
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import ASSOCIATION
from alliance_hub.people.roles import Act
from privacy.periods import day_of

TOLD_DAYS_BEFORE = frozenset({14, 7, 1})
"""Days before the end on which a clock is told; [D]."""

WORKS_ON: Mapping[ClockKind, frozenset[Act]] = {
    ClockKind.AGREEMENT_EXPIRES: frozenset({Act.WRITE_AGREEMENTS}),
    ClockKind.AGREEMENT_TERMINATES: frozenset({Act.WRITE_AGREEMENTS}),
    ClockKind.LICENCE_EXPIRES: frozenset({Act.PROPOSE_MEMBERSHIP}),
    ClockKind.EXIT_DUE: frozenset({Act.PROPOSE_MEMBERSHIP}),
    ClockKind.COMPLAINT_DUE: frozenset({Act.WRITE_COMPLAINTS}),
    ClockKind.DEPUTY_ENDS: frozenset({Act.MANAGE_OFFICERS}),
    ClockKind.INSPECTOR_ENDS: frozenset({Act.MANAGE_OFFICERS}),
    ClockKind.LAWYER_ENDS: frozenset({Act.MANAGE_OFFICERS}),
    # The member's own, and its lawyers': nobody at the association lets a matter run longer.
    ClockKind.MATTER_EXPIRES: frozenset(),
    # Shown to whoever made it or may decide it, which the approvals know and nobody else.
    ClockKind.PROPOSAL_LAPSES: frozenset(),
}
"""Who keeps each kind from running out."""

READS: Mapping[ClockKind, Act] = {
    ClockKind.AGREEMENT_EXPIRES: Act.READ_AGREEMENTS,
    ClockKind.AGREEMENT_TERMINATES: Act.READ_AGREEMENTS,
    ClockKind.LICENCE_EXPIRES: Act.READ_MEMBERS,
    ClockKind.EXIT_DUE: Act.READ_MEMBERS,
    ClockKind.COMPLAINT_DUE: Act.READ_COMPLAINTS,
    ClockKind.DEPUTY_ENDS: Act.READ_OFFICERS,
    ClockKind.INSPECTOR_ENDS: Act.READ_OFFICERS,
    ClockKind.LAWYER_ENDS: Act.READ_OFFICERS,
    ClockKind.MATTER_EXPIRES: Act.READ_ACTIVITY,
    ClockKind.PROPOSAL_LAPSES: Act.READ_ACTIVITY,
}
"""Who may see each kind beside those in whose hands it is: whoever reads the register it stands in."""

OWN: Mapping[ClockKind, Act] = {
    ClockKind.AGREEMENT_EXPIRES: Act.READ_OWN,
    ClockKind.AGREEMENT_TERMINATES: Act.READ_OWN,
    ClockKind.LICENCE_EXPIRES: Act.READ_OWN,
    ClockKind.EXIT_DUE: Act.READ_OWN,
    ClockKind.DEPUTY_ENDS: Act.MANAGE_OWN_OFFICERS,
    ClockKind.MATTER_EXPIRES: Act.READ_OWN_MATTERS,
}
"""Who sees those of its own organisation."""


def is_shown(clock: Clock, actor: Actor) -> bool:
    """Say whether an officer sees a clock in its list."""
    if clock.officer == actor.officer:
        return True
    if actor.organisation != ASSOCIATION:
        own = OWN.get(clock.kind)
        return own is not None and clock.organisation == actor.organisation and actor.may(own)
    return actor.may(READS[clock.kind]) or is_worked_on(clock, actor)


def is_worked_on(clock: Clock, actor: Actor) -> bool:
    """Say whether an officer is to be reminded of a clock: it is in its hands, or in its role's."""
    if clock.officer is not None:
        return clock.officer == actor.officer
    if actor.organisation != ASSOCIATION:
        return clock.organisation == actor.organisation and actor.may(Act.MANAGE_OWN_OFFICERS)
    return any(actor.may(act) for act in WORKS_ON[clock.kind])


def days_left(due_at: datetime, now: datetime) -> int:
    """Return in how many days of Shanghai's calendar something ends; negative once that day is past.

    What ends at 24:00 of a day ends on that day, not at the beginning of the next.
    """
    return (last_day(due_at) - day_of(now)).days


def last_day(due_at: datetime) -> date:
    """Return the last day, in Shanghai, of what is over at `due_at`."""
    return day_of(due_at - timedelta(microseconds=1))


def is_told(clock: Clock, now: datetime) -> bool:
    """Say whether a clock is told on the day of `now`."""
    # A proposal has only so many days in all: whoever made it is told when one is left.
    before = {1} if clock.kind is ClockKind.PROPOSAL_LAPSES else TOLD_DAYS_BEFORE
    return now >= clock.due_at or days_left(clock.due_at, now) in before
