"""What a custodian refuses by its own clock: cuts from the future and cuts of yesterday, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from custodian import state
from custodian.clocks import AHEAD, LATE, is_ahead, is_behind, is_over
from privacy.periods import Period
from privacy.statements import CutSignature
from tests.custodian.conftest import Office
from tests.feeds import LI

NOON = datetime(2026, 10, 31, 4, 0, tzinfo=UTC)
"""Noon in Shanghai."""
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("offset", "ahead"),
    [(AHEAD, False), (AHEAD + SECOND, True), (-AHEAD, False), (timedelta(days=400), True)],
)
def test_ahead(offset: timedelta, ahead: bool) -> None:
    assert is_ahead(NOON + offset, NOON) is ahead
    assert not is_ahead(None, NOON)


@pytest.mark.parametrize(
    ("period", "name", "end"),
    [
        (Period.MINUTE, "2026-10-31T12:00", NOON + timedelta(minutes=1)),
        (Period.DAY, "2026-10-31", NOON + timedelta(hours=12)),
        (Period.WEEK, "2026-W44", NOON + timedelta(days=1, hours=12)),
        (Period.MONTH, "2026-10", NOON + timedelta(hours=12)),
    ],
)
def test_over(period: Period, name: str, end: datetime) -> None:
    assert not is_over(period, name, end + LATE)
    assert is_over(period, name, end + LATE + SECOND)


def test_behind() -> None:
    assert not is_behind(NOON - LATE, NOON)
    assert is_behind(NOON - LATE - SECOND, NOON)
    assert is_behind(None, NOON)


def signed(office: Office) -> list[str]:
    bodies = [each.statement.body for each in office.hub.published]
    return [body.period for body in bodies if isinstance(body, CutSignature)]


@pytest.mark.parametrize(("offset", "signs"), [(AHEAD, 1), (AHEAD + SECOND, 0)])
def test_a_cut_is_signed_up_to_five_minutes_ahead(office: Office, offset: timedelta, signs: int) -> None:
    here = office.alliance.now
    office.alliance.now += offset
    office.alliance.cuts()
    office.hub.heartbeat = office.alliance.heartbeat()
    office.alliance.now = here
    office.custodian.follow()
    assert len(signed(office)) == signs
    assert office.alarms() == ["hub-ahead"] * (1 - signs)


def test_a_later_episode_raises_its_own_alarm_and_the_state_is_the_same_all_along(office: Office) -> None:
    here = office.alliance.now
    for _ in range(2):
        office.alliance.now += 2 * AHEAD
        north = office.alliance.enrols(f"北{office.alliance.now:%M}")
        north.submits(north.record(LI, "N-1"))
        for seconds in range(3):
            office.alliance.now += seconds * SECOND
            office.hub.heartbeat, then = office.alliance.heartbeat(), office.alliance.now
            office.alliance.now = here
            office.custodian.follow()
            office.alliance.now = then
        with office.custodian.feed() as db:
            assert state.head(db).position == len(office.alliance.entries)
        here = office.alliance.now
        office.hub.heartbeat = None
        office.custodian.follow()
    assert office.alarms() == ["hub-ahead", "hub-ahead"]


@pytest.mark.parametrize(("offset", "signs"), [(LATE, 1), (LATE + SECOND, 0)])
def test_a_cut_is_signed_up_to_ten_minutes_after_its_period(
    office: Office, offset: timedelta, signs: int
) -> None:
    office.alliance.cuts()
    office.alliance.now = datetime(2026, 11, 1, 16, 0, tzinfo=UTC) + offset
    office.custodian.follow()
    assert len(signed(office)) == signs


def test_nothing_is_said_to_a_hub_that_lives_in_the_past(office: Office) -> None:
    """The statement would be dated too far from the stamp, be void, and be said again every second."""
    office.alliance.cuts()
    office.hub.heartbeat = office.alliance.heartbeat()
    office.alliance.now += LATE + SECOND
    office.custodian.follow()
    assert signed(office) == []
    assert "behind" in (office.custodian.ledger.fact("unsigned") or "")
