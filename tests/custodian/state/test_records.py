"""Chunks: what makes one void, and which of its records are taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from custodian import state
from custodian.state import VoidReason
from privacy import knowledge
from privacy.encoding import b64, decode_integer, encode_integer
from privacy.keyset import Policy
from privacy.periods import Period
from privacy.records import Record
from privacy.statements import KnowledgeProof
from tests.custodian.state.watch import Watch
from tests.feeds import LI, WANG, ZHANG, Alliance, Borrower, Member, secret
from tests.privacy.paillier_keys import SMALL

N = SMALL[0] * SMALL[1]
REAL = Policy.for_real_data(Period.DAY)


@pytest.fixture
def north() -> Member:
    return Alliance().enrols("北辰")


def test_records_are_taken(north: Member) -> None:
    watch = Watch(north.alliance)
    north.submits(north.record(LI, "1"), north.record(WANG, "2"))
    outcome = watch.outcome()
    assert (outcome.valid, outcome.ignored, watch.live("北辰")) == (True, 0, 2)


# Void


def test_only_an_active_member_submits() -> None:
    alliance = Alliance()
    watch = Watch(alliance)
    north = alliance.enrols("北辰", accepted_by=[1])
    north.submits(north.record(LI, "1"))
    assert watch.verdict() is VoidReason.NOT_ACTIVE

    alliance.accepts(2, north)
    alliance.suspends(north)
    north.submits(north.record(LI, "1"))
    assert watch.verdict() is VoidReason.NOT_ACTIVE

    alliance.resumes(north)
    north.submits(north.record(LI, "1"))
    assert watch.verdict() is None


def test_a_chunk_names_the_key_set(north: Member) -> None:
    records = [north.record(LI, "1")]
    north.says(north.chunk(records, key_set=b64(bytes(32))), records)
    assert Watch(north.alliance).verdict() is VoidReason.KEY_SET


OCTETS = 2 * N.bit_length() // 8
BAD_RECORDS: dict[str, tuple[Callable[[Member], Record], VoidReason]] = {
    "another epoch": (lambda m: m.record(WANG, "2", epoch=2), VoidReason.KEY_SET),
    "a contribution too short": (
        lambda m: m.record(WANG, "2", contribution=encode_integer(5, OCTETS - 1)),
        VoidReason.CONTRIBUTION,
    ),
    "a contribution too long": (
        lambda m: m.record(WANG, "2", contribution=encode_integer(5, OCTETS + 1)),
        VoidReason.CONTRIBUTION,
    ),
    "a spelling of its own": (
        lambda m: m.record(WANG, "2", contribution=encode_integer(5, OCTETS)[:-1] + "-"),
        VoidReason.CONTRIBUTION,
    ),
    "zero": (lambda m: m.record(WANG, "2", contribution=encode_integer(0, OCTETS)), VoidReason.CONTRIBUTION),
    "N squared": (
        lambda m: m.record(WANG, "2", contribution=encode_integer(N * N, OCTETS)),
        VoidReason.CONTRIBUTION,
    ),
    "a multiple of a prime of N": (
        lambda m: m.record(WANG, "2", contribution=encode_integer(7 * SMALL[0], OCTETS)),
        VoidReason.CONTRIBUTION,
    ),
}


@pytest.mark.parametrize(("make", "reason"), BAD_RECORDS.values(), ids=BAD_RECORDS)
def test_one_bad_record_makes_its_chunk_void(
    north: Member, make: Callable[[Member], Record], reason: VoidReason
) -> None:
    watch = Watch(north.alliance)
    north.submits(north.record(LI, "1"), make(north), north.record(ZHANG, "3"))
    assert watch.verdict() is reason
    assert watch.live("北辰") == 0


def test_a_period_holds_twice_the_declared_portfolio() -> None:
    alliance = Alliance()
    watch = Watch(alliance)
    north = alliance.enrols("北辰", portfolio=2)
    same = [north.record(LI, "1")]
    for _ in range(3):
        north.submits(*same)  # ignored records count too
        assert watch.verdict() is None
    north.submits(north.record(LI, "2"), north.record(LI, "3"))
    assert watch.verdict() is VoidReason.PORTFOLIO
    north.submits(north.record(LI, "2"))
    assert watch.verdict() is None

    alliance.passes(days=1)
    north.submits(*(north.record(LI, number) for number in "3456"))
    assert watch.verdict() is None
    north.submits(north.record(LI, "7"))
    assert watch.verdict() is VoidReason.PORTFOLIO


def test_a_void_chunk_costs_nothing_of_the_portfolio() -> None:
    alliance = Alliance()
    watch = Watch(alliance)
    north = alliance.enrols("北辰", portfolio=1)
    north.submits(*(north.record(LI, number) for number in "123"))
    assert watch.verdict() is VoidReason.PORTFOLIO
    north.submits(*(north.record(LI, number) for number in "12"))
    assert watch.verdict() is None


# Knowledge


N_SQUARED = N * N
LENT: dict[str, Callable[[int], int]] = {
    "copied": lambda c: c,
    "shifted": lambda c: c * (1 + 7 * N) % N_SQUARED,
    "scaled": lambda c: pow(c, 3, N_SQUARED),
    "hidden behind a sign": lambda c: N_SQUARED - c,
}


@pytest.mark.parametrize("change", LENT.values(), ids=LENT)
def test_a_ciphertext_that_the_hub_lent_makes_its_chunk_void(change: Callable[[int], int]) -> None:
    alliance = Alliance()
    north, south = alliance.enrols("北辰"), alliance.enrols("南山")
    watch = Watch(alliance)
    lent = south.record(LI, "1")
    south.submits(lent)
    made = encode_integer(change(decode_integer(lent.contribution, OCTETS)), OCTETS)
    north.submits(north.record(WANG, "2"), north.record(LI, "1", contribution=made))
    assert watch.verdict() is VoidReason.PROOF
    assert (watch.live("北辰"), watch.live("南山")) == (0, 1)


def test_a_proof_is_for_its_own_member_and_chunk_only(north: Member) -> None:
    south = north.alliance.enrols("南山")
    watch = Watch(north.alliance)
    records = [north.record(LI, "1"), north.record(WANG, "2")]
    proofs = {
        "none": None,
        "of another chunk": north.chunk(records[::-1]).proof,
        "of a part of it": north.chunk(records[:1]).proof,
        "of another member": _proof_by(south, north, records),
    }
    for proof in proofs.values():
        north.says(north.chunk(records, proof=proof), records)
        assert watch.verdict() is VoidReason.PROOF
    north.says(north.chunk(records, proof=_proof_by(north, north, records)), records)
    assert watch.verdict() is None  # void chunks advance their author, and cost nothing


def _proof_by(prover: Member, owner: Member, records: list[Record]) -> KnowledgeProof | None:
    """The proof of one that knows all that `owner` knows."""
    prover.openings |= owner.openings
    return prover.chunk(records).proof


def test_a_chunk_without_a_proof_is_void_for_all_alike_and_costs_nothing(north: Member) -> None:
    one, two = Watch(north.alliance), Watch(north.alliance)
    records = [north.record(LI, "1")]
    for _ in range(3):
        north.says(north.chunk(records, proof=None), records)
    north.submits(*records)
    reasons = [outcome.reason for outcome in one.follows()[-4:]]
    assert reasons == [VoidReason.PROOF, VoidReason.PROOF, VoidReason.PROOF, None]
    assert [two.follows()[-1].reason, state.state_digest(two.db)] == [None, state.state_digest(one.db)]


def test_what_is_void_for_little_is_not_proved(north: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a member could have custodians work for hours on chunks that it may not submit."""
    monkeypatch.setattr(knowledge, "verify", lambda *_: pytest.fail("the expensive check came first"))
    alliance = Alliance()
    watch, west = Watch(alliance), alliance.enrols("西河", portfolio=1)
    west.submits(*(west.record(LI, number) for number in "123"))
    assert watch.verdict() is VoidReason.PORTFOLIO
    records = [west.record(LI, "1")]
    west.says(west.chunk(records, key_set=b64(bytes(32))), records)
    assert watch.verdict() is VoidReason.KEY_SET


