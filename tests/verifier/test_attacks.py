"""Parts of sound bundles put together wrongly, by somebody who holds the member's key and signs with it."""

from __future__ import annotations

import copy
from base64 import standard_b64encode
from datetime import timedelta
from typing import Any

import pytest

from privacy import merkle
from privacy.certificates import sign_certificate
from privacy.checkpoint import (
    Checkpoint,
    Line,
    Note,
    cosign,
    custodian_name,
    log_origin,
    read_note,
    sign_checkpoint,
)
from privacy.encoding import b64, instant_text, parse_instant, unb64
from privacy.evaluating import EvaluationRequest, sign_evaluation
from privacy.evidence import MatterRequest, sign_matter, trust_in
from privacy.keyset import sign_key_set
from privacy.matching import standing_message
from privacy.messages import parse
from privacy.oprf import Evaluation
from privacy.signing import SigningKey
from privacy.statements import Acceptance, Rotation, custodian_author, sign_statement
from tests.privacy.samples import ALLIANCE, SOUTH, hold_ceremony, key, seed, sign_by_all, text
from tests.verifier import making
from tests.verifier.committing import (
    asked_otherwise,
    certified_otherwise,
    committed_to,
    decided_otherwise,
    requested_otherwise,
)
from tests.verifier.conftest import failed, why
from tests.verifier.making import Draft
from tests.verifier.story import (
    CHECKPOINT,
    FIRST_KEY,
    IDENTIFIER,
    RECOVERY,
    ROTATED,
    SEALED,
    SECOND_KEY,
    note_over,
    opened,
    told,
)

STRANGER = SigningKey(seed("stranger"))
OTHER_MATTER, OTHER_DEBTOR = "south-2026-0002", "000000198512120029"


def other() -> Draft:
    """Return the bundle of another matter, about another debtor."""
    return making.drafted(told(OTHER_MATTER, OTHER_DEBTOR), OTHER_DEBTOR)


def with_evidence(**evidence: Any) -> dict[str, bytes]:
    """Return a bundle, sealed by the member, in which some documents are other ones."""
    draft = making.draft()
    draft.evidence |= {name.replace("_", "-"): value for name, value in evidence.items()}
    return draft.sealed()


def test_the_other_bundle_holds_by_itself() -> None:
    assert failed(other().sealed(), folder=OTHER_MATTER) is None


# Files.


@pytest.mark.parametrize(
    "path",
    [
        "data/documents/003-more.pdf",
        "evidence/note.txt",
        "readme.txt",
        "../evil.txt",
        "data/../../evil.txt",
        "data//x",
        "/etc/passwd",
        "data/a\\b",
        "data/C:x",
        "data/nul\x00",
        "data/documents/001-借款合同.pdf ",
        "data/Report.zh.pdf",
    ],
)
def test_a_file_that_no_manifest_lists(path: str) -> None:
    assert failed({**making.draft().sealed(), path: b"x"}) == "files"


@pytest.mark.parametrize("path", ["../evil.txt", "data//x", "data/Report.zh.pdf", "data/a:b", "data/./x"])
def test_a_path_that_leads_elsewhere_is_refused_even_when_it_is_listed_and_sealed(path: str) -> None:
    draft = making.draft()
    draft.payload[path] = b"x"
    assert failed(draft.sealed()) == "files"


@pytest.mark.parametrize("path", sorted(set(making.draft().sealed()) - {"seal.tsr"}))
def test_a_file_that_was_taken_out(path: str) -> None:
    files = making.draft().sealed()
    del files[path]
    assert failed(files) == "files"


def test_a_time_stamp_that_was_taken_out_or_put_in() -> None:
    files = making.draft().sealed()
    without = making.draft().changed(token=making.unstamped).sealed()
    assert failed(without) is None
    assert failed({path: data for path, data in files.items() if path != "seal.tsr"}) == "seal"
    assert failed({**without, "seal.tsr": b"x"}) == "seal"


def test_a_time_stamp_of_another_bundle() -> None:
    assert failed(making.draft().changed(token=lambda _: b"token over something else").sealed()) == "seal"


