"""Whose keys are they? A hub, two custodians or a dealer would put keys of their own in their place."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest

from member import KeySetRefused, read_key_set
from member.setup import require_successor
from privacy import ceremony, paillier, threshold_paillier
from privacy.ceremony import AssociationCard, CustodianCard, Dealt, Shares
from privacy.encoding import b64, unb64
from privacy.errors import CannotOpen, VerifyError
from privacy.keyset import (
    KeySet,
    Policy,
    Predecessor,
    SignedKeySet,
    endorse,
    sign_key_set,
    witness_fingerprint,
)
from privacy.sealing import SealingKey
from privacy.signing import SigningKey
from privacy.threshold_paillier import ThresholdKey
from tests.attacks.attack import Scene, attack, lets_pass
from tests.feeds import made, secret
from tests.privacy.paillier_keys import OTHER

MADE_UP = Policy.for_synthetic_data()
TRUE, _ = made(MADE_UP, 3, 2)
PINS = [witness_fingerprint(unb64(key)) for key in TRUE.key_set.witnesses]

WITNESSES = {index: SigningKey(secret("dealer's", str(index))) for index in (1, 2, 3)}
BOXES = {index: SealingKey(secret("dealer's box", str(index))) for index in (1, 2, 3)}
AMOUNT = 123_45


def deal(**which: Any) -> Dealt:
    """Hold a ceremony of the attacker's own, in the alliance's name."""
    cards = [
        CustodianCard(f"公证处{index}", b64(WITNESSES[index].public), b64(BOXES[index].public))
        for index in WITNESSES
    ]
    keys = TRUE.key_set.association
    card = AssociationCard(TRUE.key_set.alliance, keys.hub, keys.secretariat)
    return ceremony.deal(cards, card, threshold=2, policy=MADE_UP, safe_primes=lambda bits: OTHER, **which)


def receive(dealt: Dealt, index: int) -> Shares:
    """Open and check a custodian's shares, as each does before it signs; raises VerifyError."""
    witness = WITNESSES[index].public
    return ceremony.receive(BOXES[index], dealt.sealed[index], dealt.key_set, witness=witness)


def opens(key_set: KeySet, shares: list[Shares]) -> bool:
    """Say whether these shares open what a member seals under this key set."""
    public = key_set.public_key
    c = paillier.encrypt(public, AMOUNT, 7)
    partials = {
        each.custodian: threshold_paillier.partial(public, 3, ceremony.paillier_share(each), c)
        for each in shares
    }
    try:
        return threshold_paillier.combine(public, 3, partials) == AMOUNT
    except CannotOpen:
        return False


def taken(tmp_path: Path, signed: SignedKeySet) -> tuple[KeySet | None, str]:
    """Hand a member a key set beside the fingerprints that were printed; return what it takes."""
    path = tmp_path / "key-set.json"
    path.write_bytes(msgspec.json.encode(signed))
    try:
        return read_key_set(path, PINS, synthetic=True).key_set, "taken"
    except KeySetRefused as refusal:
        return None, str(refusal).removeprefix(f"{path}: ")


@attack(
    "swapped key set",
    by="hub",
    goal="the hub holds every share of what members seal",
    stopped="the key set's witness keys are not those whose fingerprints were given",
    off="member.setup.verify_pinned",
)
def test_the_hub_hands_out_a_key_set_of_its_own(scene: Scene, tmp_path: Path) -> None:
    """Everything in it fits together and is signed by three custodians, and the hub is all three."""
    dealt = deal()
    signed = signed_by(dealt.key_set, *WITNESSES.values())

    key_set, said = taken(tmp_path, signed)

    shares = [
        ceremony.receive(BOXES[i], dealt.sealed[i], dealt.key_set, witness=WITNESSES[i].public)
        for i in (1, 2)
    ]
    scene.ends(reached=key_set is not None and opens(key_set, shares), seen=said)


def signed_by(key_set: KeySet, *keys: SigningKey) -> SignedKeySet:
    """Return the key set with these signatures."""
    return SignedKeySet(key_set=key_set, signatures=tuple(sign_key_set(key, key_set) for key in keys))


@attack(
    "key set that two of three signed",
    by="custodians 1 and 2, with the hub",
    goal="members seal under keys that custodian 3 never checked",
    stopped="custodian 3 has not signed this key set",
    off="privacy.keyset.verify_signatures",
)
def test_the_third_signature_is_missing(scene: Scene, tmp_path: Path) -> None:
    """Two custodians publish keys of their own; where the third should have signed, the first did again."""
    dealt = deal()
    true = TRUE.key_set
    changed = msgspec.structs.replace(true, oprf=dealt.key_set.oprf, paillier=dealt.key_set.paillier)
    corrupt = [SigningKey(secret(f"custodian/{index}", "signing")) for index in (1, 2, 1)]

    key_set, said = taken(tmp_path, signed_by(changed, *corrupt))

    scene.ends(reached=key_set == changed, seen=said)


