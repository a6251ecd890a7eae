"""Log entries: salted leaves that commit to what was done, receipts that show it."""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Invalid, NotFound
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64, unb64
from privacy.logged import entry_leaf
from tests.alliance_hub.builders import Clock


def test_a_leaf_is_the_salted_commitment_of_the_protocol() -> None:
    salt = bytes(range(32))
    text = b'{"at":"2026-11-01T18:00:00Z","kind":"test"}'
    expected = hashlib.sha256(b"\x00" + hashlib.sha256(salt + text).digest()).digest()

    assert entry_leaf({"kind": "test", "at": "2026-11-01T18:00:00Z"}, salt) == expected


def test_a_receipt_gives_the_leaf_that_is_stored(session: Session, clock: Clock) -> None:
    receipt = transparency.record_entry(session, "test", {"member": "北辰小贷", "number": 7}, now=clock())

    row = session.scalars(select(LogRow)).one()
    assert receipt.entry == {
        "kind": "test",
        "at": "2026-11-01T18:00:00Z",
        "member": "北辰小贷",
        "number": 7,
    }
    text = json.dumps(receipt.entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    inner = hashlib.sha256(unb64(receipt.salt) + text).digest()
    assert unb64(receipt.leaf) == row.leaf == hashlib.sha256(b"\x00" + inner).digest()
    assert (row.entry, row.salt, row.kind, row.at) == (text, unb64(receipt.salt), "test", clock())


def test_the_same_act_twice_has_two_leaves(session: Session, clock: Clock) -> None:
    leaves = {transparency.record_entry(session, "test", {}, now=clock()).leaf for _ in range(2)}

    assert len(leaves) == 2


def test_a_receipt_is_handed_out_again(session: Session, clock: Clock) -> None:
    receipt = transparency.record_entry(session, "test", {"number": 1}, now=clock())

    assert transparency.get_receipt(session, unb64(receipt.leaf)) == receipt


def test_an_erased_entry_has_no_receipt(session: Session, clock: Clock) -> None:
    receipt = transparency.record_entry(session, "test", {"number": 1}, now=clock())
    row = session.scalars(select(LogRow)).one()
    row.entry = row.salt = None

    with pytest.raises(NotFound):
        transparency.get_receipt(session, unb64(receipt.leaf))
    assert b64(row.leaf) == receipt.leaf


@pytest.mark.parametrize("facts", [{"kind": "other"}, {"at": "2026-01-01T00:00:00Z"}])
def test_facts_do_not_overwrite_kind_and_instant(
    session: Session, clock: Clock, facts: dict[str, str]
) -> None:
    with pytest.raises(Invalid):
        transparency.record_entry(session, "test", facts, now=clock())
