"""The bases, sealing against `phe`, then what an adversary sends as a ciphertext."""

from __future__ import annotations

from collections.abc import Callable

import phe
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import paillier
from privacy.errors import InvalidInputError
from privacy.paillier import PublicKey, Sealer
from tests.privacy.independent_proofs import Key
from tests.privacy.paillier_keys import SMALL

EPOCH = 7
PUBLIC = PublicKey(SMALL[0] * SMALL[1], EPOCH)
N, N2 = PUBLIC.n, PUBLIC.n_squared
SEALER = Sealer(PUBLIC)
PHE = phe.PaillierPrivateKey(phe.PaillierPublicKey(N), *SMALL)

plaintexts = st.integers(0, N - 1)
randomness = st.integers(1, 2**512 - 1)


# Bases


def test_both_bases_are_the_protocols() -> None:
    other_code = Key(N, EPOCH)
    assert PUBLIC.hs == other_code.hs
    assert PUBLIC.v == other_code.v


def test_another_epoch_has_other_bases() -> None:
    later = PublicKey(N, EPOCH + 1)
    assert later.hs != PUBLIC.hs
    assert later.v != PUBLIC.v


@pytest.mark.parametrize(
    ("n", "epoch", "field"),
    [
        pytest.param(N + 1, 0, "n", id="even"),
        pytest.param(-N, 0, "n", id="negative"),
        pytest.param(N >> 16 | 1, 0, "n", id="1008-bits"),
        pytest.param(N * 2 + 1, 0, "n", id="1025-bits"),
        pytest.param(N, -1, "epoch", id="negative-epoch"),
        pytest.param(N, 2**32, "epoch", id="epoch-of-five-bytes"),
    ],
)
def test_absurd_public_keys_are_refused(n: int, epoch: int, field: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        PublicKey(n, epoch)
    assert refusal.value.field == field


# Sealing


@given(plaintexts, randomness)
def test_a_phe_private_key_opens_what_we_sealed(m: int, r: int) -> None:
    assert PHE.raw_decrypt(SEALER.seal(m, r)) == m


@pytest.mark.parametrize("m", [0, 1, N - 1])
@pytest.mark.parametrize("r", [1, 255, 256, 2**512 - 1])
def test_both_ways_of_sealing_are_the_formula(m: int, r: int) -> None:
    expected = (1 + m * N) * pow(PUBLIC.hs, r, N2) % N2
    assert SEALER.seal(m, r) == expected
    assert paillier.encrypt(PUBLIC, m, r) == expected


@given(st.lists(st.tuples(plaintexts, randomness), max_size=3))
def test_many_are_sealed_as_one_by_one(pairs: list[tuple[int, int]]) -> None:
    assert SEALER.seal_many(iter(pairs)) == [paillier.encrypt(PUBLIC, m, r) for m, r in pairs]


@pytest.mark.parametrize("seal", [SEALER.seal, lambda m, r: paillier.encrypt(PUBLIC, m, r)])
@pytest.mark.parametrize(("m", "r", "field"), [(-1, 1, "m"), (N, 1, "m"), (1, 0, "r"), (1, 2**512, "r")])
def test_what_cannot_be_sealed(seal: Callable[[int, int], int], m: int, r: int, field: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        seal(m, r)
    assert refusal.value.field == field


# Working on ciphertexts

BAD = [
    pytest.param(0, id="zero"),
    pytest.param(-1, id="negative"),
    pytest.param(N2, id="modulus"),
    pytest.param(N2 + 1, id="beyond"),
    pytest.param(N, id="n"),
    pytest.param(SMALL[0], id="p"),
    pytest.param(SMALL[1] * 12345, id="multiple-of-q"),
]


def test_ciphertexts_are_recognised() -> None:
    good = [1, N2 - 1, *(SEALER.seal(m, 5) for m in range(5))]
    assert all(paillier.is_ciphertext(PUBLIC, c) for c in good)
    assert paillier.find_bad_ciphertexts(PUBLIC, good) == []
    assert paillier.find_bad_ciphertexts(PUBLIC, []) == []


@pytest.mark.parametrize("bad", BAD)
def test_what_is_none_is_found_and_goes_nowhere(bad: int) -> None:
    good = SEALER.seal(1, 5)
    assert not paillier.is_ciphertext(PUBLIC, bad)
    assert paillier.find_bad_ciphertexts(PUBLIC, [good, bad, good, bad]) == [1, 3]
    with pytest.raises(InvalidInputError):
        paillier.product(PUBLIC, [good, bad])
    with pytest.raises(InvalidInputError):
        paillier.pack(PUBLIC, [bad, good], 480)


@given(st.lists(st.tuples(plaintexts, randomness), min_size=1, max_size=5))
def test_a_product_opens_to_the_sum(pairs: list[tuple[int, int]]) -> None:
    c = paillier.product(PUBLIC, SEALER.seal_many(pairs))
    assert PHE.raw_decrypt(c) == sum(m for m, _ in pairs) % N


@given(st.lists(st.integers(0, 2**100 - 1), min_size=1, max_size=10))
def test_packing_puts_the_first_lowest(values: list[int]) -> None:
    packed = paillier.pack(PUBLIC, [SEALER.seal(m, 5) for m in values], 100)
    assert PHE.raw_decrypt(packed) == sum(m * 2 ** (100 * place) for place, m in enumerate(values))


@pytest.mark.parametrize(("count", "slot_bits"), [(3, 480), (2, 512), (1, 1024), (1, 0), (1, -1), (0, 480)])
def test_what_does_not_fit_is_not_packed(count: int, slot_bits: int) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        paillier.pack(PUBLIC, [SEALER.seal(1, 5)] * count, slot_bits)
    assert refusal.value.field == "ciphertexts"


def test_a_product_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInputError):  # it would be 1, a zero that anybody can read
        paillier.product(PUBLIC, [])
