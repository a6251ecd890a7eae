"""Openings by every subset, dealing, then what an adversary sends as a partial or a share."""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import combinations
from multiprocessing import get_context

import phe
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy import exposure, paillier, threshold_paillier
from privacy.errors import CannotOpen, InvalidInputError, VerifyError
from privacy.exposure import Exposure
from privacy.paillier import Sealer
from privacy.threshold_paillier import ThresholdKey
from tests.privacy.paillier_keys import LARGE, OTHER, SMALL

EPOCH = 7
KEY = threshold_paillier.deal(*SMALL, epoch=EPOCH, threshold=2, count=3)
PUBLIC = KEY.public
N, N2 = PUBLIC.n, PUBLIC.n_squared
SEALER = Sealer(PUBLIC)

plaintexts = st.integers(0, N - 1)
randomness = st.integers(1, 2**512 - 1)


def partials_of(key: ThresholdKey, c: int, indices: tuple[int, ...]) -> dict[int, int]:
    return {i: threshold_paillier.partial(key.public, key.count, key.shares[i], c) for i in indices}


def open_with(key: ThresholdKey, c: int, indices: tuple[int, ...]) -> int:
    return threshold_paillier.combine(key.public, key.count, partials_of(key, c, indices))


# Openings


@pytest.mark.parametrize(("threshold", "count"), [(1, 1), (2, 2), (2, 3), (3, 3), (3, 4), (3, 5)])
def test_every_subset_of_the_threshold_opens_and_none_below(threshold: int, count: int) -> None:
    key = threshold_paillier.deal(*SMALL, epoch=EPOCH, threshold=threshold, count=count)
    everybody = range(1, count + 1)
    for size in range(threshold, count + 1):
        assert {open_with(key, SEALER.seal(N - 1, 99), few) for few in combinations(everybody, size)} == {
            N - 1
        }
    for few in combinations(everybody, threshold - 1):
        with pytest.raises(CannotOpen):
            open_with(key, SEALER.seal(N - 1, 99), few)


@settings(max_examples=20)
@given(plaintexts, randomness, st.permutations([1, 2, 3]))
def test_the_threshold_opens_in_any_order(m: int, r: int, order: list[int]) -> None:
    assert open_with(KEY, SEALER.seal(m, r), (order[0], order[1])) == m


def test_what_phe_encrypted_opens() -> None:
    assert open_with(KEY, phe.PaillierPublicKey(N).raw_encrypt(20261031), (1, 3)) == 20261031


def test_partials_are_the_formula() -> None:
    c = SEALER.seal(42, 99)
    assert partials_of(KEY, c, (1, 2, 3)) == {i: pow(c, 2 * 6 * KEY.shares[i], N2) for i in (1, 2, 3)}


def test_partials_in_processes_are_those_made_here() -> None:
    ciphertexts = [SEALER.seal(m, m + 1) for m in range(5)]
    here = [threshold_paillier.partial(PUBLIC, 3, KEY.shares[2], c) for c in ciphertexts]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert threshold_paillier.partials(pool, PUBLIC, 3, KEY.shares[2], ciphertexts) == here


def foreign_partials(c: int) -> dict[int, int]:
    other = threshold_paillier.deal(*OTHER, epoch=EPOCH, threshold=2, count=3)
    return {1: threshold_paillier.partial(PUBLIC, 3, other.shares[1], c), **partials_of(KEY, c, (2,))}


CIPHERTEXT = SEALER.seal(42, 99)
HONEST = partials_of(KEY, CIPHERTEXT, (1, 2))


