"""A narrative opens with the subject key, where it stands, and nowhere else."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from Crypto.Cipher import AES
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from member.flags import open_flag, seal_flag
from privacy.encoding import b64, unb64
from privacy.errors import CannotOpen
from privacy.records import Flag

KEY, FLAG_ID, PSEUDONYM = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32
TEXT = "债务人转移财产，详见附件"
WHERE: dict[str, Any] = {"member": "南山", "pseudonym": PSEUDONYM, "epoch": 1}


def flag() -> Flag:
    return seal_flag(
        KEY, flag_id=FLAG_ID, as_of=date(2026, 10, 31), category="absconded", narrative=TEXT, **WHERE
    )


def framed(*fields: bytes) -> bytes:
    return b"".join(len(field).to_bytes(8, "big") + field for field in fields)


def test_who_has_the_subject_key_reads_the_narrative() -> None:
    sealed = flag()

    assert open_flag(sealed, KEY, **WHERE) == TEXT
    assert (sealed.version, sealed.category, sealed.id) == (20261031, "absconded", b64(FLAG_ID))
    assert TEXT.encode() not in unb64(sealed.sealed)


def test_the_envelope_is_the_one_that_the_protocol_describes() -> None:
    """Opened by hand: HKDF of the subject key, AES-256-GCM, the flag's place as associated data."""
    sealed = flag()
    info = framed(b"alliance-hub/flag/v1", (1).to_bytes(4, "big"), FLAG_ID)
    key = HKDF(algorithm=SHA512(), length=32, salt=None, info=info).derive(KEY)
    envelope = unb64(sealed.sealed)
    place = f'["{b64(FLAG_ID)}",20261031,"南山","{b64(PSEUDONYM)}",1]'.encode()
    cipher = AES.new(key, AES.MODE_GCM, nonce=envelope[1:13])
    cipher.update(envelope[:1] + framed(b"alliance-hub/flag/v1", place))

    assert cipher.decrypt_and_verify(envelope[13:-16], envelope[-16:]).decode() == TEXT


@pytest.mark.parametrize(
    "elsewhere",
    [{"member": "北辰"}, {"pseudonym": bytes(32)}, {"epoch": 2}],
    ids=["member", "subject", "epoch"],
)
def test_a_flag_moved_elsewhere_does_not_open(elsewhere: dict[str, Any]) -> None:
    with pytest.raises(CannotOpen):
        open_flag(flag(), KEY, **(WHERE | elsewhere))


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 20261130},
        {"id": b64(bytes(32))},
        {"sealed": "AA"},
        {"sealed": "!"},
        {"sealed": b64(bytes(64))},
    ],
    ids=["version", "id", "truncated", "no base64url", "other bytes"],
)
def test_a_changed_flag_does_not_open(changes: dict[str, Any]) -> None:
    with pytest.raises(CannotOpen):
        open_flag(msgspec.structs.replace(flag(), **changes), KEY, **WHERE)


def test_another_subjects_key_does_not_open_it() -> None:
    with pytest.raises(CannotOpen):
        open_flag(flag(), bytes(32), **WHERE)
