"""The stored proof of partial decryption, by our code and by other code; then every way to lie about one."""

from __future__ import annotations

import math
import pickle
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy import decryption, threshold_paillier
from privacy.encoding import b64, decode_integer, encode_integer, unb64
from privacy.errors import InvalidInputError, VerifyError
from privacy.matching import DecryptionProof
from privacy.paillier import PublicKey, Sealer
from tests.privacy.independent_proofs import KEY, Decryption, decryption_vector, stored, weights
from tests.privacy.paillier_keys import OTHER, SMALL

STORED = stored("decryption")
PUBLIC = PublicKey(KEY.n, KEY.epoch)
N, N2 = PUBLIC.n, PUBLIC.n_squared
SHARE, V_I = int(STORED["share"], 16), int(STORED["v_i"], 16)
CIPHERTEXTS = [int(c, 16) for c in STORED["ciphertexts"]]
PARTIALS = [int(p, 16) for p in STORED["partials"]]
PROOF = DecryptionProof(**STORED["proof"])
SAID: dict[str, Any] = {
    "count": 3,
    "custodian": 2,
    "v_i": V_I,
    "manifest": bytes.fromhex(STORED["manifest"]),
    "ciphertexts": CIPHERTEXTS,
    "partials": PARTIALS,
}

DEALT = threshold_paillier.deal(*SMALL, epoch=KEY.epoch, threshold=2, count=3)
SEALER = Sealer(PUBLIC)


def verify(proof: DecryptionProof = PROOF, public: PublicKey = PUBLIC, **changes: Any) -> None:
    decryption.verify(public, **SAID | changes, proof=proof)


def refused(proof: DecryptionProof = PROOF, public: PublicKey = PUBLIC, **changes: Any) -> bool:
    with pytest.raises(VerifyError):
        verify(proof, public, **changes)
    return True


def prove(**changes: Any) -> DecryptionProof:
    return decryption.prove(PUBLIC, **{"share": SHARE} | SAID | changes)


# The stored proof


def test_the_stored_proof_is_what_other_code_makes() -> None:
    assert decryption_vector() == STORED


def test_the_stored_proof_is_what_we_make() -> None:
    assert prove(nonce=int(STORED["nonce"], 16)) == PROOF


def test_the_stored_proof_holds() -> None:
    verify()


def test_the_stored_partials_are_what_we_make() -> None:
    assert [threshold_paillier.partial(PUBLIC, 3, SHARE, c) for c in CIPHERTEXTS] == PARTIALS


def test_other_code_finds_that_the_stored_proof_holds() -> None:
    public = Decryption(KEY, 3, 2, V_I, SAID["manifest"], CIPHERTEXTS, PARTIALS)
    assert public.seed.hex() == STORED["seed"]
    assert list(map(hex, weights(public.seed, 2))) == STORED["weights"]
    assert (hex(public.a), hex(public.b)) == (STORED["a"], STORED["b"])
    e, z = (int.from_bytes(unb64(text), "big") for text in (PROOF.e, PROOF.z))
    assert hex(e) == STORED["e"]
    assert public.holds(e, z)
    assert not public.holds(e, z + 1)


# What holds


@settings(max_examples=5)
@given(st.lists(st.integers(0, 2**960), min_size=1, max_size=4), st.sampled_from([1, 2, 3]))
def test_every_custodian_can_prove_its_partials(totals: list[int], custodian: int) -> None:
    share, v_i = DEALT.shares[custodian], DEALT.vs[custodian]
    ciphertexts = SEALER.seal_many((total, 99) for total in totals)
    partials = [threshold_paillier.partial(PUBLIC, 3, share, c) for c in ciphertexts]
    said: dict[str, Any] = {
        "custodian": custodian,
        "v_i": v_i,
        "ciphertexts": ciphertexts,
        "partials": partials,
    }
    proof = prove(share=share, **said)
    verify(proof, **said)
    e, z = (int.from_bytes(unb64(text), "big") for text in (proof.e, proof.z))
    assert Decryption(KEY, 3, custodian, v_i, SAID["manifest"], ciphertexts, partials).holds(e, z)