@pytest.mark.parametrize(
    "partials",
    [
        pytest.param({}, id="nobody"),
        pytest.param({1: HONEST[1]}, id="too-few"),
        pytest.param(foreign_partials(CIPHERTEXT), id="share-of-another-key"),
        pytest.param({**HONEST, 2: partials_of(KEY, SEALER.seal(42, 98), (2,))[2]}, id="other-ciphertext"),
        pytest.param({1: HONEST[2], 2: HONEST[1]}, id="swapped"),
        pytest.param({1: HONEST[1], 3: HONEST[2]}, id="under-another-index"),
        pytest.param({1: HONEST[1], 2: HONEST[1]}, id="twice-the-same"),
        pytest.param({**HONEST, 2: HONEST[2] + 1}, id="corrupted"),
        pytest.param({**HONEST, 2: HONEST[2] >> 8}, id="truncated"),
        pytest.param({**HONEST, 2: 0}, id="zero"),
        pytest.param({**HONEST, 2: -HONEST[2]}, id="negative"),
        pytest.param({**HONEST, 2: HONEST[2] + N2}, id="too-large"),
        pytest.param({**HONEST, 2: SMALL[0]}, id="not-coprime"),
        pytest.param({0: HONEST[1], 2: HONEST[2]}, id="index-zero"),
        pytest.param({4: HONEST[1], 2: HONEST[2]}, id="index-beyond"),
        pytest.param({-1: HONEST[1], 2: HONEST[2]}, id="index-negative"),
    ],
)
def test_mutilated_partials_do_not_open(partials: dict[int, int]) -> None:
    assert threshold_paillier.combine(PUBLIC, 3, HONEST) == 42
    with pytest.raises(CannotOpen):
        threshold_paillier.combine(PUBLIC, 3, partials)


def test_partials_of_another_number_of_custodians_do_not_open_to_the_plaintext() -> None:
    with pytest.raises(CannotOpen):
        threshold_paillier.combine(PUBLIC, 4, {**HONEST, 4: HONEST[1]})
    assert threshold_paillier.combine(PUBLIC, 4, HONEST) != 42


def test_only_the_proof_sees_a_partial_that_shifts_the_plaintext() -> None:
    shifted = {**HONEST, 2: HONEST[2] * (1 + 5 * N) % N2}
    assert threshold_paillier.combine(PUBLIC, 3, shifted) != 42


@pytest.mark.parametrize("bad", [0, -1, N2, N2 + 1, N, SMALL[0], SMALL[1] * 12345])
def test_no_partial_is_made_of_what_is_no_ciphertext(bad: int) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        threshold_paillier.partial(PUBLIC, 3, KEY.shares[1], bad)
    assert refusal.value.field == "ciphertexts"


def test_a_partial_with_its_sign_flipped_opens_to_the_same() -> None:
    flipped = {**HONEST, 2: N2 - HONEST[2]}
    assert threshold_paillier.combine(PUBLIC, 3, flipped) == 42


@pytest.mark.parametrize("share", [0, -1, N2])
def test_a_share_out_of_range_is_refused(share: int) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        threshold_paillier.partial(PUBLIC, 3, share, CIPHERTEXT)
    assert refusal.value.field == "share"


# Dealing


def test_verification_keys_are_powers_of_the_base() -> None:
    assert KEY.v == PUBLIC.v
    assert KEY.vs == {i: pow(PUBLIC.v, KEY.shares[i], N2) for i in (1, 2, 3)}


def test_shares_of_two_deals_do_not_mix() -> None:
    again = threshold_paillier.deal(*SMALL, epoch=EPOCH, threshold=2, count=3)
    assert again.public == PUBLIC
    assert not set(again.shares.values()) & set(KEY.shares.values())
    with pytest.raises(CannotOpen):
        threshold_paillier.combine(PUBLIC, 3, {1: HONEST[1], **partials_of(again, CIPHERTEXT, (2,))})


def test_a_key_shown_shows_no_share() -> None:
    assert not any(str(share) in repr(KEY) for share in KEY.shares.values())


