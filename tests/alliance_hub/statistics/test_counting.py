"""The log is counted once, in steps, and a page adds the few entries that came since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from alliance_hub.db import Database
from alliance_hub.hub import Hub
from alliance_hub.membership.models import Member, QuotaUse
from alliance_hub.membership.rules import MemberState
from alliance_hub.statistics import counting, service
from alliance_hub.statistics.models import ONLY_TALLY, TallyRow
from alliance_hub.statistics.rules import Figure
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import LogRow
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.conftest import Join

NOVEMBER = date(2026, 11, 1)


def tell(session: Session, clock: Clock, count: int, *, allowed: bool = True) -> None:
    """Write so many decided matches into the log."""
    for _ in range(count):
        facts = {"member": "North", "allowed": allowed, "clause": "validity", "subjects": 3}
        transparency.record_entry(session, "match", facts, now=clock())


def test_what_waits_is_counted_by_the_page(session: Session, hub: Hub, clock: Clock) -> None:
    tell(session, clock, 2)
    tell(session, clock, 1, allowed=False)
    transparency.record_entry(session, "proposal_made", {}, now=clock())

    figures = service.figures(session, since=NOVEMBER)

    assert figures.total(Figure.MATCHES, "allowed") == 2
    assert figures.total(Figure.SUBJECTS, "denied") == 3
    assert figures.by_label(Figure.DENIED) == [("validity", 1)]
    assert (figures.entry, figures.behind, figures.live_records) == (4, 0, None)


def test_the_worker_counts_every_entry_once(hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "STEP", 3)
    monkeypatch.setattr(counting, "WORTH_IT", 1)
    with hub.database.transaction() as session:
        tell(session, clock, 4)
        clock.move(days=1)
        tell(session, clock, 3)

    counting.count(hub, clock())
    counting.count(hub, clock())

    with hub.database.reading() as session:
        assert session.get_one(TallyRow, ONLY_TALLY).entry == 7
        figures = service.figures(session, since=NOVEMBER)
        # 18:00 UTC is the next day in Shanghai.
        starts = [date(2026, 11, 2), date(2026, 11, 3)]
        assert figures.series(Figure.MATCHES, "allowed", starts) == [4, 3]
        assert figures.total(Figure.MATCHES, "allowed", since=starts[1]) == 3
        assert (figures.live_records, figures.records_at) == (0, clock())


def test_too_many_for_a_page_are_left_to_the_worker(
    session: Session, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 2)
    tell(session, clock, 3)

    figures = service.figures(session, since=NOVEMBER)

    assert (figures.entry, figures.behind, figures.sums.total()) == (0, 3, 0)


def test_erased_entries_add_nothing(session: Session, hub: Hub, clock: Clock) -> None:
    tell(session, clock, 2)
    session.get_one(LogRow, 1).entry = None
    session.flush()

    assert service.figures(session, since=NOVEMBER).total(Figure.MATCHES, "allowed") == 1


def test_what_is_counted_long_ago_stays_out_of_a_page(session: Session, hub: Hub, clock: Clock) -> None:
    clock.at = datetime(2026, 1, 1, tzinfo=UTC)
    tell(session, clock, 2)
    counting.step(session)

    assert service.figures(session, since=NOVEMBER).sums.total() == 0
    assert service.figures(session, since=date(2026, 1, 1)).total(Figure.MATCHES, "allowed") == 2


def test_members_and_their_use_of_the_day(session: Session, hub: Hub, join: Join, clock: Clock) -> None:
    join("North")
    join("South", acceptances=1)
    today = clock() + timedelta(hours=8)
    for name, subjects in (("North", 40), ("South", 100)):
        session.add(QuotaUse(member=name, day=today.date(), subjects=subjects))
    session.flush()

    standing = service.standing(session)
    assert standing.members == {MemberState.ACTIVE: 1, MemberState.ADMITTED: 1}
    assert (standing.period, standing.jobs_waiting, standing.jobs_failed) == (None, 0, 0)
    south, north = service.busiest(session, today.date(), limit=5)
    # Four declared portfolios a day, of a hundred contracts.
    assert (south.member, south.used, south.limit, south.share) == ("South", 100, 400, 0.25)
    assert north.member == "North"
    assert session.get_one(Member, "North").declared_portfolio == 100


def test_both_databases_count_alike(
    either_database: Database, hub_on: Callable[[Database], Hub], clock: Clock
) -> None:
    hub = hub_on(either_database)
    with either_database.transaction() as session:
        tell(session, clock, 3)
        assert counting.step(session) == 3
        assert counting.step(session) == 0
        tell(session, clock, 1)
        counting.step(session)

    with hub.database.reading() as session:
        assert service.figures(session, since=NOVEMBER).total(Figure.MATCHES, "allowed") == 4