def test_no_two_proofs_are_alike() -> None:
    proofs = [PROOF, prove(), prove()]
    assert len({proof.e for proof in proofs}) == len({proof.z for proof in proofs}) == 3


def test_a_proof_has_its_fixed_lengths() -> None:
    assert [len(unb64(text)) for text in (prove().e, prove().z)] == [16, 289]


def test_a_proof_is_one_call_that_another_process_can_make() -> None:
    call = partial(decryption.prove, PUBLIC, share=SHARE, **SAID)
    verify(pickle.loads(pickle.dumps(call))())
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        verify(pool.submit(decryption.prove, PUBLIC, share=SHARE, **SAID).result())


# False partials

SHIFTED = PARTIALS[0] * (1 + 5 * N) % N2
"""Shifts the opened total, and nothing else shows it."""


def test_a_shifted_partial_does_open_to_another_total() -> None:
    honest = {i: threshold_paillier.partial(PUBLIC, 3, DEALT.shares[i], CIPHERTEXTS[0]) for i in (1, 2)}
    shifted = honest | {2: honest[2] * (1 + 5 * N) % N2}
    totals = [threshold_paillier.combine(PUBLIC, 3, partials) for partials in (honest, shifted)]
    assert totals[0] != totals[1]


@pytest.mark.parametrize(
    "partials",
    [
        pytest.param([SHIFTED, PARTIALS[1]], id="shifted"),
        pytest.param([SHIFTED, PARTIALS[1] * (1 - 5 * N) % N2], id="shifts-that-cancel"),
        pytest.param(PARTIALS[::-1], id="swapped"),
        pytest.param([PARTIALS[0], PARTIALS[0]], id="of-another-ciphertext"),
        pytest.param([1, 1], id="ones"),
        pytest.param([pow(PARTIALS[0], 2, N2), PARTIALS[1]], id="squared"),
        pytest.param([CIPHERTEXTS[0], CIPHERTEXTS[1]], id="the-ciphertexts"),
        pytest.param([pow(c, 12 * DEALT.shares[2], N2) for c in CIPHERTEXTS], id="by-another-share"),
        pytest.param([pow(c, 6 * SHARE, N2) for c in CIPHERTEXTS], id="half-the-exponent"),
    ],
)
def test_a_false_partial_has_no_proof(partials: list[int]) -> None:
    assert refused(partials=partials)
    assert refused(prove(partials=partials), partials=partials)


def test_a_partial_with_its_sign_flipped_on_the_way_is_refused() -> None:
    for partials in ([N2 - PARTIALS[0], PARTIALS[1]], [N2 - p for p in PARTIALS]):
        assert refused(partials=partials)


def test_a_custodian_that_flips_a_sign_itself_changes_no_total() -> None:
    flipped = [N2 - PARTIALS[0], PARTIALS[1]]
    verify(prove(partials=flipped), partials=flipped)
    # The proof speaks of squares, so it holds for either sign; what is opened is a matter of squares as well.
    share = {i: DEALT.shares[i] for i in (1, 2)}
    honest = {i: threshold_paillier.partial(PUBLIC, 3, share[i], CIPHERTEXTS[0]) for i in share}
    for signs in ({1: N2 - honest[1]}, {2: N2 - honest[2]}, {i: N2 - p for i, p in honest.items()}):
        assert threshold_paillier.combine(PUBLIC, 3, honest | signs) == threshold_paillier.combine(
            PUBLIC, 3, honest
        )


# Moved elsewhere


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"manifest": bytes(32)}, id="another-manifest"),
        pytest.param({"manifest": b""}, id="no-manifest"),
        pytest.param({"custodian": 1}, id="another-custodian"),
        pytest.param({"custodian": 3}, id="yet-another"),
        pytest.param({"v_i": DEALT.vs[2]}, id="another-share's-key"),
        pytest.param({"v_i": PUBLIC.v}, id="the-base-as-key"),
        pytest.param({"v_i": 1}, id="one-as-key"),
        pytest.param({"v_i": N2 - V_I}, id="the-key-negated"),
        pytest.param({"count": 4}, id="more-custodians"),
        pytest.param({"count": 2}, id="fewer-custodians"),
        pytest.param({"ciphertexts": CIPHERTEXTS[::-1]}, id="ciphertexts-swapped"),
        pytest.param({"ciphertexts": CIPHERTEXTS[::-1], "partials": PARTIALS[::-1]}, id="another-order"),
        pytest.param({"ciphertexts": CIPHERTEXTS[:1], "partials": PARTIALS[:1]}, id="only-the-first"),
        pytest.param({"ciphertexts": CIPHERTEXTS * 2, "partials": PARTIALS * 2}, id="all-twice"),
        pytest.param({"ciphertexts": [N2 - CIPHERTEXTS[0], CIPHERTEXTS[1]]}, id="ciphertext-negated"),
    ],
)
def test_a_proof_moves_nowhere(changes: dict[str, Any]) -> None:
    assert refused(**changes)


