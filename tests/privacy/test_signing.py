"""RFC 8032's vectors and OpenSSL first, then signatures that lesser verifiers take."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from privacy import signing
from privacy.encoding import b64, unb64
from privacy.errors import InvalidInputError, VerifyError
from privacy.signing import SigningKey

RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
"""Seed, public key, message, signature: section 7.1, tests 1 to 3."""

GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
IDENTITY = bytes([1]) + bytes(31)
SMALL_ORDER = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
"""Encodings of the eight points of small order, among them two that are not canonical."""

KEY, OTHER = SigningKey(bytes(range(32))), SigningKey(bytes(32))
DOCUMENT = {"b": 1, "a": ["南方", None, True]}
SIGNATURE = KEY.sign_document("statement", DOCUMENT)

seeds = st.binary(min_size=32, max_size=32)


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_rfc_vector(seed: str, public: str, message: str, signature: str) -> None:
    key = SigningKey(bytes.fromhex(seed))
    assert key.public.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    signing.verify(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


@given(seeds, st.binary(max_size=100))
def test_openssl_agrees(seed: bytes, message: bytes) -> None:
    theirs = Ed25519PrivateKey.from_private_bytes(seed)
    ours = SigningKey(seed)
    assert ours.sign(message) == theirs.sign(message)
    signing.verify(theirs.public_key().public_bytes_raw(), message, theirs.sign(message))


def test_a_document_is_signed_framed_behind_its_label() -> None:
    text = json.dumps(DOCUMENT, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    name = b"alliance-hub/statement/v1"
    message = len(name).to_bytes(8, "big") + name + len(text).to_bytes(8, "big") + text
    Ed25519PublicKey.from_public_bytes(KEY.public).verify(unb64(SIGNATURE), message)


def test_a_documents_signature_holds_whatever_the_order_of_its_fields() -> None:
    signing.verify_document(KEY.public, "statement", dict(reversed(DOCUMENT.items())), SIGNATURE)


# What lesser verifiers take


def test_a_scalar_beyond_the_order_is_refused() -> None:
    r, s = KEY.sign(b"m")[:32], int.from_bytes(KEY.sign(b"m")[32:], "little")
    with pytest.raises(VerifyError):
        signing.verify(KEY.public, b"m", r + (s + GROUP_ORDER).to_bytes(32, "little"))


@pytest.mark.parametrize("public", SMALL_ORDER)
@pytest.mark.parametrize("message", [b"", b"any", b"message"])
def test_a_key_of_small_order_signs_nothing(public: str, message: bytes) -> None:
    for r in map(bytes.fromhex, SMALL_ORDER):
        with pytest.raises(VerifyError):
            signing.verify(bytes.fromhex(public), message, r + bytes(32))


def test_such_a_key_would_sign_everything_elsewhere() -> None:
    forged = IDENTITY + bytes(32)
    Ed25519PublicKey.from_public_bytes(IDENTITY).verify(forged, b"whatever")
    with pytest.raises(VerifyError):
        signing.verify(IDENTITY, b"whatever", forged)


# Mutilations


@pytest.mark.parametrize(
    ("public", "name", "document", "signature"),
    [
        pytest.param(OTHER.public, "statement", DOCUMENT, SIGNATURE, id="wrong-key"),
        pytest.param(KEY.public, "agreement", DOCUMENT, SIGNATURE, id="wrong-label"),
        pytest.param(KEY.public, "statement", DOCUMENT | {"b": 2}, SIGNATURE, id="changed-value"),
        pytest.param(KEY.public, "statement", DOCUMENT | {"c": 1}, SIGNATURE, id="added-field"),
        pytest.param(KEY.public, "statement", DOCUMENT | {"b": 2**60}, SIGNATURE, id="no-canonical-form"),
        pytest.param(KEY.public, "statement", DOCUMENT, b64(KEY.sign(b"m")), id="of-another-message"),
        pytest.param(KEY.public, "statement", DOCUMENT, SIGNATURE[:-4], id="truncated"),
        pytest.param(KEY.public, "statement", DOCUMENT, SIGNATURE + "AAAA", id="too-large"),
        pytest.param(KEY.public, "statement", DOCUMENT, "", id="empty"),
        pytest.param(KEY.public, "statement", DOCUMENT, SIGNATURE + "==", id="padded"),
        pytest.param(KEY.public, "statement", DOCUMENT, None, id="none"),
        pytest.param(KEY.public[:-1], "statement", DOCUMENT, SIGNATURE, id="key-truncated"),
        pytest.param(b"", "statement", DOCUMENT, SIGNATURE, id="no-key"),
    ],
)
def test_a_mutilated_signature_does_not_hold(public: bytes, name: str, document: Any, signature: Any) -> None:
    with pytest.raises(VerifyError):
        signing.verify_document(public, name, document, signature)


@given(st.integers(0, 511))
def test_no_bit_of_a_signature_may_change(bit: int) -> None:
    flipped = int.from_bytes(KEY.sign(b"m"), "big") ^ 1 << bit
    with pytest.raises(VerifyError):
        signing.verify(KEY.public, b"m", flipped.to_bytes(64, "big"))
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(KEY.public).verify(flipped.to_bytes(64, "big"), b"m")


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_seed_of_another_length_makes_no_key(size: int) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        SigningKey(bytes(size))
    assert refusal.value.field == "seed"


# Names of keys


def framed_sha256(*fields: bytes) -> bytes:
    return hashlib.sha256(b"".join(len(field).to_bytes(8, "big") + field for field in fields)).digest()


def test_a_key_id_is_a_hash_of_the_key() -> None:
    assert signing.key_id(KEY.public) == b64(framed_sha256(b"alliance-hub/key-id/v1", KEY.public))


def test_a_fingerprint_is_forty_digits_in_ten_groups() -> None:
    mark = signing.fingerprint("南方小贷", KEY.public, OTHER.public)
    digest = framed_sha256(b"alliance-hub/fingerprint/v1", "南方小贷".encode(), KEY.public, OTHER.public)
    assert mark.replace(" ", "") == digest.hex()[:40].upper()
    assert [len(part) for part in mark.split(" ")] == [4] * 10


def test_a_fingerprint_covers_the_name_and_every_key_in_order() -> None:
    one, other = KEY.public, OTHER.public
    marks = {
        signing.fingerprint("a", one, other),
        signing.fingerprint("b", one, other),
        signing.fingerprint("a", other, one),
        signing.fingerprint("a", one),
        signing.fingerprint("a", one + other),
    }
    assert len(marks) == 5


def test_fingerprints_compare_as_people_type_them() -> None:
    mark = signing.fingerprint("a", KEY.public)
    assert signing.same_fingerprint(mark, f" {mark.lower().replace(' ', '-')}\n")
    assert signing.same_fingerprint(mark, mark.replace(" ", ""))


@pytest.mark.parametrize("typed", ["", "0000", "{0} 0000", "{1}"])
def test_another_fingerprint_is_another(typed: str) -> None:
    mark = signing.fingerprint("a", KEY.public)
    assert not signing.same_fingerprint(mark, typed.format(mark, mark[:-1]))
