"""What is true of a member: its state, and what follows from who has accepted it."""

from __future__ import annotations

from enum import StrEnum


class MemberState(StrEnum):
    """How far a member has come."""

    APPLIED = "applied"
    """It has introduced itself; the secretariat has not admitted it yet."""
    ADMITTED = "admitted"
    """Its enrolment stands in the feed; fewer than t custodians have accepted it."""
    ACTIVE = "active"
    """t custodians have accepted it: it may submit and ask."""
    SUSPENDED = "suspended"
    """The secretariat has taken it out of work; its records block their subjects for a while."""


def state_after(*, acceptances: int, threshold: int, suspended: bool) -> MemberState:
    """Return the state of an admitted member."""
    if suspended:
        return MemberState.SUSPENDED
    return MemberState.ACTIVE if acceptances >= threshold else MemberState.ADMITTED