def test_a_proof_moves_to_no_other_epoch_or_modulus() -> None:
    assert refused(public=PublicKey(N, PUBLIC.epoch + 1))
    assert refused(public=PublicKey(math.prod(OTHER), PUBLIC.epoch))


# Malformed


def changed(**fields: str) -> DecryptionProof:
    return msgspec.structs.replace(PROOF, **fields)


@pytest.mark.parametrize(("field", "octets"), [("e", 16), ("z", 289)])
def test_every_part_of_a_proof_counts(field: str, octets: int) -> None:
    value = decode_integer(getattr(PROOF, field), octets)
    for other in (value + 1, value - 1, value ^ 1 << 100, 0):
        assert refused(changed(**{field: encode_integer(other, octets)}))


@pytest.mark.parametrize(("field", "octets"), [("e", 16), ("z", 289)])
def test_every_part_has_its_exact_length(field: str, octets: int) -> None:
    right = unb64(getattr(PROOF, field))
    assert len(right) == octets
    for wrong in (b"\0" + right, right[1:], right + b"\0", right[:-1], b""):
        assert refused(changed(**{field: b64(wrong)}))
    assert refused(changed(**{field: "no base64url!"}))


def test_a_response_keeps_its_bound() -> None:
    bound = 1 << 2 * 1024 + 257
    # The exponents' group has the order 2*m*N: a multiple of it more is the same, and refused for its length.
    order = 2 * N * (SMALL[0] >> 1) * (SMALL[1] >> 1)
    within = decode_integer(PROOF.z, 289)
    verify(changed(z=encode_integer(within + order, 289)))
    beyond = within + (bound // order + 1) * order
    assert bound <= beyond < 1 << 8 * 289
    assert refused(changed(z=encode_integer(beyond, 289)))


@pytest.mark.parametrize("bad", [0, -1, N2, N2 + 1, N, SMALL[0], SMALL[1] * 12345])
def test_what_is_no_residue_is_covered_by_no_proof(bad: int) -> None:
    for changes in (
        {"ciphertexts": [bad, CIPHERTEXTS[1]]},
        {"partials": [PARTIALS[0], bad]},
        {"v_i": bad},
    ):
        assert refused(**changes)
        with pytest.raises(InvalidInputError):
            prove(**changes)


@pytest.mark.parametrize(
    ("ciphertexts", "partials"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(CIPHERTEXTS, PARTIALS[:1], id="a-partial-missing"),
        pytest.param(CIPHERTEXTS[:1], PARTIALS, id="a-ciphertext-missing"),
        pytest.param(CIPHERTEXTS, [], id="no-partials"),
        pytest.param(CIPHERTEXTS[:1] * 257, PARTIALS[:1] * 257, id="too-many"),
    ],
)
def test_no_proof_covers_lists_that_do_not_pair(ciphertexts: list[int], partials: list[int]) -> None:
    assert refused(ciphertexts=ciphertexts, partials=partials)
    with pytest.raises(InvalidInputError) as refusal:
        prove(ciphertexts=ciphertexts, partials=partials)
    assert refusal.value.field == "partials"


@pytest.mark.parametrize("share", [0, -1, N2])
def test_a_share_out_of_range_proves_nothing(share: int) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        prove(share=share)
    assert refusal.value.field == "share"


def test_a_share_that_is_not_ones_own_proves_nothing() -> None:
    assert refused(prove(share=DEALT.shares[2]))
    assert refused(prove(share=SHARE + 1))
