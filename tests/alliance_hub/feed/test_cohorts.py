"""What custodians commit to of a period that is over: once each, and not before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, NotFound
from alliance_hub.feed import service as feed
from alliance_hub.feed.models import CohortsRow, FeedRow
from alliance_hub.hub import Hub
from privacy.encoding import b64
from privacy.statements import Cohorts
from tests.alliance_hub.builders import Clock, seed
from tests.alliance_hub.feed.conftest import Hear, Sign


def of(period: str) -> Cohorts:
    return Cohorts(period=period, root=b64(seed("root")), size=2)


@pytest.fixture
def december(session: Session, clock: Clock, cut_all: Callable[[], FeedRow]) -> None:
    """Two periods have begun, and both cuts are effective."""
    cut_all()
    clock.move(days=30)
    cut_all()


@pytest.mark.usefixtures("december")
def test_each_custodian_commits_to_a_period_that_is_over(session: Session, hear: Hear) -> None:
    rows = [hear(index, of("2026-11")) for index in (2, 1)]

    kept = session.get(CohortsRow, (1, "2026-11"))
    assert kept is not None
    assert kept.position == rows[1].position
    found = feed.get_cohorts(session, rows[0].position)
    assert (found.author, found.type) == ("custodian/2", "cohorts")
    assert feed.statement_at(session, found.position).statement.body == of("2026-11")


@pytest.mark.usefixtures("december")
@pytest.mark.parametrize("period", ["2026-12", "2026-10", "2027-01"])
def test_not_while_it_runs_and_of_none_that_never_began(session: Session, hear: Hear, period: str) -> None:
    with pytest.raises(Conflict) as refused:
        hear(1, of(period))

    assert refused.value.slug == "period-runs"


def test_a_later_cut_that_is_not_effective_ends_no_period(
    session: Session, hub: Hub, clock: Clock, cut_all: Callable[[], FeedRow], hear: Hear, sign: Sign
) -> None:
    cut_all()
    clock.move(days=30)
    feed.cut(session, hub, clock())
    sign(1)

    with pytest.raises(Conflict) as refused:
        hear(1, of("2026-11"))

    assert refused.value.slug == "period-runs"


def test_a_cut_that_never_took_effect_had_no_cohorts(
    session: Session, hub: Hub, clock: Clock, cut_all: Callable[[], FeedRow], hear: Hear
) -> None:
    feed.cut(session, hub, clock())
    clock.move(days=30)
    cut_all()

    with pytest.raises(Conflict):
        hear(1, of("2026-11"))


@pytest.mark.usefixtures("december")
def test_nobody_commits_twice(session: Session, hear: Hear) -> None:
    hear(3, of("2026-11"))

    with pytest.raises(Conflict) as refused:
        hear(3, Cohorts(period="2026-11", root=b64(seed("a second thought")), size=1))

    assert refused.value.slug == "already-said"


@pytest.mark.usefixtures("december")
def test_where_another_statement_stands_there_is_none(session: Session) -> None:
    for position in (1, 0, 10_000, 2**70):
        with pytest.raises(NotFound):
            feed.get_cohorts(session, position)