def test_a_document_that_is_on_no_list() -> None:
    draft = making.draft()
    draft.payload["data/documents/003-more.pdf"] = b"%PDF"
    assert failed(draft.sealed()) == "items"


def test_an_empty_evidence_directory_is_not_enough() -> None:
    files = {path: data for path, data in making.draft().sealed().items() if "evidence" not in path}
    assert failed(making.sealed_anew(files)) == "files"


# Whose trust, whose keys.


def test_the_trust_of_another_epoch() -> None:
    successor = hold_ceremony().key_set
    assert failed(making.draft().sealed(), making.plain(trust_in(successor))) == "key-set"
    trust = making.trust()
    assert failed(making.draft().sealed(), {**trust, "epoch": 2}) == "seal"
    assert failed(making.draft().sealed(), {**trust, "threshold": 3}) == "key-set"
    assert failed(making.draft().sealed(), {**trust, "alliance": "another"}) == "seal"


def test_a_key_set_that_one_custodian_did_not_sign() -> None:
    signed = sign_by_all(told().key_set)
    forged = sign_key_set(key("witness/1"), told().key_set)
    document = making.plain(signed)
    document["signatures"][2] = forged
    assert failed(with_evidence(key_set=document)) == "key-set"
    assert failed(with_evidence(key_set={**document, "signatures": document["signatures"][:2]})) == "key-set"


def test_an_enrolment_that_too_few_custodians_accepted() -> None:
    enrolment, first, _, rotation = making.draft().evidence["membership"]
    assert failed(with_evidence(membership=[enrolment, first, rotation])) == "member-key"
    assert failed(with_evidence(membership=[enrolment, first, first, rotation])) == "member-key"
    assert "2 custodians" in why(with_evidence(membership=[enrolment, first, rotation]))


def test_an_acceptance_of_another_enrolment_or_by_another_custodian() -> None:
    enrolment, first, second, rotation = making.draft().evidence["membership"]
    accepts_other = _acceptance(3, "witness/3", text("another enrolment"))
    digest = second["statement"]["body"]["enrolment"]
    by_another = _acceptance(3, "witness/2", digest)
    nobody = _acceptance(4, "witness/3", digest)
    countersigned = {**second, "countersignature": b64(bytes(64))}
    for wrong in (accepts_other, by_another, nobody, countersigned):
        assert failed(with_evidence(membership=[enrolment, first, wrong, rotation])) == "member-key"


def _acceptance(index: int, signer: str, enrolment: str) -> Any:
    statement = sign_statement(
        key(signer),
        Acceptance(enrolment=enrolment),
        alliance=ALLIANCE,
        epoch=1,
        author=custodian_author(index),
        sequence=4,
        previous=seed("previous"),
        signed_at=ROTATED,
    )
    return making.plain(statement)


def _rotation(
    signer: SigningKey, to: SigningKey, recovery: SigningKey, sequence: int = 12, **changes: Any
) -> Any:
    body = Rotation(signing=b64(to.public), recovery=b64(recovery.public), sealing=text("sealing/3"))
    statement = sign_statement(
        signer,
        body,
        alliance=ALLIANCE,
        epoch=1,
        sequence=sequence,
        **{
            "author": f"member/{SOUTH}",
            "previous": seed("previous"),
            "signed_at": ROTATED + timedelta(days=1),
            **changes,
        },
    )
    return making.plain(statement)


def test_a_key_change_that_nobody_with_the_right_signed() -> None:
    thief, membership = SigningKey(seed("thief")), making.draft().evidence["membership"]
    wrong = [
        _rotation(thief, thief, RECOVERY),
        # The signing key may not replace the recovery key, nor a key that was given up anything.
        _rotation(SECOND_KEY, thief, thief),
        _rotation(FIRST_KEY, thief, RECOVERY),
        _rotation(SECOND_KEY, thief, RECOVERY, sequence=7),
        _rotation(SECOND_KEY, thief, RECOVERY, author="member/another"),
        _rotation(SECOND_KEY, thief, RECOVERY, previous=None),
        _rotation(SECOND_KEY, thief, RECOVERY, signed_at=ROTATED - timedelta(days=1)),
        {**_rotation(SECOND_KEY, thief, RECOVERY), "countersignature": b64(bytes(64))},
    ]
    for rotation in wrong:
        assert failed(with_evidence(membership=[*membership, rotation])) == "member-key"


