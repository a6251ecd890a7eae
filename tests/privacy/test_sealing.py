"""Other libraries open what we seal and the reverse; then every way to mutilate an envelope."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from Crypto.Protocol import HPKE
from Crypto.Protocol.DH import import_x25519_private_key, import_x25519_public_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_scalarmult_base

from privacy import sealing
from privacy.errors import CannotOpen, InvalidInputError
from privacy.sealing import ScryptCost, SealingKey
from tests.privacy.samples import COST

KEY, OTHER = SealingKey(bytes(range(32))), SealingKey(bytes(range(1, 33)))
PLAINTEXT = b"what only the asker reads"
CONTEXT = b"manifest 7"
PASSPHRASE = "正确的马 电池 ｅ́"

SMALL_ORDER = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]
"""Public keys with which any two parties would agree on zero."""


def framed(*fields: bytes) -> bytes:
    return b"".join(len(field).to_bytes(8, "big") + field for field in fields)


INFO = framed(b"alliance-hub/opening/v1", CONTEXT)


# Other libraries


@given(st.binary(max_size=200))
def test_pycryptodome_opens_what_was_sealed(plaintext: bytes) -> None:
    envelope = sealing.seal_to(KEY.public, plaintext, purpose="opening", context=CONTEXT)
    version, enc, body = envelope[:1], envelope[1:33], envelope[33:]
    theirs = HPKE.new(
        receiver_key=import_x25519_private_key(KEY.secret), aead_id=HPKE.AEAD.AES256_GCM, enc=enc, info=INFO
    )
    assert version == b"\x01"
    assert theirs.unseal(body) == plaintext


@given(st.binary(max_size=200))
def test_what_pycryptodome_sealed_opens(plaintext: bytes) -> None:
    theirs = HPKE.new(
        receiver_key=import_x25519_public_key(KEY.public), aead_id=HPKE.AEAD.AES256_GCM, info=INFO
    )
    body = theirs.seal(plaintext)
    envelope = b"\x01" + theirs.enc + body
    assert KEY.open(envelope, purpose="opening", context=CONTEXT) == plaintext


def test_another_suite_does_not_open() -> None:
    theirs = HPKE.new(
        receiver_key=import_x25519_public_key(KEY.public), aead_id=HPKE.AEAD.CHACHA20_POLY1305, info=INFO
    )
    body = theirs.seal(PLAINTEXT)
    with pytest.raises(CannotOpen):
        KEY.open(b"\x01" + theirs.enc + body, purpose="opening", context=CONTEXT)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_openssl_opens_what_was_sealed_under_a_key(key: bytes, plaintext: bytes) -> None:
    envelope = sealing.seal_under(key, plaintext, purpose="opening", context=CONTEXT)
    assert AESGCM(key).decrypt(envelope[1:13], envelope[13:], b"\x01" + INFO) == plaintext


def test_openssl_opens_what_was_sealed_with_a_passphrase() -> None:
    envelope = sealing.seal_with_passphrase(PASSPHRASE, PLAINTEXT, purpose="opening", cost=COST)
    header, body = envelope[:19], envelope[19:]
    password = unicodedata.normalize("NFC", PASSPHRASE).encode()
    key = hashlib.scrypt(password, salt=header[3:], n=1024, r=8, p=1, dklen=32)
    info = framed(b"alliance-hub/opening/v1", header)
    assert header[:3] == bytes([10, 8, 1])
    assert AESGCM(key).decrypt(body[1:13], body[13:], b"\x01" + info) == PLAINTEXT


def test_a_derived_key_is_one_block_of_hkdf_sha512() -> None:
    pseudorandom = hmac.digest(bytes(64), b"s" * 32, "sha512")
    info = framed(b"alliance-hub/backup/v1", b"a", b"b")
    assert (
        sealing.derive_key(b"s" * 32, "backup", b"a", b"b")
        == hmac.digest(pseudorandom, info + b"\x01", "sha512")[:32]
    )
    assert sealing.derive_key(b"s" * 32, "backup", b"ab") != sealing.derive_key(
        b"s" * 32, "backup", b"a", b"b"
    )


def test_a_sealing_key_is_its_secret() -> None:
    fresh = SealingKey.generate()
    assert fresh.public == crypto_scalarmult_base(fresh.secret)
    assert SealingKey(fresh.secret).public == fresh.public
    assert KEY.secret == bytes(range(32))


# Mutilations, the same for each kind of envelope


@dataclass(frozen=True)
class Kind:
    """One kind of envelope: how it is sealed and opened, and where its parts end."""

    seal: Callable[[], bytes]
    open: Callable[[bytes], bytes]
    open_wrongly: dict[str, Callable[[bytes], bytes]]
    parts: tuple[int, ...]


UNDER, WRONG = bytes(range(32)), bytes(32)
KINDS = {
    "to-a-key": Kind(
        lambda: sealing.seal_to(KEY.public, PLAINTEXT, purpose="opening", context=CONTEXT),
        lambda data: KEY.open(data, purpose="opening", context=CONTEXT),
        {
            "wrong-key": lambda data: OTHER.open(data, purpose="opening", context=CONTEXT),
            "wrong-purpose": lambda data: KEY.open(data, purpose="key-share", context=CONTEXT),
            "wrong-epoch": lambda data: KEY.open(data, purpose="opening", context=b"manifest 8"),
            "no-context": lambda data: KEY.open(data, purpose="opening"),
        },
        (0, 1, 33),
    ),
    "under-a-key": Kind(
        lambda: sealing.seal_under(UNDER, PLAINTEXT, purpose="opening", context=CONTEXT),
        lambda data: sealing.open_under(UNDER, data, purpose="opening", context=CONTEXT),
        {
            "wrong-key": lambda data: sealing.open_under(WRONG, data, purpose="opening", context=CONTEXT),
            "short-key": lambda data: sealing.open_under(b"", data, purpose="opening", context=CONTEXT),
            "wrong-purpose": lambda data: sealing.open_under(UNDER, data, purpose="vault", context=CONTEXT),
            "wrong-epoch": lambda data: sealing.open_under(UNDER, data, purpose="opening", context=b"8"),
        },
        (0, 1, 13),
    ),
    "with-a-passphrase": Kind(
        lambda: sealing.seal_with_passphrase(PASSPHRASE, PLAINTEXT, purpose="opening", cost=COST),
        lambda data: sealing.open_with_passphrase(PASSPHRASE, data, purpose="opening"),
        {
            "wrong-passphrase": lambda data: sealing.open_with_passphrase("", data, purpose="opening"),
            "wrong-purpose": lambda data: sealing.open_with_passphrase(PASSPHRASE, data, purpose="vault"),
        },
        (0, 1, 2, 3, 19, 20, 32),
    ),
}
each_kind = pytest.mark.parametrize("kind", [pytest.param(kind, id=name) for name, kind in KINDS.items()])


@each_kind
def test_an_envelope_opens_and_never_looks_the_same(kind: Kind) -> None:
    one, other = kind.seal(), kind.seal()
    assert kind.open(one) == kind.open(other) == PLAINTEXT
    assert one != other
    assert PLAINTEXT not in one


@pytest.mark.parametrize(
    ("kind", "opener"),
    [
        pytest.param(kind, opener, id=f"{name}-{what}")
        for name, kind in KINDS.items()
        for what, opener in kind.open_wrongly.items()
    ],
)
def test_it_opens_only_with_its_key_for_its_purpose(kind: Kind, opener: Callable[[bytes], bytes]) -> None:
    with pytest.raises(CannotOpen):
        opener(kind.seal())


@each_kind
def test_every_part_of_it_is_authenticated(kind: Kind) -> None:
    envelope = kind.seal()
    for position in (*kind.parts, len(envelope) - 17, len(envelope) - 1):
        corrupted = bytearray(envelope)
        corrupted[position] ^= 1
        with pytest.raises(CannotOpen):
            kind.open(bytes(corrupted))


@each_kind
def test_a_part_of_it_is_not_it(kind: Kind) -> None:
    envelope = kind.seal()
    for size in (*kind.parts, len(envelope) - 16, len(envelope) - 1):
        with pytest.raises(CannotOpen):
            kind.open(envelope[:size])


@each_kind
@pytest.mark.parametrize("more", [b"\0", b"\0" * 16, b"a" * 100_000])
def test_more_than_it_is_not_it(kind: Kind, more: bytes) -> None:
    with pytest.raises(CannotOpen):
        kind.open(kind.seal() + more)


@each_kind
@pytest.mark.parametrize("data", [b"", b"\x01", bytes(100), b"\x01" * 100, b"\xff" * 100])
def test_what_is_no_envelope_does_not_open(kind: Kind, data: bytes) -> None:
    with pytest.raises(CannotOpen):
        kind.open(data)


# Keys that are none


@pytest.mark.parametrize("public", [*SMALL_ORDER, "", "00" * 31, "09" * 33])
def test_nothing_is_sealed_to_what_is_no_key(public: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        sealing.seal_to(bytes.fromhex(public), PLAINTEXT, purpose="opening")
    assert refusal.value.field == "public"


@pytest.mark.parametrize("encapsulated", SMALL_ORDER)
def test_an_encapsulated_key_of_small_order_does_not_open(encapsulated: str) -> None:
    with pytest.raises(CannotOpen):
        KEY.open(b"\x01" + bytes.fromhex(encapsulated) + bytes(40), purpose="opening")


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(InvalidInputError):
        SealingKey(bytes(size))
    with pytest.raises(InvalidInputError):
        sealing.seal_under(bytes(size), PLAINTEXT, purpose="opening")


# Passphrases


def test_a_passphrase_is_the_same_however_its_accents_are_typed() -> None:
    typed_apart, typed_as_one = "e\u0301tude 密码", "\u00e9tude 密码"
    envelope = sealing.seal_with_passphrase(typed_apart, PLAINTEXT, purpose="vault", cost=COST)
    assert sealing.open_with_passphrase(typed_as_one, envelope, purpose="vault") == PLAINTEXT


def test_the_error_does_not_tell_a_wrong_passphrase_from_a_changed_file() -> None:
    envelope = sealing.seal_with_passphrase(PASSPHRASE, PLAINTEXT, purpose="vault", cost=COST)
    with pytest.raises(CannotOpen) as wrong:
        sealing.open_with_passphrase("guess", envelope, purpose="vault")
    with pytest.raises(CannotOpen) as changed:
        sealing.open_with_passphrase(PASSPHRASE, envelope[:-1] + b"\0", purpose="vault")
    assert str(wrong.value) == str(changed.value)


@pytest.mark.parametrize(
    ("log_n", "r", "p"),
    [
        pytest.param(20, 8, 1, id="one-gigabyte"),
        pytest.param(20, 255, 255, id="34-gigabytes"),
        pytest.param(63, 8, 1, id="more-than-there-is"),
        pytest.param(255, 8, 1, id="largest"),
        pytest.param(17, 255, 1, id="wide"),
        pytest.param(17, 8, 255, id="for-minutes"),
        pytest.param(9, 8, 1, id="cheap"),
        pytest.param(0, 8, 1, id="free"),
        pytest.param(17, 0, 1, id="no-width"),
        pytest.param(17, 8, 0, id="never"),
    ],
)
def test_a_cost_out_of_bounds_is_neither_sealed_nor_opened(log_n: int, r: int, p: int) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        ScryptCost(log_n=log_n, r=r, p=p)
    assert refusal.value.field == "cost"
    honest = sealing.seal_with_passphrase(PASSPHRASE, PLAINTEXT, purpose="vault", cost=COST)
    with pytest.raises(CannotOpen):
        sealing.open_with_passphrase(PASSPHRASE, bytes([log_n, r, p]) + honest[3:], purpose="vault")


def test_the_default_cost_takes_128_mebibytes() -> None:
    cost = sealing.DEFAULT_COST
    assert 128 * cost.r << cost.log_n == 128 << 20
