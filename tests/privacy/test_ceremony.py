"""A ceremony with primes that everybody can read: each custodian takes its own shares and nothing else."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from privacy import ceremony, group, oprf, paillier, sealing, signing, threshold_paillier
from privacy.ceremony import AssociationCard, CustodianCard, MemberCard, Shares, deal, receive
from privacy.encoding import b64, encode_integer, unb64
from privacy.errors import CannotOpen, InvalidInputError, PrivacyError, VerifyError
from privacy.keyset import KeySet, Policy
from privacy.messages import parse_json
from privacy.sealing import SealingKey
from tests.privacy.paillier_keys import SMALL
from tests.privacy.samples import ASSOCIATION, CARDS, SEALING, dealt, hold_ceremony, key, text

INDICES = (1, 2, 3)
PAIRS = list(itertools.permutations(INDICES, 2))


def replace(message: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(message, **changes)


def received(index: int) -> Shares:
    return receive(
        SEALING[index], dealt().sealed[index], dealt().key_set, witness=key(f"witness/{index}").public
    )


def take(shares: Shares, *, to: int = 1, beside: KeySet | None = None, **changes: Any) -> Shares:
    """Have custodian `to` receive shares that a cheating dealer sealed to it, for a key set of its choice."""
    key_set = beside or dealt().key_set
    shares = replace(shares, **{"key_set": b64(key_set.digest)} | changes)
    own = SEALING[to]
    sealed = sealing.seal_to(own.public, shares.canonical(), purpose="key-share", context=key_set.digest)
    return receive(own, sealed, key_set, witness=key(f"witness/{to}").public)


# What a ceremony gives


@pytest.mark.parametrize("index", INDICES)
def test_every_custodian_takes_its_own_shares(index: int) -> None:
    shares = received(index)
    assert shares.custodian == index
    assert unb64(shares.key_set) == dealt().key_set.digest


@pytest.mark.parametrize("subset", list(itertools.combinations(INDICES, 2)), ids=str)
def test_any_two_evaluate_as_one_server_and_open_what_was_sealed(subset: tuple[int, int]) -> None:
    key_set, shares = dealt().key_set, {index: received(index) for index in subset}
    blinded = oprf.blind(b"v1|RESIDENT_ID|somebody")
    evaluations = []
    for index in subset:
        evaluation = oprf.evaluate(unb64(shares[index].oprf), [blinded.element])
        oprf.verify(key_set.oprf_public(index), [blinded.element], evaluation)
        evaluations.append((index, evaluation.elements[0]))
    combined = oprf.combine(evaluations)
    others = [index for index in INDICES if index not in subset] + [subset[0]]
    again = oprf.combine(
        [(i, oprf.evaluate(unb64(received(i).oprf), [blinded.element]).elements[0]) for i in others]
    )
    assert combined == again

    c = paillier.encrypt(key_set.public_key, 4711, 2**500 + 1)
    partials = {
        index: threshold_paillier.partial(key_set.public_key, 3, ceremony.paillier_share(share), c)
        for index, share in shares.items()
    }
    assert threshold_paillier.combine(key_set.public_key, 3, partials) == 4711


def test_the_known_plaintext_was_opened_by_every_subset() -> None:
    assert dealt().opened_by == ((1, 2), (1, 3), (2, 3))
    assert hold_ceremony(threshold=3).opened_by == ((1, 2, 3),)


def test_the_key_set_holds_what_the_cards_said_in_their_order() -> None:
    key_set = dealt().key_set
    assert (key_set.count, key_set.threshold, key_set.epoch, key_set.alliance) == (3, 2, 1, "资产管理联盟")
    assert key_set.witnesses == tuple(card.witness for card in CARDS)
    assert key_set.sealing == tuple(card.sealing for card in CARDS)
    assert (key_set.hub_key, key_set.secretariat_key) == (key("hub").public, key("secretariat").public)
    assert key_set.public_key.n == SMALL[0] * SMALL[1]


def test_two_ceremonies_share_nothing_but_the_primes() -> None:
    one, other = dealt().key_set, hold_ceremony().key_set
    assert one.oprf.public != other.oprf.public
    assert not set(one.paillier.vs) & set(other.paillier.vs)


def test_the_primes_asked_for_make_a_modulus_of_3072_bits() -> None:
    asked = []

    def primes(bits: int) -> tuple[int, int]:
        asked.append(bits)
        return SMALL

    deal(CARDS, ASSOCIATION, threshold=2, policy=Policy.for_synthetic_data(), safe_primes=primes)
    assert asked == [1536]


def test_shares_leave_the_dealer_only_sealed() -> None:
    for index, sealed in dealt().sealed.items():
        assert unb64(received(index).oprf) not in sealed
        assert ceremony.paillier_share(received(index)).to_bytes(256, "big") not in sealed


# What a custodian refuses


@pytest.mark.parametrize(("own", "others"), PAIRS)
def test_anothers_shares_do_not_open(own: int, others: int) -> None:
    with pytest.raises(CannotOpen):
        receive(SEALING[own], dealt().sealed[others], dealt().key_set, witness=key(f"witness/{own}").public)


@pytest.mark.parametrize(("own", "others"), PAIRS)
def test_anothers_shares_do_not_fit(own: int, others: int) -> None:
    for shares in (received(others), replace(received(others), custodian=own)):
        with pytest.raises(VerifyError):
            take(shares, to=own)


def test_each_share_is_checked() -> None:
    one, two = received(1), received(2)
    assert take(one) == one
    for changes in ({"oprf": two.oprf}, {"paillier": two.paillier}, {"custodian": 2}, {"custodian": 3}):
        with pytest.raises(VerifyError):
            take(one, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"custodian": 4}, id="no-such-custodian"),
        pytest.param({"oprf": b64(bytes(32))}, id="oprf-zero"),
        pytest.param({"oprf": b64(b"\xff" * 32)}, id="oprf-largest"),
        pytest.param({"paillier": b64(bytes(256))}, id="paillier-zero"),
        pytest.param({"paillier": b64(b"\xff" * 256)}, id="paillier-largest"),
        pytest.param({"paillier": "AA"}, id="paillier-short"),
        pytest.param({"key_set": text("another key set")}, id="another-key-set"),
    ],
)
def test_shares_that_are_none_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(PrivacyError):
        take(received(1), **changes)


def test_a_share_above_the_order_would_fail_when_members_ask_and_is_refused_now() -> None:
    honest = int.from_bytes(unb64(received(1).oprf), "little")
    spelled_twice = (honest + group.ORDER).to_bytes(32, "little")
    assert group.multiply_base(spelled_twice) == dealt().key_set.oprf_public(1)
    with pytest.raises(PrivacyError):
        take(received(1), oprf=b64(spelled_twice))


def test_a_paillier_share_of_the_same_v_is_still_the_only_one() -> None:
    doubled = ceremony.paillier_share(received(1)) * 2 % dealt().key_set.public_key.n_squared
    with pytest.raises(VerifyError):
        take(received(1), paillier=encode_integer(doubled, 256))


def changed_key_sets() -> dict[str, KeySet]:
    """The honest key set with one value changed, as in a copy that somebody altered on the way."""
    honest, other = dealt().key_set, hold_ceremony().key_set
    oprf_keys, paillier_keys, policy = honest.oprf, honest.paillier, honest.policy
    return {
        "K-own": replace(
            honest, oprf=replace(oprf_keys, publics=(other.oprf.publics[0], *oprf_keys.publics[1:]))
        ),
        "K-anothers": replace(
            honest, oprf=replace(oprf_keys, publics=(*oprf_keys.publics[:2], other.oprf.publics[2]))
        ),
        "K-joint": replace(honest, oprf=replace(oprf_keys, public=other.oprf.public)),
        "v-own": replace(
            honest, paillier=replace(paillier_keys, vs=(other.paillier.vs[0], *paillier_keys.vs[1:]))
        ),
        "v-anothers": replace(
            honest, paillier=replace(paillier_keys, vs=(*paillier_keys.vs[:2], other.paillier.vs[2]))
        ),
        "v": replace(honest, paillier=replace(paillier_keys, v=paillier_keys.vs[0])),
        "W": replace(honest, paillier=replace(paillier_keys, w=other.paillier.vs[0])),
        "threshold": replace(honest, threshold=3),
        "witnesses-order": replace(honest, witnesses=honest.witnesses[::-1]),
        "sealing-order": replace(honest, sealing=honest.sealing[::-1]),
        "witness": replace(honest, witnesses=(text("w"), *honest.witnesses[1:])),
        "policy": replace(honest, policy=replace(policy, min_contributors=1)),
        "epoch": replace(honest, epoch=2),
    }


@pytest.mark.parametrize("name", changed_key_sets())
def test_a_key_set_with_one_value_changed_is_refused(name: str) -> None:
    changed = changed_key_sets()[name]
    with pytest.raises(PrivacyError):
        receive(SEALING[1], dealt().sealed[1], changed, witness=key("witness/1").public)
    with pytest.raises(VerifyError):
        take(received(1), beside=changed)


@pytest.mark.parametrize(
    "changes",
    [
        {"policy": replace(dealt().key_set.policy, min_contributors=5)},
        {"association": replace(dealt().key_set.association, hub=text("hub"))},
        {"alliance": "another"},
    ],
    ids=["policy", "association", "alliance"],
)
def test_shares_do_not_open_beside_another_key_set(changes: dict[str, Any]) -> None:
    changed = replace(dealt().key_set, **changes)
    with pytest.raises(CannotOpen):
        receive(SEALING[1], dealt().sealed[1], changed, witness=key("witness/1").public)


def test_whoever_swaps_a_sealing_key_between_card_and_dealer_is_found_out() -> None:
    thief = SealingKey(bytes(32))
    cards = [replace(CARDS[0], sealing=b64(thief.public)), *CARDS[1:]]
    assert cards[0].fingerprint == CARDS[0].fingerprint  # comparing fingerprints does not show it
    stolen = deal(
        cards, ASSOCIATION, threshold=2, policy=Policy.for_synthetic_data(), safe_primes=lambda bits: SMALL
    )
    plaintext = thief.open(stolen.sealed[1], purpose="key-share", context=stolen.key_set.digest)
    handed_on = sealing.seal_to(
        SEALING[1].public, plaintext, purpose="key-share", context=stolen.key_set.digest
    )
    with pytest.raises(VerifyError, match="own keys"):
        receive(SEALING[1], handed_on, stolen.key_set, witness=key("witness/1").public)


@pytest.mark.parametrize("plaintext", [b"", b"{}", b"\xff", b"[]"])
def test_what_anybody_sealed_to_a_custodian_is_refused(plaintext: bytes) -> None:
    key_set = dealt().key_set
    sealed = sealing.seal_to(SEALING[1].public, plaintext, purpose="key-share", context=key_set.digest)
    with pytest.raises(InvalidInputError):
        receive(SEALING[1], sealed, key_set, witness=key("witness/1").public)


# What a dealer refuses


@pytest.mark.parametrize(
    ("count", "threshold"),
    [(3, 1), (3, 4), (3, 0), (3, -2), (4, 2), (1, 1), (0, 0), (16, 9)],
)
def test_a_threshold_that_does_not_fit_is_refused(count: int, threshold: int) -> None:
    cards = [
        CustodianCard(name=f"C{n}", witness=text(f"witness {n}"), sealing=text(f"sealing {n}"))
        for n in range(count)
    ]
    with pytest.raises(InvalidInputError) as refusal:
        deal(
            cards,
            ASSOCIATION,
            threshold=threshold,
            policy=Policy.for_synthetic_data(),
            safe_primes=lambda bits: SMALL,
        )
    assert refusal.value.field == "threshold"


def test_the_same_card_twice_is_refused() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        deal([*CARDS[:2], CARDS[0]], ASSOCIATION, threshold=2, policy=Policy.for_synthetic_data())
    assert refusal.value.field == "card"


@pytest.mark.parametrize("sealing_key", [b64(bytes(32)), CARDS[1].sealing], ids=["small-order", "anothers"])
def test_a_card_with_no_sealing_key_of_its_own_is_refused(sealing_key: str) -> None:
    cards = [replace(CARDS[0], sealing=sealing_key), *CARDS[1:]]
    with pytest.raises(PrivacyError):
        deal(
            cards,
            ASSOCIATION,
            threshold=2,
            policy=Policy.for_synthetic_data(),
            safe_primes=lambda bits: SMALL,
        )


def test_small_primes_make_no_keys_for_real_people() -> None:
    with pytest.raises(VerifyError, match="3072 bits"):
        hold_ceremony(Policy.for_real_data())


@pytest.mark.parametrize("epoch", [0, 2**32])
def test_an_epoch_out_of_bounds_is_refused(epoch: int) -> None:
    with pytest.raises(PrivacyError):
        deal(
            CARDS,
            ASSOCIATION,
            threshold=2,
            policy=Policy.for_synthetic_data(),
            epoch=epoch,
            safe_primes=lambda bits: SMALL,
        )


# Cards


@pytest.mark.parametrize("card", [CARDS[0], ASSOCIATION], ids=["custodian", "association"])
def test_a_card_says_whose_it_is(card: CustodianCard | AssociationCard) -> None:
    again: Any = parse_json(CustodianCard | AssociationCard, card.canonical())  # type: ignore[arg-type]
    assert again == card


def test_a_card_of_another_role_is_refused() -> None:
    member = MemberCard(name="南方小贷", signing=text("s"), recovery=text("r"), sealing=text("x"))
    with pytest.raises(InvalidInputError):
        parse_json(CustodianCard, member.canonical())
    with pytest.raises(InvalidInputError):
        parse_json(CustodianCard | AssociationCard, member.canonical())  # type: ignore[arg-type]


def test_fingerprints_cover_name_and_keys() -> None:
    keys = [text("s"), text("r"), text("x")]
    member = MemberCard(name="南方小贷", signing=keys[0], recovery=keys[1], sealing=keys[2])
    assert member.fingerprint == signing.fingerprint("南方小贷", *map(unb64, keys))
    assert member.fingerprint == ceremony.member_fingerprint("南方小贷", *keys)
    changed = [
        replace(member, **{field: text("new")}) for field in ("name", "signing", "recovery", "sealing")
    ]
    assert len({member.fingerprint, *(card.fingerprint for card in changed)}) == 5
    assert ASSOCIATION.fingerprint != replace(ASSOCIATION, secretariat=text("new")).fingerprint
    assert CARDS[0].fingerprint == signing.fingerprint("custodian", key("witness/1").public)