def test_a_bundle_is_sealed_by_the_newest_key() -> None:
    third = SigningKey(seed("third"))
    draft = making.draft()
    draft.evidence["membership"].append(_rotation(RECOVERY, third, SigningKey(seed("recovery/2"))))
    assert failed(draft.sealed(SECOND_KEY)) == "seal-signature"
    assert failed(draft.sealed(third)) is None
    early = draft.changed(sealed_at=instant_text(ROTATED))
    assert failed(early.sealed(third)) == "seal-signature"


def test_without_the_rotation_the_new_key_seals_nothing() -> None:
    membership = making.draft().evidence["membership"]
    assert failed(with_evidence(membership=membership[:3])) == "seal-signature"


# The log.


def _noted(checkpoint: Checkpoint, *cosigners: int) -> str:
    return note_over(told().key_set, checkpoint, CHECKPOINT, *cosigners).text()


def test_fewer_cosignatures_than_the_threshold() -> None:
    checkpoint = told().note.checkpoint
    assert failed(making.draft().changed(note=_noted(checkpoint, 1, 3)).sealed()) is None
    assert failed(making.draft().changed(note=_noted(checkpoint, 3)).sealed()) == "checkpoint"
    assert failed(making.draft().changed(note=_noted(checkpoint, 3, 3)).sealed()) == "checkpoint"
    assert "1 did" in why(making.draft().changed(note=_noted(checkpoint, 2)).sealed())


def test_a_cosignature_by_another_key_than_the_custodians() -> None:
    checkpoint, origin = told().note.checkpoint, log_origin(told().key_set)
    false = cosign(SigningKey(seed("thief")), custodian_name(origin, 3), checkpoint, at=CHECKPOINT)
    note = read_note(_noted(checkpoint, 1, 2))
    forged = Note(checkpoint, (*note.lines, false)).text()
    assert failed(making.draft().changed(note=forged).sealed()) == "checkpoint"


def test_a_checkpoint_that_the_hub_did_not_sign() -> None:
    note = told().note
    under_another_name = Line("another", note.lines[0].key_hash, note.lines[0].signature)
    for lines in (note.lines[1:], (under_another_name, *note.lines[1:])):
        assert (
            failed(making.draft().changed(note=Note(note.checkpoint, lines).text()).sealed()) == "checkpoint"
        )


def test_a_checkpoint_of_another_log_under_signatures_that_name_this_one() -> None:
    """Hub and custodians sign what they are given: the log's name stands in the text as well."""
    note = told().note
    strange = Checkpoint(note.checkpoint.origin + "x", note.checkpoint.size, note.checkpoint.root)
    signed = [sign_checkpoint(key("hub"), strange)]
    for index in (1, 2):
        name = custodian_name(note.checkpoint.origin, index)
        signed.append(cosign(key(f"witness/{index}"), name, strange, at=CHECKPOINT))
    signed[0] = Line(note.lines[0].name, note.lines[0].key_hash, signed[0].signature)
    assert failed(making.draft().changed(note=Note(strange, tuple(signed)).text()).sealed()) == "checkpoint"


def test_a_checkpoint_of_another_log() -> None:
    checkpoint = told().note.checkpoint
    strange = Checkpoint(checkpoint.origin[:-1] + "x", checkpoint.size, checkpoint.root)
    assert failed(making.draft().changed(note=_noted(strange, 1, 2)).sealed()) == "checkpoint"


def test_a_forked_checkpoint_does_not_hold_the_entries() -> None:
    checkpoint = told().note.checkpoint
    leaves = [*told().log.leaves[:-1], seed("another entry")]
    fork = Checkpoint(checkpoint.origin, checkpoint.size, merkle.root(leaves))
    assert failed(making.draft().changed(note=_noted(fork, 1, 2)).sealed()) == "log"


def test_a_note_that_only_looks_like_one() -> None:
    note = making.draft().note
    for wrong in (
        "",
        note[:-1],
        note.replace("\n", "\r\n"),
        note + "\n",
        note.replace("\n\n", "\n"),
        "x" + note,
    ):
        assert failed(making.draft().changed(note=wrong).sealed()) == "checkpoint"


