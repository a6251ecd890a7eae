"""Bundles that are sealed properly and yet wrong: each rule is broken alone, that no other catches it."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest

from privacy.encoding import b64, canonical
from privacy.keyset import KeySet, SignedKeySet
from privacy.messages import parse
from privacy.signing import SigningKey
from privacy.statements import (
    Acceptance,
    Enrolment,
    Statement,
    countersign,
    custodian_author,
    sign_statement,
)
from tests.privacy.samples import ALLIANCE, SOUTH, key, seed
from tests.verifier import making
from tests.verifier.conftest import TRUST, failed
from tests.verifier.story import ENROLLED, FIRST_KEY, SECOND_KEY, told

FILES = making.draft().sealed()


def sealed(**files: bytes) -> dict[str, bytes]:
    """Return the bundle, sealed anew over some other files."""
    return making.sealed_anew({**FILES, **files})


def relisted(manifest: str, listing: bytes) -> dict[str, bytes]:
    """Return the bundle with a manifest of its own, and a seal over that."""
    files = {**FILES, manifest: listing}
    if manifest != "tagmanifest-sha256.txt":
        tags = {
            path: data
            for path, data in files.items()
            if not path.startswith("data/")
            and path not in ("seal.json", "seal.tsr", "tagmanifest-sha256.txt")
        }
        files["tagmanifest-sha256.txt"] = making.listing(tags)
    return _bound(files)


def _bound(files: dict[str, bytes], **changes: Any) -> dict[str, bytes]:
    """Seal files as they are, without a time stamp, signing whatever the seal says."""
    digest = hashlib.sha256(files["tagmanifest-sha256.txt"]).digest()
    seal = {
        "version": 1,
        "alliance": ALLIANCE,
        "epoch": 1,
        "matter": making.MATTER,
        "member": SOUTH,
        "sealed_at": "2026-11-03T02:00:00Z",
        "tagmanifest": b64(digest),
        "timestamp": None,
        **changes,
    }
    signed = {"seal": seal, "signature": SECOND_KEY.sign_document("seal", seal)}
    found = {**files, "seal.json": canonical(signed)}
    found.pop("seal.tsr", None)
    return found


def test_by_itself_it_holds() -> None:
    assert failed(_bound(FILES)) is None


def test_another_bagit_declaration() -> None:
    assert failed(sealed(**{"bagit.txt": FILES["bagit.txt"].replace(b"1.0", b"0.97")})) == "files"


def test_a_file_that_is_listed_and_does_not_belong() -> None:
    assert failed(sealed(**{"evidence/note.txt": b"x"})) == "files"


@pytest.mark.parametrize("manifest", ["manifest-sha256.txt", "tagmanifest-sha256.txt"])
def test_a_manifest_out_of_order_or_with_a_line_twice(manifest: str) -> None:
    first, *rest = FILES[manifest].splitlines(keepends=True)
    for lines in ([*rest, first], [first, first, *rest], [first, *rest[:-1]], [first.upper(), *rest]):
        assert failed(relisted(manifest, b"".join(lines))) == "files"


def test_another_count_of_the_payload() -> None:
    info = FILES["bag-info.txt"].replace(b"Payload-Oxum: 1", b"Payload-Oxum: 2")
    assert info != FILES["bag-info.txt"]
    assert failed(sealed(**{"bag-info.txt": info})) == "digests"


def test_another_matter_in_bag_info() -> None:
    info = FILES["bag-info.txt"].replace(b"south-2026-0001", b"south-2026-0002")
    assert failed(sealed(**{"bag-info.txt": info})) == "seal"


@pytest.mark.parametrize(
    "changes", [{"version": 2}, {"tagmanifest": b64(bytes(32))}, {"timestamp": b64(bytes(32))}, {"more": 1}]
)
def test_a_seal_that_says_something_else(changes: dict[str, Any]) -> None:
    assert failed(_bound(FILES, **changes)) == "seal"


def test_a_seal_that_was_spaced_out() -> None:
    spaced = FILES["seal.json"].replace(b'","', b'", "')
    assert failed({**FILES, "seal.json": spaced}) == "seal"


def test_a_key_set_with_a_signature_too_many() -> None:
    document = making.draft().evidence["key-set"]
    document["signatures"].append(document["signatures"][0])
    assert failed(sealed(**{"evidence/key-set.json": canonical(document)})) == "key-set"


@pytest.mark.parametrize(
    "changes", [{"threshold": 3}, {"epoch": 2}, {"alliance": "another"}, {"witnesses": "two alike"}]
)
def test_a_key_set_that_all_custodians_signed_but_the_trust_file_does_not_mean(
    changes: dict[str, Any],
) -> None:
    """Its digest is the trust file's here: each value is compared by itself as well."""
    if "witnesses" in changes:
        changes = {"witnesses": told().key_set.witnesses[:2]}
    key_set: KeySet = msgspec.structs.replace(told().key_set, **changes)
    signed = SignedKeySet(
        key_set=key_set,
        signatures=tuple(key(f"witness/{i}").sign_document("key-set", key_set.document()) for i in (1, 2, 3)),
    )
    files = sealed(**{"evidence/key-set.json": signed.canonical()})
    assert failed(files, {**TRUST, "key_set": b64(key_set.digest)}) == "key-set"


