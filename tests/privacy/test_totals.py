"""Openings that fit and are proved give the totals; every one that does not is told apart before."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
import pytest

from privacy import exposure, totals
from privacy.encoding import b64, encode_integer, unb64
from privacy.errors import CannotOpen, VerifyError
from privacy.matching import Manifest, Opening
from tests.privacy.offices import (
    OPEN,
    SOUND,
    TOO_FEW,
    VERDICTS,
    WILD,
    key_set,
    manifest,
    opens,
    sealed_totals,
)
from tests.privacy.samples import text

TOGETHER, ALONE = manifest(unpacked=False), manifest(unpacked=True)
SEALED = sealed_totals(SOUND[0], SOUND[1], SOUND[0])
SPOILT = sealed_totals(SOUND[0], WILD, SOUND[1])
N2 = key_set().public_key.n_squared

asked = pytest.mark.parametrize("asked", [TOGETHER, ALONE], ids=["packed", "unpacked"])


@cache
def opening(asked: Manifest, index: int) -> Opening:
    return opens(asked, index, SEALED)


def read(asked: Manifest, *indices: int) -> list[list[exposure.Exposure] | None]:
    return list(totals.combine(asked, {i: opening(asked, i) for i in indices}, key_set()))


def replace(message: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(message, **changes)


@asked
@pytest.mark.parametrize("index", [1, 2, 3])
def test_an_honest_opening_passes(asked: Manifest, index: int) -> None:
    totals.verify_opening(asked, opening(asked, index), key_set())


@pytest.mark.parametrize("indices", [(1, 2), (3, 1), (2, 3), (1, 2, 3)])
def test_the_threshold_opens_what_was_sealed(indices: tuple[int, ...]) -> None:
    first, second = SOUND
    assert read(TOGETHER, *indices) == [[first, second], [first]]
    assert read(ALONE, *indices) == [[first], [second], [first]]


def test_fewer_than_the_threshold_open_nothing() -> None:
    with pytest.raises(CannotOpen):
        read(ALONE, 2)


def test_the_open_subjects_are_those_with_that_verdict() -> None:
    assert totals.open_subjects(opening(ALONE, 1)) == [0, 2, 3]
    assert totals.subjects_per_ciphertext(ALONE, key_set()) == 1
    assert totals.subjects_per_ciphertext(TOGETHER, key_set()) == 2


def test_a_wild_total_spoils_its_ciphertext_and_no_other() -> None:
    together = {i: opens(TOGETHER, i, SPOILT) for i in (1, 2)}
    assert list(totals.combine(TOGETHER, together, key_set())) == [None, [SOUND[1]]]
    alone = {i: opens(ALONE, i, SPOILT) for i in (1, 2)}
    assert list(totals.combine(ALONE, alone, key_set())) == [[SOUND[0]], None, [SOUND[1]]]


def test_an_overflow_out_of_the_last_slot_is_seen() -> None:
    public = key_set().public_key
    spilled = pow(sealed_totals(SOUND[0])[0], 2**480, public.n_squared)
    alone = {i: opens(ALONE, i, [SEALED[0], spilled, SEALED[2]]) for i in (1, 3)}
    assert list(totals.combine(ALONE, alone, key_set()))[1] is None


def test_nothing_open_needs_no_proof() -> None:
    withheld = (TOO_FEW,) * 4
    none = replace(opening(ALONE, 1), verdicts=withheld, ciphertexts=(), partials=(), proof=None)
    totals.verify_opening(ALONE, none, key_set())
    assert list(totals.combine(ALONE, {1: none, 2: none}, key_set())) == []


def shifted(partial: str) -> str:
    """Opens to another total, and only the proof shows it."""
    n = key_set().public_key.n
    return encode_integer(int.from_bytes(unb64(partial), "big") * (1 + n) % N2, 256)


def negated(partial: str) -> str:
    return encode_integer(N2 - int.from_bytes(unb64(partial), "big"), 256)


HONEST = opening(TOGETHER, 2)
FIRST, SECOND = HONEST.partials
FALSE: dict[str, tuple[dict[str, Any], str]] = {
    "shifted": ({"partials": (shifted(FIRST), SECOND)}, "does not hold"),
    "negated": ({"partials": (negated(FIRST), SECOND)}, "does not hold"),
    "swapped": ({"partials": (SECOND, FIRST)}, "does not hold"),
    "another's partials": ({"partials": opening(TOGETHER, 1).partials}, "does not hold"),
    "another's proof": ({"proof": opening(TOGETHER, 1).proof}, "does not hold"),
    "under another index": ({"custodian": 3}, "does not hold"),
    "for another manifest": ({"manifest": b64(bytes(32))}, "does not hold"),
    "other ciphertexts": ({"ciphertexts": HONEST.ciphertexts[::-1]}, "does not hold"),
    "no proof": ({"proof": None}, "proves nothing"),
    "short partial": ({"partials": (text("p", 255), SECOND)}, "not as long"),
    "long ciphertext": ({"ciphertexts": (text("c", 257), HONEST.ciphertexts[1])}, "not as long"),
    "zero": ({"partials": (encode_integer(0, 256), SECOND)}, "no residue"),
    "too few ciphertexts": (
        {"ciphertexts": HONEST.ciphertexts[:1], "partials": HONEST.partials[:1]},
        "do not fit its verdicts",
    ),
    "too few partials": ({"partials": HONEST.partials[:1]}, "do not fit its verdicts"),
    "nothing for what is open": (
        {"ciphertexts": (), "partials": (), "proof": None},
        "do not fit its verdicts",
    ),
    "something for what is not": ({"verdicts": (TOO_FEW,) * 4}, "do not fit its verdicts"),
    "more open than packed": ({"verdicts": (*VERDICTS, OPEN)}, "every subject"),
    "a subject not judged": ({"verdicts": VERDICTS[:3]}, "every subject"),
}


@pytest.mark.parametrize(("changes", "reason"), FALSE.values(), ids=FALSE)
def test_an_opening_that_does_not_fit_or_is_not_proved_is_refused(
    changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(VerifyError, match=reason):
        totals.verify_opening(TOGETHER, replace(HONEST, **changes), key_set())


@asked
def test_an_opening_is_packed_as_the_manifest_asks(asked: Manifest) -> None:
    other = ALONE if asked is TOGETHER else TOGETHER
    with pytest.raises(VerifyError, match="do not fit its verdicts"):
        totals.verify_opening(other, opening(asked, 1), key_set())