def test_an_entry_at_another_place_or_twice() -> None:
    log = making.draft().evidence["log"]
    moved = copy.deepcopy(log)
    moved[0]["index"], moved[1]["index"] = moved[1]["index"], moved[0]["index"]
    assert failed(with_evidence(log=moved)) == "log"
    assert failed(with_evidence(log=[*log, log[0]])) == "log"
    beyond = copy.deepcopy(log)
    beyond[0]["index"] = told().note.checkpoint.size
    assert failed(with_evidence(log=beyond)) == "log"


def test_an_anchor_of_a_log_that_went_another_way() -> None:
    checkpoint = told().note.checkpoint
    fork = Checkpoint(checkpoint.origin, 7, merkle.root([seed(str(n)) for n in range(7)]))
    anchor = {**making.draft().evidence["anchor"], "note": _noted(fork, 1, 2)}
    assert failed(with_evidence(anchor=anchor)) == "anchor"
    ahead = Checkpoint(checkpoint.origin, checkpoint.size + 1, checkpoint.root)
    assert failed(with_evidence(anchor={**anchor, "note": _noted(ahead, 1, 2)})) == "anchor"
    stamped = {**making.draft().evidence["anchor"], "token": text("a token over something else", 60)}
    assert failed(with_evidence(anchor=stamped)) == "anchor"


def test_a_seal_that_claims_to_be_older_than_the_cosignatures() -> None:
    draft = making.draft().changed(sealed_at=instant_text(CHECKPOINT - timedelta(days=2)))
    assert failed(draft.sealed()) == "checkpoint"


# Parts of another bundle.


@pytest.mark.parametrize(
    ("name", "claim"),
    [
        ("matter", "matter"),
        ("certificates", "certificates"),
        ("log", "log"),
        ("opening", "identity"),
        ("case", "case"),
    ],
)
def test_a_part_of_another_matter(name: str, claim: str) -> None:
    assert failed(with_evidence(**{name: other().evidence[name]})) == claim


def test_the_folder_or_seal_of_another_matter() -> None:
    assert failed(making.draft().sealed(), folder=OTHER_MATTER) == "seal"
    assert failed(making.draft().sealed(matter=OTHER_MATTER)) == "seal"


def test_a_matter_request_that_the_log_does_not_hold() -> None:
    """The member signs another request under the old entry: about contracts that it thought of later."""
    request = {**making.draft().evidence["matter"]["request"], "contracts": [text("a third contract")]}
    signed = sign_matter(SECOND_KEY, parse(MatterRequest, request))
    assert failed(with_evidence(matter=making.plain(signed))) == "matter"


@pytest.mark.parametrize(
    "changes",
    [
        {"matter": OTHER_MATTER},
        {"member": "another"},
        {"alliance": "another"},
        {"epoch": 2},
        {"key_set": text("another key set")},
        {"opened_at": "2026-10-30T02:00:00Z"},
        {"opened_at": "2026-11-03T02:00:01Z", "logged_at": "2026-11-03T02:00:01Z"},
        {"logged_at": "2026-12-24T00:00:00Z"},
        {"until": "2026-11-02T02:00:00Z"},
        # Signed by a stranger, as whom the log names it, or as the member.
        {"by": STRANGER},
        {"by": STRANGER, "public": b64(SECOND_KEY.public)},
    ],
)
def test_a_request_that_is_signed_and_logged_but_does_not_fit_the_seal(changes: dict[str, Any]) -> None:
    assert failed(requested_otherwise(making.draft(), **changes).sealed()) == "matter"


@pytest.mark.parametrize("field", ["pseudonym", "standing_key"])
def test_a_request_about_another_debtor_than_the_opening_shows(field: str) -> None:
    changes = {field: told(OTHER_MATTER, OTHER_DEBTOR).request.request.document()[field]}
    files = requested_otherwise(making.draft(), **changes).sealed()
    assert failed(files) == "identity"
    assert "than the request names" in why(files)


