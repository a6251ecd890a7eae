"""A true accusation holds for whoever checks it; nobody is framed with what is not signed, or not false."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
import pytest

from privacy import oprf
from privacy.accusations import (
    Accusation,
    FalseEvaluation,
    FalsePartial,
    UnsoundTotal,
    read_accusation,
    verify_accusation,
)
from privacy.encoding import b64, encode_integer, unb64
from privacy.errors import InvalidInputError, VerifyError
from privacy.evaluating import EvaluationAnswer, sign_evaluation
from privacy.exposure import Exposure
from privacy.keyset import KeySet
from privacy.matching import Opening
from tests.privacy.offices import (
    SOUND,
    TOO_FEW,
    WILD,
    asks,
    evaluates,
    key_set,
    manifest,
    opens,
    sealed_totals,
    shares,
    sign,
)
from tests.privacy.samples import hold_ceremony, key, text


def replace(message: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(message, **changes)


def nothing(accusation: Accusation, reason: str | None = None, *, under: KeySet | None = None) -> bool:
    """Check that the accusation shows nothing."""
    with pytest.raises(VerifyError, match=reason):
        verify_accusation(accusation, under or key_set())
    return True


@cache
def other_key_set() -> KeySet:
    """The same custodians' witness keys beside other shares, as a later ceremony would have them."""
    return hold_ceremony().key_set


# A false evaluation

REQUEST = asks(b"one", b"two")
LIE = evaluates(REQUEST, 2, by=3)
"""Signed by custodian 2, evaluated under a share that is not its own."""


def test_a_wrong_evaluation_accuses_its_custodian() -> None:
    sentence = verify_accusation(FalseEvaluation(request=REQUEST, answer=LIE), key_set())
    assert sentence.startswith("custodian 2 signed a false answer to request evaluation-1")


def false_answers() -> dict[str, EvaluationAnswer]:
    """What a lying custodian signs itself."""
    elements = [unb64(element) for element in REQUEST.elements]
    honest = oprf.evaluate(unb64(shares(2).oprf), elements)
    another = oprf.evaluate(unb64(shares(3).oprf), elements)
    lies = {
        "one element of another key": ([honest.elements[0], another.elements[1]], honest.proof),
        "swapped": (honest.elements[::-1], honest.proof),
        "one missing": (honest.elements[:1], honest.proof),
        "one too many": ([*honest.elements, honest.elements[0]], honest.proof),
        "no elements": ([bytes(32), bytes(32)], honest.proof),
        "no proof": (honest.elements, bytes(64)),
        "a proof beyond the order": (honest.elements, b"\xff" * 64),
    }
    return {
        name: sign_evaluation(key("witness/2"), REQUEST, oprf.Evaluation(*lie), custodian=2)
        for name, lie in lies.items()
    }


@pytest.mark.parametrize("answer", false_answers().values(), ids=false_answers())
def test_every_answer_that_its_proof_does_not_carry_accuses(answer: EvaluationAnswer) -> None:
    assert verify_accusation(FalseEvaluation(request=REQUEST, answer=answer), key_set())


HONEST_ANSWER = evaluates(REQUEST, 2)


