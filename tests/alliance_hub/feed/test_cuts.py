"""Cuts: one a period, early in it, in effect once all custodians have signed the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from privacy.encoding import b64
from tests.alliance_hub.builders import Clock, seed
from tests.alliance_hub.feed.conftest import Sign


def test_a_cut_names_the_period_in_shanghai_and_the_feed_up_to_itself(
    session: Session, hub: Hub, clock: Clock
) -> None:
    clock.at = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)
    row = feed.cut(session, hub, clock())
    cut = feed.newest_cut(session)

    assert cut is not None
    assert (cut.period, cut.position, cut.stamp) == ("2026-11", row.position, clock())
    assert cut.head == feed.head(session).root
    assert (row.author, row.type) == ("hub", "cut")


def test_there_is_no_cut_at_first(session: Session) -> None:
    assert feed.newest_cut(session) is None
    assert feed.newest_effective_cut(session) is None


def test_a_cut_takes_effect_where_the_last_custodian_signs(
    session: Session, hub: Hub, clock: Clock, sign: Sign
) -> None:
    feed.cut(session, hub, clock())
    for index in (3, 1):
        sign(index)
        assert feed.newest_effective_cut(session) is None
    clock.move(hours=1)
    last = sign(2)

    effective = feed.newest_effective_cut(session)

    assert effective is not None
    assert (effective.effective_position, effective.effective_at) == (last.position, last.stamp)
    assert effective.state_digest == seed("state")
    assert [signature.custodian for signature in feed.signatures_of(session, effective)] == [1, 2, 3]


def test_custodians_that_compute_different_states_give_no_cut(
    session: Session, hub: Hub, clock: Clock, sign: Sign
) -> None:
    cut = feed.cut(session, hub, clock())
    sign(1)
    sign(2, state_digest=b64(seed("another state")))
    sign(3)

    newest = feed.newest_cut(session)
    assert newest is not None
    assert newest.position == cut.position
    assert feed.missing_signatures(session, hub.key_set, newest) == []
    assert feed.newest_effective_cut(session) is None


def test_who_has_not_signed_is_known(session: Session, hub: Hub, clock: Clock, sign: Sign) -> None:
    feed.cut(session, hub, clock())
    sign(2)

    newest = feed.newest_cut(session)
    assert newest is not None
    assert feed.missing_signatures(session, hub.key_set, newest) == [1, 3]


def test_until_the_next_cut_is_signed_the_old_one_stands(
    session: Session, hub: Hub, clock: Clock, sign: Sign
) -> None:
    first = feed.cut(session, hub, clock())
    for index in (1, 2, 3):
        sign(index)
    clock.move(days=30)
    second = feed.cut(session, hub, clock())

    newest, effective = feed.newest_cut(session), feed.newest_effective_cut(session)

    assert newest is not None
    assert effective is not None
    assert (newest.position, effective.position) == (second.position, first.position)


def test_a_period_has_one_cut(session: Session, hub: Hub, clock: Clock) -> None:
    feed.cut(session, hub, clock())

    with pytest.raises(Conflict, match="wait until 2026-11-30T16:00:00Z") as refused:
        feed.cut(session, hub, clock.move(days=20))

    assert refused.value.slug == "period-has-cut"
    assert refused.value.extra == {"period": "2026-11", "next_period_at": "2026-11-30T16:00:00Z"}


def test_another_head_is_a_fork_and_is_refused(session: Session, hub: Hub, clock: Clock, sign: Sign) -> None:
    feed.cut(session, hub, clock())

    with pytest.raises(Conflict) as refused:
        sign(1, head=b64(seed("another feed")))

    assert refused.value.slug == "fork"


def test_a_custodian_signs_a_cut_once(session: Session, hub: Hub, clock: Clock, sign: Sign) -> None:
    feed.cut(session, hub, clock())
    sign(1)

    with pytest.raises(Conflict) as refused:
        sign(1, state_digest=b64(seed("a second thought")))

    assert refused.value.slug == "already-signed"


@pytest.mark.parametrize("changes", [{"position": 7}, {"period": "2026-12"}])
def test_a_signature_names_a_cut_that_stands(
    session: Session, hub: Hub, clock: Clock, sign: Sign, changes: dict[str, object]
) -> None:
    feed.cut(session, hub, clock())

    with pytest.raises(Invalid) as refused:
        sign(1, **changes)

    assert refused.value.field == "statement.body.position"