def test_no_opening_of_the_matter_in_the_log_in_the_log() -> None:
    draft = making.draft()
    draft.evidence["log"] = [
        proof for proof in draft.evidence["log"] if proof["receipt"]["entry"]["kind"] != "matter"
    ]
    assert failed(draft.sealed()) == "matter"


# Identity.


def _opening(**changes: Any) -> dict[str, bytes]:
    """Return a bundle whose request commits to a changed opening, as a member would that planned ahead."""
    return with_evidence(opening={**making.draft().evidence["opening"], **changes})


def test_an_opening_of_another_identifier_under_the_same_evaluations() -> None:
    assert failed(_opening(input="v1|RESIDENT_ID|000000198512120029")) == "identity"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"input": "v1|RESIDENT_ID|000000198512120029"}, "blinds another identifier"),
        ({"input": "v1|KEY|RESIDENT_ID|1"}, "not about a debtor's identifier"),
        ({"input": "v1|MOBILE|8613800000000"}, "not about a debtor's identifier"),
        ({"input": "nothing"}, "not about a debtor's identifier"),
        ({"blind": b64(bytes(32))}, "blinds another identifier"),
        ({"blind": b64(b"\xff" * 32)}, "blinds another identifier"),
        ({"suite": "P256-SHA256"}, "another epoch or suite"),
        ({"epoch": 2}, "another epoch or suite"),
    ],
)
def test_an_opening_is_judged_by_itself_even_when_the_request_commits_to_it(
    changes: dict[str, Any], reason: str
) -> None:
    draft = making.draft()
    draft.evidence["opening"] |= changes
    files = committed_to(draft).sealed()
    assert failed(files) == "identity"
    assert reason in why(files)


def test_an_evaluation_by_too_few_twice_the_same_or_under_a_wrong_key() -> None:
    first, third = making.draft().evidence["opening"]["evaluations"]
    swapped = {**third, "elements": first["elements"], "proof": first["proof"]}
    for evaluations in ([first], [first, first], [first, swapped], [first, {**third, "custodian": 2}], []):
        draft = making.draft()
        draft.evidence["opening"]["evaluations"] = evaluations
        assert failed(committed_to(draft).sealed()) == "identity"


def test_a_fresh_opening_of_the_same_debtor_is_not_the_one_that_was_committed_to() -> None:
    fresh, output = opened(told().key_set, IDENTIFIER)
    assert b64(output[:32]) == told().request.request.pseudonym
    assert failed(with_evidence(opening=making.plain(fresh))) == "identity"
    draft = making.draft()
    draft.evidence["opening"] = making.plain(fresh)
    assert failed(committed_to(draft).sealed()) is None


def test_the_right_share_without_the_custodians_signature_or_with_a_wrong_proof() -> None:
    found = told().opening
    first, third = found.evaluations
    asked = EvaluationRequest(
        recipient="custodian/3",
        epoch=1,
        key_set=found.key_set,
        request_id=third.request_id,
        elements=(found.element,),
    )
    unproved = Evaluation([unb64(third.elements[0])], unb64(first.proof))
    wrong = [
        making.plain(sign_evaluation(key("witness/2"), asked, third.evaluation(), custodian=3)),
        making.plain(sign_evaluation(key("witness/3"), asked, unproved, custodian=3)),
        {**making.plain(third), "request_id": "request-0002"},
        {**making.plain(third), "elements": [*third.elements, *third.elements]},
    ]
    for evaluation in wrong:
        draft = making.draft()
        draft.evidence["opening"]["evaluations"][1] = evaluation
        files = committed_to(draft).sealed()
        assert failed(files) == "identity"
        assert why(files) == "custodian 3's evaluation of the identifier does not hold"


# Certificates.


def _certified(number: int, change: Any) -> dict[str, bytes]:
    """Return a bundle in which the hub signed a changed certificate, under the entry of the old one."""
    draft = making.draft()
    signed = told().certificates[number - 1]
    document = signed.certificate.document()
    change(document["said"])
    forged = sign_certificate(key("hub"), parse(type(signed.certificate), document), leaf=unb64(signed.leaf))
    draft.evidence["certificates"][number - 1] = making.plain(forged)
    return draft.sealed()


