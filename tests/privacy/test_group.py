"""RFC 9496's own encodings first, then scalars against Python's integers, then what is no element."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import rbcl
from hypothesis import given
from hypothesis import strategies as st

from privacy import group
from privacy.errors import DeserializeError, InvalidInputError
from privacy.group import ORDER

RFC = json.loads((Path(__file__).parents[1] / "vectors" / "rfc9496_ristretto255.json").read_text())
MULTIPLES = [bytes.fromhex(text) for text in RFC["multiples_of_the_generator"]]
INVALID = [
    pytest.param(bytes.fromhex(text), id=f"{kind}-{n}".replace(" ", "-"))
    for kind, texts in RFC["invalid_encodings"].items()
    for n, text in enumerate(texts)
]
G = MULTIPLES[1]

scalars = st.integers(1, ORDER - 1)


def encode(value: int) -> bytes:
    return value.to_bytes(32, "little")


# Elements


@pytest.mark.parametrize("n", range(1, 16))
def test_the_rfcs_multiples_of_the_generator(n: int) -> None:
    assert group.multiply_base(encode(n)) == MULTIPLES[n]
    assert group.multiply(encode(n), G) == MULTIPLES[n]
    assert group.total([G] * n) == MULTIPLES[n]
    assert group.decode_element(MULTIPLES[n]) == MULTIPLES[n]


@pytest.mark.parametrize("data", INVALID)
def test_the_rfcs_invalid_encodings_are_refused(data: bytes) -> None:
    with pytest.raises(DeserializeError):
        group.decode_element(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(MULTIPLES[0], id="identity"),
        pytest.param(b"", id="empty"),
        pytest.param(G[:-1], id="truncated"),
        pytest.param(G + b"\0", id="too-long"),
        pytest.param(bytearray(G), id="bytearray"),
        pytest.param(G.hex(), id="text"),
        pytest.param(None, id="nothing"),
    ],
)
def test_what_is_no_element_is_refused(data: Any) -> None:
    with pytest.raises(DeserializeError):
        group.decode_element(data)


@given(scalars, scalars)
def test_multiplying_and_adding_fit_together(a: int, b: int) -> None:
    of_a, of_b = group.multiply_base(encode(a)), group.multiply_base(encode(b))
    assert group.add(of_a, of_b) == (
        group.multiply_base(encode((a + b) % ORDER)) if a + b != ORDER else bytes(32)
    )
    assert group.multiply(encode(b), of_a) == group.multiply_base(encode(a * b % ORDER))


def test_no_product_is_the_identity() -> None:
    with pytest.raises(InvalidInputError):
        group.multiply(bytes(32), G)
    with pytest.raises(InvalidInputError):
        group.multiply(encode(5), bytes(32))
    with pytest.raises(InvalidInputError):
        group.multiply_base(bytes(32))


@pytest.mark.parametrize("count", [0, 1, 15, 16, 33, 100])
def test_threads_change_nothing(count: int) -> None:
    factors = [encode(n + 2) for n in range(count)]
    expected = [group.multiply(factor, G) for factor in factors]
    with ThreadPoolExecutor(3) as pool:
        assert group.multiply_each(factors, [G] * count, executor=pool) == expected
        assert group.multiply_all(encode(7), expected, executor=pool) == group.multiply_all(
            encode(7), expected
        )


def test_hashes_to_the_group_differ_by_message_and_domain() -> None:
    hashed = [group.hash_to_group(m, d) for m in (b"", b"a", b"aa") for d in (b"x", b"y")]
    assert len({group.decode_element(element) for element in hashed}) == 6


# Scalars


@given(scalars, scalars)
def test_scalars_reckon_like_integers_below_the_order(a: int, b: int) -> None:
    assert group.scalar_multiply(encode(a), encode(b)) == encode(a * b % ORDER)
    assert group.scalar_subtract(encode(a), encode(b)) == encode((a - b) % ORDER)
    assert group.scalar_invert(encode(a)) == encode(pow(a, -1, ORDER))


@given(st.integers(-(2**300), 2**300))
def test_any_integer_has_a_scalar(value: int) -> None:
    assert group.scalar_from_int(value) == encode(value % ORDER)


@given(st.binary(min_size=64, max_size=64))
def test_wide_bytes_are_reduced(wide: bytes) -> None:
    assert group.reduce_scalar(wide) == encode(int.from_bytes(wide, "little") % ORDER)


def test_zero_has_no_inverse() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        group.scalar_invert(bytes(32))
    assert refusal.value.field == "scalar"


def test_random_scalars_are_reduced_and_differ() -> None:
    drawn = {group.decode_scalar(group.random_scalar()) for _ in range(50)}
    assert len(drawn) == 50
    assert bytes(32) not in drawn


@pytest.mark.parametrize("value", [0, 1, ORDER - 1])
def test_a_reduced_scalar_decodes(value: int) -> None:
    assert group.decode_scalar(encode(value)) == encode(value)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encode(ORDER), id="the-order"),
        pytest.param(encode(ORDER + 1), id="one-again"),
        pytest.param(b"\xff" * 32, id="largest"),
        pytest.param(bytes(31), id="truncated"),
        pytest.param(bytes(33), id="too-long"),
        pytest.param(b"", id="empty"),
        pytest.param(1, id="number"),
    ],
)
def test_what_is_no_reduced_scalar_is_refused(data: Any) -> None:
    with pytest.raises(DeserializeError):
        group.decode_scalar(data)


def test_loading_libsodium_leaves_no_copy_behind() -> None:
    assert not Path(rbcl._sodium._name).exists()
