"""A hub sets the feed's time and chooses what stands on it: both can starve a member of its records."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from custodian import handed_in, state
from privacy.keyset import Policy
from tests.attacks.alliance import OWES, Lenders, gather
from tests.attacks.attack import Scene, attack
from tests.attacks.desk import Desk
from tests.feeds import BY_THE_DAY, LI, Alliance

THREE_DAYS: Policy = msgspec.structs.replace(BY_THE_DAY, record_days=3)
"""Records expire fast, so that the stories are short."""


@pytest.fixture
def town() -> Lenders:
    return gather(Alliance(THREE_DAYS))


@pytest.fixture
def desk(town: Lenders, tmp_path: Path) -> Desk:
    """An honest custodian; its clock is right, and the first period is open."""
    desk = Desk(town.alliance, tmp_path / "desk", town.alliance.now)
    town.alliance.cuts()
    assert desk.follows() == "signed"
    return desk


def true_time_passes(town: Lenders, desk: Desk, **time: float) -> None:
    """Let time pass for everybody."""
    town.alliance.passes(**time)
    desk.now = town.alliance.now


def others_renew(town: Lenders) -> None:
    """All but East submit their contracts again, a day before they would expire."""
    for member in (town.north, town.south, town.west):
        member.submits(member.record(LI, "1", outstanding=OWES.get(member.name, 0)))


def is_never_ahead(*_: object) -> bool:
    """Believe every stamp."""
    return False


@attack(
    "starvation by a fast-forwarded feed",
    by="hub, for member North",
    goal="East's amount is old minus new",
    stopped="no cut is signed, and the custodian's alarm is raised: hub-ahead",
    off={"custodian.clocks.is_ahead": is_never_ahead},
)
def test_the_hub_stamps_the_feed_ahead(scene: Scene, town: Lenders, desk: Desk) -> None:
    """East will renew in time. On the feed it is two hours later by then, and a period has begun."""
    old = desk.hears(town.north.asks(LI))
    true_time_passes(town, desk, days=2)
    others_renew(town)
    true_time_passes(town, desk, hours=23)
    town.alliance.passes(hours=2)
    town.alliance.cuts()

    desk.follows()

    said = "signed" if len(desk.signed) == 2 else "no cut is signed"
    alarms = ", ".join(alarm.kind for alarm in desk.follower.ledger.alarms())
    said += f", and the custodian's alarm is raised: {alarms}"
    new = desk.hears(town.north.asks(LI))
    scene.ends(reached=bool(old.total and new.total and old.total - new.total == OWES["东桥"]), seen=said)


def nobody_is_waited_for(*_: object, **__: object) -> list[str]:
    """Look after nothing that was handed in."""
    return []


@attack(
    "starvation by a swallowed chunk",
    by="hub, for member North",
    goal="East's amount is old minus new",
    stopped="2026-11-04: the feed lacks statements that were handed in by 东桥",
    off={"custodian.handed_in.settle": nobody_is_waited_for},
)
def test_the_hub_swallows_a_renewal(scene: Scene, town: Lenders, desk: Desk) -> None:
    """East renews; the hub takes the chunk and never shows it. East sees that and hands it to a custodian."""
    old = desk.hears(town.north.asks(LI))
    true_time_passes(town, desk, days=2)
    others_renew(town)
    true_time_passes(town, desk, hours=22)
    swallowed = town.east.signs(town.east.chunk([town.east.record(LI, "1", outstanding=OWES["东桥"])]))
    desk.follows()
    with closing(state.open_state(desk.follower.state_path)) as db:
        member = state.get_member(db, town.east.name)
        handed_in.require_sound(town.alliance.key_set, member, swallowed, desk.now)
        assert handed_in.take(desk.follower.ledger, db, member, swallowed, desk.now) is None
    true_time_passes(town, desk, hours=3)
    town.alliance.cuts()

    said = desk.follows()

    new = desk.hears(town.north.asks(LI))
    scene.ends(reached=bool(old.total and new.total and old.total - new.total == OWES["东桥"]), seen=said)


def is_never_over(*_: object) -> bool:
    """Sign for every period, however long ago."""
    return False


@attack(
    "cut of a period that is over",
    by="hub",
    goal="the hub chooses a day's cohort on the day after",
    stopped="2026-11-02: the period is over",
    off={"custodian.clocks.is_over": is_never_over},
)
def test_a_period_is_cut_when_it_is_over(scene: Scene, town: Lenders, desk: Desk) -> None:
    """The hub has stamped nothing since yesterday; now it stamps a cut as if it had been made then."""
    town.alliance.passes(days=1)
    town.alliance.cuts()
    true_time_passes(town, desk, days=1)

    said = desk.follows()

    scene.ends(reached=len(desk.signed) == 2, seen=said)
