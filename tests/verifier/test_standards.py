"""The verifier's own arithmetic against published vectors, libsodium, OpenSSL, voprf and `privacy`."""

from __future__ import annotations

import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

import pytest
import voprf.ristretto as oracle
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from privacy import dleq, group, merkle, oprf, shamir
from privacy.encoding import canonical
from privacy.errors import VerifyError
from verifier import alliance_verify as verifier

VECTORS = Path(__file__).parents[1] / "vectors"
RISTRETTO = json.loads((VECTORS / "rfc9496_ristretto255.json").read_text())
VOPRF = next(
    each
    for each in json.loads((VECTORS / "rfc9497_ristretto255.json").read_text())
    if each["mode"] == oprf.MODE_VOPRF
)


def holds_in_libsodium(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        crypto_sign_open(signature + message, public)
    except BadSignatureError:
        return False
    return True


# Ed25519 (RFC 8032 section 7.1: TEST 1, 2, 3 and SHA(abc)).

SIGNATURES = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("seed", "public", "message", "signature"), SIGNATURES)
def test_ed25519_gives_the_values_of_rfc_8032(seed: str, public: str, message: str, signature: str) -> None:
    values = [bytes.fromhex(each) for each in (public, message, signature)]
    assert verifier.ed25519_public(bytes.fromhex(seed)) == values[0]
    assert verifier.ed25519_holds(*values)
    assert not verifier.ed25519_holds(values[0], values[1] + b"x", values[2])


