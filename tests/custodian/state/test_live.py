"""Which records count: expiry, and how long a hold or suspension keeps a record where it is."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from privacy.feed import FeedEntry
from privacy.keyset import Policy
from privacy.matching import Reason, Status
from tests.custodian.state.watch import Watch
from tests.feeds import BY_THE_DAY, LI, Alliance, Member

THREE_DAYS: Policy = msgspec.structs.replace(BY_THE_DAY, record_days=3)


def short_lived() -> tuple[Watch, Member]:
    """A member with contract "1", whose record expires three days after it was signed."""
    alliance = Alliance(THREE_DAYS)
    north = alliance.enrols("北辰")
    north.submits(north.record(LI, "1"))
    return Watch(alliance), north


def test_a_record_counts_until_its_last_second() -> None:
    watch, north = short_lived()
    for time, expected in (({"days": 3}, 1), ({"seconds": 1}, 0)):
        watch.alliance.passes(**time)
        watch.alliance.hub.says(north.enrolment_body())  # void: only so that the feed's clock moves
        assert watch.live("北辰") == expected


def test_a_newer_record_lives_anew() -> None:
    watch, north = short_lived()
    watch.alliance.passes(days=2)
    north.submits(north.record(LI, "1"))
    watch.alliance.passes(days=2)
    watch.alliance.cuts()
    assert watch.live("北辰") == 1


def test_an_expired_contract_comes_back_with_a_newer_record() -> None:
    watch, north = short_lived()
    watch.alliance.passes(days=10)
    watch.alliance.cuts()
    assert watch.live("北辰") == 0
    north.submits(north.record(LI, "1"))
    assert watch.live("北辰") == 1


BLOCKS: dict[str, tuple[Callable[[Member], FeedEntry], Callable[[Member], FeedEntry]]] = {
    "its member's hold": (lambda m: m.holds("1"), lambda m: m.releases("1")),
    "the secretariat's hold": (
        lambda m: m.alliance.holds(m, "1"),
        lambda m: m.alliance.releases(m, "1"),
    ),
    "a suspension": (lambda m: m.alliance.suspends(m), lambda m: m.alliance.resumes(m)),
}


@pytest.mark.parametrize(("begin", "end"), BLOCKS.values(), ids=BLOCKS)
def test_a_blocked_record_does_not_expire(
    begin: Callable[[Member], FeedEntry], end: Callable[[Member], FeedEntry]
) -> None:
    watch, north = short_lived()
    watch.alliance.passes(days=3)
    begin(north)
    watch.alliance.passes(days=10)
    watch.alliance.cuts()
    assert watch.live("北辰") == 1
    end(north)
    assert watch.live("北辰") == 0


@pytest.mark.parametrize(("begin", "end"), BLOCKS.values(), ids=BLOCKS)
def test_a_block_does_not_raise_the_dead(
    begin: Callable[[Member], FeedEntry], end: Callable[[Member], FeedEntry]
) -> None:
    watch, north = short_lived()
    watch.alliance.passes(days=3, seconds=1)
    begin(north)
    assert watch.live("北辰") == 0


@pytest.mark.parametrize(("begin", "end"), BLOCKS.values(), ids=BLOCKS)
def test_a_blocked_record_is_out_after_six_effective_cuts_until_it_is_released(
    begin: Callable[[Member], FeedEntry], end: Callable[[Member], FeedEntry]
) -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    north.submits(north.record(LI, "1"))
    watch.opens_period()  # before the block: does not count
    begin(north)
    counts = []
    for _ in range(6):
        alliance.passes(days=1)
        alliance.cuts()  # one that nobody signs: does not count
        counts.append(watch.live("北辰"))
        watch.opens_period(days=1)

    assert counts == [1] * 6
    assert watch.live("北辰") == 0
    end(north)
    assert watch.live("北辰") == 1


def test_of_two_blocks_the_earlier_counts() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    north.submits(north.record(LI, "1"))
    north.holds("1")
    for _ in range(6):
        watch.opens_period(days=1)
    alliance.holds(north, "1")
    assert watch.live("北辰") == 0
    north.releases("1")  # what stands now began after the sixth cut
    assert watch.live("北辰") == 1


def test_a_blocked_subject_opens_again_when_the_block_has_lasted_six_periods() -> None:
    alliance = Alliance()
    north, south, west = (alliance.enrols(name) for name in ("北辰", "南山", "西河"))
    east = alliance.enrols("东桥")
    watch = Watch(alliance)
    for member in (north, south, west, east):
        member.submits(member.record(LI, "1"))
    north.agrees()
    alliance.suspends(east)

    answers = []
    for _ in range(7):
        watch.opens_period(days=1)
        answers += watch.says(north.asks(LI))

    assert answers == [Reason.CHANGED] * 6 + [Status.OPEN]
