"""A hub keeps the feed: it may show each custodian another one, leave out, date back and swap."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from custodian import state
from custodian.errors import DeliveryFault, Stopped
from custodian.state import cuts, feed
from custodian.state.act import Act
from custodian.state.delivery import Delivery
from privacy.encoding import parse_instant, unb64
from privacy.feed import FeedEntry, feed_leaf
from privacy.keyset import Policy
from privacy.merkle import Frontier
from privacy.statements import Cut, CutSignature
from tests.attacks.alliance import OWES, Heard, gather, hear, lenders
from tests.attacks.attack import Scene, attack
from tests.custodian.conftest import Office
from tests.custodian.state.watch import Watch
from tests.feeds import BY_THE_DAY, LI, ZHANG, Alliance, Borrower, Member


def two_suffice(act: Act, body: CutSignature) -> None:
    """Count signatures under a cut against the threshold, as everywhere else."""
    few: Any = SimpleNamespace(count=act.key_set.threshold)
    cuts.cut_signature(dataclasses.replace(act, key_set=few), body)


@attack(
    "forked feed",
    by="hub and custodian 3, for member North",
    goal="East's amount is what opens on one feed minus what opens on the other",
    stopped="refused: no-period",
    off={"custodian.state.feed._RULES": feed._RULES | {CutSignature: two_suffice}},
    stands_in=("custodian.state.cuts.cut_signature",),
)
def test_two_custodians_are_shown_two_feeds(scene: Scene) -> None:
    """Custodian 1 hears of East's contract and custodian 2 does not; custodian 3 signs and opens on both."""
    one = heard_on_a_feed(OWES, honest=1)
    other = heard_on_a_feed([name for name in OWES if name != "东桥"], honest=2)

    difference = (one.total or 0) - (other.total or 0)
    scene.ends(reached=difference == OWES["东桥"], seen=one)


def heard_on_a_feed(others: Iterable[str], *, honest: int) -> Heard:
    """Tell one honest custodian of these lenders; it and custodian 3 sign the cut and open for North."""
    alliance = Alliance()
    north = alliance.enrols("北辰")
    north.agrees()
    north.submits(north.record(LI, "1"))
    for each in map(alliance.enrols, others):
        each.submits(each.record(LI, "1", outstanding=OWES[each.name]))
    alliance.cuts()
    watch = Watch(alliance)
    watch.follows()
    body = state.cut_to_sign(watch.db, honest)
    assert body is not None
    alliance.signs_cut(body, by=(honest, 3))
    return hear(watch, north.asks(LI), by=(honest, 3))


@attack(
    "feed {how}",
    by="hub",
    goal="the hub takes back what it delivered, and the custodian goes on",
    stopped="the custodian stops: fork",
    off="custodian.state.check_heartbeat",
)
@pytest.mark.parametrize("how", ["told anew", "truncated"])
def test_the_hub_signs_another_past(scene: Scene, office: Office, how: str) -> None:
    """The hub delivered one feed, and signs another of the same length, or a shorter one."""
    office.alliance.enrols("北辰")
    office.custodian.follow()
    another = Alliance()
    another.enrols("南山")
    signed = another.heartbeat() if how == "told anew" else office.alliance.heartbeat(1)
    office.hub.lines = office.hub.feed([], signed)

    try:
        office.custodian.follow()
        said = "the custodian goes on"
    except Stopped:
        said = f"the custodian stops: {office.custodian.ledger.alarms()[0].kind}"

    scene.ends(reached=said == "the custodian goes on", seen=said)


def trusting(db: sqlite3.Connection, entry: FeedEntry) -> Delivery:
    """Take what the hub delivers as the next entry, whatever its position, stamp and records."""
    (frontier,) = db.execute("SELECT frontier FROM feed").fetchone()
    leaf = feed_leaf(entry.position, entry.stamp, unb64(entry.salt), entry.statement.digest())
    grown = Frontier.decode(frontier).append(leaf).encode()
    db.execute("UPDATE feed SET position = ?, stamp = ?, frontier = ?", (entry.position, entry.stamp, grown))
    leaves = [record.leaf() for record in entry.records or ()]
    return Delivery(entry, parse_instant(entry.stamp), entry.statement.digest(), leaves)


TRUSTING = {"custodian.state.delivery.receive": trusting}