# The member's enrolment: custodians accepted it as it is, so that it must be judged by itself.


def _enrolled(
    *,
    by: SigningKey = FIRST_KEY,
    association: SigningKey | None = None,
    accepted: bool = True,
    **changes: Any,
) -> dict[str, bytes]:
    """Return a bundle whose member enrolled in a changed way and was accepted by custodians 2 and 3."""
    original = told().membership[0].statement
    body: Enrolment = msgspec.structs.replace(original.body, **changes.pop("body", {}))  # type: ignore[type-var]
    statement: Statement = parse(
        Statement, {**original.document(), "body": {"type": "enrolment", **_fields(body)}, **changes}
    )
    signature = by.sign_document("statement", statement.document())
    signed = msgspec.structs.replace(told().membership[0], statement=statement, signature=signature)
    signed = countersign(signed, association or key("secretariat"))
    acceptances = [
        sign_statement(
            key(f"witness/{index}"),
            Acceptance(enrolment=b64(signed.digest())),
            alliance=ALLIANCE,
            epoch=1,
            author=custodian_author(index),
            sequence=4,
            previous=seed("previous"),
            signed_at=ENROLLED,
        )
        for index in (2, 3)
    ]
    membership = [signed, *(acceptances if accepted else []), told().membership[3]]
    return sealed(**{"evidence/membership.json": canonical([each.document() for each in membership])})


def _fields(body: Enrolment) -> dict[str, Any]:
    return {name: value for name, value in msgspec.to_builtins(body).items() if name != "type"}


def test_an_enrolment_as_it_should_be() -> None:
    assert failed(_enrolled()) is None
    assert failed(_enrolled(accepted=False)) == "member-key"


@pytest.mark.parametrize(
    "changes",
    [
        {"by": SECOND_KEY},
        {"association": key("hub")},
        {"sequence": 1},
        {"previous": b64(seed("previous"))},
        {"author": "member/another"},
        {"epoch": 2},
        {"alliance": "another"},
        {"body": {"member": "another"}},
        {"body": {"member": "another"}, "author": "member/another"},
    ],
)
def test_an_enrolment_that_custodians_should_not_have_accepted(changes: dict[str, Any]) -> None:
    assert failed(_enrolled(**changes)) == "member-key"


def test_an_acceptance_instead_of_an_enrolment_or_nothing_at_all() -> None:
    membership = making.draft().evidence["membership"]
    for statements in ([], membership[1:], [membership[0], membership[0], *membership[1:]]):
        assert failed(sealed(**{"evidence/membership.json": canonical(statements)})) == "member-key"
