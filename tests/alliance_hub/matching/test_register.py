"""A member's questions as a list: its own, allowed and denied, as the log tells them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.db import Database
from alliance_hub.errors import Forbidden, NotFound
from alliance_hub.matching import register
from alliance_hub.matching.register import Day, Wanted
from alliance_hub.membership import quotas
from alliance_hub.membership import service as membership
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import LogRow
from tests.alliance_hub.builders import Clock, Platform
from tests.alliance_hub.conftest import Join
from tests.alliance_hub.matching.story import Story

ALLOWED = {
    "member": "North",
    "subjects": 3,
    "purpose": "skip_trace",
    "agreement": "data-0001",
    "version": 2,
    "clause": "purposes.skip_trace",
    "allowed": True,
}


def note(session: Session, at: datetime, **changes: Any) -> None:
    transparency.record_entry(session, "match", ALLOWED | changes, now=at)


EVERY = Wanted()


def clauses(session: Session, wanted: Wanted = EVERY, member: str = "North") -> list[str]:
    page = register.list_page(session, member, wanted, offset=0, limit=10)
    assert page.total == len(page.rows)
    return [row.clause for row in page.rows]


def test_what_a_member_really_asked_is_listed_with_its_denials(story: Story, north: Platform) -> None:
    story.ask(north, "Lin", "Mao")
    with pytest.raises(Forbidden):
        story.ask(north, "Lin", request_id="request-0002", purpose="marketing")

    with story.hub.database.reading() as session:
        denied, allowed = register.list_page(session, "North", Wanted(), offset=0, limit=10).rows
        assert (denied.allowed, denied.purpose, denied.clause) == (False, "marketing", "refused_purposes")
        assert (allowed.allowed, allowed.agreement, allowed.version) == (True, "North", 1)
        assert (allowed.subjects, allowed.at) == (2, story.clock())

        full = register.get(session, "North", allowed.entry)
        assert (str(full.state), full.answered_at) == ("answered", story.clock())
        assert full.receipt.entry["subjects"] == 2
        assert register.get(session, "North", denied.entry).state is None


def test_each_member_finds_its_own_alone(session: Session, clock: Clock) -> None:
    note(session, clock())
    note(session, clock(), member="South", clause="validity", allowed=False)
    transparency.record_entry(session, "agreement_signed", {"member": "North"}, now=clock())

    assert clauses(session) == ["purposes.skip_trace"]
    entry = session.scalars(select(LogRow.id).where(LogRow.organisation == "South")).one()
    assert register.get(session, "South", entry).asked.clause == "validity"
    with pytest.raises(NotFound):
        register.get(session, "North", entry)
    other = session.scalars(select(LogRow.id).where(LogRow.kind == "agreement_signed")).one()
    with pytest.raises(NotFound):
        register.get(session, "North", other)


def test_a_list_is_narrowed_by_the_entrys_own_facts(either_database: Database, clock: Clock) -> None:
    with either_database.transaction() as session:
        note(session, clock())
        note(session, clock(), allowed=False, clause="validity", agreement="data-0002")
        # A text that looks like a fact is no fact.
        note(session, clock(), purpose="audit", clause='"purpose":"skip_trace"', agreement="data-00011")

    with either_database.reading() as session:
        assert clauses(session, Wanted(allowed=False)) == ["validity"]
        assert clauses(session, Wanted(purpose="skip_trace")) == ["validity", "purposes.skip_trace"]
        assert clauses(session, Wanted(agreement="data-0001")) == ["purposes.skip_trace"]
        assert clauses(session, Wanted(clause="validity", allowed=False)) == ["validity"]
        assert clauses(session, Wanted(purpose="litigation")) == []


def test_a_page_is_a_part_and_counting_ends_somewhere(
    session: Session, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        note(session, clock(), version=number)

    page = register.list_page(session, "North", Wanted(), offset=2, limit=2)
    assert ([row.version for row in page.rows], page.total, page.capped) == ([2, 1], 5, False)
    monkeypatch.setattr(register, "MOST", 4)
    page = register.list_page(session, "North", Wanted(), offset=0, limit=1)
    assert (page.total, page.capped) == (4, True)


def test_an_erased_entry_is_not_listed(session: Session, clock: Clock) -> None:
    note(session, clock())
    row = session.scalars(select(LogRow)).one()
    row.entry = row.salt = None
    session.flush()
    assert clauses(session) == []
    with pytest.raises(NotFound):
        register.get(session, "North", row.id)


def test_days_are_shanghais(either_database: Database, clock: Clock) -> None:
    clock.at = datetime.fromisoformat("2026-11-03T15:59:59+00:00")
    with either_database.transaction() as session:
        note(session, clock.move(days=-40))
        note(session, clock.move(days=40))
        note(session, clock.move(seconds=1))
        note(session, clock(), allowed=False)
        note(session, clock())
        note(session, clock(), member="South")

    with either_database.reading() as session:
        found = register.by_day(session, "North", since=date(2026, 10, 5))
    assert found == [Day(date(2026, 11, 3), 1, 0, 0), Day(date(2026, 11, 4), 2, 1, 0)]


def test_a_day_tells_what_was_charged(session: Session, join: Join, clock: Clock) -> None:
    join("North")
    quotas.require_left(session, membership.get(session, "North"), 7, clock())
    today = date(2026, 11, 2)
    assert register.by_day(session, "North", since=today) == [Day(today, 0, 0, 7)]