def test_a_certificate_that_the_hub_changed_after_it_was_logged() -> None:
    def richer(said: Any) -> None:
        said["held_elsewhere"] = False

    assert failed(_certified(7, richer)) == "certificates"


def test_a_certificate_twice_or_out_of_order() -> None:
    first, second, *rest = making.draft().evidence["certificates"]
    assert failed(with_evidence(certificates=[second, first, *rest])) == "certificates"
    assert failed(with_evidence(certificates=[first, first, second, *rest])) == "certificates"


@pytest.mark.parametrize("kind", ["match", "statement", "certificate"])
def test_a_certificate_whose_entries_are_not_shown(kind: str) -> None:
    draft = making.draft()
    draft.evidence["log"] = [
        proof for proof in draft.evidence["log"] if proof["receipt"]["entry"]["kind"] != kind
    ]
    expected = {"match": "decisions", "statement": "certificates", "certificate": "certificates"}
    assert failed(draft.sealed()) == expected[kind]


def test_fewer_certificates_are_no_falsehood() -> None:
    draft = making.draft()
    draft.evidence["certificates"] = []
    assert failed(draft.sealed()) is None


# What the member says itself.


def test_a_custody_log_from_which_a_step_was_taken() -> None:
    first, second = making.draft().evidence["custody"]
    assert failed(with_evidence(custody=[second])) == "custody"
    assert failed(with_evidence(custody=[first, {**second, "at": "2026-01-01T00:00:00Z"}])) == "custody"
    late = instant_text(SEALED + timedelta(seconds=1))
    assert failed(with_evidence(custody=[first, {**second, "at": late}])) == "custody"
    assert failed(with_evidence(custody=[first])) is None


def test_an_evidence_list_with_a_gap_or_another_documents_digest() -> None:
    first, second = making.draft().evidence["items"]
    assert failed(with_evidence(items=[first])) == "items"
    assert failed(with_evidence(items=[first, {**second, "number": 3}])) == "items"
    assert failed(with_evidence(items=[first, {**second, "sm3": first["sm3"]}])) == "items"
    assert failed(with_evidence(items=[{**first, "size": 1}, second])) == "items"
    late = instant_text(parse_instant(first["collected_at"]) + timedelta(days=30))
    assert failed(with_evidence(items=[{**first, "collected_at": late}, second])) == "items"


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (("claimed",), 1),
        (("loans", 0, "claimed"), 1),
        (("loans", 0, "lines", 1, "amount"), 348_165),
        (("loans", 0, "accruals", 0, "days"), 91),
        (("loans", 0, "accruals", 0, "amount"), 388_165),
        (("loans", 0, "accruals", 0, "rate"), 155_000),
        (("loans", 0, "payments", 0, "principal"), 10_001),
        (("loans", 0, "fees", 0, "amount"), 300_001),
        (("loans", 1, "contract_ref"), text("contract/3")),
        (("kind",), "arbitration"),
    ],
)
def test_figures_that_do_not_add_up(part: tuple[str | int, ...], value: Any) -> None:
    case = making.draft().evidence["case"]
    inner = case
    for name in part[:-1]:
        inner = inner[name]
    inner[part[-1]] = value
    assert failed(with_evidence(case=case)) == "case"


def test_a_standing_signature_of_another_question_or_place() -> None:
    standing = SigningKey(seed("not the debtor's"))
    manifest = unb64(told().certificates[1].certificate.said.decisions[0].manifest)  # type: ignore[union-attr]
    moved = b64(standing.sign(standing_message(manifest, 1)))
    assert failed(decided_otherwise(standing=moved).sealed()) == "decisions"
    assert failed(decided_otherwise(position=0).sealed()) == "decisions"
    assert failed(decided_otherwise(subjects=3).sealed()) == "decisions"
    assert failed(decided_otherwise(allowed=False).sealed()) == "decisions"
    assert failed(decided_otherwise(clause="min_contributors").sealed()) == "decisions"
    assert failed(decided_otherwise().sealed()) is None


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (3, {"records": {"contract_ref": text("contract/3")}}),
        (3, {"records": {"position": 7}}),
        (4, {"flags": {"leaf": text("no leaf")}}),
        (5, {"ended": {"contract_ref": text("contract/1")}}),
        (5, {"ended": {"position": 8}}),
        (6, {"notices": {"position": 9}}),
    ],
)
def test_a_fact_that_its_log_entry_does_not_bear_out(number: int, change: dict[str, Any]) -> None:
    document = making.plain(told().certificates[number - 1].certificate)
    ((name, changes),) = change.items()
    document["said"][name][0] |= changes
    assert failed(certified_otherwise(number, document).sealed()) in {"certificates", "settlements"}


