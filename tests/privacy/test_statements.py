"""The stored wire forms first, by our code and by other code; then what must not hold."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replaced

from privacy import exposure, merkle, statements
from privacy.encoding import b64, unb64
from privacy.errors import VerifyError
from privacy.feed import FeedEntry, Head, sign_head, verify_head
from privacy.messages import parse
from privacy.receipts import CohortReceipt, Deletion, sign_deletion
from privacy.records import PrivateRest, Record
from privacy.statements import (
    Agreement,
    SignedStatement,
    countersign,
    sign_statement,
    verify_countersignature,
    verify_statement,
    verify_terms,
)
from privacy.terms import Handling, Terms, sign_terms, text_digest
from tests.privacy import samples
from tests.privacy.independent import VECTORS, decoded, framed, hkdf_sha512, jcs, label, leaf, sha256, verify
from tests.privacy.samples import (
    AT,
    BODIES,
    DELETION,
    HEAD,
    PRIVATE,
    RECEIPT,
    RECORD,
    TERMS,
    entry,
    key,
    signed,
    text,
)

STORED = VECTORS["statements"]
each_type = pytest.mark.parametrize("name", BODIES)


# The stored forms, by this code


def test_the_vectors_hold_every_type_of_statement() -> None:
    types = {form.__struct_config__.tag for form in statements.Body.__subclasses__()}
    assert types == set(STORED) == set(BODIES)


@each_type
def test_a_statement_has_its_stored_form(name: str) -> None:
    stored, ours = STORED[name], signed(name)
    assert json.loads(ours.canonical()) == stored["signed"]
    assert parse(SignedStatement, stored["signed"]) == ours
    assert ours.statement.sha256().hex() == stored["canonical_sha256"]
    assert ours.digest().hex() == stored["digest"]


def test_a_record_has_its_stored_form() -> None:
    stored = VECTORS["record"]
    assert parse(Record, stored["record"]) == RECORD
    assert RECORD.document() == stored["record"]
    assert RECORD.leaf().hex() == stored["leaf"]


def test_the_private_rest_has_its_stored_form() -> None:
    stored = VECTORS["private"]
    assert parse(PrivateRest, stored["private"]) == PRIVATE
    assert PRIVATE.digest(unb64(stored["salt"])).hex() == stored["digest"]


def test_a_position_of_the_feed_has_its_stored_form() -> None:
    stored, ours = VECTORS["feed_entry"], entry()
    assert [ours.position, ours.stamp, ours.salt] == [
        stored[field] for field in ("position", "stamp", "salt")
    ]
    assert ours.leaf().hex() == stored["leaf"]


def test_a_receipt_has_its_stored_form() -> None:
    stored = VECTORS["cohort_receipt"]
    assert parse(CohortReceipt, stored["receipt"]) == RECEIPT
    assert RECEIPT.leaf(unb64(stored["salt"])).hex() == stored["leaf"]


def test_a_deletion_certificate_has_its_stored_form() -> None:
    stored = VECTORS["deletion"]
    assert parse(Deletion, stored["deletion"]) == DELETION
    assert sign_deletion(key(stored["key"]), DELETION).signature == stored["signature"]


def test_a_head_has_its_stored_forms() -> None:
    stored = VECTORS["head"]
    assert HEAD.document() == stored["head"]
    assert sign_head(key("hub"), HEAD, custodian=None).signature == stored["heartbeat"]
    assert sign_head(key("witness/2"), HEAD, custodian=2).signature == stored["signature"]


def test_terms_have_their_stored_form() -> None:
    stored = VECTORS["terms"]
    assert json.loads(TERMS.canonical()) == stored["terms"]
    assert sign_terms(key("south/signing"), TERMS) == stored["signature"]


def test_the_randomness_of_a_contribution_is_the_stored_one() -> None:
    stored = VECTORS["randomness"]
    for bits, r in stored["r"].items():
        derived = exposure.randomness(
            bytes.fromhex(stored["member_secret"]),
            epoch=stored["epoch"],
            contract_ref=stored["contract_ref"],
            as_of=stored["as_of"],
            plaintext=int(stored["plaintext"]),
            bits=int(bits),
        )
        assert derived == int(r, 16)


# The stored forms, by other code


@each_type
def test_other_code_finds_the_statements_signature_and_digest(name: str) -> None:
    stored = STORED[name]
    document = stored["signed"]
    text = jcs(document["statement"])
    verify(stored["key"], framed(label("statement"), text), document["signature"])
    assert hashlib.sha256(text).hexdigest() == stored["canonical_sha256"]
    assert sha256("statement-digest", jcs(document)).hex() == stored["digest"]
    assert document["statement"]["body"]["type"] == name


def test_other_code_finds_the_secretariats_countersignature() -> None:
    document = STORED["enrolment"]["signed"]
    message = framed(label("countersignature"), jcs(document["statement"]))
    verify("secretariat", message, document["countersignature"])
    others = [stored["signed"]["countersignature"] for name, stored in STORED.items() if name != "enrolment"]
    assert others == [None] * 13


def test_other_code_finds_the_members_signature_under_its_terms() -> None:
    body = STORED["agreement"]["signed"]["statement"]["body"]
    verify("south/signing", framed(label("agreement"), jcs(body["terms"])), body["member_signature"])
    assert body["member_signature"] == VECTORS["terms"]["signature"]


def test_other_code_finds_the_records_leaf_and_the_chunks_root() -> None:
    stored = VECTORS["record"]
    assert leaf(jcs(stored["record"])).hex() == stored["leaf"]
    assert decoded(STORED["chunk"]["signed"]["statement"]["body"]["root"]).hex() == stored["leaf"]


def test_other_code_finds_the_digest_of_the_private_rest() -> None:
    stored = VECTORS["private"]
    assert sha256("private", decoded(stored["salt"]), jcs(stored["private"])).hex() == stored["digest"]


def test_other_code_finds_the_feeds_leaf() -> None:
    stored = VECTORS["feed_entry"]
    inner = sha256(
        "feed",
        decoded(stored["salt"]),
        stored["position"].to_bytes(8, "big"),
        stored["stamp"].encode(),
        bytes.fromhex(STORED[stored["statement"]]["digest"]),
    )
    assert leaf(inner).hex() == stored["leaf"]


def test_other_code_finds_the_heads_signatures() -> None:
    stored = VECTORS["head"]
    verify("hub", framed(label("heartbeat"), jcs(stored["head"])), stored["heartbeat"])
    verify("witness/2", framed(label("head"), jcs(stored["head"])), stored["signature"])


def test_other_code_finds_the_receipts_leaf_and_the_certificates_signature() -> None:
    stored = VECTORS["cohort_receipt"]
    inner = sha256("cohort-receipt", decoded(stored["salt"]), jcs(stored["receipt"]))
    assert leaf(inner).hex() == stored["leaf"]
    stored = VECTORS["deletion"]
    verify(stored["key"], framed(label("deletion"), jcs(stored["deletion"])), stored["signature"])


def test_other_code_finds_the_randomness() -> None:
    stored = VECTORS["randomness"]
    info = jcs([stored[field] for field in ("epoch", "contract_ref", "as_of", "plaintext")])
    for bits, r in stored["r"].items():
        derived = hkdf_sha512(bytes.fromhex(stored["member_secret"]), info, int(bits) // 16)
        assert derived == int(r, 16).to_bytes(int(bits) // 16, "big")


# Signatures


@each_type
def test_a_statement_holds_by_its_authors_key_alone(name: str) -> None:
    statement, author = signed(name), key(BODIES[name][1])
    verify_statement(statement, author.public)
    for other in {"hub", "secretariat", "south/signing", "south/recovery", "witness/1"} - {BODIES[name][1]}:
        with pytest.raises(VerifyError):
            verify_statement(statement, key(other).public)


@pytest.mark.parametrize(
    "changes",
    [
        {"alliance": "资产管理联盟二"},
        {"epoch": 2},
        {"author": "member/北方小贷"},
        {"sequence": 4},
        {"previous": None},
        {"previous": b64(bytes(32))},
        {"signed_at": "2026-10-31T04:00:01Z"},
        {"body": statements.Withdrawal(contract_ref=RECORD.contract_ref)},
        {"body": statements.Settlement(contract_ref=text("another contract"))},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_nothing_in_a_statement_may_change(changes: dict[str, Any]) -> None:
    honest = signed("settlement")
    statement = msgspec.structs.replace(honest.statement, **changes)
    changed = msgspec.structs.replace(honest, statement=statement)
    assert changed.digest() != honest.digest()
    with pytest.raises(VerifyError):
        verify_statement(changed, key("south/signing").public)


def test_the_digest_covers_signature_and_countersignature() -> None:
    honest = signed("enrolment")
    other_signature = msgspec.structs.replace(honest, signature=signed("cut").signature)
    bare = msgspec.structs.replace(honest, countersignature=None)
    assert len({each.digest() for each in (honest, other_signature, bare)}) == 3


def test_a_countersignature_is_the_secretariats_over_this_statement() -> None:
    enrolment, secretariat = signed("enrolment"), key("secretariat").public
    verify_countersignature(enrolment, secretariat)
    swapped = msgspec.structs.replace(
        enrolment, signature=enrolment.countersignature, countersignature=enrolment.signature
    )
    of_another = msgspec.structs.replace(
        enrolment, countersignature=countersign(signed("cut"), key("secretariat")).countersignature
    )
    missing = msgspec.structs.replace(enrolment, countersignature=None)
    by_another = countersign(enrolment, key("hub"))
    for statement in (swapped, of_another, missing, by_another):
        with pytest.raises(VerifyError):
            verify_countersignature(statement, secretariat)


def test_signing_chains_a_statement_to_the_one_before() -> None:
    first = signed("enrolment")
    second = sign_statement(
        key("south/signing"),
        BODIES["settlement"][2],
        alliance=samples.ALLIANCE,
        epoch=1,
        author="member/南方小贷",
        sequence=1,
        previous=first.digest(),
        signed_at=AT + timedelta(hours=8),
    )
    assert second.statement.previous == b64(first.digest())
    assert second.statement.signed_at == "2026-10-31T12:00:00Z"
    assert second.countersignature is None
    verify_statement(second, key("south/signing").public)


@pytest.mark.parametrize(
    "changes",
    [
        {"agreement": "another"},
        {"version": 2},
        {"member": "北方小贷"},
        {"purposes": TERMS.purposes[:1]},
        {"purposes": TERMS.purposes[::-1]},
        {"association_party": TERMS.member_party},
        {"member_party": TERMS.association_party},
        {"roles": replaced(TERMS.roles, disputes=Handling.JOINT)},
        {"contributes": ()},
        {"receives": TERMS.contributes},
        {"min_contributors": 2},
        {"subjects_per_day": 50_001},
        {"subjects_per_request": 10_001},
        {"retention_days": 366},
        {"consent_version": "2026-2"},
        {"dispute_days": 16},
        {"incident_hours": 25},
        {"audit_right": False},
        {"sub_processing": True},
        {"exit_days": 29},
        {"notice_days": 59},
        {"valid_from": "2026-10-01T00:00:00Z"},
        {"valid_until": "2036-11-01T00:00:00Z"},
        {"text": text_digest("another")},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_secretariat_states_no_other_terms_than_the_member_signed(changes: dict[str, Any]) -> None:
    terms: Terms = replaced(TERMS, **changes)
    body = Agreement(terms=terms, member_signature=sign_terms(key("south/signing"), TERMS))
    with pytest.raises(VerifyError):
        verify_terms(key("south/signing").public, body)


def test_terms_hold_by_the_members_key_alone() -> None:
    body = BODIES["agreement"][2]
    assert isinstance(body, Agreement)
    verify_terms(key("south/signing").public, body)
    with pytest.raises(VerifyError):
        verify_terms(key("secretariat").public, body)


# Records and the feed


SIX_BITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
thirty_two = st.binary(min_size=32, max_size=32).map(b64)
records = st.builds(
    Record,
    pseudonym=thirty_two,
    epoch=st.integers(0, 2**53 - 1),
    standing_key=thirty_two,
    contract_ref=thirty_two,
    as_of=st.dates().map(str),
    contribution=st.text(SIX_BITS, min_size=1, max_size=200) | st.text(max_size=60),
    private_digest=thirty_two,
)


@given(records)
def test_a_records_fast_form_is_rfc_8785s(record: Record) -> None:
    assert record.canonical() == rfc8785.dumps(json.loads(msgspec.json.encode(record)))
    assert record.leaf() == merkle.leaf_hash(jcs(json.loads(record.canonical())))


@pytest.mark.parametrize(
    "field", ["pseudonym", "standing_key", "contract_ref", "contribution", "private_digest"]
)
def test_a_leaf_commits_to_every_field_of_its_record(field: str) -> None:
    assert msgspec.structs.replace(RECORD, **{field: text("another")}).leaf() != RECORD.leaf()


def test_a_leaf_commits_to_epoch_and_date() -> None:
    assert msgspec.structs.replace(RECORD, epoch=2).leaf() != RECORD.leaf()
    assert msgspec.structs.replace(RECORD, as_of="2026-11-01").leaf() != RECORD.leaf()


def test_the_private_rest_is_committed_to_with_its_salt() -> None:
    salt, other = bytes(32), bytes(31) + b"\x01"
    digests = {
        PRIVATE.digest(salt),
        PRIVATE.digest(other),
        msgspec.structs.replace(PRIVATE, lost_contact=False).digest(salt),
        msgspec.structs.replace(PRIVATE, lost_contact=None).digest(salt),
        msgspec.structs.replace(PRIVATE, flag=None).digest(salt),
        msgspec.structs.replace(PRIVATE, notice_digest=text("notice")).digest(salt),
    }
    assert len(digests) == 6


@pytest.mark.parametrize(
    "changes",
    [
        {"position": 42},
        {"stamp": "2026-10-31T04:00:06Z"},
        {"salt": text("another salt")},
        {"statement": signed("cut")},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_feeds_leaf_commits_to_position_stamp_salt_and_statement(changes: dict[str, Any]) -> None:
    changed: FeedEntry = msgspec.structs.replace(entry(), **changes)
    assert changed.leaf() != entry().leaf()


def test_records_travel_beside_the_statement_and_are_bound_by_its_root() -> None:
    assert msgspec.structs.replace(entry(), records=None).leaf() == entry().leaf()
    body = entry().statement.statement.body
    assert isinstance(body, statements.Chunk)
    assert merkle.root([record.leaf() for record in entry().records or ()]) == unb64(body.root)


# Heads


def test_a_hubs_head_is_no_custodians_and_the_reverse() -> None:
    heartbeat = sign_head(key("hub"), HEAD, custodian=None)
    witnessed = sign_head(key("hub"), HEAD, custodian=2)
    verify_head(heartbeat, key("hub").public)
    verify_head(witnessed, key("hub").public)
    for honest, custodian in ((heartbeat, 2), (witnessed, None)):
        with pytest.raises(VerifyError):
            verify_head(msgspec.structs.replace(honest, custodian=custodian), key("hub").public)


@pytest.mark.parametrize(
    "changes",
    [
        {"alliance": "another"},
        {"epoch": 2},
        {"position": 40},
        {"head": text("another head")},
        {"at": "2026-10-31T04:01:01Z"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_head_is_signed_whole(changes: dict[str, Any]) -> None:
    honest = sign_head(key("witness/2"), HEAD, custodian=2)
    verify_head(honest, key("witness/2").public)
    head: Head = msgspec.structs.replace(HEAD, **changes)
    with pytest.raises(VerifyError):
        verify_head(msgspec.structs.replace(honest, head=head), key("witness/2").public)
    with pytest.raises(VerifyError):
        verify_head(honest, key("witness/1").public)
