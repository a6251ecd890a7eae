"""The stored manifest first; then questions and answers moved to where they were not meant."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec
import pytest
from nacl.signing import VerifyKey

from privacy import oprf, sealing
from privacy.answers import (
    LogReceipt,
    MatchAnswer,
    Reachable,
    SharedFlag,
    SignedMatchAnswer,
    SubjectAnswer,
    sign_answer,
    verify_answer,
)
from privacy.encoding import b64, unb64
from privacy.errors import CannotOpen, InvalidInputError, VerifyError
from privacy.evaluating import EvaluationAnswer, EvaluationRequest, sign_evaluation, verify_evaluation_answer
from privacy.matching import (
    Decision,
    DecryptionProof,
    Manifest,
    MatchRequest,
    Opening,
    Reason,
    SealedOpening,
    Status,
    Verdict,
    open_opening,
    seal_opening,
    sign_match,
    standing_message,
    verify_match,
    verify_standing,
)
from privacy.messages import parse, parse_json
from privacy.sealing import SealingKey
from tests.privacy.independent import VECTORS, decoded, encoded, framed, jcs, label, sha256, verify
from tests.privacy.samples import MANIFEST, PRIVATE, key, seed, text

STORED = VECTORS["manifest"]
STANDING = [seed("standing"), seed("another standing")]
REQUEST = sign_match(key("south/signing"), MANIFEST, STANDING)
DIGEST = MANIFEST.sha256()
ASKER = SealingKey(seed("asker"))


def replace(message: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(message, **changes)


# Manifests


def test_a_manifest_has_its_stored_form() -> None:
    assert parse(Manifest, STORED["manifest"]) == MANIFEST
    assert json.loads(MANIFEST.canonical()) == STORED["manifest"]
    assert DIGEST.hex() == STORED["digest"]
    assert REQUEST.signature == STORED["signature"]
    assert list(REQUEST.standing) == STORED["standing"]


def test_other_code_finds_the_manifests_digest_and_signatures() -> None:
    text = jcs(STORED["manifest"])
    digest = hashlib.sha256(text).digest()
    assert digest.hex() == STORED["digest"]
    verify(STORED["key"], framed(label("manifest"), text), STORED["signature"])
    for position, name in enumerate(STORED["standing_keys"]):
        message = framed(label("standing"), digest, position.to_bytes(4, "big"))
        verify(name, message, STORED["standing"][position])


def test_a_match_request_survives_json_and_holds() -> None:
    again = parse_json(MatchRequest, REQUEST.canonical())
    assert again == REQUEST
    verify_match(again, key("south/signing").public)
    for position, name in enumerate(STORED["standing_keys"]):
        verify_standing(again, DIGEST, position, key(name).public)


@pytest.mark.parametrize(
    "changes",
    [
        {"alliance": "another"},
        {"epoch": 2},
        {"key_set": text("another key set")},
        {"request_id": "south-2026-11-0002"},
        {"member": "北方小贷"},
        {"agreement": "another"},
        {"purpose": "litigation"},
        {"case": ""},
        {"period": "2026-12"},
        {"requested_at": "2026-11-02T01:02:04Z"},
        {"unpacked": True},
        {"subjects": MANIFEST.subjects[::-1]},
        {"subjects": (MANIFEST.subjects[0], text("slipped in"))},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_nothing_in_a_manifest_may_change(changes: dict[str, Any]) -> None:
    changed = replace(REQUEST, manifest=replace(MANIFEST, **changes))
    with pytest.raises(VerifyError):
        verify_match(changed, key("south/signing").public)
    with pytest.raises(VerifyError):
        verify_standing(changed, changed.manifest.sha256(), 0, key("standing").public)


def test_a_manifest_holds_by_the_askers_key_alone() -> None:
    for other in ("hub", "south/recovery", "standing"):
        with pytest.raises(VerifyError):
            verify_match(REQUEST, key(other).public)


def test_a_subject_is_named_once() -> None:
    manifest = replace(MANIFEST, subjects=MANIFEST.subjects[:1] * 2)
    with pytest.raises(InvalidInputError) as refusal:
        verify_match(sign_match(key("south/signing"), manifest, STANDING), key("south/signing").public)
    assert refusal.value.field == "manifest.subjects"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_each_subject_has_one_standing_signature(count: int) -> None:
    request = sign_match(key("south/signing"), MANIFEST, (STANDING * 2)[:count])
    with pytest.raises(InvalidInputError) as refusal:
        verify_match(request, key("south/signing").public)
    assert refusal.value.field == "standing"


def test_a_standing_signature_is_for_its_position_and_subject() -> None:
    first, second = key("standing").public, key("another standing").public
    swapped = replace(REQUEST, standing=REQUEST.standing[::-1])
    for request, position, public in [
        (REQUEST, 0, second),
        (REQUEST, 1, first),
        (swapped, 0, first),
        (swapped, 0, second),
        (swapped, 1, second),
    ]:
        with pytest.raises(VerifyError):
            verify_standing(request, DIGEST, position, public)


def test_standing_in_one_manifest_is_none_in_another() -> None:
    other = replace(MANIFEST, request_id="south-2026-11-0002")
    with pytest.raises(VerifyError):
        verify_standing(REQUEST, other.sha256(), 0, key("standing").public)
    assert standing_message(DIGEST, 0) != standing_message(DIGEST, 256)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"subjects": []}, "subjects", id="about-nobody"),
        pytest.param({"subjects": [text("s")] * 1_001}, "subjects", id="about-1001"),
        pytest.param({"subjects": ["北京"]}, "subjects[0]", id="no-pseudonym"),
        pytest.param({"case": "x" * 101}, "case", id="long-case"),
        pytest.param({"case": "a\nb"}, "case", id="case-of-two-lines"),
        pytest.param({"case": "a\n"}, "case", id="case-with-line-feed"),
        pytest.param({"purpose": "Litigation"}, "purpose", id="purpose-in-capitals"),
        pytest.param({"purpose": "litigation\n"}, "purpose", id="purpose-with-line-feed"),
        pytest.param({"period": ""}, "period", id="no-period"),
        pytest.param({"unpacked": 0}, "unpacked", id="unpacked-as-number"),
        pytest.param({"unpacked": None}, "unpacked", id="unpacked-unsaid"),
        pytest.param({"request_id": "short"}, "request_id", id="short-id"),
    ],
)
def test_a_manifest_of_another_form_is_refused_by_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse(Manifest, MANIFEST.document() | changes)
    assert refusal.value.field == field


# Evaluations

SECRET, _ = oprf.derive_key_pair(bytes(32), b"custodian 2")
ELEMENTS = [oprf.blind(name).element for name in (b"one", b"two")]
ASKED = EvaluationRequest(
    recipient="custodian/2",
    epoch=1,
    key_set=text("key-set"),
    request_id="evaluation-1",
    elements=tuple(map(b64, ELEMENTS)),
)
EVALUATION = oprf.evaluate(SECRET, ELEMENTS)
EVALUATED = sign_evaluation(key("witness/2"), ASKED, EVALUATION, custodian=2)


def check_evaluation(answer: EvaluationAnswer = EVALUATED, **changes: Any) -> None:
    asked: dict[str, Any] = {
        "key_set": unb64(ASKED.key_set),
        "request_id": "evaluation-1",
        "custodian": 2,
        "elements": ELEMENTS,
    }
    verify_evaluation_answer(answer, key("witness/2").public, **asked | changes)


def test_a_signed_evaluation_survives_json_and_holds() -> None:
    again = parse_json(EvaluationAnswer, EVALUATED.canonical())
    check_evaluation(again)
    assert again.evaluation() == EVALUATION


def test_other_code_finds_what_a_custodian_signs() -> None:
    document = {
        "key_set": text("key-set"),
        "request_id": "evaluation-1",
        "custodian": 2,
        "batch": encoded(sha256("evaluation-batch", b"".join(ELEMENTS))),
        "answer": encoded(sha256("evaluation-answer", b"".join(EVALUATION.elements), EVALUATION.proof)),
    }
    public = VerifyKey(key("witness/2").public)
    public.verify(framed(label("evaluation"), jcs(document)), decoded(EVALUATED.signature))


@pytest.mark.parametrize(
    "changes",
    [
        {"key_set": bytes(32)},
        {"request_id": "evaluation-2"},
        {"custodian": 1},
        {"elements": ELEMENTS[::-1]},
        {"elements": ELEMENTS[:1]},
        {"elements": []},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_evaluation_is_for_one_request_to_one_custodian(changes: dict[str, Any]) -> None:
    with pytest.raises(VerifyError):
        check_evaluation(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"elements": EVALUATED.elements[::-1]},
        {"elements": EVALUATED.elements[:1]},
        {"proof": b64(bytes(64))},
        {"signature": b64(bytes(64))},
        {"custodian": 1},
        {"request_id": "evaluation-2"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_nothing_in_an_evaluation_may_change(changes: dict[str, Any]) -> None:
    with pytest.raises(VerifyError):
        check_evaluation(replace(EVALUATED, **changes))


def test_an_evaluation_holds_by_its_custodians_key_alone() -> None:
    with pytest.raises(VerifyError):
        verify_evaluation_answer(
            EVALUATED,
            key("witness/1").public,
            key_set=unb64(ASKED.key_set),
            request_id="evaluation-1",
            custodian=2,
            elements=ELEMENTS,
        )


@pytest.mark.parametrize("count", [0, 1_001])
def test_a_batch_has_1_to_1000_elements(count: int) -> None:
    document = ASKED.document() | {"elements": [ASKED.elements[0]] * count}
    with pytest.raises(InvalidInputError) as refusal:
        parse(EvaluationRequest, document)
    assert refusal.value.field == "elements"


# Openings

OPENING = Opening(
    manifest=b64(DIGEST),
    custodian=2,
    position=57,
    period="2026-11",
    cut_at="2026-11-01T00:00:07Z",
    verdicts=(
        Verdict(status=Status.OPEN, reason=None),
        Verdict(status=Status.WITHHELD, reason=Reason.CHANGED),
    ),
    ciphertexts=(text("c", 256),),
    partials=(text("p", 256),),
    proof=None,
)
SEALED = seal_opening(key("witness/2"), OPENING, ASKER.public)


def open_sealed(
    sealed: SealedOpening = SEALED, opener: SealingKey = ASKER, digest: bytes = DIGEST
) -> Opening:
    return open_opening(opener, sealed, manifest_digest=digest, witness=key("witness/2").public).opening


def forged(plaintext: bytes, *, custodian: int = 2) -> SealedOpening:
    """Seal whatever somebody without the witness key would, as anybody can."""
    context = framed(DIGEST, custodian.to_bytes(4, "big"))
    envelope = sealing.seal_to(ASKER.public, plaintext, purpose="opening", context=context)
    return SealedOpening(custodian=custodian, envelope=b64(envelope))


def test_a_sealed_opening_survives_json_and_opens() -> None:
    assert open_sealed(parse_json(SealedOpening, SEALED.canonical())) == OPENING


def test_the_hub_sees_nothing_of_it() -> None:
    assert DIGEST not in unb64(SEALED.envelope)
    assert b"withheld" not in unb64(SEALED.envelope)


def corrupted(data: bytes) -> bytes:
    return data[:-20] + bytes([data[-20] ^ 1]) + data[-19:]


@pytest.mark.parametrize(
    "sealed",
    [
        pytest.param(replace(SEALED, custodian=1), id="another-custodian"),
        pytest.param(replace(SEALED, envelope=b64(corrupted(unb64(SEALED.envelope)))), id="corrupted"),
        pytest.param(replace(SEALED, envelope=b64(unb64(SEALED.envelope)[:-1])), id="truncated"),
        pytest.param(replace(SEALED, envelope=b64(unb64(SEALED.envelope) + bytes(3))), id="too-large"),
        pytest.param(replace(SEALED, envelope="AA"), id="empty"),
        pytest.param(seal_opening(key("witness/2"), OPENING, SealingKey(bytes(32)).public), id="wrong-key"),
    ],
)
def test_a_mutilated_opening_does_not_open(sealed: SealedOpening) -> None:
    with pytest.raises(CannotOpen):
        open_sealed(sealed)


def test_an_opening_of_another_manifest_does_not_open() -> None:
    next_epoch = replace(MANIFEST, epoch=2).sha256()
    with pytest.raises(CannotOpen):
        open_sealed(digest=next_epoch)


def test_an_opening_that_answers_another_manifest_or_custodian_is_refused() -> None:
    for changes in ({"manifest": text("another")}, {"custodian": 1}):
        opening = replace(OPENING, **changes)
        signature = key("witness/2").sign_document("opening", opening.document())
        with pytest.raises(VerifyError):
            open_sealed(forged(json.dumps({"opening": opening.document(), "signature": signature}).encode()))


def test_only_the_witness_key_makes_an_opening() -> None:
    with pytest.raises(VerifyError):
        open_sealed(seal_opening(key("witness/1"), OPENING, ASKER.public))
    honest = key("witness/2").sign_document("opening", OPENING.document())
    changed = replace(OPENING, verdicts=OPENING.verdicts[::-1])
    with pytest.raises(VerifyError):
        open_sealed(forged(json.dumps({"opening": changed.document(), "signature": honest}).encode()))


@pytest.mark.parametrize(
    "plaintext", [b"", b"{}", b"\xff", b"[" * 100_000, b'{"opening":null,"signature":""}']
)
def test_what_anybody_sealed_to_the_asker_is_refused(plaintext: bytes) -> None:
    with pytest.raises(InvalidInputError):
        open_sealed(forged(plaintext))


def test_the_proofs_place_is_kept() -> None:
    proved = replace(OPENING, proof=DecryptionProof(e=text("e", 16), z=text("z", 300)))
    assert open_sealed(seal_opening(key("witness/2"), proved, ASKER.public)) == proved


# Answers

ANSWER = MatchAnswer(
    manifest=b64(DIGEST),
    decision=Decision(
        allowed=True, agreement="数据共享协议", version=1, clause="purposes", leaf=text("leaf")
    ),
    answered_at="2026-11-02T01:02:05Z",
    subjects=(
        SubjectAnswer(
            reachable=Reachable(status="yes", freshness="d30", kinds=()),
            flags=(SharedFlag(member="北方小贷", flag=PRIVATE.flag),),
        ),
        SubjectAnswer(reachable=Reachable(status="unknown", freshness=None, kinds=()), flags=()),
    ),
    openings=(SEALED,),
)
RECEIPT = LogReceipt(
    entry={"kind": "match", "at": "2026-11-02T01:02:05Z"}, salt=text("salt"), leaf=text("leaf")
)
ANSWERED = sign_answer(key("hub"), ANSWER, RECEIPT)


def test_a_signed_answer_survives_json_and_holds() -> None:
    again = parse_json(SignedMatchAnswer, ANSWERED.canonical())
    verify_answer(again, key("hub").public)
    assert again.document() == ANSWERED.document()


def test_other_code_finds_what_the_hub_signs() -> None:
    document = {"answer": ANSWERED.document()["answer"], "leaf": RECEIPT.leaf}
    VerifyKey(key("hub").public).verify(
        framed(label("match-answer"), jcs(document)), decoded(ANSWERED.signature)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"answer": replace(ANSWER, manifest=text("another"))},
        {"answer": replace(ANSWER, subjects=ANSWER.subjects[::-1])},
        {"answer": replace(ANSWER, openings=())},
        {"answer": replace(ANSWER, decision=replace(ANSWER.decision, version=2))},
        {"receipt": replace(RECEIPT, leaf=text("another leaf"))},
    ],
    ids=["manifest", "subjects", "openings", "decision", "leaf"],
)
def test_nothing_in_an_answer_may_change(changes: dict[str, Any]) -> None:
    with pytest.raises(VerifyError):
        verify_answer(replace(ANSWERED, **changes), key("hub").public)


def test_an_answer_holds_by_the_hubs_key_alone() -> None:
    with pytest.raises(VerifyError):
        verify_answer(ANSWERED, key("secretariat").public)