@pytest.mark.parametrize(
    "changes", [{"min_contributors": 2}, {"member": "another"}, {"version": 2}, {"audit_right": False}]
)
def test_terms_that_the_member_never_signed(changes: dict[str, Any]) -> None:
    document = making.plain(told().certificates[0].certificate)
    document["said"]["terms"] |= changes
    assert failed(certified_otherwise(1, document).sealed()) == "agreement"


def test_terms_that_the_member_signed_in_anothers_name() -> None:
    document = making.plain(told().certificates[0].certificate)
    said = document["said"]
    said["terms"]["member"] = "another"
    said["member_signature"] = FIRST_KEY.sign_document("agreement", said["terms"])
    assert failed(certified_otherwise(1, document).sealed()) == "agreement"


def test_a_record_that_rests_on_a_settlement_of_the_members() -> None:
    document = making.plain(told().certificates[2].certificate)
    ended = making.plain(told().certificates[4].certificate)["said"]["ended"][0]
    document["said"]["records"][0] |= {"position": ended["position"], "leaf": ended["leaf"]}
    assert failed(certified_otherwise(3, document).sealed()) == "certificates"


def test_a_certificate_of_another_day_than_the_log_says() -> None:
    document = making.plain(told().certificates[6].certificate)
    document["issued_at"] = "2026-12-24T00:00:00Z"
    assert failed(certified_otherwise(7, document).sealed()) == "certificates"


def test_an_agreement_that_rests_on_another_entry() -> None:
    document = making.plain(told().certificates[0].certificate)
    document["said"]["position"] = 6
    assert failed(certified_otherwise(1, document).sealed()) == "agreement"


def test_a_settlement_that_the_member_never_stated() -> None:
    document = making.plain(told().certificates[4].certificate)
    document["said"]["ended"][0]["statement"]["signature"] = b64(bytes(64))
    assert failed(certified_otherwise(5, document).sealed()) == "settlements"


def test_a_certificate_of_another_epoch() -> None:
    document = making.plain(told().certificates[6].certificate)
    assert failed(certified_otherwise(7, {**document, "epoch": 2}).sealed()) == "certificates"
    assert failed(certified_otherwise(7, {**document, "matter": OTHER_MATTER}).sealed()) == "certificates"
    assert failed(certified_otherwise(7, document).sealed()) is None


def test_a_question_that_the_member_never_signed() -> None:
    """The hub invents that the member asked, or passes off the signature of another request of its."""
    base = next(entry["signature_base"] for entry in told().log.entries if entry["kind"] == "match")
    elsewhere = base.replace("/v1/matches", "/v1/statements"), base.replace("POST", "GET")
    signed = [
        {
            "signature_base": other,
            "signature": f"sig=:{standard_b64encode(SECOND_KEY.sign(other.encode())).decode()}:",
        }
        for other in (base, *elsewhere)
    ]
    assert failed(asked_otherwise(**signed[0]).sealed()) is None
    unsigned = [{"signature": "sig=:" + "A" * 86 + "==:"}, {"signature": ""}, {"signature_base": base + " "}]
    for facts in [*signed[1:], *unsigned]:
        assert failed(asked_otherwise(**facts).sealed()) == "decisions"


def test_a_question_in_another_members_name_or_about_others() -> None:
    assert failed(asked_otherwise(member="another").sealed()) == "decisions"
    assert failed(asked_otherwise(manifest=text("another manifest")).sealed()) == "decisions"
    assert failed(asked_otherwise(at="2026-12-24T00:00:00Z").sealed()) == "decisions"
    # What hub and log say of the decision itself is theirs alone.
    assert failed(asked_otherwise(purpose="arbitration").sealed()) is None
