"""The end of an epoch: which key set follows, and that nothing is appended any more."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.feed import service as feed
from alliance_hub.feed.models import FeedRow
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from privacy.keyset import Predecessor
from privacy.statements import Acceptance
from tests.alliance_hub.builders import Ceremony, Clock, final_head, seed, succeed
from tests.alliance_hub.conftest import Join
from tests.alliance_hub.feed.conftest import Hear

ADDRESS = "https://next.example"


@pytest.fixture
def end(session: Session, hub: Hub, cut_all: Callable[[], FeedRow]) -> Predecessor:
    """How a successor names where this feed ends: with the cut of November."""
    cut_all()
    head = feed.head(session)
    return final_head(hub.key_set, position=head.position, head=head.root, period="2026-11")


@pytest.fixture
def following(ceremony: Ceremony, end: Predecessor) -> Ceremony:
    """The keys of the next epoch."""
    return succeed(ceremony, end)


def test_the_epoch_ends_where_its_successor_says(
    session: Session, hub: Hub, clock: Clock, following: Ceremony
) -> None:
    assert feed.find_successor(session) is None
    feed.require_open(session)

    for _ in range(2):
        feed.set_successor(session, hub, following.signed, ADDRESS, now=clock())

    found = feed.find_successor(session)
    assert found is not None
    assert (found.key_set, found.address) == (following.signed, ADDRESS)


def test_nothing_is_appended_any_more(
    session: Session, hub: Hub, clock: Clock, join: Join, following: Ceremony, hear: Hear
) -> None:
    feed.set_successor(session, hub, following.signed, ADDRESS, now=clock())
    position = feed.head(session).position
    acts: list[Callable[[], object]] = [
        lambda: feed.cut(session, hub, clock.move(days=30)),
        lambda: join("South Credit"),
        lambda: hear(1, Acceptance(enrolment="A" * 43)),
    ]
    for act in acts:
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.slug == "closed"
    assert feed.head(session).position == position


def test_a_head_that_the_feed_had_before_will_do(
    session: Session, hub: Hub, clock: Clock, join: Join, ceremony: Ceremony, end: Predecessor
) -> None:
    """While custodians held the ceremony, somebody may have said something; it is lost with the epoch."""
    join()

    feed.set_successor(session, hub, succeed(ceremony, end).signed, ADDRESS, now=clock())

    assert feed.find_successor(session) is not None


@pytest.mark.parametrize("changes", [{"head": "A" * 43}, {"position": 1}, {"position": 10_000}])
def test_another_feeds_head_is_refused(
    session: Session,
    hub: Hub,
    clock: Clock,
    ceremony: Ceremony,
    end: Predecessor,
    changes: dict[str, object],
) -> None:
    named = msgspec.structs.replace(end, **changes)

    with pytest.raises(Invalid) as refused:
        feed.set_successor(session, hub, succeed(ceremony, named).signed, ADDRESS, now=clock())

    assert refused.value.field == "predecessor.head"


@pytest.mark.parametrize("period", [None, "2026-10"])
def test_a_period_that_was_begun_here_is_not_left_to_the_next(
    session: Session, hub: Hub, clock: Clock, ceremony: Ceremony, end: Predecessor, period: str | None
) -> None:
    named = msgspec.structs.replace(end, period=period)

    with pytest.raises(Invalid) as refused:
        feed.set_successor(session, hub, succeed(ceremony, named).signed, ADDRESS, now=clock())

    assert refused.value.field == "predecessor.period"


def test_too_few_endorsements(
    session: Session, hub: Hub, clock: Clock, ceremony: Ceremony, end: Predecessor
) -> None:
    with pytest.raises(Invalid, match="2 custodians of epoch 1 must endorse"):
        feed.set_successor(session, hub, succeed(ceremony, end, endorsers=[2]).signed, ADDRESS, now=clock())


def test_there_is_one_successor(
    session: Session, hub: Hub, clock: Clock, ceremony: Ceremony, end: Predecessor, following: Ceremony
) -> None:
    feed.set_successor(session, hub, following.signed, ADDRESS, now=clock())

    for key_set, address in [
        (succeed(ceremony, end).signed, ADDRESS),
        (following.signed, "https://elsewhere.example"),
    ]:
        with pytest.raises(Conflict) as refused:
            feed.set_successor(session, hub, key_set, address, now=clock())
        assert refused.value.slug == "succeeded"


def test_the_next_epoch_opens_no_period_again(
    session: Session, hub: Hub, clock: Clock, ceremony: Ceremony
) -> None:
    """The hub of the next epoch, on its own empty feed, in November and then in December."""
    named = final_head(ceremony.key_set, position=9, head=seed("end"), period="2026-11")
    following = succeed(ceremony, named)
    next_hub = dataclasses.replace(hub, signed_key_set=following.signed, keys=following.hub_keys)

    with pytest.raises(Conflict) as refused:
        feed.cut(session, next_hub, clock())
    assert refused.value.slug == "period-has-cut"

    feed.cut(session, next_hub, clock.move(days=30))
    cut = feed.newest_cut(session)
    assert cut is not None
    assert cut.period == "2026-12"


def test_an_applicant_still_hears_where_it_stands(
    session: Session, hub: Hub, clock: Clock, following: Ceremony
) -> None:
    """Reading goes on: members must find the way to the next epoch."""
    feed.set_successor(session, hub, following.signed, ADDRESS, now=clock())
    assert list(feed.stream_after(session, 0, 100))
    assert membership.list_members(session) == []