@settings(max_examples=12)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_ed25519_agrees_with_openssl(seed: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verifier.ed25519_public(seed) == public
    assert verifier.ed25519_holds(public, message, signature)


SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    # The same once more, in spellings that are not canonical.
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_key_of_small_order_signs_nothing(point: str) -> None:
    # With S = 0 and R = A these would hold for many messages, if nobody looked.
    public = bytes.fromhex(point)
    for message in (b"", b"a", b"b", b"c"):
        signature = public + bytes(32)
        assert not holds_in_libsodium(public, message, signature)
        assert not verifier.ed25519_holds(public, message, signature)


def test_a_signature_has_one_spelling() -> None:
    seed, public, message, signature = (bytes.fromhex(each) for each in SIGNATURES[1])
    second = int.from_bytes(signature[32:], "little") + verifier.ORDER
    other = signature[:32] + second.to_bytes(32, "little")
    assert verifier.ed25519_public(seed) == public
    assert not holds_in_libsodium(public, message, other)
    assert not verifier.ed25519_holds(public, message, other)


@pytest.mark.parametrize("twisted", [(True, False), (False, True), (True, True)])
def test_a_point_with_a_part_of_small_order_is_judged_as_libsodium_judges_it(
    twisted: tuple[bool, bool],
) -> None:
    torsion = verifier.point_of(bytes.fromhex(SMALL_ORDER[4]))
    assert torsion is not None
    judged = set()
    for nonce in range(2, 12):
        a, r = verifier.combine((7, verifier.BASE)), verifier.combine((nonce, verifier.BASE))
        public = verifier.bytes_of(verifier.add(a, torsion) if twisted[0] else a)
        first = verifier.bytes_of(verifier.add(r, torsion) if twisted[1] else r)
        h = int.from_bytes(hashlib.sha512(first + public + b"m").digest(), "little")
        signature = first + ((nonce + h * 7) % verifier.ORDER).to_bytes(32, "little")
        expected = holds_in_libsodium(public, b"m", signature)
        assert verifier.ed25519_holds(public, b"m", signature) == expected
        judged.add(expected)
    assert False in judged


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_or_signature_of_another_length_holds_nothing(length: int) -> None:
    _, public, message, signature = (bytes.fromhex(each) for each in SIGNATURES[1])
    assert not verifier.ed25519_holds((public * 2)[:length], message, signature)
    assert not verifier.ed25519_holds(public, message, (signature * 2)[: length * 2])


# ristretto255 (RFC 9496) and the OPRF (RFC 9497).


def test_multiples_of_the_generator_are_those_of_rfc_9496() -> None:
    for number, encoded in enumerate(RISTRETTO["multiples_of_the_generator"]):
        point = verifier.combine((number, verifier.BASE)) if number else verifier.IDENTITY
        assert verifier.element_bytes(point).hex() == encoded
        assert verifier.element_of(bytes.fromhex(encoded)) is not None


@pytest.mark.parametrize("kind", sorted(RISTRETTO["invalid_encodings"]))
def test_the_invalid_encodings_of_rfc_9496_are_refused(kind: str) -> None:
    for encoded in RISTRETTO["invalid_encodings"][kind]:
        assert verifier.element_of(bytes.fromhex(encoded)) is None


@settings(max_examples=10)
@given(st.binary(min_size=64, max_size=64), st.binary(max_size=100))
def test_hashing_to_the_group_agrees_with_libsodium(wide: bytes, data: bytes) -> None:
    domain = b"HashToGroup-" + oprf.CONTEXT
    assert verifier.element_bytes(verifier.hash_to_group(data)) == group.hash_to_group(data, domain)
    scalar = group.hash_to_scalar(wide, b"HashToScalar-" + oprf.CONTEXT)
    assert verifier.hash_to_scalar(wide).to_bytes(32, "little") == scalar


def vector(case: dict[str, Any], name: str) -> list[bytes]:
    return [bytes.fromhex(each) for each in case[name].split(",")]


@pytest.mark.parametrize("case", [each for each in VOPRF["vectors"] if each["Batch"] == 1])
def test_the_vectors_of_rfc_9497(case: dict[str, Any]) -> None:
    public = bytes.fromhex(VOPRF["pkSm"])
    ((data,), (blind,), (asked,), (answered,), (output,)) = (
        vector(case, name) for name in ("Input", "Blind", "BlindedElement", "EvaluationElement", "Output")
    )
    scalar, proof = int.from_bytes(blind, "little"), bytes.fromhex(case["Proof"]["proof"])
    blinded = verifier.combine((scalar, verifier.hash_to_group(data)))
    assert verifier.element_bytes(blinded) == asked
    assert verifier.evaluation_holds(public, asked, answered, proof)
    share = verifier.element_of(answered)
    assert share is not None
    assert verifier.oprf_output(data, verifier.unblinded(scalar, [(1, share)])) == output


@pytest.mark.parametrize("part", ["public", "asked", "answered", "c", "s"])
def test_a_proof_of_something_else_is_refused(part: str) -> None:
    secret, public = oprf.derive_key_pair(bytes(32), b"")
    asked = oprf.blind(b"data").element
    evaluation = oprf.evaluate(secret, [asked])
    given = {
        "public": public,
        "asked": asked,
        "answered": evaluation.elements[0],
        "c": evaluation.proof[:32],
        "s": evaluation.proof[32:],
    }
    assert verifier.evaluation_holds(public, asked, given["answered"], given["c"] + given["s"])
    given[part] = (
        oprf.blind(b"other").element if part in ("public", "asked", "answered") else group.random_scalar()
    )
    arguments = given["public"], given["asked"], given["answered"], given["c"] + given["s"]
    assert not verifier.evaluation_holds(*arguments)
    with pytest.raises(VerifyError):
        dleq.verify(arguments[0], [arguments[1]], [arguments[2]], arguments[3], context=oprf.CONTEXT)


def test_the_identity_and_scalars_that_are_not_reduced_are_refused() -> None:
    secret, public = oprf.derive_key_pair(bytes(32), b"")
    asked = oprf.blind(b"data").element
    evaluation = oprf.evaluate(secret, [asked])
    answered, proof = evaluation.elements[0], evaluation.proof
    larger = (int.from_bytes(proof[32:], "little") + verifier.ORDER).to_bytes(32, "little")
    assert not verifier.evaluation_holds(public, asked, answered, proof[:32] + larger)
    assert not verifier.evaluation_holds(public, asked, bytes(32), proof)
    assert not verifier.evaluation_holds(public, bytes(32), bytes(32), proof)
    assert not verifier.evaluation_holds(bytes(32), asked, answered, proof)


def test_joined_shares_give_what_one_server_would_by_another_implementation() -> None:
    """`voprf` (Rust) evaluates under the whole key; two of three shares of it, joined, give the same."""
    server, data = oracle.Evaluator.from_seed(b"\x07" * 32, b"info"), b"v1|USCC|91000000MA0000001R"
    secret, public = oprf.derive_key_pair(b"\x07" * 32, b"info")
    shares = shamir.split(int.from_bytes(secret, "little"), threshold=2, count=3, modulus=group.ORDER)
    blind = secrets.randbelow(group.ORDER - 1) + 1
    blinded = verifier.combine((blind, verifier.hash_to_group(data)))
    joined = [(index, verifier.combine((shares[index], blinded))) for index in (3, 1)]
    ours = verifier.oprf_output(data, verifier.unblinded(blind, joined))
    assert ours == server.evaluate_known_input(data)
    asked = verifier.element_bytes(blinded)
    answer = server.evaluate(oracle.BlindedInput.deserialize(asked)).serialize()
    assert verifier.evaluation_holds(public, asked, answer[64:], answer[:64])


# SM3 (GB/T 32905-2016, annex A).


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_gives_the_standards_values(data: bytes, expected: str) -> None:
    ours, chosen = verifier.Sm3(), verifier.new_sm3()
    ours.update(data)
    chosen.update(data)
    assert ours.hexdigest() == chosen.hexdigest() == expected


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=150), max_size=4))
def test_sm3_in_pieces_agrees_with_openssl(pieces: list[bytes]) -> None:
    ours = verifier.Sm3()
    for piece in pieces:
        ours.update(piece)
    assert ours.hexdigest() == hashlib.new("sm3", b"".join(pieces)).hexdigest()