# Ignored


def taken(watch: Watch, member: Member, *records: Record) -> int:
    """How many of the records of one chunk are taken."""
    member.submits(*records)
    outcome = watch.outcome()
    assert outcome.valid
    return len(records) - outcome.ignored


def test_a_later_record_replaces_and_an_earlier_or_equal_one_is_ignored(north: Member) -> None:
    watch = Watch(north.alliance)
    today = north.alliance.today
    for days, expected in ((0, 1), (0, 0), (-1, 0), (2, 1), (1, 0)):
        assert taken(watch, north, north.record(LI, "1", as_of=today + timedelta(days=days))) == expected
    assert watch.live("北辰") == 1


def test_records_of_one_chunk_are_judged_in_their_order(north: Member) -> None:
    watch = Watch(north.alliance)
    days = [date(2026, 10, day) for day in (3, 3, 1, 5, 4)]
    assert taken(watch, north, *(north.record(LI, "1", as_of=day) for day in days)) == 2
    assert watch.live("北辰") == 1


def test_a_contract_that_has_ended_takes_nothing_more(north: Member) -> None:
    watch = Watch(north.alliance)
    north.submits(north.record(LI, "1"), north.record(LI, "2"))
    north.settles("1")
    north.withdraws("2")
    north.alliance.passes(days=1)
    assert taken(watch, north, north.record(LI, "1"), north.record(LI, "2"), north.record(LI, "3")) == 1
    assert watch.live("北辰") == 1


