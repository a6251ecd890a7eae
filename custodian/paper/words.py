"""The key of a paper backup as 24 English words (BIP-39), and which of them is wrong when it does not open.

A person reads the words from a sheet years later. A word that is none is named at once; one that is of the
list but not of the sheet is found by trying all others in its place: whoever has sheet A and 23 words has
the key anyway.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from mnemonic import Mnemonic

from custodian.errors import OperatorError

COUNT = 24
_WORD_BITS = 11
_LANGUAGE = Mnemonic("english")


def words_of(key: bytes) -> list[str]:
    """Return a 256-bit key as 24 words."""
    return _LANGUAGE.to_mnemonic(key).split()


def plain(word: str, number: int) -> str:
    """Return a typed word as the list has it; raises OperatorError naming the word by its number."""
    word = word.strip().lower()
    if word not in _LANGUAGE.wordlist:
        raise OperatorError(f"word {number} is none of the list of 2,048: look at sheet B again")
    return word


def key_of(words: Sequence[str], opens: Callable[[bytes], bool]) -> bytes:
    """Return the key that the words stand for, for which `opens` is true.

    Raises OperatorError naming the one word that is wrong, or saying that more than one must be.
    """
    if len(words) != COUNT:
        raise OperatorError(f"sheet B has {COUNT} words; {len(words)} were given")
    numbers = [_LANGUAGE.wordlist.index(plain(word, place)) for place, word in enumerate(words, 1)]
    key = _key(numbers)
    if key is not None and opens(key):
        return key
    wrong = _wrong(numbers, opens)
    if wrong is None:
        raise OperatorError(
            "the words do not open this sheet A: two of them are wrong, or they are of another sheet B "
            "(the four letters at the head of both must be the same)"
        )
    raise OperatorError(f"word {wrong} is not the one on sheet B: look at it again")


def _wrong(numbers: list[int], opens: Callable[[bytes], bool]) -> int | None:
    """Return the place from 1 at which another word would open, when there is one."""
    for place in range(COUNT):
        for other in range(2**_WORD_BITS):
            key = _key([*numbers[:place], other, *numbers[place + 1 :]])
            if key is not None and opens(key):
                return place + 1
    return None


def _key(numbers: list[int]) -> bytes | None:
    """Return the 32 bytes of 24 numbers when their checksum of 8 bits fits."""
    bits = 0
    for number in numbers:
        bits = bits << _WORD_BITS | number
    key = (bits >> 8).to_bytes(32, "big")
    return key if hashlib.sha256(key).digest()[0] == bits & 0xFF else None
