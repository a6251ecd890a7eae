"""The stored proof of plaintext knowledge, by our code and by other code; then every way to forge one."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import starmap

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy import knowledge
from privacy.encoding import b64, decode_integer, encode_integer, unb64
from privacy.errors import InvalidInputError, VerifyError
from privacy.knowledge import ChunkContext
from privacy.paillier import PublicKey, Sealer
from privacy.statements import MAX_CHUNK, KnowledgeProof
from tests.privacy.independent_proofs import KEY, Key, Knowledge, knowledge_vector, stored, weights
from tests.privacy.paillier_keys import OTHER, SMALL

STORED = stored("knowledge")
PUBLIC = PublicKey(KEY.n, KEY.epoch)
N, N2 = PUBLIC.n, PUBLIC.n_squared
SEALER = Sealer(PUBLIC)
CONTEXT = ChunkContext("南方小贷", bytes.fromhex(STORED["key_set"]), bytes.fromhex(STORED["root"]))
CIPHERTEXTS = [int(c, 16) for c in STORED["ciphertexts"]]
OPENINGS = [(int(opening["m"], 16), int(opening["r"], 16)) for opening in STORED["openings"]]
PROOF = KnowledgeProof(**STORED["proof"])
NONCE = int(STORED["nonce"]["mu"], 16), int(STORED["nonce"]["rho"], 16)

openings = st.lists(st.tuples(st.integers(0, N - 1), st.integers(1, 2**512 - 1)), min_size=1, max_size=5)


def refused(
    ciphertexts: list[int],
    proof: KnowledgeProof = PROOF,
    context: ChunkContext = CONTEXT,
    public: PublicKey = PUBLIC,
) -> bool:
    with pytest.raises(VerifyError):
        knowledge.verify(public, context, ciphertexts, proof)
    return True


# The stored proof


def test_the_stored_proof_is_what_other_code_makes() -> None:
    assert knowledge_vector() == STORED


def test_the_stored_proof_is_what_we_make() -> None:
    assert knowledge.prove(PUBLIC, CONTEXT, CIPHERTEXTS, OPENINGS, nonce=NONCE) == PROOF


def test_the_stored_proof_holds() -> None:
    knowledge.verify(PUBLIC, CONTEXT, CIPHERTEXTS, PROOF)


def test_other_code_finds_that_the_stored_proof_holds() -> None:
    public = Knowledge(KEY, CONTEXT.member, CONTEXT.key_set, CONTEXT.root, CIPHERTEXTS)
    assert public.seed.hex() == STORED["seed"]
    assert list(map(hex, weights(public.seed, 3))) == STORED["weights"]
    assert hex(public.product) == STORED["c"]
    a, z_m, z_r = (int.from_bytes(unb64(text), "big") for text in (PROOF.a, PROOF.z_m, PROOF.z_r))
    assert hex(public.challenge(a)) == STORED["e"]
    assert public.holds(a, z_m, z_r)
    assert not public.holds(a, (z_m + 1) % N, z_r)


# What holds


@settings(max_examples=15)
@given(openings)
def test_who_knows_all_openings_can_prove_it(pairs: list[tuple[int, int]]) -> None:
    ciphertexts = SEALER.seal_many(pairs)
    proof = knowledge.prove(PUBLIC, CONTEXT, ciphertexts, pairs)
    knowledge.verify(PUBLIC, CONTEXT, ciphertexts, proof)
    a, z_m, z_r = (int.from_bytes(unb64(text), "big") for text in (proof.a, proof.z_m, proof.z_r))
    assert Knowledge(KEY, CONTEXT.member, CONTEXT.key_set, CONTEXT.root, ciphertexts).holds(a, z_m, z_r)


def test_no_two_proofs_are_alike() -> None:
    proofs = [knowledge.prove(PUBLIC, CONTEXT, CIPHERTEXTS, OPENINGS) for _ in range(2)]
    for field in ("a", "z_m", "z_r"):  # the same nonce twice would open R and M
        assert len({getattr(proof, field) for proof in (*proofs, PROOF)}) == 3


def test_a_proof_has_its_fixed_lengths() -> None:
    proof = knowledge.prove(PUBLIC, CONTEXT, CIPHERTEXTS[:1], OPENINGS[:1])
    assert [len(unb64(text)) for text in (proof.a, proof.z_m, proof.z_r)] == [256, 128, 114]


# Ciphertexts of another

VICTIM = SEALER.seal(123_456_789, 2**511 + 12_345)
"""Of a member whose plaintext and randomness the forger does not know."""

OWN = (777, 2**510 + 9)


def forge(ciphertexts: list[int], guessed: list[tuple[int, int]]) -> KnowledgeProof:
    """What the prover's own arithmetic gives for openings that the forger makes up."""
    return knowledge.prove(PUBLIC, CONTEXT, ciphertexts, guessed)


