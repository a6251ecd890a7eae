"""Certificates of deletion and receipts of openings, moved and changed. Stored forms: test_statements."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from privacy import merkle
from privacy.encoding import b64
from privacy.errors import InvalidInputError, VerifyError
from privacy.messages import parse, parse_json
from privacy.receipts import CohortReceipt, Deletion, Opened, SignedDeletion, sign_deletion, verify_deletion
from tests.privacy.samples import DELETION, RECEIPT, key, text

CERTIFICATE = sign_deletion(key("witness/2"), DELETION)
SALT = bytes(range(32))


def replace(message: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(message, **changes)


def test_a_certificate_survives_json_and_holds() -> None:
    again = parse_json(SignedDeletion, CERTIFICATE.canonical())
    assert again == CERTIFICATE
    verify_deletion(again, key("witness/2").public)


@pytest.mark.parametrize(
    "changes",
    [
        {"alliance": "another"},
        {"epoch": 2},
        {"custodian": 1},
        {"member": "北方小贷"},
        {"period": "2026-12"},
        {"position": 45},
        {"size": 1},
        {"root": text("another root")},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_nothing_in_a_certificate_may_change(changes: dict[str, Any]) -> None:
    forged = replace(CERTIFICATE, deletion=replace(DELETION, **changes))
    with pytest.raises(VerifyError):
        verify_deletion(forged, key("witness/2").public)


def test_a_certificate_holds_by_its_custodians_key_alone() -> None:
    for other in ("witness/1", "hub", "secretariat"):
        with pytest.raises(VerifyError):
            verify_deletion(CERTIFICATE, key(other).public)
    with pytest.raises(VerifyError):
        verify_deletion(replace(CERTIFICATE, signature=b64(bytes(64))), key("witness/2").public)


@pytest.mark.parametrize(
    "changes",
    [
        {"alliance": "another"},
        {"epoch": 2},
        {"custodian": 1},
        {"period": "2026-11"},
        {"member": "北方小贷"},
        {"records": ()},
        {"records": RECEIPT.records[::-1]},
        {"records": RECEIPT.records[:1]},
        {"records": (replace(RECEIPT.records[0], openings=2), RECEIPT.records[1])},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_receipts_leaf_commits_to_all_of_it(changes: dict[str, Any]) -> None:
    assert replace(RECEIPT, **changes).leaf(SALT) != RECEIPT.leaf(SALT)


def test_a_receipts_leaf_hides_behind_its_salt() -> None:
    assert RECEIPT.leaf(SALT) != RECEIPT.leaf(bytes(32))


def test_a_receipt_stands_under_the_root_that_its_custodian_published() -> None:
    receipts = [replace(RECEIPT, member=name) for name in ("东方", "西方", "北方")]
    leaves = sorted(receipt.leaf(SALT) for receipt in receipts)
    root = merkle.root(leaves)
    for receipt in receipts:
        index = leaves.index(receipt.leaf(SALT))
        merkle.verify_inclusion(receipt.leaf(SALT), index, 3, merkle.inclusion_path(leaves, index), root)
    hidden = replace(RECEIPT, member="南方")
    with pytest.raises(VerifyError):
        merkle.verify_inclusion(hidden.leaf(SALT), 0, 3, merkle.inclusion_path(leaves, 0), root)


@pytest.mark.parametrize(
    ("form", "honest", "changes", "field"),
    [
        pytest.param(Opened, RECEIPT.records[0], {"openings": 0}, "openings", id="never-opened"),
        pytest.param(Opened, RECEIPT.records[0], {"contract_ref": "A-1"}, "contract_ref", id="no-digest"),
        pytest.param(CohortReceipt, RECEIPT, {"custodian": 0}, "custodian", id="custodian-zero"),
        pytest.param(CohortReceipt, RECEIPT, {"asked_by": "北方"}, "", id="who-asked"),
        pytest.param(Deletion, DELETION, {"size": 0}, "size", id="of-nothing"),
        pytest.param(Deletion, DELETION, {"position": 0}, "position", id="position-zero"),
        pytest.param(Deletion, DELETION, {"root": None}, "root", id="no-root"),
    ],
)
def test_what_has_another_form_is_refused(
    form: type[Any], honest: Any, changes: dict[str, Any], field: str
) -> None:
    assert parse(form, honest.document()) == honest
    with pytest.raises(InvalidInputError) as refusal:
        parse(form, honest.document() | changes)
    assert refusal.value.field == field