def test_an_honest_answer_accuses_nobody() -> None:
    assert nothing(FalseEvaluation(request=REQUEST, answer=HONEST_ANSWER), "the evaluation is right")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"signature": b64(bytes(64))}, id="unsigned"),
        pytest.param({"signature": HONEST_ANSWER.signature}, id="another-answer's-signature"),
        pytest.param({"proof": HONEST_ANSWER.proof}, id="proof-changed"),
        pytest.param({"elements": LIE.elements[::-1]}, id="elements-changed"),
        pytest.param({"custodian": 1}, id="another-custodian"),
        pytest.param({"custodian": 4}, id="no-custodian"),
        pytest.param({"request_id": "evaluation-2"}, id="another-request"),
    ],
)
def test_an_answer_that_was_changed_on_the_way_accuses_nobody(changes: dict[str, Any]) -> None:
    assert nothing(FalseEvaluation(request=REQUEST, answer=replace(LIE, **changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"elements": REQUEST.elements[::-1]},
        {"elements": REQUEST.elements[:1]},
        {"elements": (text("no element"), REQUEST.elements[1])},
        {"request_id": "evaluation-2"},
        {"epoch": 2},
        {"key_set": text("another key set")},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_honest_answer_held_against_another_question_accuses_nobody(changes: dict[str, Any]) -> None:
    assert nothing(FalseEvaluation(request=replace(REQUEST, **changes), answer=HONEST_ANSWER))


def test_an_honest_answer_held_against_another_key_set_accuses_nobody() -> None:
    moved = replace(REQUEST, key_set=b64(other_key_set().digest))
    assert other_key_set().witnesses == key_set().witnesses
    assert nothing(FalseEvaluation(request=REQUEST, answer=HONEST_ANSWER), under=other_key_set())
    assert nothing(FalseEvaluation(request=moved, answer=HONEST_ANSWER), under=other_key_set())


# A false partial

ASKED = manifest(unpacked=False)
HONEST = opens(ASKED, 2, sealed_totals(SOUND[0], SOUND[1], SOUND[0]))


def shifted(partial: str) -> str:
    public = key_set().public_key
    return encode_integer(int.from_bytes(unb64(partial), "big") * (1 + public.n) % public.n_squared, 256)


SHIFTED = replace(HONEST, partials=(shifted(HONEST.partials[0]), HONEST.partials[1]))


@pytest.mark.parametrize(
    ("opening", "reason"),
    [
        pytest.param(SHIFTED, "the proof of partial decryption does not hold", id="shifted"),
        pytest.param(replace(HONEST, proof=None), "it opens something and proves nothing", id="no-proof"),
        pytest.param(
            replace(HONEST, partials=HONEST.partials[:1]), "its ciphertexts do not fit", id="a-partial-less"
        ),
        pytest.param(
            replace(HONEST, partials=(text("p", 8), HONEST.partials[1])), "not as long", id="too-short"
        ),
    ],
)
def test_a_false_partial_accuses_its_custodian(opening: Opening, reason: str) -> None:
    sentence = verify_accusation(FalsePartial(manifest=ASKED, opening=sign(opening)), key_set())
    assert sentence.startswith(f"custodian 2 signed a false opening for request {ASKED.request_id}: ")
    assert reason in sentence


def test_an_honest_opening_accuses_nobody() -> None:
    assert nothing(FalsePartial(manifest=ASKED, opening=sign(HONEST)), "the opening is right")


def test_an_honest_opening_of_nothing_accuses_nobody() -> None:
    none = replace(HONEST, verdicts=(TOO_FEW,) * 4, ciphertexts=(), partials=(), proof=None)
    assert nothing(FalsePartial(manifest=ASKED, opening=sign(none)), "the opening is right")


def test_a_falsehood_that_its_custodian_did_not_sign_accuses_nobody() -> None:
    for signed in (
        sign(SHIFTED, by="witness/1"),
        sign(SHIFTED, by="hub"),
        replace(sign(HONEST), opening=SHIFTED),
        replace(sign(SHIFTED), signature=b64(bytes(64))),
        sign(replace(SHIFTED, custodian=3), by="witness/2"),
        sign(replace(SHIFTED, custodian=4), by="witness/2"),
    ):
        assert nothing(FalsePartial(manifest=ASKED, opening=signed))


@pytest.mark.parametrize(
    "changes",
    [{"request_id": "another-request"}, {"subjects": ASKED.subjects[:3]}, {"unpacked": True}, {"epoch": 2}],
    ids=lambda changes: next(iter(changes)),
)
def test_an_honest_opening_held_against_another_manifest_accuses_nobody(changes: dict[str, Any]) -> None:
    assert nothing(FalsePartial(manifest=replace(ASKED, **changes), opening=sign(HONEST)))


def test_an_honest_opening_held_against_another_key_set_accuses_nobody() -> None:
    moved = replace(ASKED, key_set=b64(other_key_set().digest))
    for asked in (ASKED, moved):
        assert nothing(FalsePartial(manifest=asked, opening=sign(HONEST)), under=other_key_set())


# An unsound total

ALONE = manifest(unpacked=True)
SEALED = sealed_totals(SOUND[0], WILD, SOUND[1])
WILD_SUBJECT = 2
"""Its place in the manifest; the subject before it is withheld."""

OPENINGS = {index: opens(ALONE, index, SEALED) for index in (1, 2, 3)}


def unsound(*indices: int, subject: int = WILD_SUBJECT, **changes: Any) -> UnsoundTotal:
    """The accusation from the openings of these custodians, with `changes` of the first."""
    first, *others = (OPENINGS[index] for index in indices)
    signed = (sign(replace(first, **changes)), *map(sign, others))
    return UnsoundTotal(manifest=ALONE, openings=signed, subject=subject)


@pytest.mark.parametrize("indices", [(1, 2), (3, 1), (1, 2, 3)])
def test_a_total_that_makes_no_sense_accuses_its_contributors(indices: tuple[int, ...]) -> None:
    sentence = verify_accusation(unsound(*indices), key_set())
    assert "at least one contributor to subject 3" in sentence
    assert f"period {ALONE.period}" in sentence
    assert "custodians opened it rightly" in sentence


def test_a_total_that_spilled_out_of_its_slots_accuses_its_contributors() -> None:
    spilled = pow(SEALED[0], 2**480, key_set().public_key.n_squared)
    signed = tuple(sign(opens(ALONE, index, [SEALED[0], spilled, SEALED[2]])) for index in (1, 2))
    assert verify_accusation(UnsoundTotal(manifest=ALONE, openings=signed, subject=2), key_set())


@pytest.mark.parametrize("subject", [0, 3])
def test_a_total_that_makes_sense_accuses_nobody(subject: int) -> None:
    assert nothing(unsound(1, 2, subject=subject), "the total makes sense")


@pytest.mark.parametrize("subject", [1, 4, 999])
def test_what_was_not_opened_accuses_nobody(subject: int) -> None:
    assert nothing(unsound(1, 2, subject=subject), "opened no such subject")


def test_too_few_custodians_accuse_nobody() -> None:
    assert nothing(unsound(1), "2 different custodians are needed")
    assert nothing(unsound(1, 1), "2 different custodians are needed")
    assert nothing(replace(unsound(1, 2), openings=()), "2 different custodians are needed")


def test_custodians_that_say_different_things_accuse_nobody() -> None:
    for changes in ({"position": 58}, {"cut_at": "2026-11-01T00:00:08Z"}, {"period": "2026-10"}):
        assert nothing(unsound(1, 2, **changes), "did not say the same")
    others = opens(ALONE, 1, sealed_totals(SOUND[0], WILD, SOUND[1]))
    openings = (sign(others), sign(OPENINGS[2]))
    assert nothing(UnsoundTotal(manifest=ALONE, openings=openings, subject=2), "did not say the same")


def test_a_lying_custodian_frames_no_contributor() -> None:
    sound = sealed_totals(SOUND[0], SOUND[1], SOUND[1])
    liar, witness = opens(ALONE, 1, sound), opens(ALONE, 2, sound)
    wild = (*liar.partials[:1], shifted(liar.partials[1]), *liar.partials[2:])
    for changes in ({"partials": wild}, {"partials": wild, "proof": None}):
        openings = (sign(replace(liar, **changes)), sign(witness))
        assert nothing(UnsoundTotal(manifest=ALONE, openings=openings, subject=2))


def test_every_signature_counts() -> None:
    honest = unsound(1, 2, 3)
    for place in range(3):
        for spoilt in (
            replace(honest.openings[place], signature=b64(bytes(64))),
            sign(honest.openings[place].opening, by="hub"),
        ):
            openings = (*honest.openings[:place], spoilt, *honest.openings[place + 1 :])
            assert nothing(replace(honest, openings=openings), "the signature does not hold")


def test_a_total_that_was_opened_with_others_accuses_nobody() -> None:
    openings = tuple(sign(opens(ASKED, index, SEALED)) for index in (1, 2))
    assert nothing(UnsoundTotal(manifest=ASKED, openings=openings, subject=2), "ask again, unpacked")


def test_no_contributor_is_accused_under_another_key_set_or_manifest() -> None:
    assert nothing(unsound(1, 2), "another key set", under=other_key_set())
    moved = replace(ALONE, request_id="another-request")
    assert nothing(replace(unsound(1, 2), manifest=moved), "another manifest")


# As it travels

ACCUSATIONS = {
    "false_evaluation": FalseEvaluation(request=REQUEST, answer=LIE),
    "false_partial": FalsePartial(manifest=ASKED, opening=sign(SHIFTED)),
    "unsound_total": unsound(1, 2),
}


@pytest.mark.parametrize(("kind", "accusation"), ACCUSATIONS.items(), ids=ACCUSATIONS)
def test_an_accusation_survives_json_and_names_its_kind(kind: str, accusation: Accusation) -> None:
    assert accusation.document()["kind"] == kind
    again = read_accusation(accusation.canonical())
    assert again == accusation
    assert verify_accusation(again, key_set()) == verify_accusation(accusation, key_set())


@pytest.mark.parametrize("accusation", ACCUSATIONS.values(), ids=ACCUSATIONS)
def test_the_sentence_shows_no_pseudonym_and_no_amount(accusation: Accusation) -> None:
    sentence = verify_accusation(accusation, key_set())
    assert not any(subject in sentence for subject in (*ASKED.subjects, *REQUEST.elements))
    assert not any(str(amount) in sentence for amount in (*amounts(WILD), *amounts(SOUND[0])))


def amounts(total: Exposure) -> set[int]:
    return {total.outstanding, total.overdue} - {5}  # a digit that dates and counts have too


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b'{"kind":"rumour"}', ACCUSATIONS["false_partial"].canonical()[:-1]],
    ids=["nothing", "no-kind", "a-list", "another-kind", "truncated"],
)
def test_what_is_no_accusation_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read_accusation(text)


@pytest.mark.parametrize("subject", [-1, 1_000])
def test_a_subject_stands_in_the_manifest(subject: int) -> None:
    document = ACCUSATIONS["unsound_total"].document() | {"subject": subject}
    with pytest.raises(InvalidInputError) as refusal:
        read_accusation(msgspec.json.encode(document))
    assert refusal.value.field == "subject"
