"""What every party checks of a key set before it trusts one: signatures, pins, and that the keys fit."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import msgspec
import pytest

from privacy import group, keyset, shamir, threshold_paillier
from privacy.ceremony import deal
from privacy.consistency import verify_consistent
from privacy.encoding import b64, encode_integer, unb64
from privacy.errors import InvalidInputError, VerifyError
from privacy.keyset import (
    Endorsement,
    KeySet,
    Policy,
    Predecessor,
    Quotas,
    SignedKeySet,
    endorse,
    sign_key_set,
    verify_pinned,
    verify_signatures,
    verify_succession,
    witness_fingerprint,
)
from privacy.messages import parse, parse_json
from privacy.periods import Period
from tests.privacy.independent import framed, jcs, label, sha256
from tests.privacy.paillier_keys import LARGE, SMALL
from tests.privacy.samples import ASSOCIATION, CARDS, SEALING, dealt, hold_ceremony, key, sign_by_all, text

PINS = [card.fingerprint for card in CARDS]


def key_set() -> KeySet:
    return dealt().key_set


@cache
def real_key_set() -> KeySet:
    """A key set for real people needs a modulus of 3072 bits."""
    policy = Policy.for_real_data()
    return deal(CARDS, ASSOCIATION, threshold=2, policy=policy, safe_primes=lambda bits: LARGE).key_set


def replace(message: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(message, **changes)


def with_paillier(**changes: Any) -> KeySet:
    return replace(key_set(), paillier=replace(key_set().paillier, **changes))


def with_oprf(**changes: Any) -> KeySet:
    return replace(key_set(), oprf=replace(key_set().oprf, **changes))


def swapped(values: tuple[str, ...]) -> tuple[str, ...]:
    return (values[1], values[0], *values[2:])


def shifted(residue: str) -> str:
    """Another residue mod N^2 of the same length."""
    n_squared = key_set().public_key.n_squared
    moved = int.from_bytes(unb64(residue), "big") * 4 % n_squared
    return encode_integer(moved, 256)


# Forms


def test_a_key_set_survives_json() -> None:
    signed = sign_by_all(key_set())
    again = parse_json(SignedKeySet, signed.canonical())
    assert again == signed
    assert again.key_set.digest == key_set().digest


def test_the_digest_and_signatures_are_over_its_canonical_form() -> None:
    document = msgspec.json.decode(key_set().canonical())
    assert key_set().digest == sha256("key-set", jcs(document))
    signature = unb64(sign_key_set(key("witness/1"), key_set()))
    assert signature == key("witness/1").sign(framed(label("key-set"), jcs(document)))


def test_lists_are_by_custodian_from_one() -> None:
    for index in (1, 2, 3):
        assert key_set().witness(index) == key(f"witness/{index}").public
        assert key_set().sealing_key(index) == SEALING[index].public
        assert key_set().oprf_public(index) == unb64(key_set().oprf.publics[index - 1])
        assert b64(key_set().verification_key(index).to_bytes(256, "big")) == key_set().paillier.vs[index - 1]


@pytest.mark.parametrize("index", [0, -1, 4, 255])
def test_there_is_no_custodian_beyond_them(index: int) -> None:
    for find in (
        key_set().witness,
        key_set().sealing_key,
        key_set().oprf_public,
        key_set().verification_key,
    ):
        with pytest.raises(InvalidInputError) as refusal:
            find(index)
        assert refusal.value.field == "custodian"


def test_the_policies_are_the_protocols() -> None:
    assert Policy.for_synthetic_data() == Policy(True, 2, Period.MONTH, 36_500, Quotas(4, 2, 4))
    assert Policy.for_real_data() == Policy(False, 3, Period.MONTH, 45, Quotas(4, 2, 4))


def test_the_slots_are_the_protocols() -> None:
    names = "contracts outstanding overdue d1_30 d31_60 d61_90 d91_180 d181_plus in_court judged"
    assert keyset.slots().document() == {"bits": 48, "names": tuple(names.split())}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"version": 2}, "version", id="another-version"),
        pytest.param({"rules": 2}, "rules", id="older-rules"),
        pytest.param({"rules": 4}, "rules", id="newer-rules"),
        pytest.param({"predecessor": {}}, "predecessor", id="nameless-predecessor"),
        pytest.param({"epoch": 0}, "epoch", id="no-epoch"),
        pytest.param({"epoch": 2**32}, "epoch", id="epoch-of-five-bytes"),
        pytest.param({"threshold": 1}, "threshold", id="one-suffices"),
        pytest.param({"witnesses": [text("one")]}, "witnesses", id="one-custodian"),
        pytest.param({"witnesses": [text(f"w{n}") for n in range(16)]}, "witnesses", id="16-custodians"),
        pytest.param({"notes": ""}, "", id="added-field"),
    ],
)
def test_a_key_set_of_another_form_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse(KeySet, key_set().document() | changes)
    assert refusal.value.field == field


# Signatures of all


def test_all_custodians_sign() -> None:
    verify_signatures(sign_by_all(key_set()))


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_without_one_custodian_it_does_not_count(missing: int) -> None:
    signed = sign_by_all(key_set())
    others = [signature for index, signature in enumerate(signed.signatures, 1) if index != missing]
    for signatures in (others, [*others, others[0]], [*others, b64(bytes(64))]):
        with pytest.raises(VerifyError):
            verify_signatures(replace(signed, signatures=tuple(signatures)))


def test_unsigned_or_oversigned_it_does_not_count() -> None:
    signed = sign_by_all(key_set())
    for signatures in ((), signed.signatures[::-1], signed.signatures * 2):
        with pytest.raises(VerifyError):
            verify_signatures(replace(signed, signatures=signatures))


def test_the_error_names_the_custodian_that_did_not_sign() -> None:
    signed = sign_by_all(key_set())
    another = sign_key_set(key("witness/2"), replace(key_set(), epoch=2))
    signatures = (signed.signatures[0], another, signed.signatures[2])
    with pytest.raises(VerifyError, match="custodian 2"):
        verify_signatures(replace(signed, signatures=signatures))


@pytest.mark.parametrize(
    "change",
    [
        lambda: with_oprf(public=key_set().oprf.publics[0]),
        lambda: with_paillier(w=shifted(key_set().paillier.w)),
        lambda: replace(key_set(), threshold=3),
        lambda: replace(key_set(), alliance="another"),
        lambda: replace(key_set(), policy=replace(key_set().policy, min_contributors=3)),
        lambda: replace(key_set(), association=replace(key_set().association, hub=text("hub"))),
    ],
    ids=["oprf", "paillier", "threshold", "alliance", "policy", "association"],
)
def test_signatures_cover_every_part(change: Any) -> None:
    signed = sign_by_all(key_set())
    with pytest.raises(VerifyError):
        verify_signatures(replace(signed, key_set=change()))


# Pins


@pytest.mark.parametrize("pins", [PINS, PINS[::-1], [pin.lower().replace(" ", "-") for pin in PINS]])
def test_the_pinned_witnesses_count_in_any_order_as_typed(pins: list[str]) -> None:
    verify_pinned(sign_by_all(key_set()), pins)


@pytest.mark.parametrize(
    "pins",
    [
        pytest.param([], id="none"),
        pytest.param(PINS[:2], id="one-missing"),
        pytest.param([*PINS, PINS[0]], id="one-twice-more"),
        pytest.param([*PINS, witness_fingerprint(bytes(32))], id="one-too-many"),
        pytest.param([*PINS[:2], PINS[1]], id="one-twice-instead"),
        pytest.param([*PINS[:2], witness_fingerprint(bytes(32))], id="one-wrong"),
        pytest.param([*PINS[:2], PINS[2][:-1]], id="one-cut-short"),
        pytest.param([*PINS[:2], ""], id="one-empty"),
    ],
)
def test_other_pins_are_refused(pins: list[str]) -> None:
    with pytest.raises(VerifyError):
        verify_pinned(sign_by_all(key_set()), pins)


@pytest.mark.parametrize("pins", [PINS, PINS[:1] * 3], ids=["the-three", "the-one-three-times"])
def test_one_pinned_custodian_does_not_pass_for_all(pins: list[str]) -> None:
    alone = replace(key_set(), witnesses=(b64(key("witness/1").public),) * 3)
    signed = SignedKeySet(key_set=alone, signatures=(sign_key_set(key("witness/1"), alone),) * 3)
    verify_signatures(signed)
    with pytest.raises(VerifyError):
        verify_pinned(signed, pins)


def test_pins_do_not_replace_signatures() -> None:
    signed = sign_by_all(key_set())
    with pytest.raises(VerifyError):
        verify_pinned(replace(signed, signatures=signed.signatures[::-1]), PINS)


# That the keys fit together


def test_what_a_ceremony_made_is_consistent() -> None:
    verify_consistent(key_set())
    verify_consistent(hold_ceremony(threshold=3).key_set)


def test_the_keys_that_every_subset_gives_are_the_published() -> None:
    published, count = key_set(), 3
    for subset in itertools.combinations((1, 2, 3), 2):
        weights = {i: next(j for j in subset if j != i) for i in subset}
        points = [
            group.multiply(
                group.scalar_from_int(weights[i] * pow(weights[i] - i, -1, group.ORDER)),
                published.oprf_public(i),
            )
            for i in subset
        ]
        assert b64(group.total(points)) == published.oprf.public
        w = threshold_paillier.verification_w(
            published.public_key, count, {i: published.verification_key(i) for i in subset}
        )
        assert encode_integer(w, 256) == published.paillier.w
        assert w % published.public_key.n == 1


UNFIT = {
    "K-of-a-custodian": lambda: with_oprf(
        publics=(b64(group.multiply_base(group.scalar_from_int(7))), *key_set().oprf.publics[1:])
    ),
    "K-swapped": lambda: with_oprf(publics=swapped(key_set().oprf.publics)),
    "K-missing": lambda: with_oprf(publics=key_set().oprf.publics[:2]),
    "K-joint": lambda: with_oprf(public=key_set().oprf.publics[0]),
    "K-no-element": lambda: with_oprf(public=b64(b"\xff" * 32)),
    "K-identity": lambda: with_oprf(public=b64(bytes(32))),
    "K-of-a-custodian-identity": lambda: with_oprf(publics=(b64(bytes(32)), *key_set().oprf.publics[1:])),
    "suite": lambda: with_oprf(suite="P256-SHA256"),
    "mode": lambda: with_oprf(mode="OPRF"),
    "v-of-a-custodian": lambda: with_paillier(
        vs=(shifted(key_set().paillier.vs[0]), *key_set().paillier.vs[1:])
    ),
    "v-swapped": lambda: with_paillier(vs=swapped(key_set().paillier.vs)),
    "v-too-many": lambda: with_paillier(vs=(*key_set().paillier.vs, key_set().paillier.vs[0])),
    "v-zero": lambda: with_paillier(vs=(b64(bytes(256)), *key_set().paillier.vs[1:])),
    "v-spelled-longer": lambda: with_paillier(
        vs=(b64(bytes(3) + unb64(key_set().paillier.vs[0])), *key_set().paillier.vs[1:])
    ),
    "W": lambda: with_paillier(w=shifted(key_set().paillier.w)),
    "W-one": lambda: with_paillier(w=encode_integer(1, 256)),
    "W-spelled-longer": lambda: with_paillier(w=b64(bytes(3) + unb64(key_set().paillier.w))),
    "v": lambda: with_paillier(v=shifted(key_set().paillier.v)),
    "v-of-another-epoch": lambda: replace(key_set(), epoch=2),
    "N": lambda: with_paillier(n=encode_integer(key_set().public_key.n - 2, 128)),
    "N-even": lambda: with_paillier(n=encode_integer(key_set().public_key.n - 1, 128)),
    "N-spelled-longer": lambda: with_paillier(n=b64(bytes(3) + unb64(key_set().paillier.n))),
    "N-of-a-million-bits": lambda: with_paillier(n=b64(b"\xff" * 131_072), bits=1_048_576),
    "bits": lambda: with_paillier(bits=2_048),
    "bits-with-all-numbers-spelled-longer": lambda: with_paillier(
        bits=1_040,
        n=b64(bytes(2) + unb64(key_set().paillier.n)),
        v=b64(bytes(4) + unb64(key_set().paillier.v)),
        vs=tuple(b64(bytes(4) + unb64(v)) for v in key_set().paillier.vs),
        w=b64(bytes(4) + unb64(key_set().paillier.w)),
    ),
    "threshold-above": lambda: replace(key_set(), threshold=3),
    "threshold-of-one": lambda: replace(key_set(), threshold=1),
    "threshold-beyond-all": lambda: replace(key_set(), threshold=4),
    "a-custodian-fewer": lambda: replace(key_set(), witnesses=key_set().witnesses[:2]),
    "a-witness-twice": lambda: replace(
        key_set(), witnesses=(key_set().witnesses[0], *key_set().witnesses[:2])
    ),
    "the-hub-as-witness": lambda: replace(key_set(), witnesses=(ASSOCIATION.hub, *key_set().witnesses[1:])),
    "hub-and-secretariat-one": lambda: replace(
        key_set(), association=replace(key_set().association, hub=ASSOCIATION.secretariat)
    ),
    "a-sealing-key-twice": lambda: replace(key_set(), sealing=(key_set().sealing[0],) * 3),
    "a-sealing-key-fewer": lambda: replace(key_set(), sealing=key_set().sealing[:2]),
    "slots-narrower": lambda: replace(key_set(), slots=replace(key_set().slots, bits=47)),
    "slots-in-another-order": lambda: replace(
        key_set(), slots=replace(key_set().slots, names=key_set().slots.names[::-1])
    ),
    "rules": lambda: replace(key_set(), rules=1),
    "no-minimum": lambda: replace(key_set(), policy=replace(key_set().policy, min_contributors=1)),
    "real-with-1024-bits": lambda: replace(key_set(), policy=Policy.for_real_data()),
}


@pytest.mark.parametrize("change", UNFIT.values(), ids=UNFIT)
def test_a_key_set_with_one_value_changed_is_refused(change: Any) -> None:
    with pytest.raises(VerifyError):
        verify_consistent(change())


def test_fewer_custodians_than_promised_must_not_suffice() -> None:
    degree_one, promised = dealt().key_set, 3
    with pytest.raises(VerifyError, match="fewer custodians"):
        verify_consistent(replace(degree_one, threshold=promised))


@pytest.mark.parametrize("constant", [0, 1], ids=["W-is-one", "W-is-not-one-modulo-N"])
def test_verification_keys_that_fit_each_other_but_no_share_are_refused(constant: int) -> None:
    n_squared = key_set().public_key.n_squared
    vs = [pow(key_set().public_key.v, constant + 5 * index, n_squared) for index in (1, 2, 3)]
    w = pow(key_set().public_key.v, 6 * constant, n_squared)
    unfit = with_paillier(vs=tuple(encode_integer(v, 256) for v in vs), w=encode_integer(w, 256))
    with pytest.raises(VerifyError, match="W is not"):
        verify_consistent(unfit)


def test_two_halves_of_the_custodians_must_not_both_suffice() -> None:
    """Two of four: keys that fit, dealt by hand, because no dealer here would."""
    honest, (p, q) = key_set(), SMALL
    public, order = honest.public_key, (p // 2) * (q // 2)
    d = order * pow(order, -1, public.n)
    shares = shamir.split(d, threshold=2, count=4, modulus=public.n * order)
    vs = {index: pow(public.v, share, public.n_squared) for index, share in shares.items()}
    w = threshold_paillier.verification_w(public, 4, {index: vs[index] for index in (3, 4)})
    points = shamir.split(7, threshold=2, count=4, modulus=group.ORDER)
    publics = [group.multiply_base(group.scalar_from_int(share)) for share in points.values()]
    halved = replace(
        honest,
        oprf=replace(
            honest.oprf,
            public=b64(group.multiply_base(group.scalar_from_int(7))),
            publics=tuple(map(b64, publics)),
        ),
        paillier=replace(
            honest.paillier,
            vs=tuple(encode_integer(v, 256) for v in vs.values()),
            w=encode_integer(w, 256),
        ),
        witnesses=(*honest.witnesses, text("witness 4")),
        sealing=(*honest.sealing, text("sealing 4")),
    )
    with pytest.raises(VerifyError, match="2t > n"):
        verify_consistent(halved)


# Policy


def test_made_up_data_may_have_a_period_of_a_minute() -> None:
    verify_consistent(hold_ceremony(Policy.for_synthetic_data(Period.MINUTE)).key_set)


@pytest.mark.parametrize("period", [Period.MONTH, Period.WEEK, Period.DAY])
def test_real_data_may_have_longer_ones(period: Period) -> None:
    verify_consistent(replace(real_key_set(), policy=Policy.for_real_data(period)))


@pytest.mark.parametrize(
    ("policy", "what"),
    [
        pytest.param(Policy.for_real_data(Period.MINUTE), "the period", id="minute"),
        pytest.param(replace(Policy.for_real_data(), min_contributors=2), "min_contributors", id="two"),
    ],
)
def test_real_data_may_not(policy: Policy, what: str) -> None:
    with pytest.raises(VerifyError, match=what):
        verify_consistent(replace(real_key_set(), policy=policy))


# Successor epochs


def predecessor(**changes: Any) -> Predecessor:
    honest = Predecessor(
        epoch=1, key_set=b64(key_set().digest), position=99, head=text("final head"), period="2026-11"
    )
    return replace(honest, **changes)  # type: ignore[no-any-return]


def successor(*endorsers: int, **changes: Any) -> SignedKeySet:
    """The next epoch's key set, signed by all of its custodians and endorsed by these of the last."""
    new = replace(key_set(), **{"epoch": 2, "predecessor": predecessor()} | changes)
    endorsements = tuple(endorse(key(f"witness/{index}"), new, custodian=index) for index in endorsers)
    return replace(sign_by_all(new), endorsements=endorsements)  # type: ignore[no-any-return]


