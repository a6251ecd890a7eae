"""The ceremony that makes an epoch's keys: a trusted dealer, offline, that says so.

Whoever runs this could read everything until the machine is wiped: it never runs beside a hub's
database. An adversary would slip in a card of its own or keep a share; so cards are compared by
fingerprint before, shares leave the dealer only sealed to the cards, and nothing is published until
each custodian has checked its own shares and signed. Distributed key generation is a later step.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from privacy import group, oprf, paillier, primes, sealing, shamir, signing, threshold_paillier
from privacy.consistency import verify_consistent
from privacy.encoding import b64, encode_integer, unb64
from privacy.errors import CannotOpen, InvalidInputError, VerifyError
from privacy.keyset import (
    MAX_CUSTODIANS,
    RULES_VERSION,
    Association,
    KeySet,
    OprfKeys,
    PaillierKeys,
    Policy,
    Predecessor,
    slots,
)
from privacy.messages import Base64Url, Bytes32, Index, Message, Name, parse_json
from privacy.sealing import SealingKey

MODULUS_BITS = 3072
KNOWN_PLAINTEXT = 0x416C6C69616E6365
"""The non-zero number that every subset must open before a ceremony ends."""

Primes = Callable[[int], tuple[int, int]]


class CustodianCard(Message, frozen=True, tag_field="role", tag="custodian"):
    """What a custodian's `init` prints: its public keys, for the dealer and for everybody's pins."""

    name: Name
    witness: Bytes32
    sealing: Bytes32

    @property
    def fingerprint(self) -> str:
        """The printed fingerprint of the witness key."""
        return signing.fingerprint("custodian", unb64(self.witness))


class AssociationCard(Message, frozen=True, tag_field="role", tag="association"):
    """What `alliance-hub init` prints: the alliance's name and the association's public keys."""

    alliance: Name
    hub: Bytes32
    secretariat: Bytes32

    @property
    def fingerprint(self) -> str:
        """The printed fingerprint of both keys under the alliance's name."""
        return signing.fingerprint(self.alliance, unb64(self.hub), unb64(self.secretariat))


class MemberCard(Message, frozen=True, tag_field="role", tag="member"):
    """What `alliance-member init` prints: what a custodian's operator compares before accepting."""

    name: Name
    signing: Bytes32
    recovery: Bytes32
    sealing: Bytes32

    @property
    def fingerprint(self) -> str:
        """The printed fingerprint of the three keys under the member's name."""
        return member_fingerprint(self.name, self.signing, self.recovery, self.sealing)


def member_fingerprint(name: str, signing_key: str, recovery: str, sealing_key: str) -> str:
    """Return a member's printed fingerprint from its name and its keys as base64url."""
    return signing.fingerprint(name, unb64(signing_key), unb64(recovery), unb64(sealing_key))


class Shares(Message, frozen=True):
    """One custodian's secret shares, with the key set that they belong to."""

    custodian: Index
    key_set: Bytes32
    oprf: Bytes32
    paillier: Base64Url


@dataclass(frozen=True, slots=True)
class Dealt:
    """What a ceremony gives: the unsigned key set, and each custodian's shares sealed to its card."""

    key_set: KeySet
    sealed: dict[int, bytes]
    opened_by: tuple[tuple[int, ...], ...] = field(default=())
    """The subsets that opened the known plaintext."""


