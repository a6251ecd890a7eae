"""Whether a manifest may be judged at all: each refusal by its slug."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import msgspec
import pytest

from custodian import state
from custodian.errors import Refused, Stale
from privacy.encoding import b64, instant_text
from privacy.errors import InvalidInputError
from privacy.matching import MatchRequest
from privacy.signing import SigningKey
from privacy.vocabulary import Category, Purpose
from tests.custodian.state.watch import Watch
from tests.feeds import LI, WANG, Alliance, Member, secret


class Story(NamedTuple):
    """An alliance with two members, an agreement and an effective cut."""

    watch: Watch
    north: Member
    south: Member

    @property
    def alliance(self) -> Alliance:
        return self.watch.alliance


@pytest.fixture
def story() -> Story:
    alliance = Alliance()
    north, south = alliance.enrols("北辰"), alliance.enrols("南山")
    north.submits(north.record(LI, "1"))
    north.agrees()
    watch = Watch(alliance)
    watch.opens_period()
    return Story(watch, north, south)


def refusal(watch: Watch, match: MatchRequest, at: int | None = None) -> str:
    with pytest.raises(Refused) as refused:
        watch.judges(match, at)
    return refused.value.slug


def test_what_is_asked_in_order_is_judged(story: Story) -> None:
    judgement = story.watch.judges(story.north.asks(LI))
    assert (judgement.period, judgement.cut_at) == ("2026-11-01", story.alliance.now)


REFUSED: dict[str, tuple[Callable[[Story], MatchRequest], str]] = {
    "another alliance": (lambda s: s.north.asks(LI, alliance="别的联盟"), "misdirected"),
    "another epoch": (lambda s: s.north.asks(LI, epoch=2), "misdirected"),
    "another key set": (lambda s: s.north.asks(LI, key_set=b64(bytes(32))), "misdirected"),
    "no member's name": (lambda s: s.north.asks(LI, member="无名"), "not-active"),
    "in another's name": (lambda s: s.north.asks(LI, member="南山"), "signature"),
    "no agreement of that name": (lambda s: s.north.asks(LI, agreement="北辰-2"), "agreement"),
    "a purpose not agreed": (lambda s: s.north.asks(LI, purpose=Purpose.LITIGATION.value), "purpose"),
    "a purpose that nobody knows": (lambda s: s.north.asks(LI, purpose="scoring"), "purpose"),
    "the next period": (lambda s: s.north.asks(LI, period="2026-11-02"), "period"),
    "the last period": (lambda s: s.north.asks(LI, period="2026-10-31"), "period"),
}


@pytest.mark.parametrize(("ask", "slug"), REFUSED.values(), ids=REFUSED)
def test_a_manifest_is_refused(story: Story, ask: Callable[[Story], MatchRequest], slug: str) -> None:
    assert refusal(story.watch, ask(story)) == slug


def test_a_manifest_changed_after_it_was_signed_is_refused(story: Story) -> None:
    asked = story.north.asks(LI)
    manifest = msgspec.structs.replace(asked.manifest, case="另一案")
    assert refusal(story.watch, msgspec.structs.replace(asked, manifest=manifest)) == "signature"


def test_a_subject_named_twice_is_invalid(story: Story) -> None:
    with pytest.raises(InvalidInputError, match="twice"):
        story.watch.judges(story.north.asks(LI, LI))


def test_a_standing_signature_is_missing(story: Story) -> None:
    asked = story.north.asks(LI, WANG)
    with pytest.raises(InvalidInputError, match="one standing signature"):
        story.watch.judges(msgspec.structs.replace(asked, standing=asked.standing[:1]))


@pytest.mark.parametrize("beyond", [1, 100])
def test_a_position_that_was_not_followed_yet_is_refused(story: Story, beyond: int) -> None:
    position = len(story.alliance.entries) + beyond
    assert refusal(story.watch, story.north.asks(LI), position) == "position"
    assert refusal(story.watch, story.north.asks(LI), 0) == "position"


def test_nobody_asks_under_anothers_agreement(story: Story) -> None:
    assert refusal(story.watch, story.south.asks(LI, agreement="北辰-1")) == "agreement"


def test_an_agreement_without_exposure_opens_nothing(story: Story) -> None:
    story.north.agrees(version=2, categories=(Category.REACHABILITY,))
    assert refusal(story.watch, story.north.asks(LI)) == "category"


def test_the_agreement_is_judged_at_the_position(story: Story) -> None:
    before = len(story.alliance.entries)
    story.north.agrees(version=2, purposes=(Purpose.LITIGATION,))
    asked = story.north.asks(LI)
    assert story.watch.judges(asked, before).verdicts
    assert refusal(story.watch, asked, before + 1) == "purpose"


def test_an_agreement_ends_by_the_stamp_of_the_position(story: Story) -> None:
    end = instant_text(story.alliance.now + timedelta(days=1))
    last = story.north.agrees(version=2, valid_until=end).position
    asked = story.north.asks(LI)
    assert story.watch.judges(asked, last).verdicts

    story.alliance.passes(days=1)
    story.alliance.cuts()

    assert refusal(story.watch, asked) == "agreement"
    assert story.watch.judges(asked, last).verdicts


def test_an_asker_that_is_not_active_at_the_head_is_refused_whatever_the_position(story: Story) -> None:
    before = len(story.alliance.entries)
    story.alliance.suspends(story.north)
    assert refusal(story.watch, story.north.asks(LI), before) == "not-active"
    story.alliance.resumes(story.north)
    assert story.watch.judges(story.north.asks(LI)).verdicts


def test_the_askers_key_is_the_one_in_force_at_the_head(story: Story) -> None:
    before = len(story.alliance.entries)
    asked = story.north.asks(LI)
    story.north.rotates("second")
    assert refusal(story.watch, asked, before) == "signature"
    assert story.watch.judges(story.north.asks(LI), before).verdicts


def test_a_strangers_signature_is_refused(story: Story) -> None:
    story.north.key = SigningKey(secret("stranger"))
    assert refusal(story.watch, story.north.asks(LI)) == "signature"


def test_before_the_first_effective_cut_there_is_no_period() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    north.agrees()
    watch = Watch(alliance)
    alliance.cuts()
    watch.follows()
    body = state.cut_to_sign(watch.db, 1)
    assert body is not None
    alliance.signs_cut(body, by=[1, 2])
    asked = north.asks(LI)
    assert refusal(watch, asked) == "no-period"
    alliance.signs_cut(body, by=[3])
    assert watch.judges(asked).verdicts


def stale(watch: Watch, match: MatchRequest, at: int) -> int:
    """Judge at an old position; return the one at which to ask again."""
    with pytest.raises(Stale) as refused:
        watch.judges(match, at)
    return refused.value.head.position


def test_a_position_before_the_newest_effective_cut_took_effect_is_stale(story: Story) -> None:
    """What ended before the cut before it may be forgotten: no cohort is put together from what is left."""
    first = story.north.asks(LI)
    story.alliance.passes(days=1)
    story.alliance.cuts()
    story.watch.follows()
    assert story.watch.judges(first).period == "2026-11-01"  # the new one is not effective yet

    body = state.cut_to_sign(story.watch.db, 1)
    assert body is not None
    story.alliance.signs_cut(body)
    effective = len(story.alliance.entries)
    story.alliance.suspends(story.south)

    assert refusal(story.watch, first) == "period"
    second = story.north.asks(LI)
    for asked in (first, second):
        assert stale(story.watch, asked, effective - 1) == effective + 1
        assert stale(story.watch, asked, 9) == effective + 1
    assert story.watch.judges(second, effective).period == "2026-11-02"
    assert refusal(story.watch, first, effective) == "period"


def test_who_is_refused_anyway_does_not_hear_that_it_is_stale(story: Story) -> None:
    position = len(story.alliance.entries)
    story.watch.opens_period(days=1)
    assert refusal(story.watch, story.south.asks(LI), position) == "agreement"
    story.alliance.suspends(story.north)
    assert refusal(story.watch, story.north.asks(LI), position) == "not-active"
