"""Cuts and their signatures: when a period begins, and when it takes effect."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import msgspec
import pytest

from custodian import state
from custodian.state import VoidReason
from privacy.encoding import b64
from privacy.keyset import Policy, Predecessor
from privacy.periods import Period
from privacy.statements import Cohorts, Cut, CutSignature
from tests.custodian.state.watch import Watch
from tests.feeds import BY_THE_DAY, LI, Alliance, Member

REAL = Policy.for_real_data(Period.DAY)


def to_sign(watch: Watch, custodian: int = 1) -> CutSignature:
    watch.follows()
    body = state.cut_to_sign(watch.db, custodian)
    assert body is not None
    return body


def cut_shown(watch: Watch, member: Member) -> tuple[bool, list[int]]:
    watch.follows()
    cut = state.account(watch.db, member.name)["cut"]
    return cut["effective"], cut["signatures"]


# Cuts


@pytest.mark.parametrize("period", ["2026-10-31", "2026-11-02", "2026-11", "2026-11-1", "heute", ""])
def test_a_cuts_period_contains_its_stamp(period: str) -> None:
    alliance = Alliance()
    alliance.hub.says(Cut(period=period))
    assert Watch(alliance).verdict() is VoidReason.PERIOD


def test_a_period_is_cut_once() -> None:
    alliance = Alliance()
    watch = Watch(alliance)
    for days, expected in ((0, None), (0, VoidReason.PERIOD_TAKEN), (1, None), (0, VoidReason.PERIOD_TAKEN)):
        alliance.passes(days=days)
        alliance.cuts()
        assert watch.verdict() is expected


@pytest.mark.parametrize(
    ("policy", "hours", "expected"),
    [(REAL, 1.8, None), (REAL, 1.9, VoidReason.LATE), (BY_THE_DAY, 23, None)],
    ids=["in the first tenth", "after it", "anywhere when synthetic"],
)
def test_a_cut_stands_early_in_its_period(policy: Policy, hours: float, expected: VoidReason | None) -> None:
    alliance = Alliance(policy)  # it is half past midnight; a tenth of a day is 2.4 hours
    alliance.passes(hours=hours)
    alliance.cuts()
    assert Watch(alliance).verdict() is expected


def test_a_cut_digests_the_state_at_its_position() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    north.submits(north.record(LI, "1"))
    position = alliance.cuts().position
    watch = Watch(alliance)
    watch.follows()
    then = state.state_digest(watch.db)

    north.settles("1")
    body = to_sign(watch)

    assert (body.period, body.position, body.head) == ("2026-11-01", position, b64(alliance.head(position)))
    assert body.state_digest == b64(then)
    assert state.state_digest(watch.db) != then


def test_a_cut_counts_what_is_live() -> None:
    alliance = Alliance()
    north, south = alliance.enrols("北辰"), alliance.enrols("南山")
    watch = Watch(alliance)
    north.submits(*(north.record(LI, number) for number in "123"))
    north.settles("3")
    watch.opens_period()
    north.settles("2")
    watch.follows()

    account = state.account(watch.db, "北辰")
    assert (account["live_records"], account["cut"]["live_records"]) == (1, 2)
    assert state.account(watch.db, south.name)["cut"]["live_records"] == 0


PREDECESSOR = Predecessor(epoch=1, key_set=b64(bytes(32)), position=9, head=b64(bytes(32)), period=None)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("2026-10-31", None),
        ("2026-11-01", VoidReason.PERIOD_TAKEN),
        ("2026-12-01", VoidReason.PERIOD_TAKEN),
        ("2026-10", None),
        ("2026-11", VoidReason.PERIOD_TAKEN),
        ("2026-W43", None),
        ("2026-W44", VoidReason.PERIOD_TAKEN),
        ("2026-10-31T23:59", None),
        ("2026-11-01T00:00", VoidReason.PERIOD_TAKEN),
        ("2026-77", VoidReason.PERIOD_TAKEN),
        (None, None),
    ],
)
def test_a_successor_epoch_begins_behind_the_last_period_of_the_one_before(
    last: str | None, expected: VoidReason | None
) -> None:
    alliance = Alliance()
    predecessor = msgspec.structs.replace(PREDECESSOR, period=last)
    alliance.key_set = msgspec.structs.replace(alliance.key_set, predecessor=predecessor)
    alliance.cuts()
    assert Watch(alliance).verdict() is expected


# Signatures


def test_a_cut_takes_effect_when_all_custodians_have_signed_alike() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    alliance.cuts()
    body = to_sign(watch)
    for signer, expected in ((1, (False, [1])), (3, (False, [1, 3])), (2, (True, [1, 2, 3]))):
        alliance.signs_cut(body, by=[signer])
        assert watch.verdict() is None
        assert cut_shown(watch, north) == expected


def test_a_custodian_signs_each_cut_once_and_its_first_signature_counts() -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    alliance.cuts()
    body = to_sign(watch)
    wrong = msgspec.structs.replace(body, state_digest=b64(bytes(32)))

    alliance.signs_cut(wrong, by=[1])
    assert watch.verdict() is None  # well formed; it just does not agree
    alliance.signs_cut(body, by=[1])
    assert watch.verdict() is VoidReason.REPEATED
    alliance.signs_cut(body, by=[2, 3])
    assert cut_shown(watch, north) == (False, [2, 3])


@pytest.mark.parametrize("field", ["head", "state_digest"])
def test_a_signature_under_another_state_does_not_agree(field: str) -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    alliance.cuts()
    alliance.signs_cut(msgspec.structs.replace(to_sign(watch), **{field: b64(bytes(32))}))
    assert cut_shown(watch, north) == (False, [])


@pytest.mark.parametrize("changes", [{"period": "2026-11-02"}, {"position": 2}])
def test_a_signature_names_a_valid_cut(changes: dict[str, str | int]) -> None:
    alliance = Alliance()
    watch = Watch(alliance)
    alliance.cuts()
    alliance.signs_cut(msgspec.structs.replace(to_sign(watch), **changes), by=[1])
    assert watch.verdict() is VoidReason.UNKNOWN_CUT


def test_a_void_cut_is_not_signed() -> None:
    alliance = Alliance()
    alliance.cuts("2020-01-01")
    watch = Watch(alliance)
    watch.follows()
    assert state.cut_to_sign(watch.db, 1) is None


def still_to_sign(watch: Watch, custodians: Iterable[int] = (1, 2, 3)) -> list[int]:
    watch.follows()
    return [index for index in custodians if state.cut_to_sign(watch.db, index) is not None]


def test_a_custodian_signs_the_newest_cut_that_it_has_not_signed() -> None:
    alliance = Alliance()
    watch = Watch(alliance)
    assert still_to_sign(watch) == []
    alliance.cuts()
    alliance.signs_cut(to_sign(watch), by=[2])
    assert still_to_sign(watch) == [1, 3]

    alliance.passes(days=1)
    alliance.cuts()
    assert still_to_sign(watch) == [1, 2, 3]
    assert to_sign(watch, 3).period == "2026-11-02"
    alliance.signs_cut(to_sign(watch))
    assert still_to_sign(watch) == []  # the older one would never be opened


def test_the_clock_of_a_cut_is_its_stamp() -> None:
    alliance = Alliance()
    signed = alliance.hub.said(
        alliance.hub.signs(Cut(period="2026-11-02"), signed_at=alliance.now + timedelta(hours=24))
    )
    alliance.appends(signed)
    assert Watch(alliance).verdict() is VoidReason.PERIOD


# Cohorts


def committing(period: str) -> Cohorts:
    return Cohorts(period=period, root=b64(bytes(32)), size=1)


def test_cohorts_are_committed_to_once_and_when_their_period_is_over() -> None:
    alliance = Alliance()
    watch = Watch(alliance)
    first = watch.opens_period()
    alliance.passes(days=1)
    unsigned = alliance.period
    alliance.cuts()

    one, two = alliance.custodians[1], alliance.custodians[2]
    one.says(committing(first))
    assert watch.verdict() is VoidReason.PERIOD_RUNNING  # the later cut has not taken effect
    second = watch.opens_period(days=1)
    for party, period, expected in (
        (one, first, None),
        (one, first, VoidReason.REPEATED),
        (two, first, None),
        (one, unsigned, VoidReason.PERIOD_RUNNING),
        (one, second, VoidReason.PERIOD_RUNNING),
        (one, "2026-10-31", VoidReason.PERIOD_RUNNING),
        (alliance.hub, first, VoidReason.TYPE),
    ):
        party.says(committing(period))
        assert watch.verdict() is expected
