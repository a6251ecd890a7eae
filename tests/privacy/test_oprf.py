"""RFC 9497 vectors first, then the threshold, then what an adversary sends."""

from __future__ import annotations

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import voprf.ristretto as oracle
from hypothesis import given
from hypothesis import strategies as st

from privacy import group, oprf, shamir
from privacy.errors import DeserializeError, InvalidInputError, PrivacyError, VerifyError

SUITES = json.loads((Path(__file__).parents[1] / "vectors" / "rfc9497_ristretto255.json").read_text())
VOPRF = next(suite for suite in SUITES if suite["mode"] == 1)
CASES = [pytest.param(vector, id=f"batch{vector['Batch']}-{n}") for n, vector in enumerate(VOPRF["vectors"])]


def parts(text: str) -> list[bytes]:
    return [bytes.fromhex(part) for part in text.split(",")]


def key_pair() -> tuple[bytes, bytes]:
    return oprf.derive_key_pair(bytes.fromhex(VOPRF["seed"]), bytes.fromhex(VOPRF["keyInfo"]))


def test_key_derivation_is_the_rfcs() -> None:
    secret, public = key_pair()
    assert secret.hex() == VOPRF["skSm"]
    assert public.hex() == VOPRF["pkSm"]


@pytest.mark.parametrize("vector", CASES)
def test_rfc_vector(vector: dict[str, Any]) -> None:
    secret, public = key_pair()
    inputs, blinds = parts(vector["Input"]), parts(vector["Blind"])
    blinded = [oprf.blind(data, blind=r).element for data, r in zip(inputs, blinds, strict=True)]
    assert blinded == parts(vector["BlindedElement"])
    evaluation = oprf.evaluate(secret, blinded, proof_scalar=bytes.fromhex(vector["Proof"]["r"]))
    assert evaluation.elements == parts(vector["EvaluationElement"])
    assert evaluation.proof.hex() == vector["Proof"]["proof"]
    oprf.verify(public, blinded, evaluation)
    outputs = [oprf.finalize(*each) for each in zip(inputs, blinds, evaluation.elements, strict=True)]
    assert outputs == parts(vector["Output"])


@pytest.mark.parametrize("vector", CASES)
@pytest.mark.parametrize("subset", list(itertools.combinations((1, 2, 3), 2)), ids=str)
def test_rfc_vector_with_the_key_split(vector: dict[str, Any], subset: tuple[int, int]) -> None:
    secret = int.from_bytes(bytes.fromhex(VOPRF["skSm"]), "little")
    shares = shamir.split(secret, threshold=2, count=3, modulus=group.ORDER)
    inputs, blinds = parts(vector["Input"]), parts(vector["Blind"])
    blinded = parts(vector["BlindedElement"])
    answers = {}
    for index in subset:
        share = group.scalar_from_int(shares[index])
        answers[index] = oprf.evaluate(share, blinded)
        oprf.verify(group.multiply_base(share), blinded, answers[index])
    for position, expected in enumerate(parts(vector["Output"])):
        pairs = [(index, answers[index].elements[position]) for index in subset]
        assert oprf.combine(pairs) == parts(vector["EvaluationElement"])[position]
        assert oprf.finalize(inputs[position], blinds[position], oprf.combine(pairs)) == expected
        assert oprf.combine_and_finalize(inputs[position], blinds[position], pairs) == expected


def test_one_share_alone_gives_another_value() -> None:
    vector = VOPRF["vectors"][0]
    secret = int.from_bytes(bytes.fromhex(VOPRF["skSm"]), "little")
    share = shamir.split(secret, threshold=2, count=3, modulus=group.ORDER)[1]
    alone = oprf.evaluate(group.scalar_from_int(share), parts(vector["BlindedElement"])).elements[0]
    assert (
        oprf.finalize(parts(vector["Input"])[0], parts(vector["Blind"])[0], alone)
        != parts(vector["Output"])[0]
    )


@given(st.lists(st.binary(min_size=1, max_size=80), min_size=1, max_size=4))
def test_an_independent_implementation_agrees(inputs: list[bytes]) -> None:
    """`voprf` (Rust) and we stand on both sides of each other, proofs included."""
    server = oracle.Evaluator.from_seed(b"\x07" * 32, b"info")
    secret, public = oprf.derive_key_pair(b"\x07" * 32, b"info")
    assert server.public_key.serialize() == public
    for data in inputs:
        expected = server.evaluate_known_input(data)
        mine = oprf.blind(data)
        answer = server.evaluate(oracle.BlindedInput.deserialize(mine.element)).serialize()
        theirs = oprf.Evaluation([answer[64:]], answer[:64])
        oprf.verify(public, [mine.element], theirs)
        assert oprf.finalize(data, mine.blind, theirs.elements[0]) == expected
        asker, blinded = oracle.Client.blind(data)
        ours = oprf.evaluate(secret, [blinded.serialize()])
        output = oracle.VerifiableOutput.deserialize(ours.proof + ours.elements[0])
        assert asker.finalize(output, server.public_key) == expected


