"""What the operator's page and report count: members, cuts, months of Shanghai."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from custodian.desk import books
from custodian.desk.books import Condition, Count
from custodian.ledger import Use
from custodian.state import MemberState
from tests.custodian.conftest import INDEX, Office
from tests.feeds import LI, START, WANG

NOVEMBER = (datetime(2026, 10, 31, 16, tzinfo=UTC), datetime(2026, 11, 30, 16, tzinfo=UTC))
"""November in Shanghai."""


def evaluate(office: Office, member: str, request: str, count: int, at: datetime) -> None:
    office.custodian.ledger.charge_evaluation(
        member, request, b"", count, epoch=1, quota=(9_999, 9_999), now=at
    )


def open_(office: Office, member: str, manifest: bytes, count: int, at: datetime) -> None:
    office.custodian.ledger.charge_opening(
        member, manifest, count, period="2026-11-01", quota=9_999, retry_at=at, now=at
    )


def test_members_with_their_quotas_records_and_standing(office: Office) -> None:
    alliance = office.alliance
    north, south = (
        alliance.enrols("北辰", portfolio=50),
        alliance.enrols("南山", accepted_by=(2,), portfolio=9),
    )
    north.submits(north.record(LI, "N-1"), north.record(WANG, "N-2"))
    office.begins_period()
    evaluate(office, north.name, "yesterday", 30, alliance.now - timedelta(days=1))
    evaluate(office, north.name, "today", 12, alliance.now)
    open_(office, north.name, b"manifest", 5, alliance.now)
    office.custodian.ledger.set_quota(south.name, "evaluations_per_day", 0)
    with office.custodian.feed() as db:
        rows = books.members(db, office.custodian.ledger, alliance.key_set, INDEX, alliance.now)
    first, second = rows
    assert (first.name, first.state, first.accepted_here) == ("北辰", MemberState.ACTIVE, True)
    assert (first.live, first.portfolio, first.waiting) == (2, 50, 0)
    assert (first.today, first.epoch, first.openings) == (Use(100, 12), Use(200, 42), Use(200, 5))
    assert (second.state, second.accepted_here) == (MemberState.ADMITTED, False)
    assert (second.today, second.epoch) == (Use(0, 0), Use(36, 0))


def test_cuts_with_their_signers(office: Office) -> None:
    office.begins_period()
    office.alliance.passes(days=1)
    office.alliance.cuts()
    office.custodian.follow()
    with office.custodian.feed() as db:
        newest, before = books.cuts(db, 5)
        assert books.opening_period(db) == "2026-11-01"
    assert (newest.period, newest.effective, newest.signed_by) == ("2026-11-02", False, ())
    assert (before.period, before.effective, before.signed_by) == ("2026-11-01", True, (1, 2, 3))
    assert before.stamp == START


def test_a_month_by_member_and_by_day(office: Office) -> None:
    ledger, (begins, ends) = office.custodian.ledger, NOVEMBER
    evaluate(office, "北辰", "before", 1_000, begins - timedelta(seconds=1))
    evaluate(office, "北辰", "first second", 10, begins)
    evaluate(office, "南山", "the same day", 200, begins + timedelta(hours=23))
    evaluate(office, "南山", "last second", 3, ends - timedelta(seconds=1))
    evaluate(office, "南山", "after", 4_000, ends)
    open_(office, "北辰", b"one", 7, begins)
    open_(office, "北辰", b"two", 2, begins + timedelta(days=1))
    open_(office, "北辰", b"three", 500, ends)
    assert books.counts(ledger, *NOVEMBER, by_day=False) == [
        Count("北辰", 10, 2, 9),
        Count("南山", 203, 0, 0),
    ]
    assert books.counts(ledger, *NOVEMBER, by_day=True) == [
        Count("2026-11-01", 210, 1, 7),
        Count("2026-11-02", 0, 1, 2),
        Count("2026-11-30", 3, 0, 0),
    ]


def test_what_only_counts_as_spent_was_asked_by_nobody(office: Office) -> None:
    evaluate(office, "北辰", "spent/2026-11-01T00:00:00Z/2026-11-01", 90, START)
    open_(office, "北辰", b"spent/2026-11-01T00:00:00Z/2026-11-01", 90, START)
    assert books.counts(office.custodian.ledger, *NOVEMBER, by_day=False) == []


def test_what_this_custodian_said_in_the_month(office: Office) -> None:
    office.alliance.passes(days=-2)
    office.alliance.enrols("东山", accepted_by=(INDEX, 2))
    office.alliance.passes(days=2)
    office.alliance.enrols("北辰", accepted_by=(INDEX, 3))
    office.alliance.enrols("南山", accepted_by=(2, 3))
    office.begins_period()
    with office.custodian.feed() as db:
        accepted = books.accepted(db, INDEX, *NOVEMBER)
        signed = books.cuts_signed(db, INDEX, *NOVEMBER)
        assert books.cohorts_committed(db, INDEX, *NOVEMBER) == []
    assert [(act.at, act.position, act.about) for act in accepted] == [("2026-10-31T16:30:00Z", 5, "北辰")]
    assert [(act.position, act.about) for act in signed] == [(11, "2026-11-01")]


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ((), Condition.SERVING),
        (("paused",), Condition.PAUSED),
        (("paused", "closed"), Condition.CLOSED),
        (("paused", "closed", "restored"), Condition.RESTORED),
        (("paused", "closed", "restored", "stopped"), Condition.STOPPED),
    ],
)
def test_the_most_serious_condition_is_said(office: Office, facts: tuple[str, ...], found: Condition) -> None:
    for fact in facts:
        office.custodian.ledger.set_fact(fact, f"because of {fact}")
    said = f"because of {facts[-1]}" if facts else ""
    assert books.condition(office.custodian.ledger) == (found, said)


def test_before_the_first_charge_nothing_can_be_forgotten(office: Office) -> None:
    ledger = office.custodian.ledger
    assert books.first_charge(ledger, START) == START
    open_(office, "北辰", b"manifest", 1, START + timedelta(hours=1))
    evaluate(office, "北辰", "request", 1, START + timedelta(hours=3))
    assert books.first_charge(ledger, START + timedelta(days=9)) == START + timedelta(hours=1)
