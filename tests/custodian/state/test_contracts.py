"""Settlement, withdrawal, hold and release: every rule, void and not."""

from __future__ import annotations

import pytest

from custodian.state import VoidReason
from privacy import statements
from privacy.statements import Hold, Release
from tests.custodian.state.watch import Watch
from tests.feeds import LI, WANG, Alliance, Member


@pytest.fixture
def north() -> Member:
    """A member with two contracts, "1" and "2"."""
    north = Alliance().enrols("北辰")
    north.submits(north.record(LI, "1"), north.record(WANG, "2"))
    return north


def test_settled_and_withdrawn_contracts_no_longer_count(north: Member) -> None:
    watch = Watch(north.alliance)
    north.settles("1")
    assert (watch.verdict(), watch.live("北辰")) == (None, 1)
    north.withdraws("2")
    assert (watch.verdict(), watch.live("北辰")) == (None, 0)


def test_a_contract_ends_once(north: Member) -> None:
    watch = Watch(north.alliance)
    north.settles("1")
    for again in (north.settles, north.withdraws, north.holds):
        again("1")
        assert watch.verdict() is VoidReason.ENDED


def test_a_contract_without_an_accepted_record_cannot_end(north: Member) -> None:
    watch = Watch(north.alliance)
    for end in (north.settles, north.withdraws, north.holds, north.releases):
        end("9")
        assert watch.verdict() is VoidReason.UNKNOWN_CONTRACT


def test_nobody_ends_or_holds_anothers_contract(north: Member) -> None:
    alliance = north.alliance
    watch, south = Watch(alliance), alliance.enrols("南山")
    south.says(statements.Settlement(contract_ref=north.ref("1")))
    assert watch.verdict() is VoidReason.UNKNOWN_CONTRACT
    for body in (
        Hold(member=north.name, contract_ref=north.ref("1")),
        Release(member=north.name, contract_ref=north.ref("1")),
    ):
        south.says(body)
        assert watch.verdict() is VoidReason.OTHER_NAME


def test_a_held_contract_stays_and_is_released(north: Member) -> None:
    watch = Watch(north.alliance)
    north.holds("1")
    assert (watch.verdict(), watch.live("北辰")) == (None, 2)
    north.holds("1")
    assert watch.verdict() is VoidReason.REPEATED
    north.releases("1")
    assert (watch.verdict(), watch.live("北辰")) == (None, 2)
    north.releases("1")
    assert watch.verdict() is VoidReason.NOT_HELD
    north.holds("1")
    assert watch.verdict() is None


def test_the_secretariat_holds_any_members_contract_and_only_it_releases(north: Member) -> None:
    alliance, watch = north.alliance, Watch(north.alliance)
    alliance.holds(north, "1")
    assert watch.verdict() is None
    north.releases("1")
    assert watch.verdict() is VoidReason.NOT_HELD
    north.holds("1")
    assert watch.verdict() is None
    alliance.releases(north, "1")
    assert watch.verdict() is None
    alliance.releases(north, "1")  # the member's own still stands
    assert watch.verdict() is VoidReason.NOT_HELD
    north.releases("1")
    assert watch.verdict() is None


def test_the_secretariat_holds_nothing_of_nobody(north: Member) -> None:
    watch = Watch(north.alliance)
    for body in (
        Hold(member="无名", contract_ref=north.ref("1")),
        Release(member="无名", contract_ref=north.ref("1")),
    ):
        north.alliance.secretariat.says(body)
        assert watch.verdict() is VoidReason.UNKNOWN_MEMBER


def test_a_hold_outlives_its_contract_and_is_still_released(north: Member) -> None:
    watch = Watch(north.alliance)
    north.holds("1")
    north.settles("1")
    assert (watch.verdict(), watch.live("北辰")) == (None, 1)
    north.releases("1")
    assert watch.verdict() is None
