"""One value, one spelling: RFC 8785's own examples, then what an adversary would spell twice."""

from __future__ import annotations

import base64
import hashlib
import struct
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.encoding import (
    b64,
    canonical,
    decode_integer,
    digest,
    encode_integer,
    frame,
    instant_text,
    label,
    parse_instant,
    unb64,
)
from privacy.errors import DeserializeError

fields = st.lists(st.binary(max_size=20), max_size=5)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def unframe(data: bytes) -> list[bytes]:
    parts = []
    while data:
        (length,) = struct.unpack(">Q", data[:8])
        parts.append(data[8 : 8 + length])
        data = data[8 + length :]
    return parts


# Framing


def test_a_field_stands_behind_its_length_in_eight_bytes() -> None:
    assert frame(b"ab", b"") == b"\0\0\0\0\0\0\0\x02ab" + b"\0\0\0\0\0\0\0\0"
    assert frame() == b""


@given(fields)
def test_what_was_framed_can_be_read_back(parts: list[bytes]) -> None:
    assert unframe(frame(*parts)) == parts


@given(fields, fields)
def test_two_lists_never_share_a_frame(one: list[bytes], other: list[bytes]) -> None:
    assert (frame(*one) == frame(*other)) == (one == other)


def test_moving_a_byte_between_fields_changes_the_frame() -> None:
    assert len({frame(b"ab", b"c"), frame(b"a", b"bc"), frame(b"abc"), frame(b"abc", b"")}) == 4


def test_a_digest_is_sha256_over_label_and_fields() -> None:
    framed = struct.pack(">Q", 20) + b"alliance-hub/feed/v1" + struct.pack(">Q", 1) + b"x"
    assert label("feed") == b"alliance-hub/feed/v1"
    assert digest("feed", b"x") == hashlib.sha256(framed).digest()


# Canonical JSON (RFC 8785)


def test_the_rfcs_example_of_serialisation() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\x0f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical(value).decode() == expected


def test_the_rfcs_example_of_sorting() -> None:
    names = ["€", "\r", "\ufb33", "1", "😀", "\x80", "ö"]
    text = canonical(dict.fromkeys(names, 0)).decode()
    assert text == '{"\\r":0,"1":0,"\x80":0,"ö":0,"€":0,"😀":0,"\ufb33":0}'


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(float("nan"), id="nan"),
        pytest.param([float("inf")], id="infinity"),
        pytest.param({"n": 2**53}, id="beyond-2^53"),
        pytest.param(-(2**53), id="below-minus-2^53"),
        pytest.param("\ud800", id="half-a-character"),
        pytest.param({"\ud800": 1}, id="half-a-character-as-a-name"),
        pytest.param({1: 2}, id="a-number-as-a-name"),
        pytest.param({"a": b"bytes"}, id="bytes"),
        pytest.param({"a": {"b": object()}}, id="no-json"),
    ],
)
def test_what_json_cannot_say_is_refused(value: Any) -> None:
    with pytest.raises(DeserializeError):
        canonical(value)


def test_a_value_nested_too_deeply_is_refused() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(DeserializeError):
        canonical(value)


# base64url


@given(st.binary(max_size=80))
def test_bytes_travel_as_unpadded_base64url(data: bytes) -> None:
    assert b64(data) == base64.urlsafe_b64encode(data).decode().replace("=", "")
    assert unb64(b64(data)) == data


@given(st.text(ALPHABET, max_size=9))
def test_a_text_that_decodes_is_the_only_one_for_its_bytes(text: str) -> None:
    try:
        data = unb64(text)
    except DeserializeError:
        return
    assert b64(data) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("AA==", id="padded"),
        pytest.param("AB", id="stray-bits"),
        pytest.param("AAB", id="stray-bits-of-two-bytes"),
        pytest.param("A", id="six-bits"),
        pytest.param("+/8", id="standard-alphabet"),
        pytest.param("AAAA\n", id="line-feed-after"),
        pytest.param(" AAAA", id="space-before"),
        pytest.param("AA AA", id="space-within"),
        pytest.param("AA\0A", id="nul"),
        pytest.param("ＡＡＡＡ", id="full-width"),
        pytest.param(b"AAAA", id="bytes"),
        pytest.param(None, id="nothing"),
        pytest.param(1234, id="number"),
    ],
)
def test_any_other_spelling_is_refused(text: Any) -> None:
    with pytest.raises(DeserializeError):
        unb64(text)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_another_length_is_refused(size: int) -> None:
    with pytest.raises(DeserializeError):
        unb64(b64(bytes(size)), length=32)


# Integers


@given(st.integers(0, 2**128 - 1))
def test_an_integer_has_so_many_bytes_and_one_text(value: int) -> None:
    text = encode_integer(value, 16)
    assert unb64(text) == value.to_bytes(16, "big")
    assert decode_integer(text, 16) == value


@pytest.mark.parametrize("text", ["", "AAAA", "AAAAAA", "AAAAAB", "AAAAA=", "////AA", None, 7])
def test_an_integer_of_another_length_or_spelling_is_refused(text: object) -> None:
    with pytest.raises(DeserializeError):
        decode_integer(text, 5 if text == "AAAAAA" else 4)


# Instants


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 30)), st.integers(-14 * 60, 14 * 60))
def test_an_instant_is_told_in_utc_to_the_second(at: datetime, minutes: int) -> None:
    at = at.replace(microsecond=0, tzinfo=UTC)
    elsewhere = at.astimezone(timezone(timedelta(minutes=minutes))) if 1000 < at.year < 9999 else at
    assert instant_text(elsewhere) == at.isoformat().replace("+00:00", "Z")
    assert parse_instant(instant_text(elsewhere)) == at


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2026-10-31T04:00:00+00:00", id="offset"),
        pytest.param("2026-10-31T04:00:00.0Z", id="fraction"),
        pytest.param("2026-10-31 04:00:00Z", id="space"),
        pytest.param("2026-10-31T04:00:00z", id="small-z"),
        pytest.param("2026-10-31T04:00:00Z\n", id="line-feed"),
        pytest.param("2026-10-31T04:00Z", id="no-seconds"),
        pytest.param("2026-1-31T04:00:00Z", id="one-digit"),
        pytest.param("２０２６-10-31T04:00:00Z", id="full-width"),
        pytest.param("2026-02-30T04:00:00Z", id="no-such-day"),
        pytest.param("2026-12-31T23:59:60Z", id="leap-second"),
        pytest.param("0999-10-31T04:00:00Z", id="three-digit-year"),
        pytest.param("", id="empty"),
        pytest.param(None, id="nothing"),
        pytest.param(1761883200, id="number"),
    ],
)
def test_any_other_spelling_of_an_instant_is_refused(text: Any) -> None:
    with pytest.raises(DeserializeError):
        parse_instant(text)