def test_two_members_may_use_one_reference(north: Member) -> None:
    south = north.alliance.enrols("南山")
    watch = Watch(north.alliance)
    north.submits(north.record(LI, "1"))
    assert taken(watch, south, south.record(LI, "x", contract_ref=north.ref("1"))) == 1
    north.settles("1")
    assert (watch.live("北辰"), watch.live("南山")) == (0, 1)


def test_the_future_is_for_made_up_data_only() -> None:
    for policy, expected in ((REAL, 0), (Policy.for_synthetic_data(Period.DAY), 1)):
        alliance = Alliance(policy)
        north = alliance.enrols("北辰")
        tomorrow = north.record(LI, "1", as_of=date(2026, 11, 2))
        assert taken(Watch(alliance), north, tomorrow) == expected


def test_the_day_is_that_of_shanghai() -> None:
    alliance = Alliance(REAL)  # 31 October in UTC, 1 November in Shanghai
    north = alliance.enrols("北辰")
    assert taken(Watch(alliance), north, north.record(LI, "1", as_of=date(2026, 11, 1))) == 1


def many(north: Member, borrower: Borrower, numbers: range) -> list[Record]:
    return [north.record(borrower, str(number), as_of=date(2026, 10, 1)) for number in numbers]


def test_a_member_has_at_most_256_running_contracts_of_one_pseudonym(north: Member) -> None:
    watch = Watch(north.alliance)
    assert taken(watch, north, *many(north, LI, range(250))) == 250
    assert taken(watch, north, *many(north, LI, range(250, 260)), north.record(WANG, "w")) == 7
    assert taken(watch, north, north.record(LI, "256")) == 0
    assert taken(watch, north, north.record(LI, "7")) == 1  # a newer record of a contract that is there

    north.settles("3")
    assert taken(watch, north, north.record(LI, "256"), north.record(LI, "257")) == 1


def test_a_contract_that_moves_to_another_pseudonym_makes_room(north: Member) -> None:
    watch = Watch(north.alliance)
    taken(watch, north, *many(north, LI, range(256)))
    assert taken(watch, north, north.record(LI, "new"), north.record(WANG, "0"), north.record(LI, "new")) == 2
    assert taken(watch, north, north.record(LI, "0", as_of=date(2026, 12, 1))) == 0


def test_the_limit_is_each_members_own(north: Member) -> None:
    watch = Watch(north.alliance)
    south = north.alliance.enrols("南山")
    taken(watch, north, *many(north, LI, range(256)))
    assert taken(watch, south, south.record(LI, "1")) == 1


def test_a_record_says_its_private_rest_only_by_digest(north: Member) -> None:
    watch = Watch(north.alliance)
    digest = b64(secret("anything"))
    assert taken(watch, north, north.record(LI, "1", private_digest=digest)) == 1
