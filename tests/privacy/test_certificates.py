"""What the hub certifies, and that nothing of it can be changed, moved or passed off as somebody else's."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest

from privacy.certificates import AnySaid, Certificate, SignedCertificate, sign_certificate, verify_certificate
from privacy.encoding import b64, unb64
from privacy.errors import InvalidInputError, VerifyError
from privacy.messages import parse, parse_json
from tests.privacy.independent import decoded, framed, jcs, label
from tests.privacy.samples import key, text
from tests.verifier.story import told

HUB = key("hub")
CERTIFICATES = told().certificates


def kind_of(signed: SignedCertificate) -> str:
    return str(signed.certificate.document()["said"]["kind"])


BY_KIND = pytest.mark.parametrize("signed", CERTIFICATES, ids=map(kind_of, CERTIFICATES))


def test_there_is_one_of_every_kind() -> None:
    kinds = {form.__struct_config__.tag for form in get_args(AnySaid)}
    assert {kind_of(signed) for signed in CERTIFICATES} == kinds


@BY_KIND
def test_the_hub_signs_certificate_and_leaf_together(signed: SignedCertificate) -> None:
    document = {"certificate": signed.certificate.document(), "leaf": signed.leaf}
    message = framed(label("certificate"), jcs(json.loads(jcs(document))))
    assert decoded(signed.signature) == HUB.sign(message)
    verify_certificate(signed, HUB.public)
    assert parse_json(SignedCertificate, signed.canonical()) == signed


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield from places(each, (*path, name))
    if not isinstance(value, (dict, list)):
        yield path


def changes(document: Any) -> Iterator[Any]:
    """Yield the document with one value after the other set to one that its form may allow."""
    for path in places(document):
        for other in (
            text("another"),
            b64(bytes(64)),
            9,
            "2026-01-01T00:00:00Z",
            "2026-01-01",
            "other",
            True,
            None,
        ):
            changed = copy.deepcopy(document)
            inner = changed
            for name in path[:-1]:
                inner = inner[name]
            if inner[path[-1]] != other or type(inner[path[-1]]) is not type(other):
                inner[path[-1]] = other
                yield changed


@BY_KIND
def test_no_value_of_it_can_be_changed(signed: SignedCertificate) -> None:
    tried = 0
    for changed in changes(json.loads(signed.certificate.canonical())):
        try:
            certificate = parse(Certificate, changed)
        except InvalidInputError:
            continue
        tried += 1
        with pytest.raises(VerifyError):
            verify_certificate(msgspec.structs.replace(signed, certificate=certificate), HUB.public)
    assert tried > 10


def test_it_is_not_another_keys_nor_signed_for_another_purpose() -> None:
    signed = CERTIFICATES[0]
    for public in (key("secretariat").public, key("witness/1").public, bytes(32), b"", HUB.public[:-1]):
        with pytest.raises(VerifyError):
            verify_certificate(signed, public)
    document = {"certificate": signed.certificate.document(), "leaf": signed.leaf}
    for name in ("statement", "matter", "seal"):
        elsewhere = msgspec.structs.replace(signed, signature=HUB.sign_document(name, document))
        with pytest.raises(VerifyError):
            verify_certificate(elsewhere, HUB.public)


def test_it_is_bound_to_the_entry_that_records_it() -> None:
    first, second = CERTIFICATES[:2]
    with pytest.raises(VerifyError):
        verify_certificate(msgspec.structs.replace(first, leaf=second.leaf), HUB.public)
    again = sign_certificate(HUB, first.certificate, leaf=unb64(first.leaf))
    assert again == first


@pytest.mark.parametrize(
    "signature",
    ["", "A", CERTIFICATES[0].signature[:-1], CERTIFICATES[0].signature + "A"],
    ids=["empty", "a letter", "cut", "longer"],
)
def test_a_signature_that_is_none_is_refused_where_it_enters(signature: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse(SignedCertificate, {**CERTIFICATES[0].document(), "signature": signature})
    assert refusal.value.field == "signature"


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "amount", "fen": 1},
        {"kind": "decision"},
        {"kind": "record", "records": [], "holder": "北方小贷"},
        {"records": []},
        {},
    ],
)
def test_nothing_else_is_certified(said: dict[str, Any]) -> None:
    document = {**CERTIFICATES[0].certificate.document(), "said": said}
    with pytest.raises(InvalidInputError):
        parse(Certificate, document)


def test_no_form_has_room_for_a_name_an_amount_or_another_member() -> None:
    """The hub knows none of these; a form that had a place for them would be filled one day."""
    names = {
        name
        for signed in CERTIFICATES
        if kind_of(signed) != "agreement"
        for path in places(json.loads(signed.certificate.canonical()))
        for name in path
        if isinstance(name, str)
    }
    assert not names & {"name", "debtor", "member", "members", "holder", "holders", "amount", "outstanding"}
