"""Of what somebody is reminded on a day: how many, never which.

- Proposals that the officer may decide now, every day until they are decided.
- Clocks in its hands, or in its role's: 14, 7 and 1 days before they run out, and every day once it is late.
- Invitations that its own people, or those whom it looks after, have not taken up.
- Whoever has nothing waiting gets nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from alliance_hub.clocks import rules as clock_rules
from alliance_hub.clocks.registry import Clock, ClockKind
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import ASSOCIATION
from alliance_hub.people.roles import Act, OrganisationKind
from alliance_hub.reminders.models import Topic

OVERDUE = "overdue"
"""Under this name a count says how many of the clocks have run out."""

PAGES: Mapping[Topic, str] = {
    Topic.DIGEST: "/console/",
    Topic.PROPOSALS_WAITING: "/console/approvals",
    Topic.CLOCKS_RUNNING_OUT: "/console/clocks",
    Topic.INVITATIONS_OPEN: "/console/officers",
}
"""Where each is looked at, under the hub's base URL."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody who has not taken up its invitation."""

    organisation: str
    kind: OrganisationKind


def of_officer(
    actor: Actor, *, proposals: int, clocks: Iterable[Clock], invited: Iterable[Expected], now: datetime
) -> dict[str, int]:
    """Return how many of each topic wait for an officer, zeros left out."""
    return _counts(
        proposals, _told(clocks, now, actor), [each for each in invited if _minds(actor, each)], now
    )


def of_alliance(
    *, proposals: int, clocks: Iterable[Clock], invited: Collection[Expected], now: datetime
) -> dict[str, int]:
    """Return how many of each topic there are in all, zeros left out."""
    # A proposal is counted as one that waits, and not once more as one that lapses.
    told = [clock for clock in _told(clocks, now) if clock.kind is not ClockKind.PROPOSAL_LAPSES]
    return _counts(proposals, told, invited, now)


def _told(found: Iterable[Clock], now: datetime, actor: Actor | None = None) -> list[Clock]:
    mine = [clock for clock in found if actor is None or clock_rules.is_worked_on(clock, actor)]
    return [clock for clock in mine if clock_rules.is_told(clock, now)]


def _counts(
    proposals: int, told: Collection[Clock], invited: Collection[Expected], now: datetime
) -> dict[str, int]:
    counts = {
        str(Topic.PROPOSALS_WAITING): proposals,
        str(Topic.CLOCKS_RUNNING_OUT): len(told),
        OVERDUE: sum(clock.due_at <= now for clock in told),
        str(Topic.INVITATIONS_OPEN): len(invited),
    }
    return {name: count for name, count in counts.items() if count}


def _minds(actor: Actor, expected: Expected) -> bool:
    if expected.kind is OrganisationKind.MEMBER:
        own = actor.organisation == expected.organisation and actor.may(Act.MANAGE_OWN_OFFICERS)
        return own or actor.may(Act.INVITE_MEMBER_ADMINS)
    return actor.organisation == ASSOCIATION and actor.may(Act.MANAGE_OFFICERS)
