"""Agreements: what makes one void, and which version is in force when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from custodian.state import VoidReason
from custodian.state.agreements import find_terms
from privacy.encoding import instant_text
from privacy.keyset import Policy
from privacy.periods import Period
from privacy.statements import Agreement
from privacy.terms import sign_terms
from tests.custodian.state.watch import Watch
from tests.feeds import Alliance, Member


@pytest.fixture
def north() -> Member:
    return Alliance().enrols("北辰")


def test_terms_that_the_member_signed_are_on_record(north: Member) -> None:
    watch = Watch(north.alliance)
    north.agrees()
    assert watch.verdict() is None
    found = find_terms(watch.db, "北辰-1", position=len(north.alliance.entries), at=north.alliance.now)
    assert found == north.terms()


def test_terms_need_the_members_own_signature(north: Member) -> None:
    watch, secretariat = Watch(north.alliance), north.alliance.secretariat
    terms = north.terms()
    for key in (secretariat.key, north.recovery, north.alliance.hub.key):
        secretariat.says(Agreement(terms=terms, member_signature=sign_terms(key, terms)))
        assert watch.verdict() is VoidReason.TERMS_SIGNATURE


def test_a_signature_under_other_terms_does_not_count(north: Member) -> None:
    signature = sign_terms(north.key, north.terms(min_contributors=5))
    north.alliance.secretariat.says(Agreement(terms=north.terms(), member_signature=signature))
    assert Watch(north.alliance).verdict() is VoidReason.TERMS_SIGNATURE


def test_terms_are_signed_with_the_key_in_force(north: Member) -> None:
    terms = north.terms()
    signature = sign_terms(north.key, terms)
    north.rotates("second")
    north.alliance.secretariat.says(Agreement(terms=terms, member_signature=signature))
    assert Watch(north.alliance).verdict() is VoidReason.TERMS_SIGNATURE


def test_an_agreement_is_with_somebody(north: Member) -> None:
    north.agrees(member="无名")
    assert Watch(north.alliance).verdict() is VoidReason.UNKNOWN_MEMBER


def test_an_agreement_only_raises_the_minimum() -> None:
    policy = Policy(True, 3, Period.DAY, 45, Policy.for_synthetic_data().quotas)
    north = Alliance(policy).enrols("北辰")
    watch = Watch(north.alliance)
    north.agrees(min_contributors=2)
    assert watch.verdict() is VoidReason.MIN_CONTRIBUTORS
    north.agrees(min_contributors=4)
    assert watch.verdict() is None


def test_an_agreement_begins_before_it_ends(north: Member) -> None:
    watch, now = Watch(north.alliance), instant_text(north.alliance.now)
    for until in (now, "2026-10-30T00:00:00Z", "2027-02-30T00:00:00Z"):
        north.agrees(valid_until=until)
        assert watch.verdict() is VoidReason.VALIDITY


def test_each_version_is_above_the_last_of_its_agreement(north: Member) -> None:
    watch = Watch(north.alliance)
    for version, expected in ((2, None), (2, VoidReason.VERSION), (1, VoidReason.VERSION), (5, None)):
        north.agrees(version=version)
        assert watch.verdict() is expected
    north.agrees(agreement="北辰-2", version=1)
    assert watch.verdict() is None


def version_in_force(watch: Watch, position: int | None = None, *, days: float = 0) -> int | None:
    watch.follows()
    at = watch.alliance.now + timedelta(days=days)
    found = find_terms(watch.db, "北辰-1", position=position or len(watch.alliance.entries), at=at)
    return None if found is None else found.version


def test_an_agreement_is_in_force_from_its_first_instant_to_before_its_last(north: Member) -> None:
    watch, now = Watch(north.alliance), north.alliance.now
    north.agrees(
        valid_from=instant_text(now + timedelta(days=1)), valid_until=instant_text(now + timedelta(days=3))
    )
    in_force = [version_in_force(watch, days=days) for days in (0.9, 1, 2.9, 3)]
    assert in_force == [None, 1, 1, None]


def test_a_version_replaces_the_last_when_it_begins_and_none_revives(north: Member) -> None:
    watch, now = Watch(north.alliance), north.alliance.now
    north.agrees()
    north.agrees(
        version=2,
        valid_from=instant_text(now + timedelta(days=2)),
        valid_until=instant_text(now + timedelta(days=4)),
    )
    assert [version_in_force(watch, days=days) for days in (0, 1.9, 2, 3.9, 4, 100)] == [
        1,
        1,
        2,
        2,
        None,
        None,
    ]


def test_the_past_does_not_know_later_versions(north: Member) -> None:
    watch = Watch(north.alliance)
    first = north.agrees().position
    north.agrees(version=2)
    assert version_in_force(watch, first - 1) is None
    assert version_in_force(watch, first) == 1
    assert version_in_force(watch, first + 1) == 2
