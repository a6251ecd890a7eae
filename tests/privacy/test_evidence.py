"""What travels signed when a matter goes to court: each form mutilated, and the identity opened."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from privacy import oprf
from privacy.encoding import b64, unb64
from privacy.errors import DeserializeError, InvalidInputError, PrivacyError, VerifyError
from privacy.evidence import (
    MAX_CONTRACTS,
    IdentityOpening,
    MatterRequest,
    Seal,
    SignedMatterRequest,
    SignedSeal,
    Trust,
    open_identity,
    sign_matter,
    sign_seal,
    trust_in,
    verify_matter,
    verify_seal,
)
from privacy.keyset import KeySet
from privacy.messages import parse, parse_json
from privacy.signing import SigningKey
from tests.privacy.independent import decoded, encoded, framed, jcs, label, sha256
from tests.privacy.samples import ALLIANCE, SOUTH, dealt, hold_ceremony, key, text
from tests.verifier.story import IDENTIFIER, SECOND_KEY, told

SEAL = Seal(
    version=1,
    alliance=ALLIANCE,
    epoch=1,
    matter="south-2026-0001",
    member=SOUTH,
    sealed_at="2026-11-03T02:00:00Z",
    tagmanifest=text("tag manifest"),
    timestamp=None,
)
SIGNED_SEAL = sign_seal(SECOND_KEY, SEAL)
STRANGER = key("a stranger")


def key_set() -> KeySet:
    return told().key_set


def request() -> SignedMatterRequest:
    return told().request


def opening(**changes: Any) -> IdentityOpening:
    changed: IdentityOpening = replace(told().opening, **changes)
    return changed


def replace(message: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(message, **changes)


def flipped(encoded_text: str) -> str:
    """Return base64url of bytes of which one bit is another."""
    data = bytearray(unb64(encoded_text))
    data[3] ^= 16
    return b64(bytes(data))


# Signatures.


def test_request_and_seal_are_signed_under_labels_of_their_own() -> None:
    """Recomputed from the protocol's text: JCS, framed behind its label, Ed25519."""
    for signed, name, document in (
        (request(), "matter", request().request.document()),
        (SIGNED_SEAL, "seal", SEAL.document()),
    ):
        message = framed(label(name), jcs(document))
        assert decoded(signed.signature) == SECOND_KEY.sign(message)
    verify_matter(request(), SECOND_KEY.public)
    verify_seal(SIGNED_SEAL, SECOND_KEY.public)


@pytest.mark.parametrize(
    "changes",
    [
        {"matter": "south-2026-0002"},
        {"epoch": 2},
        {"key_set": text("another key set")},
        {"member": "北方小贷"},
        {"kind": "arbitration"},
        {"pseudonym": text("another")},
        {"standing_key": text("another")},
        {"contracts": (text("another"),)},
        {"opening": text("another")},
        {"law_firm": None},
        {"lawyers": ()},
        {"until": "2036-11-02T02:00:00Z"},
    ],
)
def test_a_request_that_was_changed_is_not_signed(changes: dict[str, Any]) -> None:
    changed = parse(MatterRequest, {**request().request.document(), **changes})
    with pytest.raises(VerifyError):
        verify_matter(replace(request(), request=changed), SECOND_KEY.public)


@pytest.mark.parametrize(
    "changes",
    [
        {"matter": "south-2026-0002"},
        {"epoch": 2},
        {"member": "北方小贷"},
        {"sealed_at": "2026-11-03T02:00:01Z"},
        {"tagmanifest": text("another")},
        {"timestamp": text("put in later")},
    ],
)
def test_a_seal_that_was_changed_is_not_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(VerifyError):
        verify_seal(replace(SIGNED_SEAL, seal=replace(SEAL, **changes)), SECOND_KEY.public)


def test_the_wrong_key_or_another_purpose_signs_nothing() -> None:
    for public in (STRANGER.public, bytes(32), b"", SECOND_KEY.public[:-1]):
        with pytest.raises(VerifyError):
            verify_matter(request(), public)
        with pytest.raises(VerifyError):
            verify_seal(SIGNED_SEAL, public)
    as_matter = SECOND_KEY.sign_document("matter", SEAL.document())
    with pytest.raises(VerifyError):
        verify_seal(SignedSeal(seal=SEAL, signature=as_matter), SECOND_KEY.public)
    as_seal = SECOND_KEY.sign_document("seal", request().request.document())
    with pytest.raises(VerifyError):
        verify_matter(replace(request(), signature=as_seal), SECOND_KEY.public)


@pytest.mark.parametrize(
    "signature",
    ["", "A", request().signature[:-1], request().signature + "A"],
    ids=["empty", "a letter", "cut", "longer"],
)
def test_a_signature_that_is_none_is_refused_where_it_enters(signature: str) -> None:
    for form, signed in ((SignedMatterRequest, request()), (SignedSeal, SIGNED_SEAL)):
        with pytest.raises(InvalidInputError) as refusal:
            parse(form, {**signed.document(), "signature": signature})
        assert refusal.value.field == "signature"


def test_a_corrupted_signature_does_not_hold() -> None:
    with pytest.raises(VerifyError):
        verify_matter(replace(request(), signature=flipped(request().signature)), SECOND_KEY.public)
    with pytest.raises(VerifyError):
        verify_seal(replace(SIGNED_SEAL, signature=flipped(SIGNED_SEAL.signature)), SECOND_KEY.public)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contracts", []),
        ("contracts", [text("one")] * (MAX_CONTRACTS + 1)),
        ("lawyers", ["L001"] * 21),
        ("matter", "short"),
        ("matter", "赵某2026-0001"),
        ("kind", "revenge"),
        ("opening", None),
        ("opened_at", "2026-11-02"),
        ("pseudonym", text("pseudonym") + "\n"),
    ],
)
def test_a_request_of_another_form_is_refused(field: str, value: Any) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse(MatterRequest, {**request().request.document(), field: value})
    assert refusal.value.field.startswith(field)