@pytest.mark.parametrize(
    ("taken", "guess"),
    [
        pytest.param(VICTIM, (0, 1), id="copied"),
        pytest.param(VICTIM * (1 + N) % N2, (1, 1), id="shifted-by-one"),
        pytest.param(VICTIM * SEALER.seal(*OWN) % N2, OWN, id="shifted-and-blinded"),
        pytest.param(pow(VICTIM, 2, N2), (0, 1), id="scaled"),
        pytest.param(pow(VICTIM, -1, N2), (0, 1), id="inverted"),
        pytest.param(N2 - VICTIM, (0, 1), id="negated"),
    ],
)
def test_who_does_not_know_a_plaintext_cannot_sign_it_as_its_own(taken: int, guess: tuple[int, int]) -> None:
    own = SEALER.seal(*OWN)
    for ciphertexts, guessed in (([taken], [guess]), ([own, taken, own], [OWN, guess, OWN])):
        assert refused(ciphertexts, forge(ciphertexts, guessed))


def test_two_that_cancel_do_not_pass_as_one_opening() -> None:
    # Without weights the product of both would be an encryption of nothing.
    pair = [VICTIM, pow(VICTIM, -1, N2) * SEALER.seal(*OWN) % N2]
    assert refused(pair, forge(pair, [OWN, OWN]))
    assert refused(pair, forge(pair, [(0, 1), OWN]))


def test_a_transcript_made_backwards_does_not_hold() -> None:
    # Without a challenge by hash anybody could choose the responses first, and A to fit them.
    public = Knowledge(KEY, CONTEXT.member, CONTEXT.key_set, CONTEXT.root, [VICTIM])
    z_m, z_r, e = 12_345, 2**900 + 7, 2**127 + 1
    a = KEY.sealed(z_m, z_r) * pow(public.product, -e, N2) % N2
    assert a * pow(public.product, e, N2) % N2 == KEY.sealed(z_m, z_r)
    made = KnowledgeProof(
        a=encode_integer(a, 256), z_m=encode_integer(z_m, 128), z_r=encode_integer(z_r, 114)
    )
    assert refused([VICTIM], made)


def test_a_wrong_plaintext_or_randomness_proves_nothing() -> None:
    (m, r), *others = OPENINGS
    for wrong in ((m + 1, r), (m, r + 1), (m, r ^ 1 << 511)):
        assert refused(CIPHERTEXTS, forge(CIPHERTEXTS, [wrong, *others]))
    assert refused(CIPHERTEXTS, forge(CIPHERTEXTS, OPENINGS[::-1]))


def test_a_proof_is_of_these_ciphertexts_in_this_order() -> None:
    assert refused(CIPHERTEXTS[::-1])
    assert refused(CIPHERTEXTS[:2])
    assert refused([*CIPHERTEXTS, CIPHERTEXTS[0]])
    assert refused([VICTIM, *CIPHERTEXTS[1:]])
    assert refused([CIPHERTEXTS[0] * (1 + N) % N2, *CIPHERTEXTS[1:]])
    assert refused([N2 - CIPHERTEXTS[0], *CIPHERTEXTS[1:]])


# Moved elsewhere


@pytest.mark.parametrize(
    "context",
    [
        pytest.param(replace(CONTEXT, member="北方小贷"), id="another-member"),
        pytest.param(replace(CONTEXT, member=""), id="nobody"),
        pytest.param(replace(CONTEXT, key_set=bytes(32)), id="another-key-set"),
        pytest.param(replace(CONTEXT, root=bytes(32)), id="another-chunk"),
        pytest.param(replace(CONTEXT, key_set=CONTEXT.root, root=CONTEXT.key_set), id="swapped"),
    ],
)
def test_a_proof_moves_to_no_other_member_key_set_or_chunk(context: ChunkContext) -> None:
    assert refused(CIPHERTEXTS, context=context)


def test_a_proof_moves_to_no_other_epoch_or_key() -> None:
    assert refused(CIPHERTEXTS, public=PublicKey(N, PUBLIC.epoch + 1))
    assert refused(CIPHERTEXTS, public=PublicKey(math.prod(OTHER), PUBLIC.epoch))


def test_the_same_contributions_need_a_new_proof_in_the_next_epoch() -> None:
    later = Key(N, KEY.epoch + 1)
    ciphertexts = list(starmap(later.sealed, OPENINGS))
    assert refused(ciphertexts, public=PublicKey(N, later.epoch))


# Malformed


def changed(field: str, text: str) -> KnowledgeProof:
    return msgspec.structs.replace(PROOF, **{field: text})


