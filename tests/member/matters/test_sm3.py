"""SM3 against the standard's own examples (GB/T 32905-2016, appendix A), and against OpenSSL."""

from __future__ import annotations

import hashlib
import io
import random

import pytest

from member.matters import sm3

VECTORS = [
    (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
]


@pytest.mark.parametrize(("data", "digest"), VECTORS)
def test_the_standards_examples(data: bytes, digest: str) -> None:
    plain = sm3.PlainSm3()
    plain.update(data)
    assert plain.hexdigest() == digest
    assert sm3.digest(io.BytesIO(data)) == digest


@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 119, 120, 1_000])
def test_the_plain_code_agrees_with_openssl_whatever_the_pieces(size: int) -> None:
    data = random.Random(size).randbytes(size)
    plain = sm3.PlainSm3()
    for start in range(0, size, 37):
        plain.update(data[start : start + 37])
    assert plain.hexdigest() == hashlib.new("sm3", data).hexdigest()
    # Asked again, it says the same, and can go on.
    assert plain.hexdigest() == hashlib.new("sm3", data).hexdigest()


def test_without_openssls_the_plain_code_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ValueError(name)

    monkeypatch.setattr(hashlib, "new", missing)
    assert isinstance(sm3.new(), sm3.PlainSm3)
    assert sm3.digest(io.BytesIO(b"abc")) == VECTORS[0][1]
