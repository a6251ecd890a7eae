"""A log entry as its subject receives it: the leaf as the protocol's text says, and nothing else proves."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy import merkle
from privacy.encoding import b64
from privacy.errors import VerifyError
from privacy.logged import LogProof, LogReceipt, entry_leaf, verify_logged, verify_receipt
from tests.feeds import secret

SALT = secret("salt")
ENTRY: dict[str, Any] = {"kind": "statement", "at": "2026-11-21T09:30:00Z", "author": "member/南山"}


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def receipt(entry: dict[str, Any] = ENTRY) -> LogReceipt:
    """Return a receipt by the protocol's text alone (section 9); RFC 8785 sorts and writes as here."""
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    leaf = sha256(b"\x00" + sha256(SALT + text))
    return LogReceipt(entry=entry, salt=b64(SALT), leaf=b64(leaf))


@settings(max_examples=40)
@given(st.dictionaries(st.text("abcxyz_", min_size=1), st.text("南山北辰 -:") | st.integers(0, 2**53 - 1)))
def test_the_leaf_is_a_salted_commitment_to_the_entry(entry: dict[str, Any]) -> None:
    made = receipt(entry)

    assert b64(entry_leaf(entry, SALT)) == made.leaf
    verify_receipt(made)


@pytest.mark.parametrize(
    "changes",
    [
        {"entry": ENTRY | {"author": "member/北辰"}},
        {"entry": {}},
        {"entry": ENTRY | {"more": None}},
        {"salt": b64(secret("another salt"))},
        {"leaf": b64(secret("another leaf"))},
    ],
)
def test_a_receipt_of_anything_else_does_not_hold(changes: dict[str, Any]) -> None:
    with pytest.raises(VerifyError):
        verify_receipt(msgspec.structs.replace(receipt(), **changes))


def proof() -> tuple[LogProof, bytes]:
    """Return a proof in a tree of three, its hashes spelled out, and the tree's root."""
    made = receipt()
    leaf = sha256(
        b"\x00"
        + sha256(SALT + json.dumps(ENTRY, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
    )
    first, third = secret("first"), secret("third")
    pair = sha256(b"\x01" + first + leaf)
    return LogProof(receipt=made, index=1, path=(b64(first), b64(third))), sha256(b"\x01" + pair + third)


def test_an_entry_stands_in_the_tree() -> None:
    shown, root = proof()

    verify_logged(shown, size=3, root=root)


@pytest.mark.parametrize("wrong", ["index", "size", "root", "path", "short", "entry"])
def test_an_entry_stands_nowhere_else(wrong: str) -> None:
    shown, root = proof()
    size = 3
    match wrong:
        case "index":
            shown = msgspec.structs.replace(shown, index=0)
        case "size":
            size = 5
        case "root":
            root = merkle.EMPTY_ROOT
        case "path":
            shown = msgspec.structs.replace(shown, path=shown.path[::-1])
        case "short":
            shown = msgspec.structs.replace(shown, path=shown.path[:1])
        case "entry":
            shown = msgspec.structs.replace(shown, receipt=receipt(ENTRY | {"author": "member/北辰"}))

    with pytest.raises(VerifyError):
        verify_logged(shown, size=size, root=root)