# Canonical JSON (RFC 8785).

NAMES = st.text(st.characters(max_codepoint=127), max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60)
@given(VALUES)
def test_canonical_json_agrees_with_another_implementation(value: Any) -> None:
    assert verifier.jcs(value) == canonical(value)
    assert verifier.read_canonical(canonical(value), "x") == value


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        # RFC 8785 section 3.2.3 would put the second before the first.
        '{"\ufb33":1,"\U0001f600":2}'.encode(),
        '{"\U0001f600":2,"\ufb33":1}'.encode(),
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":NaN}',
        b'{"a":-0}',
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"1" * 100_000 + b"}",
        b"[" * 100_000 + b"]" * 100_000,
        b'"\\u0041"',
        b'"\\ud800"',
        b'"\xff"',
        b'{"a":1}\n',
        b"\xef\xbb\xbf{}",
        b"",
    ],
)
def test_json_of_any_other_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(verifier.Fails):
        verifier.read_canonical(data, "a file")


# The tree (RFC 9162).


@settings(max_examples=40)
@given(st.integers(1, 40), st.data())
def test_inclusion_and_consistency_agree(size: int, data: st.DataObject) -> None:
    leaves = [hashlib.sha256(bytes([number])).digest() for number in range(size)]
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root, path = merkle.root(leaves), merkle.inclusion_path(leaves, index)
    assert verifier.is_included(leaves[index], index, size, path, root)
    assert not verifier.is_included(leaves[index], index ^ 1, size, path, root) or size == 1
    assert not verifier.is_included(leaves[index], index, size, [*path, root], root)
    assert not verifier.is_included(leaves[index], index, size, path, bytes(32))
    proof, old_root = merkle.consistency_path(leaves, old), merkle.root(leaves[:old])
    assert verifier.is_extended(old, old_root, size, root, proof)
    assert not verifier.is_extended(old, bytes(32), size, root, proof)
    assert not verifier.is_extended(old, old_root, size, bytes(32), proof)
    assert not verifier.is_extended(old, old_root, size, root, [*proof, root])
    assert not proof or not verifier.is_extended(old, old_root, size, root, proof[:-1])


def test_nothing_extends_an_empty_tree_or_a_larger_one() -> None:
    assert not verifier.is_extended(0, merkle.EMPTY_ROOT, 1, bytes(32), [])
    assert not verifier.is_extended(2, bytes(32), 1, bytes(32), [bytes(32)])
    assert not verifier.is_included(bytes(32), 0, 0, [], bytes(32))


@pytest.mark.parametrize(
    ("start", "end", "day_count", "days"),
    [
        ("2026-01-31", "2026-02-28", "actual/365", 28),
        ("2024-02-01", "2024-03-01", "actual/360", 29),
        ("2026-01-31", "2026-02-28", "30/360", 28),
        ("2026-01-31", "2026-03-31", "30/360", 60),
        ("2025-12-30", "2026-01-01", "30/360", 1),
        ("2026-01-02", "2026-01-01", "actual/365", -1),
    ],
)
def test_days_are_counted_as_the_loan_says(start: str, end: str, day_count: str, days: int) -> None:
    assert verifier.days_between(start, end, day_count) == days