def test_they_survive_json() -> None:
    for message in (request(), SIGNED_SEAL, told().opening, told().anchor, trust_in(key_set())):
        assert parse_json(type(message), message.canonical()) == message


# The identity opening.


def test_an_opening_gives_the_pseudonym_that_the_whole_key_would() -> None:
    """Put together another way: the shares first, and the blinding taken off as RFC 9497 says."""
    found = told().opening
    shares = [(each.custodian, unb64(each.elements[0])) for each in found.evaluations]
    expected = oprf.finalize(found.input.encode(), unb64(found.blind), oprf.combine(shares))
    output = open_identity(found, key_set())
    assert output == expected
    assert b64(output[:32]) == request().request.pseudonym
    assert b64(SigningKey(output[32:]).public) == request().request.standing_key


def test_each_of_its_digests_is_framed_behind_a_label() -> None:
    first = told().opening.evaluations[0]
    asked, answered = decoded(told().opening.element), decoded(first.elements[0])
    document = {
        "key_set": told().opening.key_set,
        "request_id": first.request_id,
        "custodian": 1,
        "batch": encoded(sha256("evaluation-batch", asked)),
        "answer": encoded(sha256("evaluation-answer", answered, decoded(first.proof))),
    }
    message = framed(label("evaluation"), jcs(document))
    assert decoded(first.signature) == key("witness/1").sign(message)


OTHER_INPUT = f"v1|RESIDENT_ID|{IDENTIFIER[::-1]}"


@pytest.mark.parametrize(
    "changes",
    [
        {"input": OTHER_INPUT},
        {"blind": b64(b"\x07" + bytes(31))},
        {"element": b64(oprf.blind(b"another").element)},
        {"suite": "P256-SHA256"},
        {"suite": ""},
        {"epoch": 2},
        {"alliance": "another alliance"},
        {"key_set": text("another key set")},
        {"evaluations": ()},
    ],
)
def test_an_opening_of_something_else_does_not_open(changes: dict[str, Any]) -> None:
    with pytest.raises(VerifyError):
        open_identity(opening(**changes), key_set())


@pytest.mark.parametrize("blind", [bytes(32), b"\xff" * 32])
def test_a_blind_that_is_zero_or_no_scalar_does_not_open(blind: bytes) -> None:
    with pytest.raises((DeserializeError, InvalidInputError)):
        open_identity(opening(blind=b64(blind)), key_set())


@pytest.mark.parametrize("field", ["proof", "signature", "elements"])
def test_a_corrupted_evaluation_does_not_open(field: str) -> None:
    first, second = told().opening.evaluations
    value = getattr(first, field)
    wrong = tuple(map(flipped, value)) if isinstance(value, tuple) else flipped(value)
    with pytest.raises(PrivacyError):
        open_identity(opening(evaluations=(replace(first, **{field: wrong}), second)), key_set())


def test_too_few_or_the_same_custodians_do_not_open() -> None:
    first, second = told().opening.evaluations
    for evaluations in ((first,), (first, first), (first, replace(second, custodian=1))):
        with pytest.raises(PrivacyError):
            open_identity(opening(evaluations=evaluations), key_set())


def test_an_answer_is_not_another_custodians_nor_to_another_request() -> None:
    first, second = told().opening.evaluations
    for wrong in (
        replace(second, custodian=2),
        replace(second, request_id="request-0002"),
        replace(second, elements=first.elements, proof=first.proof),
        replace(second, elements=(*second.elements, *second.elements)),
        replace(second, elements=()),
    ):
        with pytest.raises(VerifyError):
            open_identity(opening(evaluations=(first, wrong)), key_set())


def test_a_custodian_that_the_key_set_does_not_have_evaluates_nothing() -> None:
    first, second = told().opening.evaluations
    with pytest.raises(InvalidInputError):
        open_identity(opening(evaluations=(first, replace(second, custodian=4))), key_set())


def test_the_key_set_of_another_ceremony_opens_nothing() -> None:
    with pytest.raises(VerifyError):
        open_identity(told().opening, hold_ceremony().key_set)


def test_an_opening_without_an_identifier_is_refused_where_it_enters() -> None:
    for value in ("", "x" * 201, 7):
        with pytest.raises(InvalidInputError):
            parse(IdentityOpening, {**told().opening.document(), "input": value})


# Trust.


def test_trust_names_the_key_set_and_its_custodians_and_nothing_else() -> None:
    expected = {
        "version": 1,
        "alliance": ALLIANCE,
        "epoch": 1,
        "key_set": encoded(sha256("key-set", jcs(dealt().key_set.document()))),
        "threshold": 2,
        "witnesses": [encoded(key(f"witness/{index}").public) for index in (1, 2, 3)],
    }
    assert trust_in(key_set()).canonical() == jcs(expected)


@pytest.mark.parametrize("changes", [{"version": 2}, {"threshold": 1}, {"threshold": 256}, {"more": 1}])
def test_trust_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        parse(Trust, {**trust_in(key_set()).document(), **changes})


def test_a_request_signed_twice_is_the_same_request() -> None:
    assert sign_matter(SECOND_KEY, request().request) == request()