def no_succession(signed: SignedKeySet, reason: str) -> bool:
    with pytest.raises(VerifyError, match=reason):
        verify_succession(sign_by_all(key_set()), signed)
    return True


def test_a_key_set_dealt_for_the_next_epoch_follows_the_last() -> None:
    new = deal(
        CARDS,
        ASSOCIATION,
        threshold=2,
        policy=Policy.for_synthetic_data(),
        epoch=2,
        predecessor=predecessor(),
        safe_primes=lambda bits: SMALL,
    ).key_set
    verify_consistent(new)
    endorsements = tuple(endorse(key(f"witness/{index}"), new, custodian=index) for index in (1, 3))
    signed = parse_json(SignedKeySet, replace(sign_by_all(new), endorsements=endorsements).canonical())
    assert signed.key_set.predecessor == predecessor()
    verify_succession(sign_by_all(key_set()), signed)


@pytest.mark.parametrize("endorsers", [(1, 2), (3, 1), (1, 2, 3)])
def test_the_threshold_of_the_last_epoch_endorses_the_next(endorsers: tuple[int, ...]) -> None:
    verify_succession(sign_by_all(key_set()), successor(*endorsers))


@pytest.mark.parametrize("endorsers", [(), (2,), (2, 2), (2, 2, 2)])
def test_fewer_custodians_than_the_threshold_endorse_nothing(endorsers: tuple[int, ...]) -> None:
    assert no_succession(successor(*endorsers), "2 custodians of epoch 1 must endorse")


