"""Which successor a custodian endorses: at its own head, of its own epoch, one and no other."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from custodian import state
from custodian.desk import succession
from custodian.errors import OperatorError
from privacy import ceremony
from privacy.ceremony import AssociationCard, CustodianCard
from privacy.encoding import b64
from privacy.errors import VerifyError
from privacy.feed import Head, sign_head
from privacy.keyset import Endorsement, KeySet, Policy, Predecessor
from privacy.periods import Period
from privacy.sealing import SealingKey
from privacy.signing import SigningKey, verify_document
from tests.custodian.conftest import INDEX, Office
from tests.feeds import BY_THE_DAY, secret
from tests.privacy.paillier_keys import OTHER


def deal(office: Office, named: Predecessor | None, *, policy: Policy = BY_THE_DAY, word: str = "") -> KeySet:
    """Hold the ceremony of epoch 2; `word` makes another one of it."""
    cards = [
        CustodianCard(
            f"新{index}",
            b64(SigningKey(secret("epoch 2", word, str(index))).public),
            b64(SealingKey(secret("epoch 2 sealing", word, str(index))).public),
        )
        for index in (1, 2, 3)
    ]
    association = office.alliance.key_set.association
    return ceremony.deal(
        cards,
        AssociationCard(office.alliance.key_set.alliance, association.hub, association.secretariat),
        threshold=2,
        policy=policy,
        epoch=2,
        predecessor=named,
        safe_primes=lambda bits: OTHER,
    ).key_set


def named(office: Office, **changes: Any) -> Predecessor:
    """Return what an honest successor says of this epoch."""
    with office.custodian.feed() as db:
        here = state.head(db)
    usual: dict[str, Any] = {
        "epoch": 1,
        "key_set": b64(office.alliance.key_set.digest),
        "position": here.position,
        "head": b64(here.root),
        "period": "2026-11-01",
    }
    return Predecessor(**usual | changes)


def endorse(office: Office, successor: KeySet) -> Endorsement:
    with office.custodian.feed() as db:
        return succession.endorse(
            db,
            office.custodian.ledger,
            office.custodian.key,
            custodian=INDEX,
            last=office.alliance.key_set,
            successor=successor,
        )


@pytest.fixture
def ended(office: Office) -> Office:
    """The cut of 2026-11-01 is in effect, a later one is not."""
    office.begins_period()
    office.alliance.passes(days=1)
    office.alliance.cuts()
    office.custodian.follow()
    office.custodian.follow()
    return office


def test_an_endorsement_closes_this_epoch(ended: Office) -> None:
    successor = deal(ended, named(ended))
    endorsement = endorse(ended, successor)
    witness = ended.alliance.key_set.witness(INDEX)
    verify_document(witness, "successor", successor.document(), endorsement.signature)
    closed = ended.custodian.ledger.fact("closed")
    assert closed is not None
    assert "epoch 2" in closed
    assert endorse(ended, successor) == endorsement


def test_an_epoch_has_one_successor(ended: Office) -> None:
    endorse(ended, deal(ended, named(ended)))
    with pytest.raises(OperatorError, match="an epoch has one successor"):
        endorse(ended, deal(ended, named(ended), word="another"))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"key_set": b64(bytes(32))}, "does not follow the one"),
        ({"position": 3}, "ends this epoch at position 3"),
        ({"head": b64(bytes(32))}, "or with another head"),
        ({"period": "2026-11-02"}, "effective cut here is of 2026-11-01, the key set says 2026-11-02"),
        ({"period": None}, "the key set says none"),
    ],
)
def test_a_successor_that_names_another_end_is_not_endorsed(
    ended: Office, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(OperatorError, match=why):
        endorse(ended, deal(ended, named(ended, **changes)))
    assert ended.custodian.ledger.fact("closed") is None


def test_a_successor_of_nobody_or_of_other_data_is_not_endorsed(ended: Office) -> None:
    with pytest.raises(OperatorError, match="does not follow"):
        endorse(ended, deal(ended, None))
    other = msgspec.structs.replace(deal(ended, named(ended)), alliance="另一联盟")
    with pytest.raises(OperatorError, match="another alliance"):
        endorse(ended, other)


def test_the_final_head_is_a_custodians_of_this_epoch(ended: Office) -> None:
    last = ended.alliance.signed_key_set
    with ended.custodian.feed() as db:
        own = ended.custodian.follower.signed_head(db)
    found = succession.predecessor(last, [own], "2026-11-01")
    assert found == named(ended)
    for heads, why in (
        ([ended.alliance.heartbeat()], "must be a custodian's"),
        ([msgspec.structs.replace(own, custodian=2)], "does not hold"),
        ([_of_epoch(ended, own.head, 2)], "another alliance or epoch"),
    ):
        with pytest.raises(VerifyError, match=why):
            succession.predecessor(last, heads, None)
    with pytest.raises(OperatorError, match="give the final head"):
        succession.predecessor(last, [], None)


def _of_epoch(office: Office, head: Head, epoch: int) -> Any:
    return sign_head(office.custodian.key, msgspec.structs.replace(head, epoch=epoch), custodian=INDEX)


def test_policies_may_change_but_not_the_kind_of_data(ended: Office) -> None:
    weekly = deal(ended, named(ended), policy=Policy.for_synthetic_data(Period.WEEK))
    assert endorse(ended, weekly).custodian == INDEX