def deal(
    custodians: Sequence[CustodianCard],
    association: AssociationCard,
    *,
    threshold: int,
    policy: Policy,
    epoch: int = 1,
    predecessor: Predecessor | None = None,
    safe_primes: Primes | None = None,
) -> Dealt:
    """Make the keys of an epoch and seal a share of each to every custodian's card, in the given order.

    `safe_primes` takes the bits of one prime and gives two; tests hand in fixed small ones. Raises
    InvalidInputError for cards or a threshold that do not fit.
    """
    count = len(custodians)
    _require_cards(custodians, threshold)
    p, q = (safe_primes or primes.safe_prime_pair)(MODULUS_BITS // 2)
    paillier_key = threshold_paillier.deal(p, q, epoch=epoch, threshold=threshold, count=count)
    secret = 1 + secrets.randbelow(group.ORDER - 1)
    oprf_shares = shamir.split(secret, threshold=threshold, count=count, modulus=group.ORDER)
    key_set = KeySet(
        version=1,
        alliance=association.alliance,
        epoch=epoch,
        rules=RULES_VERSION,
        threshold=threshold,
        oprf=_oprf_keys(secret, oprf_shares),
        paillier=_paillier_keys(paillier_key),
        slots=slots(),
        witnesses=tuple(card.witness for card in custodians),
        sealing=tuple(card.sealing for card in custodians),
        association=Association(hub=association.hub, secretariat=association.secretariat),
        policy=policy,
        predecessor=predecessor,
    )
    verify_consistent(key_set)
    sealed = {
        index: _seal_shares(card, key_set, index, oprf_shares[index], paillier_key.shares[index])
        for index, card in enumerate(custodians, 1)
    }
    return Dealt(key_set, sealed, _open_known(paillier_key))


def receive(key: SealingKey, sealed: bytes, key_set: KeySet, *, witness: bytes) -> Shares:
    """Open a custodian's own shares and check all that it must check before it signs the key set.

    Raises CannotOpen when the envelope is another's, VerifyError when shares or key set do not fit,
    InvalidInputError or DeserializeError when the shares are not of their form.
    """
    verify_consistent(key_set)
    shares = parse_json(Shares, key.open(sealed, purpose="key-share", context=key_set.digest))
    if unb64(shares.key_set) != key_set.digest:
        raise VerifyError("the shares belong to another key set")
    if (key_set.witness(shares.custodian), key_set.sealing_key(shares.custodian)) != (witness, key.public):
        raise VerifyError("this custodian's own keys do not stand in the key set at its index")
    if group.multiply_base(group.decode_scalar(unb64(shares.oprf))) != key_set.oprf_public(shares.custodian):
        raise VerifyError("the OPRF share does not give its public key")
    v_i = key_set.verification_key(shares.custodian)
    threshold_paillier.verify_share(key_set.public_key, paillier_share(shares), v_i)
    return shares


def paillier_share(shares: Shares) -> int:
    """Return the Paillier share as an integer."""
    return int.from_bytes(unb64(shares.paillier), "big")


def _require_cards(custodians: Sequence[CustodianCard], threshold: int) -> None:
    count = len(custodians)
    if not 2 <= threshold <= count < 2 * threshold or count > MAX_CUSTODIANS:
        raise InvalidInputError(
            f"threshold {threshold} does not fit {count} custodians: "
            f"2 <= t <= n < 2t and n <= {MAX_CUSTODIANS} are needed",
            field="threshold",
        )
    if len({card.witness for card in custodians}) != count:
        raise InvalidInputError("the same custodian's card is given twice", field="card")


def _oprf_keys(secret: int, shares: dict[int, int]) -> OprfKeys:
    publics = (group.multiply_base(group.scalar_from_int(share)) for share in shares.values())
    return OprfKeys(
        suite=oprf.SUITE,
        mode="VOPRF",
        public=b64(group.multiply_base(group.scalar_from_int(secret))),
        publics=tuple(b64(public) for public in publics),
    )


def _paillier_keys(key: threshold_paillier.ThresholdKey) -> PaillierKeys:
    octets = key.public.bits // 8
    first = {index: key.vs[index] for index in range(1, key.threshold + 1)}
    w = threshold_paillier.verification_w(key.public, key.count, first)
    return PaillierKeys(
        bits=key.public.bits,
        n=encode_integer(key.public.n, octets),
        v=encode_integer(key.v, 2 * octets),
        vs=tuple(encode_integer(v_i, 2 * octets) for v_i in key.vs.values()),
        w=encode_integer(w, 2 * octets),
    )


def _seal_shares(
    card: CustodianCard, key_set: KeySet, index: int, oprf_share: int, paillier_share: int
) -> bytes:
    shares = Shares(
        custodian=index,
        key_set=b64(key_set.digest),
        oprf=b64(group.scalar_from_int(oprf_share)),
        paillier=encode_integer(paillier_share, 2 * key_set.public_key.bits // 8),
    )
    plaintext = msgspec.json.encode(shares)
    return sealing.seal_to(unb64(card.sealing), plaintext, purpose="key-share", context=key_set.digest)


def _open_known(key: threshold_paillier.ThresholdKey) -> tuple[tuple[int, ...], ...]:
    """Open one known plaintext with every subset of `threshold` shares: the end of a ceremony."""
    r = secrets.randbits(key.public.bits // 2)
    c = paillier.encrypt(key.public, KNOWN_PLAINTEXT, r)
    partials = {
        index: threshold_paillier.partial(key.public, key.count, share, c)
        for index, share in key.shares.items()
    }
    subsets = tuple(itertools.combinations(sorted(partials), key.threshold))
    for subset in subsets:
        if (
            threshold_paillier.combine(key.public, key.count, {index: partials[index] for index in subset})
            != KNOWN_PLAINTEXT
        ):
            raise CannotOpen(f"custodians {subset} do not open the known plaintext: start the ceremony again")
    return subsets
