"""A contributor's opening holds only for what it sealed itself, signed by itself, and for one contract."""

from __future__ import annotations

from datetime import date
from typing import Any

import gmpy2
import msgspec
import pytest

from privacy.contributions import (
    ContributionOpening,
    SignedContributionOpening,
    open_contribution,
    sign_contribution,
    verify_contribution,
)
from privacy.encoding import b64
from privacy.errors import DeserializeError, InvalidInputError, VerifyError
from privacy.exposure import Exposure, contribution_of, randomness
from privacy.keyset import KeySet
from privacy.messages import parse_json
from privacy.records import Record
from tests.privacy.independent import framed, jcs, label
from tests.privacy.paillier_keys import SMALL
from tests.privacy.samples import RECORD, SOUTH, dealt, key, seed

KEY = key("south/signing")
SOUND = contribution_of(120_000, 40_000, date(2026, 9, 1), date(2026, 10, 31), in_court=True, judged=False)
UNSOUND = Exposure(1, 5, 2**40, 0, 0, 0, 0, 0, 0, 0)


def key_set() -> KeySet:
    return dealt().key_set


def r_of(plaintext: int) -> int:
    return randomness(
        seed(SOUTH),
        epoch=1,
        contract_ref=RECORD.contract_ref,
        as_of=RECORD.as_of,
        plaintext=plaintext,
        bits=1024,
    )


def record(plaintext: int) -> Record:
    """Return the sample record with `plaintext` sealed into it, by the formula of protocol section 5."""
    n = SMALL[0] * SMALL[1]
    hs = int(gmpy2.powmod(key_set().public_key.hs, r_of(plaintext), n * n))
    sealed = (1 + plaintext * n) * hs % (n * n)
    return msgspec.structs.replace(RECORD, contribution=b64(sealed.to_bytes(256, "big")))


def opening(plaintext: int = SOUND.pack(), /, **changes: Any) -> ContributionOpening:
    made = open_contribution(
        record(plaintext), plaintext=plaintext, randomness=r_of(plaintext), key_set=key_set()
    )
    return msgspec.structs.replace(made, **changes)


def refused(signed: SignedContributionOpening, reason: str, *, public: bytes = KEY.public) -> None:
    with pytest.raises(VerifyError, match=reason):
        verify_contribution(signed, public, key_set())


def test_what_was_sealed_is_shown_and_holds() -> None:
    signed = sign_contribution(KEY, opening())
    verify_contribution(signed, KEY.public, key_set())
    assert signed.opening.exposure() == SOUND
    assert signed.opening.plaintext == str(SOUND.pack())


def test_an_opening_survives_json_and_is_signed_over_its_canonical_form() -> None:
    signed = sign_contribution(KEY, opening())
    again = parse_json(SignedContributionOpening, msgspec.json.encode(signed))
    assert again == signed
    document = msgspec.json.decode(signed.opening.canonical())
    assert list(document) == ["key_set", "plaintext", "randomness", "record"]
    assert signed.signature == b64(KEY.sign(framed(label("contribution"), jcs(document))))


def test_another_members_signature_is_refused() -> None:
    signed = sign_contribution(KEY, opening())
    refused(signed, "not signed by the member's key", public=key("north/signing").public)


@pytest.mark.parametrize(
    "changes",
    [
        {"plaintext": str(SOUND.pack() + 1)},
        {"key_set": b64(seed("another"))},
        {"record": msgspec.structs.replace(RECORD, as_of="2026-09-30")},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_changed_after_signing_is_refused(changes: dict[str, Any]) -> None:
    signed = sign_contribution(KEY, opening())
    changed = msgspec.structs.replace(signed, opening=msgspec.structs.replace(signed.opening, **changes))
    refused(changed, "not signed by the member's key")


def test_an_opening_of_another_epoch_is_refused() -> None:
    refused(sign_contribution(KEY, opening(key_set=b64(seed("another")))), "another epoch's key set")
    of_two = msgspec.structs.replace(record(SOUND.pack()), epoch=2)
    refused(sign_contribution(KEY, opening(record=of_two)), "another epoch's key set")


@pytest.mark.parametrize(
    "changes",
    [
        {"plaintext": str(SOUND.pack() + (1 << 48))},
        {"randomness": b64(bytes(63) + b"\x07")},
        {"record": record(UNSOUND.pack())},
    ],
    ids=["another amount", "another randomness", "another record"],
)
def test_what_does_not_give_the_ciphertext_is_refused(changes: dict[str, Any]) -> None:
    refused(sign_contribution(KEY, opening(**changes)), "do not give the record's contribution")


@pytest.mark.parametrize(
    "changes",
    [
        {"randomness": b64(bytes(64))},
        {"randomness": b64(bytes(63))},
        {"randomness": b64(bytes(65))},
        {"plaintext": str(SMALL[0] * SMALL[1])},
        {"plaintext": "9" * 2_000},
    ],
    ids=["no randomness", "too short", "too long", "the modulus", "far beyond it"],
)
def test_what_cannot_be_sealed_is_refused(changes: dict[str, Any]) -> None:
    refused(sign_contribution(KEY, opening(**changes)), "outside of what can be sealed")


@pytest.mark.parametrize(
    "plaintext",
    [
        pytest.param(UNSOUND.pack(), id="more overdue than outstanding"),
        pytest.param(Exposure(2, 5, 5, 0, 0, 0, 0, 0, 0, 0).pack(), id="two contracts"),
        pytest.param(Exposure(0, 0, 0, 0, 0, 0, 0, 0, 0, 0).pack(), id="no contract"),
        pytest.param(Exposure(1, 2**33, 0, 0, 0, 0, 0, 0, 0, 0).pack(), id="an amount beyond one contract's"),
        pytest.param(Exposure(1, 5, 5, 1, 1, 0, 0, 0, 0, 0).pack(), id="two buckets"),
        pytest.param(1 << 480, id="beyond the slots"),
        pytest.param(SMALL[0] * SMALL[1] - 1, id="minus one"),
    ],
)
def test_an_opening_that_holds_and_shows_nonsense_says_so(plaintext: int) -> None:
    refused(sign_contribution(KEY, opening(plaintext)), "no single contract has such a plaintext")


def test_what_spilled_out_of_the_slots_has_no_exposure() -> None:
    with pytest.raises(DeserializeError):
        opening(1 << 480).exposure()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("plaintext", "01"),
        ("plaintext", "-1"),
        ("plaintext", "1e9"),
        ("plaintext", ""),
        ("plaintext", "9" * 3_000),
        ("plaintext", 5),
        ("randomness", ""),
        ("randomness", "="),
        ("key_set", "short"),
    ],
)
def test_another_form_is_refused_by_its_field(field: str, value: object) -> None:
    document = sign_contribution(KEY, opening()).document()
    document["opening"][field] = value
    with pytest.raises(InvalidInputError) as refusal:
        parse_json(SignedContributionOpening, msgspec.json.encode(document))
    assert refusal.value.field == f"opening.{field}"


def test_no_refusal_quotes_an_amount() -> None:
    signed = sign_contribution(KEY, opening(UNSOUND.pack()))
    with pytest.raises(VerifyError) as refusal:
        verify_contribution(signed, KEY.public, key_set())
    assert not any(character.isdigit() for character in str(refusal.value))