def numbers(field: str, octets: int) -> int:
    return decode_integer(getattr(PROOF, field), octets)


@pytest.mark.parametrize(("field", "octets"), [("a", 256), ("z_m", 128), ("z_r", 114)])
def test_every_part_of_a_proof_counts(field: str, octets: int) -> None:
    value = numbers(field, octets)
    for other in (value + 1, value - 1, value ^ 1 << 200, 1):
        assert refused(CIPHERTEXTS, changed(field, encode_integer(other, octets)))


@pytest.mark.parametrize(("field", "octets"), [("a", 256), ("z_m", 128), ("z_r", 114)])
def test_every_part_has_its_exact_length(field: str, octets: int) -> None:
    right = unb64(getattr(PROOF, field))
    assert len(right) == octets
    for wrong in (b"\0" + right, right[1:], right + b"\0", right[:-1], b""):
        assert refused(CIPHERTEXTS, changed(field, b64(wrong)))
    assert refused(CIPHERTEXTS, changed(field, "no base64url!"))


@pytest.mark.parametrize("a", [0, N2, N, SMALL[0], SMALL[1] * 12345])
def test_the_commitment_is_a_ciphertext(a: int) -> None:
    assert refused(CIPHERTEXTS, changed("a", encode_integer(a, 256)))


def test_a_commitment_with_its_sign_flipped_does_not_hold() -> None:
    assert refused(CIPHERTEXTS, changed("a", encode_integer(N2 - numbers("a", 256), 256)))


def test_a_response_for_the_plaintext_is_below_n() -> None:
    # N more is the same in (1 + N)^z_m: only the bound refuses it. One nonce in ten leaves room for it.
    proofs = (
        knowledge.prove(PUBLIC, CONTEXT, CIPHERTEXTS, OPENINGS, nonce=(mu, NONCE[1])) for mu in range(200)
    )
    proof = next(each for each in proofs if decode_integer(each.z_m, 128) + N < 1 << 1024)
    knowledge.verify(PUBLIC, CONTEXT, CIPHERTEXTS, proof)
    beyond = encode_integer(decode_integer(proof.z_m, 128) + N, 128)
    assert refused(CIPHERTEXTS, msgspec.structs.replace(proof, z_m=beyond))


def test_a_response_for_the_randomness_keeps_its_bound() -> None:
    bound = 1 << 512 + 398
    proof = knowledge.prove(PUBLIC, CONTEXT, CIPHERTEXTS, OPENINGS, nonce=(NONCE[0], bound))
    assert decode_integer(proof.z_r, 114) >= bound
    assert refused(CIPHERTEXTS, proof)
    within = knowledge.prove(PUBLIC, CONTEXT, CIPHERTEXTS, OPENINGS, nonce=(NONCE[0], bound >> 1))
    knowledge.verify(PUBLIC, CONTEXT, CIPHERTEXTS, within)


@pytest.mark.parametrize("bad", [0, -1, N2, N2 + 1, N, SMALL[0], SMALL[1] * 12345])
def test_what_is_no_ciphertext_is_covered_by_no_proof(bad: int) -> None:
    assert refused([bad, *CIPHERTEXTS[1:]])
    with pytest.raises(InvalidInputError) as refusal:
        knowledge.prove(PUBLIC, CONTEXT, [bad, *CIPHERTEXTS[1:]], OPENINGS)
    assert refusal.value.field == "ciphertexts"


def test_no_proof_covers_nothing_or_more_than_a_chunk() -> None:
    assert refused([])
    assert refused(CIPHERTEXTS[:1] * (MAX_CHUNK + 1))
    for count in (0, MAX_CHUNK + 1):
        with pytest.raises(InvalidInputError) as refusal:
            knowledge.prove(PUBLIC, CONTEXT, CIPHERTEXTS[:1] * count, OPENINGS[:1] * count)
        assert refusal.value.field == "ciphertexts"


@pytest.mark.parametrize(
    ("pairs", "field"),
    [
        pytest.param(OPENINGS[:2], "openings", id="too-few"),
        pytest.param([*OPENINGS, OPENINGS[0]], "openings", id="too-many"),
        pytest.param([(N, 1), *OPENINGS[1:]], "m", id="plaintext-too-large"),
        pytest.param([(-1, 1), *OPENINGS[1:]], "m", id="plaintext-negative"),
        pytest.param([(1, 0), *OPENINGS[1:]], "r", id="no-randomness"),
        pytest.param([(1, 1 << 512), *OPENINGS[1:]], "r", id="randomness-too-long"),
    ],
)
def test_openings_that_fit_no_ciphertext_are_refused(pairs: list[tuple[int, int]], field: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        knowledge.prove(PUBLIC, CONTEXT, CIPHERTEXTS, pairs)
    assert refusal.value.field == field
