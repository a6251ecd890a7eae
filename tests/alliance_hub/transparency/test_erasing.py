"""Two officers erase what a log entry says; leaf and number stay, and every proof holds."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.approvals import service as approvals
from alliance_hub.errors import Conflict, Forbidden, NotFound
from alliance_hub.hub import Hub
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from alliance_hub.transparency import acts, proofs, tree
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import LogRow
from privacy import merkle
from privacy.encoding import b64, unb64
from privacy.logged import LogReceipt, verify_logged
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.hiring import hire
from tests.alliance_hub.transparency.telling import oracle_of


@pytest.fixture
def anne(session: Session, clock: Clock) -> Actor:
    return hire(session, clock, "1001", Role.DISPUTE_OFFICER)


@pytest.fixture
def ben(session: Session, clock: Clock) -> Actor:
    return hire(session, clock, "1002", Role.MEMBERSHIP_OFFICER)


@pytest.fixture
def receipts(session: Session, hub: Hub, clock: Clock) -> list[LogReceipt]:
    """Five entries in the tree."""
    written = [
        transparency.record_entry(session, "test", {"member": "North", "n": n}, now=clock()) for n in range(5)
    ]
    tree.integrate(session, hub, clock())
    return written


def erase(session: Session, hub: Hub, anne: Actor, ben: Actor, leaf: bytes, clock: Clock) -> None:
    proposal = acts.propose_erasure(session, hub, anne, leaf, reason="a court ordered it", now=clock())
    approvals.approve(session, hub, ben, proposal.id, clock())


def row_of(session: Session, leaf: bytes) -> LogRow:
    return session.scalars(select(LogRow).where(LogRow.leaf == leaf)).one()


def test_what_it_says_goes_and_its_place_stays(
    session: Session, hub: Hub, anne: Actor, ben: Actor, receipts: list[LogReceipt], clock: Clock
) -> None:
    leaf, written = unb64(receipts[2].leaf), clock()
    clock.move(days=1)

    erase(session, hub, anne, ben, leaf, clock)

    row = row_of(session, leaf)
    assert (row.entry, row.salt, row.actor, row.organisation, row.object) == (None,) * 5
    assert (row.kind, row.at, row.number) == ("test", written, 2)
    with pytest.raises(NotFound):
        transparency.get_receipt(session, leaf)
    with pytest.raises(NotFound):
        proofs.logged(session, [leaf], size=5)
    proof, root = proofs.inclusion(session, leaf, size=5), oracle_of(receipts).get_root()
    merkle.verify_inclusion(leaf, 2, 5, proof.path, root)
    for logged in proofs.logged(session, [unb64(each.leaf) for each in (receipts[1], receipts[3])], size=5):
        verify_logged(logged, size=5, root=root)


def test_the_erasure_is_logged_and_names_the_leaf_alone(
    session: Session, hub: Hub, anne: Actor, ben: Actor, receipts: list[LogReceipt], clock: Clock
) -> None:
    leaf = unb64(receipts[0].leaf)

    erase(session, hub, anne, ben, leaf, clock)

    row = session.scalars(select(LogRow).where(LogRow.kind == "log_entry_erased")).one()
    assert json.loads(row.entry or b"") == {
        "kind": "log_entry_erased",
        "at": "2026-11-01T18:00:00Z",
        "officer": ben.ref,
        "organisation": "association",
        "object": f"log-entry/{b64(leaf)}",
        "proposal": 1,
        "leaf": b64(leaf),
    }
    assert "North" not in "".join(
        (each.entry or b"").decode()
        for each in session.scalars(select(LogRow).where(LogRow.object == f"log-entry/{b64(leaf)}"))
    )


def test_nobody_erases_alone(
    session: Session, hub: Hub, anne: Actor, ben: Actor, receipts: list[LogReceipt], clock: Clock
) -> None:
    leaf = unb64(receipts[0].leaf)
    with pytest.raises(Forbidden, match="propose_erasure"):
        acts.propose_erasure(session, hub, ben, leaf, reason="x", now=clock())
    proposal = acts.propose_erasure(session, hub, anne, leaf, reason="x", now=clock())
    with pytest.raises(Forbidden, match="approve_erasure"):
        approvals.approve(session, hub, anne, proposal.id, clock())

    assert row_of(session, leaf).entry is not None


def test_what_is_not_there_or_gone_is_not_erased(
    session: Session, hub: Hub, anne: Actor, ben: Actor, receipts: list[LogReceipt], clock: Clock
) -> None:
    with pytest.raises(NotFound):
        acts.propose_erasure(session, hub, anne, bytes(32), reason="x", now=clock())
    leaf = unb64(receipts[0].leaf)
    erase(session, hub, anne, ben, leaf, clock)
    with pytest.raises(Conflict, match="erased already"):
        acts.propose_erasure(session, hub, anne, leaf, reason="x", now=clock())


def test_what_tells_of_an_erasure_stays(
    session: Session, hub: Hub, anne: Actor, ben: Actor, receipts: list[LogReceipt], clock: Clock
) -> None:
    erase(session, hub, anne, ben, unb64(receipts[0].leaf), clock)
    told = session.scalars(select(LogRow).where(LogRow.object.startswith("log-entry/"))).all()
    assert [row.kind for row in told] == ["proposal_made", "proposal_approved", "log_entry_erased"]
    for row in told:
        with pytest.raises(Forbidden, match="stays"):
            acts.propose_erasure(session, hub, anne, row.leaf, reason="x", now=clock())


def test_an_entry_may_be_erased_before_it_is_integrated(
    session: Session, hub: Hub, anne: Actor, ben: Actor, clock: Clock
) -> None:
    receipt = transparency.record_entry(session, "test", {}, now=clock())
    leaf = unb64(receipt.leaf)
    erase(session, hub, anne, ben, leaf, clock)

    tree.integrate(session, hub, clock())

    assert proofs.inclusion(session, leaf).leaf == leaf