def test_an_endorsement_is_a_custodians_own_over_this_key_set() -> None:
    honest = successor(1, 2)
    first, second = honest.endorsements
    of_another = successor(2, policy=Policy.for_synthetic_data(Period.WEEK)).endorsements[0]
    forged = {
        "by the other": (first, Endorsement(custodian=2, signature=first.signature)),
        "by nobody": (first, replace(second, custodian=4)),
        "by custodian 255": (first, replace(second, custodian=255)),
        "by the hub": (first, endorse(key("hub"), honest.key_set, custodian=2)),
        "of another key set": (first, of_another),
        "a signature of the ceremony": (first, replace(second, signature=honest.signatures[1])),
        "spoilt": (first, replace(second, signature=b64(bytes(64)))),
    }
    for endorsements in forged.values():
        assert no_succession(replace(honest, endorsements=endorsements), "must endorse .* 1 did")


def test_an_endorsement_signs_no_ceremony() -> None:
    honest = successor(1, 2)
    borrowed = (honest.endorsements[0].signature, *honest.signatures[1:])
    assert no_succession(replace(honest, signatures=borrowed), "custodian 1 has not signed")


@pytest.mark.parametrize(
    "named",
    [
        pytest.param(None, id="none"),
        pytest.param({"epoch": 2}, id="another-epoch"),
        pytest.param({"key_set": text("another")}, id="another-key-set"),
    ],
)
def test_a_successor_names_the_key_set_that_is_pinned(named: dict[str, Any] | None) -> None:
    other = None if named is None else predecessor(**named)
    assert no_succession(successor(1, 2, predecessor=other), "names another predecessor")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"alliance": "another"}, "another alliance", id="another-alliance"),
        pytest.param({"epoch": 1}, "no later epoch", id="same-epoch"),
        pytest.param(
            {"policy": replace(Policy.for_real_data(), min_contributors=3)}, "made-up and real", id="real"
        ),
    ],
)
def test_a_successor_is_a_later_epoch_of_the_same_alliance(changes: dict[str, Any], reason: str) -> None:
    assert no_succession(successor(1, 2, 3, **changes), reason)


def test_a_successor_is_signed_by_all_of_its_own_custodians() -> None:
    honest = successor(1, 2)
    assert no_succession(replace(honest, signatures=honest.signatures[:2]), "3 custodians must sign")


def test_the_predecessor_is_part_of_what_is_signed() -> None:
    digests = {successor(predecessor=predecessor(**changes)).key_set.digest for changes in MOVED}
    assert len(digests) == len(MOVED)


MOVED: list[dict[str, Any]] = [
    {},
    {"position": 98},
    {"head": text("an earlier head")},
    {"period": "2026-10"},
    {"period": None},
]


@pytest.mark.parametrize("epoch", [1, 2])
def test_no_key_set_follows_one_of_a_later_epoch(epoch: int) -> None:
    with pytest.raises(VerifyError, match="the predecessor"):
        verify_consistent(replace(key_set(), predecessor=predecessor(epoch=epoch)))
