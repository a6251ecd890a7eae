"""The feed's rules under attack: a hub that replays, reorders, re-dates and forks, told as short stories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from custodian import state
from custodian.errors import DeliveryFault, Fault, Forked, Stale
from custodian.state import VoidReason
from privacy.encoding import instant_text
from privacy.feed import FeedEntry
from privacy.keyset import Policy
from privacy.matching import Reason, Status
from privacy.periods import Period
from privacy.statements import Cut, Settlement, SignedStatement
from tests.custodian.state.watch import Watch
from tests.feeds import LI, WANG, Alliance, Member, Party

REAL = Policy.for_real_data(Period.DAY)


class Story:
    """North asks; South, West and East hold Li, and a first cut has taken effect."""

    def __init__(self) -> None:
        self.alliance = Alliance()
        names = ("北辰", "南山", "西河", "东桥")
        self.members = [self.alliance.enrols(name) for name in names]
        self.north, self.south, self.west, self.east = self.members
        for member in self.members:
            member.submits(member.record(LI, "1"), member.record(WANG, "2"))
        self.north.agrees()
        self.watch = Watch(self.alliance)
        self.watch.opens_period()

    def about_li(self) -> Status | Reason:
        return self.watch.says(self.north.asks(LI))[0]

    def replays(self, entry: FeedEntry) -> VoidReason | None:
        """The hub puts an old statement on the feed again; what becomes of it."""
        self.alliance.appends(entry.statement, entry.records)
        return self.watch.verdict()

    @contextmanager
    def another_feed(self) -> Iterator[None]:
        """What is said inside is on a feed that the hub shows to others; then all is as before."""
        parties: list[Party] = [
            *self.members,
            *self.alliance.custodians.values(),
            self.alliance.hub,
            self.alliance.secretariat,
        ]
        chains = [(party.sequence, party.previous) for party in parties]
        length, now = len(self.alliance.entries), self.alliance.now
        yield
        del self.alliance.entries[length:], self.alliance.leaves[length:]
        self.alliance.now = now
        for party, chain in zip(parties, chains, strict=True):
            party.sequence, party.previous = chain


@pytest.fixture
def story() -> Story:
    return Story()


# Replayed


HOLDS: dict[str, tuple[Callable[[Member], FeedEntry], Callable[[Member], FeedEntry]]] = {
    "its member's": (lambda member: member.holds("1"), lambda member: member.releases("1")),
    "the secretariat's": (
        lambda member: member.alliance.holds(member, "1"),
        lambda member: member.alliance.releases(member, "1"),
    ),
}


@pytest.mark.parametrize(("hold", "release"), HOLDS.values(), ids=HOLDS)
def test_an_old_release_is_replayed(
    story: Story, hold: Callable[[Member], FeedEntry], release: Callable[[Member], FeedEntry]
) -> None:
    hold(story.west)
    old = release(story.west)
    hold(story.west)
    story.watch.opens_period(days=1)
    assert story.replays(old) is VoidReason.SEQUENCE
    story.watch.opens_period(days=1)
    assert story.about_li() is Reason.CHANGED
    release(story.west)
    story.watch.opens_period(days=1)
    assert story.about_li() is Status.OPEN


def test_an_old_resumption_is_replayed(story: Story) -> None:
    story.alliance.suspends(story.north)
    old = story.alliance.resumes(story.north)
    story.alliance.suspends(story.north)
    assert story.replays(old) is VoidReason.SEQUENCE
    assert not state.get_member(story.watch.db, "北辰").active


def test_an_old_rotation_is_replayed(story: Story) -> None:
    """The second key leaked, so the member took a third; the hub would have the second back in force."""
    old = [story.south.rotates("second"), story.south.rotates("third", by=story.south.recovery)]
    story.south.rotates("fourth")
    in_force = story.south.key.public
    assert [story.replays(entry) for entry in old] == [VoidReason.SIGNATURE, VoidReason.SEQUENCE]
    assert state.get_member(story.watch.db, "南山").signing == in_force


def test_an_old_chunk_is_replayed(story: Story) -> None:
    entry = story.south.submits(story.south.record(WANG, "3"))
    story.south.settles("3")
    assert story.replays(entry) is VoidReason.SEQUENCE
    assert story.watch.live("南山") == 2


# Reordered, left out, swapped


def test_what_an_author_said_is_reordered(story: Story) -> None:
    first, second = (
        story.south.said(story.south.signs(Settlement(contract_ref=story.south.ref(number))))
        for number in "12"
    )
    for signed, expected in ((second, VoidReason.SEQUENCE), (first, None), (second, None)):
        story.alliance.appends(signed)
        assert story.watch.verdict() is expected


def test_what_an_author_said_is_left_out(story: Story) -> None:
    """The hub swallows a settlement: what its member says behind it is unheard, and the member sees that."""
    swallowed = story.south.said(story.south.signs(Settlement(contract_ref=story.south.ref("1"))))
    story.south.settles("2")
    assert story.watch.verdict() is VoidReason.SEQUENCE
    account = state.account(story.watch.db, "南山")
    assert account["next_sequence"] == swallowed.statement.sequence
    assert account["last_statements"][0]["reason"] == "sequence"


def test_the_feed_is_shown_shorter_or_with_another_end(story: Story) -> None:
    with story.another_feed():
        story.west.settles("1")
        story.watch.follows()
    shorter = story.alliance.heartbeat()
    with pytest.raises(Forked) as truncated:
        state.check_heartbeat(story.watch.db, story.alliance.key_set, shorter)
    assert truncated.value.reason is Fault.TRUNCATED

    story.west.settles("2")
    with pytest.raises(Forked) as forked:
        state.check_heartbeat(story.watch.db, story.alliance.key_set, story.alliance.heartbeat())
    assert forked.value.reason is Fault.FORKED


def test_positions_are_swapped_between_two_authors(story: Story) -> None:
    """Who settled first shows in the head: a custodian that was shown the other order sees a fork."""
    with story.another_feed():
        story.west.settles("1")
        story.south.settles("1")
        story.watch.follows()
    story.south.settles("1")
    story.west.settles("1")
    with pytest.raises(Forked):
        state.check_heartbeat(story.watch.db, story.alliance.key_set, story.alliance.heartbeat())


# Dated otherwise


@pytest.mark.parametrize("seconds", [-86_401, 86_401])
def test_a_statement_is_dated_beyond_a_day(story: Story, seconds: int) -> None:
    """A back-dated chunk would be older than it says, a future-dated one would never expire."""
    records = [story.south.record(WANG, "3")]
    at = story.alliance.now + timedelta(seconds=seconds)
    body = story.south.chunk(records)
    story.alliance.appends(story.south.said(story.south.signs(body, signed_at=at)), records)
    assert story.watch.verdict() is VoidReason.SIGNED_AT
    story.south.submits(*records)
    assert story.watch.verdict() is None


def test_the_hub_keeps_a_statement_for_days(story: Story) -> None:
    kept = story.south.said(story.south.signs(Settlement(contract_ref=story.south.ref("1"))))
    story.alliance.passes(days=1, seconds=1)
    story.alliance.appends(kept)
    assert story.watch.verdict() is VoidReason.SIGNED_AT


def test_the_hub_stamps_into_the_past(story: Story) -> None:
    story.alliance.appends(
        story.alliance.hub.signs(Cut(period="2026-10-31")),
        stamp=story.alliance.now - timedelta(seconds=1),
    )
    with pytest.raises(DeliveryFault) as fault:
        story.watch.follows()
    assert fault.value.reason is Fault.STAMP


# Cuts


CUTS: dict[str, tuple[dict[str, float], str | None, VoidReason]] = {
    "a second one in its period": ({"hours": 1}, None, VoidReason.PERIOD_TAKEN),
    "one of a period that is past": ({"days": 1}, "2026-11-01", VoidReason.PERIOD),
    "one of a period to come": ({"days": 1}, "2026-11-03", VoidReason.PERIOD),
    "one behind the first tenth": ({"days": 1, "hours": 2}, None, VoidReason.LATE),
}


@pytest.mark.parametrize(("time", "period", "expected"), CUTS.values(), ids=CUTS)
def test_a_cut_out_of_time(time: dict[str, float], period: str | None, expected: VoidReason) -> None:
    alliance = Alliance(REAL)
    watch = Watch(alliance)
    watch.opens_period()
    alliance.passes(**time)
    alliance.cuts(period)
    assert watch.verdict() is expected
    assert state.cut_to_sign(watch.db, 1) is None


def test_six_cuts_in_a_row_do_not_put_a_held_record_out(story: Story) -> None:
    """Old total minus new would be the record; so only cuts that all custodians signed count against it."""
    story.alliance.holds(story.west, "1")
    for _ in range(6):
        story.alliance.cuts()
        assert story.watch.verdict() is VoidReason.PERIOD_TAKEN
    for _ in range(6):
        story.alliance.passes(days=1)
        story.alliance.cuts()
        assert story.watch.verdict() is None
        body = state.cut_to_sign(story.watch.db, 1)
        assert body is not None
        story.alliance.signs_cut(body, by=[1, 3])  # the second sees by its clock that days did not pass
    assert story.watch.live("西河") == 2
    assert story.watch.says(story.north.asks(LI, period="2026-11-01")) == [Reason.CHANGED]


def test_two_custodians_are_shown_two_feeds_and_a_corrupt_third_signs_both(story: Story) -> None:
    """With West in one total and not in the other, the difference would be West's record."""
    first, second = story.watch, Watch(story.alliance)
    second.follows()

    def signs(watch: Watch, honest: int) -> SignedStatement:
        story.alliance.passes(days=1)
        story.alliance.cuts()
        watch.follows()
        body = state.cut_to_sign(watch.db, honest)
        assert body is not None
        entry, _ = story.alliance.signs_cut(body, by=[honest, 3])
        watch.follows()
        return entry.statement

    with story.another_feed():
        story.west.settles("1")
        with_west_gone = signs(first, honest=1)
    with story.another_feed():
        story.west.settles("9")  # void, and as long as the other
        with_west_there = signs(second, honest=2)
    relayed(first, story.alliance, with_west_there)
    relayed(second, story.alliance, with_west_gone)

    for watch, honest in ((first, 1), (second, 2)):
        newest, last = state.account(watch.db, "北辰")["cuts"]
        assert (newest["period"], newest["effective"], newest["signatures"]) == (
            "2026-11-02",
            False,
            [honest, 3],
        )
        assert last["effective"]


