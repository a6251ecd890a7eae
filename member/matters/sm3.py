"""SM3 (GB/T 32905-2016), the digest that Chinese courts know, beside SHA-256.

OpenSSL's where this Python has it; else the plain code below, which is slow and the same.
"""

from __future__ import annotations

import hashlib
from typing import BinaryIO, Protocol

BLOCK = 64

_CHUNK = 1 << 20
_WORD = 0xFFFFFFFF
_START: tuple[int, ...] = (
    0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
)  # fmt: skip


class Hasher(Protocol):
    """What is fed with bytes and gives a digest."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""

    def hexdigest(self) -> str:
        """Return the digest so far, in lower-case hexadecimal."""


def new() -> Hasher:
    """Return a fresh hasher."""
    try:
        return hashlib.new("sm3")
    except ValueError:
        return PlainSm3()


def digest(stream: BinaryIO) -> str:
    """Return the digest of all that a stream still holds, in lower-case hexadecimal."""
    hasher = new()
    while chunk := stream.read(_CHUNK):
        hasher.update(chunk)
    return hasher.hexdigest()


class PlainSm3:
    """SM3 word by word, as the standard writes it."""

    def __init__(self) -> None:
        self._state = _START
        self._rest = b""
        self._length = 0

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""
        self._length += len(data)
        data = self._rest + data
        whole = len(data) - len(data) % BLOCK
        for start in range(0, whole, BLOCK):
            self._state = _compressed(self._state, data[start : start + BLOCK])
        self._rest = data[whole:]

    def hexdigest(self) -> str:
        """Return the digest so far, in lower-case hexadecimal."""
        padding = b"\x80" + bytes((55 - self._length) % BLOCK) + (8 * self._length).to_bytes(8, "big")
        state, data = self._state, self._rest + padding
        for start in range(0, len(data), BLOCK):
            state = _compressed(state, data[start : start + BLOCK])
        return "".join(f"{word:08x}" for word in state)


def _rotated(word: int, bits: int) -> int:
    bits %= 32
    return (word << bits | word >> (32 - bits)) & _WORD


def _p0(word: int) -> int:
    return word ^ _rotated(word, 9) ^ _rotated(word, 17)


def _p1(word: int) -> int:
    return word ^ _rotated(word, 15) ^ _rotated(word, 23)


def _expanded(block: bytes) -> list[int]:
    words = [int.from_bytes(block[start : start + 4], "big") for start in range(0, BLOCK, 4)]
    for j in range(16, 68):
        mixed = _p1(words[j - 16] ^ words[j - 9] ^ _rotated(words[j - 3], 15))
        words.append(mixed ^ _rotated(words[j - 13], 7) ^ words[j - 6])
    return words


def _compressed(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    words = _expanded(block)
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        first = j < 16
        constant = 0x79CC4519 if first else 0x7A879D8A
        ss1 = _rotated((_rotated(a, 12) + e + _rotated(constant, j)) & _WORD, 7)
        ss2 = ss1 ^ _rotated(a, 12)
        ff = a ^ b ^ c if first else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if first else (e & f) | (~e & g & _WORD)
        tt1 = (ff + d + ss2 + (words[j] ^ words[j + 4])) & _WORD
        tt2 = (gg + h + ss1 + words[j]) & _WORD
        a, b, c, d, e, f, g, h = tt1, a, _rotated(b, 9), c, _p0(tt2), e, _rotated(f, 19), g
    return tuple(old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True))