def test_threads_give_the_same_evaluation() -> None:
    secret, public = key_pair()
    blinded = [oprf.blind(bytes([n])).element for n in range(64)]
    with ThreadPoolExecutor(2) as pool:
        parallel = oprf.evaluate(secret, blinded, executor=pool)
        oprf.verify(public, blinded, parallel, executor=pool)
    assert parallel.elements == oprf.evaluate(secret, blinded).elements


BAD_ELEMENTS = {
    "identity": bytes(32),
    "not on the group": b"\x01" + bytes(31),
    "not canonical": b"\xff" * 32,
    "negative": bytes.fromhex("0100000000000000000000000000000000000000000000000000000000000080"),
    "truncated": bytes(31),
    "too large": bytes(33),
    "empty": b"",
}


@pytest.mark.parametrize("element", BAD_ELEMENTS.values(), ids=BAD_ELEMENTS.keys())
def test_a_bad_element_is_refused_wherever_it_enters(element: bytes) -> None:
    secret, public = key_pair()
    good = oprf.blind(b"x")
    with pytest.raises(DeserializeError):
        oprf.evaluate(secret, [good.element, element])
    with pytest.raises(DeserializeError):
        oprf.combine([(1, good.element), (2, element)])
    with pytest.raises(DeserializeError):
        oprf.finalize(b"x", good.blind, element)
    with pytest.raises(VerifyError):
        oprf.verify(public, [good.element], oprf.Evaluation([element], bytes(64)))


def test_a_sum_that_is_the_identity_is_refused() -> None:
    element = oprf.blind(b"x").element
    negated = group.multiply(group.scalar_from_int(-1), element)
    half = group.scalar_from_int(pow(2, -1, group.ORDER))
    # Lagrange weights of (1, 2) are 2 and -1: 2 * (e/2) - e is the identity.
    with pytest.raises(PrivacyError):
        oprf.combine([(1, group.multiply(half, element)), (2, element)])
    assert group.add(element, negated) == group.IDENTITY


def mutilations() -> dict[str, tuple[bytes, list[bytes], oprf.Evaluation]]:
    secret, public = key_pair()
    blinded = [oprf.blind(data).element for data in (b"a", b"b")]
    good = oprf.evaluate(secret, blinded)
    flipped = good.proof[:5] + bytes([good.proof[5] ^ 1]) + good.proof[6:]
    other_secret, other_public = oprf.derive_key_pair(bytes(32), b"another custodian")
    return {
        "another custodian's key": (other_public, blinded, good),
        "another custodian's proof": (
            public,
            blinded,
            oprf.Evaluation(good.elements, oprf.evaluate(other_secret, blinded).proof),
        ),
        "corrupted": (public, blinded, oprf.Evaluation(good.elements, flipped)),
        "truncated": (public, blinded, oprf.Evaluation(good.elements, good.proof[:-1])),
        "empty proof": (public, blinded, oprf.Evaluation(good.elements, b"")),
        "too large": (public, blinded, oprf.Evaluation(good.elements, good.proof + b"\0")),
        "scalar not reduced": (public, blinded, oprf.Evaluation(good.elements, b"\xff" * 64)),
        "swapped": (public, blinded, oprf.Evaluation(good.elements[::-1], good.proof)),
        "one missing": (public, blinded, oprf.Evaluation(good.elements[:1], good.proof)),
        "nothing": (public, [], oprf.Evaluation([], good.proof)),
    }


@pytest.mark.parametrize("name", mutilations().keys())
def test_a_mutilated_evaluation_does_not_verify(name: str) -> None:
    public, blinded, evaluation = mutilations()[name]
    with pytest.raises(VerifyError):
        oprf.verify(public, blinded, evaluation)


def test_input_limits() -> None:
    with pytest.raises(InvalidInputError):
        oprf.blind(bytes(65_536))
    with pytest.raises(InvalidInputError):
        oprf.evaluate(key_pair()[0], [])
    with pytest.raises(InvalidInputError):
        oprf.derive_key_pair(b"short", b"")
    with pytest.raises(InvalidInputError):
        oprf.combine([(1, oprf.blind(b"x").element), (1, oprf.blind(b"x").element)])