@pytest.mark.parametrize(
    ("p", "q", "threshold", "count", "field"),
    [
        pytest.param(SMALL[0], SMALL[0], 2, 3, "primes", id="one-prime-twice"),
        pytest.param(SMALL[0], SMALL[1] + 2, 2, 3, "primes", id="composite"),
        pytest.param(SMALL[0], (1 << 521) - 1, 2, 3, "primes", id="prime-but-not-safe"),
        pytest.param(SMALL[0], LARGE[0], 2, 3, "primes", id="lengths-differ"),
        pytest.param(*SMALL, 1, 2, "threshold", id="half-is-no-majority"),
        pytest.param(*SMALL, 4, 3, "threshold", id="more-than-there-are"),
        pytest.param(*SMALL, 0, 0, "threshold", id="nobody"),
    ],
)
def test_absurd_deals_are_refused(p: int, q: int, threshold: int, count: int, field: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        threshold_paillier.deal(p, q, epoch=EPOCH, threshold=threshold, count=count)
    assert refusal.value.field == field


def test_every_subset_gives_the_same_w() -> None:
    w = {
        threshold_paillier.verification_w(PUBLIC, 3, {i: KEY.vs[i] for i in few})
        for few in [(1, 2), (1, 3), (3, 2), (1, 2, 3)]
    }
    assert len(w) == 1
    assert w != {1}
    assert w.pop() % N == 1


def test_a_forged_verification_key_shows_in_w() -> None:
    w = threshold_paillier.verification_w(PUBLIC, 3, KEY.vs)
    forged = {**KEY.vs, 3: KEY.vs[3] * PUBLIC.v % N2}
    assert threshold_paillier.verification_w(PUBLIC, 3, forged) != w
    with pytest.raises(InvalidInputError):
        threshold_paillier.verification_w(PUBLIC, 3, {**KEY.vs, 3: N})


def test_a_custodian_checks_its_own_share() -> None:
    threshold_paillier.verify_share(PUBLIC, KEY.shares[1], KEY.vs[1])
    for share, v_i in [(KEY.shares[1], KEY.vs[2]), (KEY.shares[1] + 1, KEY.vs[1]), (0, 1), (-1, 1)]:
        with pytest.raises(VerifyError):
            threshold_paillier.verify_share(PUBLIC, share, v_i)


@given(st.data())
def test_integer_lagrange_restores_count_factorial_times_the_constant(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 9))
    indices = data.draw(st.lists(st.integers(1, count), min_size=1, unique=True))
    polynomial = data.draw(st.lists(st.integers(-100, 100), min_size=1, max_size=len(indices)))
    restored = sum(
        threshold_paillier.lagrange_integer(indices, i, count)
        * sum(a * i**k for k, a in enumerate(polynomial))
        for i in indices
    )
    assert restored == math.factorial(count) * polynomial[0]


@pytest.mark.parametrize(("indices", "i"), [([], 1), ([1, 1, 2], 1), ([0, 1], 1), ([1, 4], 1), ([1, 2], 3)])
def test_integer_lagrange_refuses_indices(indices: list[int], i: int) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        threshold_paillier.lagrange_integer(indices, i, 3)
    assert refusal.value.field == "index"


# One journey at the real size


def test_six_debtors_are_opened_in_one_plaintext_of_3072_bits() -> None:
    key = threshold_paillier.deal(*LARGE, epoch=EPOCH, threshold=2, count=3)
    sealer = Sealer(key.public)
    owed = [[Exposure(1, 1000 * d + m, d, 1, 0, 0, 0, 0, 0, m % 2) for m in range(3)] for d in range(6)]
    sums = [
        paillier.product(key.public, sealer.seal_many((e.pack(), e.outstanding + 1) for e in contracts))
        for contracts in owed
    ]
    assert exposure.positions_per_ciphertext(key.public.bits) == len(sums)

    packed = paillier.pack(key.public, sums, exposure.SLOTS_BITS)
    totals = exposure.split(open_with(key, packed, (3, 1)), 6)

    assert totals == [Exposure(3, 3000 * d + 3, 3 * d, 3, 0, 0, 0, 0, 0, 1) for d in range(6)]
    private = phe.PaillierPrivateKey(phe.PaillierPublicKey(key.public.n), *LARGE)
    assert exposure.split(private.raw_decrypt(packed), 6) == totals


def test_one_wild_contribution_spoils_the_pack_but_not_the_position_opened_alone() -> None:
    wild = replace(Exposure(1, 0, 0, 0, 0, 0, 0, 0, 0, 0), judged=2**48 - 1)
    sums = [paillier.product(PUBLIC, [SEALER.seal(wild.pack(), 8), SEALER.seal(wild.pack(), 9)]), CIPHERTEXT]
    spoiled = exposure.split(open_with(KEY, paillier.pack(PUBLIC, sums, exposure.SLOTS_BITS), (1, 2)), 2)
    assert not exposure.is_sane(spoiled[0])
    assert spoiled[1] != Exposure.unpack(42)
    assert Exposure.unpack(open_with(KEY, sums[1], (1, 2))) == Exposure.unpack(42)
