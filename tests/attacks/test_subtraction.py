"""Old minus new is one lender's amount: whoever can take a record out of a total at will can read it."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import msgspec
import pytest

from custodian import state
from custodian.state.permission import EffectiveCut
from privacy.encoding import b64, parse_instant
from privacy.keyset import Predecessor
from tests.attacks.alliance import OWES, Lenders, gather, lenders, reason
from tests.attacks.attack import Scene, attack
from tests.feeds import Alliance

OUTSIDER = OWES["东桥"]
"""East is the victim in every one of these."""

NEXT_DAYS = ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06", "2026-11-07", "2026-11-08"]


def here_and_now(db: sqlite3.Connection, position: int) -> EffectiveCut:
    """Judge by what is live at the position asked, as if there were no cuts."""
    (stamp,) = db.execute("SELECT stamp FROM entries WHERE position = ?", (position,)).fetchone()
    return EffectiveCut(position, "2026-11-01", parse_instant(stamp))


@attack(
    "subtraction after a {end}",
    by="member North, asking twice in a period",
    goal="East's amount is old minus new",
    stopped="withheld: changed",
    off={"custodian.state.permission.find_effective_cut": here_and_now},
)
@pytest.mark.parametrize("end", ["settlement", "withdrawal"])
def test_a_record_that_ends_within_a_period(scene: Scene, end: str) -> None:
    """Li pays East back. The total before and the total after, an hour apart, would differ by that."""
    town = lenders()
    old = town.hear()
    {"settlement": town.east.settles, "withdrawal": town.east.withdraws}[end]("1")

    new = town.hear()

    scene.ends(reached=old.total is not None and old.total - (new.total or 0) == OUTSIDER, seen=new)


def at_once(db: sqlite3.Connection, position: int) -> int:
    """Let a blocked record out without waiting for cuts."""
    return position


@attack(
    "subtraction by {means}",
    by="hub and secretariat, for member North",
    goal="East's amount is old minus new",
    stopped="withheld: changed",
    off={"custodian.state.live._sixth_newest_cut": at_once},
)
@pytest.mark.parametrize("means", ["hold", "suspension"])
def test_removal_by_the_secretariat(scene: Scene, means: str) -> None:
    """The secretariat takes East out of the total, and the next cut shows what is missing."""
    town = lenders()
    old = town.hear()
    if means == "hold":
        town.alliance.holds(town.east, "1")
    else:
        town.alliance.suspends(town.east)
    town.watch.opens_period(days=1)

    new = town.hear()

    scene.ends(reached=old.total is not None and old.total - (new.total or 0) == OUTSIDER, seen=new)


def cut(town: Lenders, period: str) -> str:
    """Have the hub cut under a period's name and all custodians sign; return what became of the cut."""
    town.alliance.cuts(period)
    said = reason(town.watch)
    body = state.cut_to_sign(town.watch.db, 1)
    if body is not None:
        town.alliance.signs_cut(body)
        town.watch.follows()
    return said


@attack(
    "second cut in a period",
    by="hub, for member North",
    goal="East's amount is old minus new",
    stopped="void: period",
    off="custodian.state.cuts._require_period",
)
def test_a_second_cut_within_the_period(scene: Scene) -> None:
    """An hour after East's contract is settled the hub cuts again, and calls the same day tomorrow."""
    town = lenders()
    old = town.hear()
    town.alliance.passes(hours=1)
    town.east.settles("1")
    said = cut(town, NEXT_DAYS[0])

    new = town.hear_of(NEXT_DAYS[0])

    scene.ends(reached=old.total is not None and old.total - (new.total or 0) == OUTSIDER, seen=said)


@attack(
    "six cuts in a row",
    by="hub and secretariat, for member North",
    goal="a hold removes East within one night",
    stopped="void: period",
    off="custodian.state.cuts._require_period",
)
def test_six_cuts_in_one_night(scene: Scene) -> None:
    """A hold blocks for six periods; a hub that cuts six times in a row has them over in an hour."""
    town = lenders()
    old = town.hear()
    town.alliance.holds(town.east, "1")
    for period in NEXT_DAYS:
        town.alliance.now += timedelta(minutes=5)
        said = cut(town, period)

    new = town.hear_of(NEXT_DAYS[-1])

    scene.ends(reached=old.total is not None and old.total - (new.total or 0) == OUTSIDER, seen=said)


def follows_nothing(*_: object) -> bool:
    """Ask no period which came before it in another epoch."""
    return True


@attack(
    "one period in two epochs",
    by="hub, for member North",
    goal="East's amount is what opened in the last epoch minus what opens in this one",
    stopped="void: period_taken",
    off={"custodian.state.cuts._follows_predecessor": follows_nothing},
)
def test_a_period_of_the_last_epoch_is_cut_again(scene: Scene) -> None:
    """The successor's feed is empty at first. All but East have submitted, and the day is not over."""
    last = lenders()
    old = last.hear()
    alliance = Alliance()
    key_set = last.alliance.key_set
    ended = Predecessor(
        epoch=1, key_set=b64(key_set.digest), position=9, head=b64(bytes(32)), period="2026-11-01"
    )
    alliance.key_set = msgspec.structs.replace(key_set, predecessor=ended)
    town = gather(alliance, without="东桥")
    alliance.passes(hours=1)

    said = cut(town, "2026-11-01")

    new = town.hear()
    scene.ends(reached=bool(old.total and new.total and old.total - new.total == OUTSIDER), seen=said)