@attack(
    "synthetic key set for real data",
    by="hub",
    goal="members submit real contracts where two contributors suffice",
    stopped="this key set is for made-up data",
    off="member.setup._require_mode",
)
def test_a_synthetic_key_set_is_not_for_real_people(scene: Scene, tmp_path: Path) -> None:
    """The rehearsal's key set is genuine and signed by all; its rules protect nobody real."""
    path = tmp_path / "key-set.json"
    path.write_bytes(msgspec.json.encode(TRUE))

    try:
        said = f"taken: {read_key_set(path, PINS, synthetic=False).key_set.policy.min_contributors}"
    except KeySetRefused as refusal:
        said = str(refusal).partition(" (")[0]

    scene.ends(reached=said == "taken: 2", seen=said)


@attack(
    "successor key set of the hub's own",
    by="hub, with one corrupt custodian of the last epoch",
    goal="a renewed member seals to the hub's shares",
    stopped="2 custodians of epoch 1 must endorse the key set, 1 did",
    off="member.setup.verify_succession",
)
def test_the_hub_invents_the_next_epoch(scene: Scene) -> None:
    """Members renew without comparing fingerprints again: on the word of the custodians whom they know."""
    last = TRUE.key_set
    named = Predecessor(epoch=1, key_set=b64(last.digest), position=0, head=b64(bytes(32)), period=None)
    dealt = deal(epoch=2, predecessor=named)
    corrupt = endorse(SigningKey(secret("custodian/3", "signing")), dealt.key_set, custodian=3)
    false = endorse(WITNESSES[1], dealt.key_set, custodian=1)
    signed = signed_by(dealt.key_set, *WITNESSES.values())
    signed = msgspec.structs.replace(signed, endorsements=(corrupt, false))

    try:
        require_successor(signed, TRUE, name="the key set")
        reached, said = opens(dealt.key_set, [receive(dealt, index) for index in (1, 2)]), "taken"
    except KeySetRefused as refusal:
        reached, said = False, str(refusal).removeprefix("the key set: ")

    scene.ends(reached=reached, seen=said)


def badly(key: ThresholdKey, *, published: bool) -> ThresholdKey:
    """Change custodian 3's share by one, and its verification key too when that is `published`."""
    v = key.vs[3] * key.v % key.public.n_squared if published else key.vs[3]
    shares, vs = {**key.shares, 3: key.shares[3] + 1}, {**key.vs, 3: v}
    return dataclasses.replace(key, shares=shares, vs=vs)


def deal_badly(monkeypatch: pytest.MonkeyPatch, *, published: bool) -> Dealt:
    """Hold a ceremony whose dealer runs a program of its own, which checks nothing."""
    truly = threshold_paillier.deal
    with monkeypatch.context() as dealer:
        dealer.setattr(threshold_paillier, "deal", lambda *a, **k: badly(truly(*a, **k), published=published))
        dealer.setattr(ceremony, "verify_consistent", lets_pass)
        dealer.setattr(ceremony, "_open_known", lambda key: ())
        return deal()


def checked(dealt: Dealt) -> tuple[bool, str]:
    """Have custodians 1 and 3 receive their shares; say whether together they are useless, and why not."""
    try:
        return not opens(dealt.key_set, [receive(dealt, index) for index in (1, 3)]), "taken"
    except VerifyError as error:
        return False, str(error)


@attack(
    "inconsistent share",
    by="the ceremony's dealer",
    goal="custodian 3 signs, and what it helps to open does not open",
    stopped="the share does not belong to the published verification key",
    off="privacy.threshold_paillier.verify_share",
)
def test_the_dealer_gives_one_custodian_a_share_that_fits_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could tell later whether the dealer or the custodian is at fault."""
    dealt = deal_badly(monkeypatch, published=False)

    reached, said = checked(dealt)

    assert opens(dealt.key_set, [receive(dealt, index) for index in (1, 2)])
    scene.ends(reached=reached, seen=said)


@attack(
    "inconsistent share, published",
    by="the ceremony's dealer",
    goal="custodian 3 signs, and what it helps to open does not open",
    stopped="the key set is refused: custodians (1, 3) give another W",
    off="privacy.ceremony.verify_consistent",
)
def test_the_dealer_publishes_a_verification_key_of_the_bad_share(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Now the share fits its verification key: what custodian 3 has is in order, and the set is not."""
    reached, said = checked(deal_badly(monkeypatch, published=True))

    scene.ends(reached=reached, seen=said)