def delivered(watch: Watch, entries: Iterable[FeedEntry]) -> str:
    """Deliver entries as the hub would have them; return how far the custodian went along."""
    try:
        with watch.db:
            for entry in entries:
                state.apply(watch.db, watch.alliance.key_set, entry)
    except DeliveryFault as fault:
        return f"the custodian stops: {fault.reason}"
    return "the custodian goes on"


@attack(
    "statement left out",
    by="hub, for member North",
    goal="Li's total opens though East has settled",
    stopped="the custodian stops: position",
    off=TRUSTING,
)
def test_a_settlement_is_left_out(scene: Scene) -> None:
    """East's settlement would close the subject; the hub goes on behind it."""
    town = lenders()
    town.east.settles("1")
    town.alliance.suspends(town.alliance.enrols("某家"))
    kept = [entry for entry in town.alliance.entries if entry.statement.statement.author != town.east.author]
    here = state.head(town.watch.db).position

    said = delivered(town.watch, [entry for entry in kept if entry.position > here])

    at = state.head(town.watch.db).position
    opens = state.judge(town.watch.db, town.alliance.key_set, town.north.asks(LI), at).contributions != []
    scene.ends(reached=opens and at == len(town.alliance.entries), seen=said)


@attack(
    "cut dated back",
    by="hub, for member North",
    goal="records that expired days ago open",
    stopped="the custodian stops: stamp",
    off=TRUSTING,
)
def test_a_cut_is_dated_back(scene: Scene) -> None:
    """All the others let their records expire. The hub cuts as if it were still the second day."""
    policy: Policy = msgspec.structs.replace(BY_THE_DAY, record_days=3)
    town = lenders(policy)
    second_day = town.alliance.now + timedelta(days=1)
    town.alliance.passes(days=4)
    town.north.submits(town.north.record(LI, "1"))
    town.watch.follows()
    signed = town.alliance.hub.signs(Cut(period="2026-11-02"), signed_at=second_day)
    entry = town.alliance.appends(town.alliance.hub.said(signed), stamp=second_day)

    said = delivered(town.watch, [entry])

    scene.ends(reached=opens_late(town.watch, town.north), seen=said)


def opens_late(watch: Watch, north: Member) -> bool:
    """Say whether a second period took effect, and Li opens in it."""
    body = state.cut_to_sign(watch.db, 1)
    if body is None:
        return False
    delivered(watch, watch.alliance.signs_cut(body))
    return hear(watch, north.asks(LI, period=body.period)).total == sum(OWES.values())


@attack(
    "records swapped under a signed chunk",
    by="hub, for member North",
    goal="West is counted for a debtor whom it never had",
    stopped="the custodian stops: records",
    off=TRUSTING,
)
def test_a_record_is_moved_to_another_debtor(scene: Scene) -> None:
    """Only East holds Zhang. The hub delivers West's contract with somebody else under Zhang's pseudonym."""
    town = lenders()
    town.alliance.passes(days=1)
    town.north.submits(town.north.record(ZHANG, "2"))
    town.east.submits(town.east.record(ZHANG, "2", outstanding=70_00))
    town.watch.follows()
    entry = town.west.submits(town.west.record(Borrower("赵"), "2", outstanding=0))
    (record,) = entry.records or ()
    moved = msgspec.structs.replace(record, pseudonym=ZHANG.pseudonym, standing_key=ZHANG.standing_key)

    said = delivered(town.watch, [msgspec.structs.replace(entry, records=(moved,))])

    if said == "the custodian goes on":
        town.watch.opens_period()
    scene.ends(reached=hear(town.watch, town.north.asks(ZHANG)).total == 70_00, seen=said)


@attack(
    "feed reordered",
    by="hub",
    goal="the custodian signs another state at the cut than its fellows",
    stopped="the custodian stops: position",
    off=TRUSTING,
)
def test_a_cut_comes_before_what_it_should_hold(scene: Scene) -> None:
    """The cut behind East's chunk is delivered before it."""
    town = gather(Alliance())
    town.watch.follows()
    misled = Watch(town.alliance)
    misled.follows()
    town.east.submits(town.east.record(ZHANG, "2"))
    town.alliance.cuts()

    said = delivered(misled, town.alliance.entries[-2:][::-1])

    town.watch.follows()
    honest, other = (state.cut_to_sign(each.db, 1) for each in (town.watch, misled))
    assert honest is not None
    scene.ends(reached=other is not None and other.state_digest != honest.state_digest, seen=said)
