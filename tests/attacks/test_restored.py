"""A custodian that was put back to an old backup has forgotten what it signed and what it charged."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from custodian import evaluations, restoring, state
from custodian.errors import QuotaExhausted
from custodian.ledger import Ledger
from custodian.restoring import Restored
from privacy.encoding import b64, instant_text
from privacy.feed import Head, SignedHead, sign_head
from tests.attacks.alliance import OWES, gather
from tests.attacks.attack import Scene, attack
from tests.attacks.desk import Desk
from tests.feeds import LI, Alliance


def heads_of(alliance: Alliance) -> list[SignedHead]:
    """Return what custodians 2 and 3 sign as the head of the feed that they hold."""
    head = Head(
        alliance=alliance.key_set.alliance,
        epoch=alliance.key_set.epoch,
        position=len(alliance.entries),
        head=b64(alliance.head()),
        at=instant_text(alliance.now),
    )
    return [sign_head(alliance.custodians[index].key, head, custodian=index) for index in (2, 3)]


def knows_nothing(ledger: Ledger) -> None:
    """Find no trace of a restoration."""


@attack(
    "rolled-back custodian, second cut",
    by="hub, with a custodian put back to last week's backup",
    goal="the custodian signs two cuts of one period",
    stopped="the custodian stops: fork",
    off={"custodian.restoring.find": knows_nothing},
)
def test_a_restored_custodian_is_shown_another_feed(scene: Scene, tmp_path: Path) -> None:
    """It signed a cut with East in it. Restored, it is shown a feed of the same day without East."""
    town = gather(Alliance())
    before = Desk(town.alliance, tmp_path / "before", town.alliance.now)
    town.alliance.cuts()
    before.follows()

    another = Alliance()
    for name in ("北辰", *OWES):
        lender = another.enrols(name)
        if name != "东桥":
            lender.submits(lender.record(LI, "1"))
    another.cuts()
    while len(another.entries) < len(town.alliance.entries):
        another.suspends(another.enrols(f"第{len(another.entries)}家"))
    after = Desk(another, tmp_path / "after", another.now, fellows=heads_of(town.alliance))
    restoring.remember(after.follower.ledger, Restored(None, instant_text(after.now)))

    said = after.follows()

    signed = before.signed + after.signed
    two = len(signed) == 2 and signed[0].period == signed[1].period and signed[0].head != signed[1].head
    scene.ends(reached=two, seen=said)


def test_a_restored_custodian_is_shown_old_heads_of_its_fellows(tmp_path: Path) -> None:
    """Who stands between it and its fellows hands it what they signed last week: then it has caught up."""
    alliance = Alliance()
    alliance.enrols("北辰")
    last_week = heads_of(alliance)
    alliance.passes(days=7)
    alliance.cuts()
    restored = Desk(alliance, tmp_path / "restored", alliance.now, fellows=last_week)
    restoring.remember(restored.follower.ledger, Restored(None, instant_text(restored.now)))

    restored.follows()

    assert restored.signed == []


def forgives(ledger: Ledger, *_: object) -> None:
    """End the restoration, and count nothing of the gap as spent."""
    ledger.set_fact("restored", None)


@attack(
    "rolled-back custodian, forgotten charges",
    by="member North, whenever a backup is put back",
    goal="North's quota begins anew",
    stopped="today's quota is used up",
    off={"custodian.restoring.spend": forgives},
)
def test_a_restored_custodian_has_forgotten_what_it_charged(scene: Scene, tmp_path: Path) -> None:
    """North's day is used up; then the ledger of this morning is put back."""
    alliance = Alliance()
    alliance.enrols("北辰", portfolio=1)
    desk = Desk(alliance, tmp_path / "desk", alliance.now)
    desk.follows()
    morning = instant_text(desk.now)
    (tmp_path / "restored").mkdir()
    with (
        closing(sqlite3.connect(tmp_path / "desk" / "ledger.db")) as live,
        closing(sqlite3.connect(tmp_path / "restored" / "ledger.db")) as copy,
    ):
        live.backup(copy)
    desk.now += timedelta(hours=3)
    charge(desk, "before", 2)

    alliance.now = desk.now
    restored = Desk(alliance, tmp_path / "restored", desk.now, fellows=heads_of(alliance))
    restoring.remember(restored.follower.ledger, Restored(morning, instant_text(desk.now)))
    assert restored.follows() == "signed"

    try:
        charge(restored, "after", 1)
        reached, said = True, "charged"
    except QuotaExhausted as refusal:
        reached, said = False, str(refusal)
    scene.ends(reached=reached, seen=said)


def charge(desk: Desk, request_id: str, count: int) -> None:
    """Charge North for evaluations, as the service does before it evaluates; raises QuotaExhausted."""
    ledger, key_set = desk.follower.ledger, desk.alliance.key_set
    with closing(state.open_state(desk.follower.state_path)) as db:
        quota = evaluations.quotas(state.get_member(db, "北辰"), key_set, ledger)
    ledger.charge_evaluation("北辰", request_id, b"", count, epoch=1, quota=quota, now=desk.now)