def relayed(watch: Watch, alliance: Alliance, signed: SignedStatement) -> None:
    """The hub puts the other honest custodian's signature on this custodian's feed as well."""
    here = state.head(watch.db)
    assert here.stamp is not None
    entry = FeedEntry(
        position=here.position + 1,
        stamp=instant_text(here.stamp),
        salt=alliance.entries[0].salt,
        statement=signed,
        records=None,
    )
    with watch.db:
        outcome = state.apply(watch.db, alliance.key_set, entry)
    assert outcome.valid  # well signed, and of this cut; it just does not agree


# Positions


def test_the_hub_names_an_old_position(story: Story) -> None:
    """So that an ended record still counts, or that a total of the last period opens beside the new one."""
    asked, before = story.north.asks(LI), len(story.alliance.entries)
    then = story.watch.judges(asked)
    story.west.settles("1")
    assert story.watch.judges(asked, before) == then != story.watch.judges(asked)  # the service compares
    story.watch.opens_period(days=1)
    with pytest.raises(Stale):
        story.watch.judges(asked, before)


REMOVALS: dict[str, Callable[[Story], object]] = {
    "held by the secretariat": lambda s: s.alliance.holds(s.west, "1"),
    "suspended": lambda s: s.alliance.suspends(s.west),
}


@pytest.mark.parametrize("remove", REMOVALS.values(), ids=REMOVALS)
def test_a_contributor_is_removed(story: Story, remove: Callable[[Story], object]) -> None:
    assert story.about_li() is Status.OPEN
    remove(story)
    assert story.about_li() is Reason.CHANGED
    for _ in range(5):
        story.watch.opens_period(days=1)
        assert story.about_li() is Reason.CHANGED
