"""Proofs from the stored nodes, against pymerkle and against the checks that everybody else runs."""

from __future__ import annotations

import pymerkle
import pytest
from sqlalchemy import event

from alliance_hub.errors import Conflict, NotFound, Unavailable
from alliance_hub.hub import Hub
from alliance_hub.transparency import integrator, proofs
from privacy import merkle
from privacy.encoding import unb64
from privacy.logged import verify_logged
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.transparency.telling import grown, oracle_of, write

SIZE = 37
"""Odd, and neither a power of two nor next to one."""


def test_every_entry_is_proven_in_every_size(hub: Hub) -> None:
    receipts = grown(hub, SIZE)
    oracle = oracle_of(receipts)
    with hub.database.reading() as session:
        for size in range(1, SIZE + 1):
            root = oracle.get_root(size)
            for index in range(size):
                leaf = unb64(receipts[index].leaf)
                proof = proofs.inclusion(session, leaf, size=size)
                told = oracle.prove_inclusion(index + 1, size)
                assert (proof.leaf, proof.index, proof.size) == (leaf, index, size)
                assert list(proof.path) == told.path[1:]
                merkle.verify_inclusion(leaf, index, size, proof.path, root)


def test_pymerkle_accepts_what_the_hub_hands_out(hub: Hub) -> None:
    receipts = grown(hub, SIZE)
    oracle = oracle_of(receipts)
    with hub.database.reading() as session:
        for index, receipt in enumerate(receipts):
            proof = proofs.inclusion(session, unb64(receipt.leaf))
            told = oracle.prove_inclusion(index + 1)
            told.path = [proof.leaf, *proof.path]
            pymerkle.verify_inclusion(proof.leaf, oracle.get_root(), told, index=index + 1, size=SIZE)


def test_every_size_begins_every_later_one(hub: Hub) -> None:
    oracle = oracle_of(grown(hub, SIZE))
    roots = [merkle.EMPTY_ROOT, *(oracle.get_root(size) for size in range(1, SIZE + 1))]
    with hub.database.reading() as session:
        for new in range(SIZE + 1):
            for old in range(new + 1):
                path = proofs.consistency(session, old, new)
                merkle.verify_consistency(old, new, roots[old], roots[new], path)


def test_a_proof_takes_two_queries(hub: Hub) -> None:
    receipts, asked = grown(hub, SIZE), list[str]()
    with hub.database.reading() as session:
        session.connection()
        event.listen(hub.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
        proofs.inclusion(session, unb64(receipts[11].leaf))
    assert len(asked) == 2


def test_an_entry_that_waits_says_when_to_come_back(hub: Hub, clock: Clock) -> None:
    (receipt,) = write(hub, 1)
    with hub.database.reading() as session, pytest.raises(Unavailable) as refusal:
        proofs.inclusion(session, unb64(receipt.leaf))

    assert refusal.value.slug == "not-integrated"
    assert refusal.value.retry_at is not None
    assert (refusal.value.retry_at - clock()).total_seconds() == 5


def test_what_was_never_written_is_not_there(hub: Hub) -> None:
    grown(hub, 3)
    with hub.database.reading() as session, pytest.raises(NotFound):
        proofs.inclusion(session, bytes(32))


def test_a_smaller_log_does_not_hold_a_later_entry(hub: Hub) -> None:
    receipts = grown(hub, 5)
    with hub.database.reading() as session, pytest.raises(Conflict) as refusal:
        proofs.inclusion(session, unb64(receipts[3].leaf), size=3)

    assert refusal.value.slug == "later-checkpoint"


@pytest.mark.parametrize(("old", "new"), [(0, 6), (6, 6), (4, 3), (-1, 3)])
def test_a_size_that_was_never_reached_has_no_proof(hub: Hub, old: int, new: int) -> None:
    receipts = grown(hub, 5)
    with hub.database.reading() as session:
        with pytest.raises(Conflict, match="has 5 entries") as refusal:
            proofs.consistency(session, old, new)
        assert refusal.value.slug == "not-reached"
        with pytest.raises(Conflict, match="has 5 entries"):
            proofs.inclusion(session, unb64(receipts[0].leaf), size=6)


def test_a_court_is_given_entries_with_their_proofs(hub: Hub) -> None:
    receipts = grown(hub, 9)
    leaves = [unb64(receipts[index].leaf) for index in (7, 2)]
    with hub.database.reading() as session:
        logged = proofs.logged(session, leaves, size=8)

    assert [(each.receipt, each.index) for each in logged] == [(receipts[7], 7), (receipts[2], 2)]
    for each in logged:
        verify_logged(each, size=8, root=oracle_of(receipts[:8]).get_root())


def test_a_log_that_grows_in_parts_proves_the_same(hub: Hub, clock: Clock) -> None:
    receipts = write(hub, SIZE)
    integrator.turn(hub, clock(), limit=5)
    oracle = oracle_of(receipts)
    with hub.database.reading() as session:
        for index, receipt in enumerate(receipts):
            proof = proofs.inclusion(session, unb64(receipt.leaf))
            assert list(proof.path) == oracle.prove_inclusion(index + 1).path[1:]
