"""Finding log entries: by person, organisation, act, object and time; page by page, and never reading all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from alliance_hub.db import Database
from alliance_hub.errors import NotFound
from alliance_hub.hub import Hub
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from alliance_hub.transparency import search as searching
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import LogRow
from alliance_hub.transparency.search import Search, search
from privacy.encoding import unb64
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.hiring import hire


@pytest.fixture
def anne(session: Session, clock: Clock) -> Actor:
    return hire(session, clock, "1001", Role.MEMBERSHIP_OFFICER, name="安妮")


@pytest.fixture
def told(session: Session, anne: Actor, clock: Clock) -> datetime:
    """Six entries, an hour apart; returns when the first was written."""
    begun = clock()
    ben = hire(session, clock, "1002", Role.MEMBERSHIP_OFFICER, name="安东")
    for actor, kind, about in (
        (anne, "proposal_made", "member/North"),
        (ben, "proposal_approved", "member/North"),
        (ben, "member_suspended", "member/North"),
        (anne, "proposal_made", "agreement/North"),
        (anne, "proposal_made", "member/South"),
    ):
        transparency.record_act(session, actor, kind, object=about, now=clock())
        clock.move(hours=1)
    transparency.record_entry(session, "statement", {"author": "member/North", "type": "chunk"}, now=clock())
    return begun


def numbers(session: Session, asked: Search, limit: int = 50) -> list[int]:
    """Return which of the six entries are found, the first as 1."""
    return [row.id for row in search(session, asked, limit=limit).entries]


CASES: dict[str, tuple[Search, list[int]]] = {
    "all, the newest first": (Search(), [6, 5, 4, 3, 2, 1]),
    "of a kind": (Search(kind="proposal_made"), [5, 4, 1]),
    "about an object": (Search(object="member/North"), [3, 2, 1]),
    "about whatever has the name": (Search(object="North"), [4, 3, 2, 1]),
    "by one": (Search(actors=["association/1002"]), [3, 2]),
    "by several": (Search(actors=["association/1002", "member/North"]), [6, 3, 2]),
    "by several, of one kind": (
        Search(actors=["association/1001", "association/1002"], kind="proposal_made"),
        [5, 4, 1],
    ),
    "by nobody": (Search(actors=[]), []),
    "for an organisation": (Search(organisation="North"), [6]),
    "by one about an object": (Search(actors=["association/1001"], object="member/North"), [1]),
    "nothing fits": (Search(kind="match"), []),
}


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("asked", "found"), CASES.values(), ids=CASES.keys())
def test_what_is_found(session: Session, asked: Search, found: list[int]) -> None:
    assert numbers(session, asked) == found


def test_a_time_has_its_first_instant_and_not_its_last(session: Session, told: datetime) -> None:
    second, fourth = told + timedelta(hours=1), told + timedelta(hours=3)

    assert numbers(session, Search(since=second, until=fourth)) == [3, 2]
    assert numbers(session, Search(since=fourth, kind="proposal_made")) == [5, 4]
    assert numbers(session, Search(since=told + timedelta(days=9))) == []
    assert numbers(session, Search(until=told)) == []


@pytest.mark.usefixtures("told")
def test_pages_follow_each_other_without_a_gap(session: Session) -> None:
    asked, pages, found = Search(kind="proposal_made"), [], None
    while found is None or found.further:
        found = search(session, asked, limit=2)
        pages.append([row.id for row in found.entries])
        assert (found.total, found.capped, found.looked_to) == (3, False, None)
        asked = replace(asked, before=found.further)

    assert pages == [[5, 4], [1]]


@pytest.mark.usefixtures("told")
def test_only_so_much_is_looked_at_for_a_page(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "SEARCHED", 2)
    asked = Search(object="member/North", kind="proposal_made")

    first = search(session, asked, limit=50)
    assert [row.id for row in first.entries] == []
    assert (first.total, first.capped, first.further) == (0, True, 2)
    assert first.looked_to == session.get_one(LogRow, 2).at

    rest = search(session, replace(asked, before=first.further), limit=50)
    assert [row.id for row in rest.entries] == [1]
    assert rest.further is None


@pytest.mark.usefixtures("told")
def test_people_are_found_by_name_number_and_ref(session: Session) -> None:
    refs = {"association/1001", "association/1002"}
    assert refs <= set(searching.actors_named(session, "安"))
    assert refs & set(searching.actors_named(session, "安妮")) == {"association/1001"}
    assert "association/1002" in searching.actors_named(session, "1002")
    assert "member/North" in searching.actors_named(session, "North")
    assert refs.isdisjoint(searching.actors_named(session, "%"))

    rows = search(session, Search(), limit=3).entries
    assert searching.names_of(session, rows) == {"association/1001": "安妮"}


@pytest.mark.usefixtures("told")
def test_one_entry(session: Session) -> None:
    row = searching.get_entry(session, 3)
    assert (row.kind, row.object) == ("member_suspended", "member/North")
    assert searching.find_by_leaf(session, row.leaf) is row
    assert searching.find_by_leaf(session, unb64("AAAA")) is None
    assert [each.id for each in searching.list_about(session, "member/North", limit=2)] == [3, 2]
    with pytest.raises(NotFound):
        searching.get_entry(session, 99)


def test_both_databases_find_the_same(
    either_database: Database, hub_on: Callable[[Database], Hub], clock: Clock
) -> None:
    with hub_on(either_database).database.transaction() as session:
        for _ in range(3):
            transparency.record_entry(session, "match", {"member": "North"}, now=clock())
            clock.move(minutes=1)
        transparency.record_entry(session, "statement", {"author": "member/South"}, now=clock())

    with either_database.reading() as session:
        found = search(session, Search(actors=["member/North", "member/South"]), limit=3)
        assert [row.kind for row in found.entries] == ["statement", "match", "match"]
        assert (found.total, found.capped) == (4, False)
        assert found.further == found.entries[-1].id
