"""The key set of an epoch: what everybody pins, and what the custodians sign together.

An adversary would publish a key set with a key of its own in it, or give one custodian a share that
fits no other. It counts only with the signatures of all custodians, each of which has checked its own
shares and that every subset of `threshold` custodians gives the same keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Annotated

import msgspec

from privacy import exposure, signing
from privacy.encoding import b64, digest, unb64
from privacy.errors import InvalidInputError, PrivacyError, VerifyError
from privacy.messages import (
    Base64Url,
    Bytes32,
    Bytes64,
    Count,
    Index,
    Message,
    Name,
    PeriodName,
)
from privacy.paillier import PublicKey
from privacy.periods import Period
from privacy.signing import SigningKey

RULES_VERSION = 3
"""Version of the feed's rules that this code follows."""

MAX_CUSTODIANS = 15
"""Every subset of `threshold` custodians is checked: 6,435 of them for 8 of 15, and soon no end of them."""

Positive = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class Quotas(Message, frozen=True):
    """How much a member may ask, as multiples of its declared portfolio."""

    evaluations_per_epoch: Positive = 4
    evaluations_per_day: Positive = 2
    openings_per_period: Positive = 4


class Policy(Message, frozen=True):
    """What all parties hold themselves to for the epoch; an agreement may only be stricter."""

    synthetic: bool
    min_contributors: Annotated[int, msgspec.Meta(ge=2, le=1_000)]
    period: Period
    record_days: Positive
    quotas: Quotas

    @classmethod
    def for_synthetic_data(cls, period: Period = Period.MONTH) -> Policy:
        """Made-up people only: two contributors suffice, records practically never expire."""
        return cls(True, 2, period, 36_500, Quotas())

    @classmethod
    def for_real_data(cls, period: Period = Period.MONTH) -> Policy:
        """Real people: three contributors, records expire after 45 days."""
        return cls(False, 3, period, 45, Quotas())


class OprfKeys(Message, frozen=True):
    """The joint OPRF key and every custodian's public share, by index from 1."""

    suite: str
    mode: str
    public: Bytes32
    publics: tuple[Bytes32, ...]


class PaillierKeys(Message, frozen=True):
    """The modulus, the base `v`, every custodian's `v_i`, and `w`, the same for every subset."""

    bits: Annotated[int, msgspec.Meta(ge=1_024, le=8_192)]
    n: Base64Url
    v: Base64Url
    vs: tuple[Base64Url, ...]
    w: Base64Url


class Slots(Message, frozen=True):
    """How a contribution's plaintext is laid out, low to high."""

    bits: Positive
    names: tuple[str, ...]


class Association(Message, frozen=True):
    """The association's own keys: the hub's and the secretariat's."""

    hub: Bytes32
    secretariat: Bytes32


class Predecessor(Message, frozen=True):
    """Where the last epoch ended: its key set, its feed's final head, and the period of its last cut.

    The first cut of the new epoch is of a later period, or one period could be opened twice and subtracted.
    """

    epoch: Annotated[int, msgspec.Meta(ge=1, le=2**32 - 1)]
    key_set: Bytes32
    position: Count
    head: Bytes32
    period: PeriodName | None


class KeySet(Message, frozen=True, dict=True):
    """The published keys and policy of one alliance and epoch; lists are by custodian index from 1.

    `sealing` names the keys to which the dealer sealed the shares: a custodian that does not find its own
    there knows that somebody between the dealer and itself has read its share, and does not sign.
    """

    version: Annotated[int, msgspec.Meta(ge=1, le=1)]
    alliance: Name
    epoch: Annotated[int, msgspec.Meta(ge=1, le=2**32 - 1)]
    rules: Annotated[int, msgspec.Meta(ge=RULES_VERSION, le=RULES_VERSION)]
    threshold: Annotated[int, msgspec.Meta(ge=2, le=255)]
    oprf: OprfKeys
    paillier: PaillierKeys
    slots: Slots
    witnesses: Annotated[tuple[Bytes32, ...], msgspec.Meta(min_length=2, max_length=MAX_CUSTODIANS)]
    sealing: tuple[Bytes32, ...]
    association: Association
    policy: Policy
    predecessor: Predecessor | None

    @property
    def count(self) -> int:
        """The number of custodians, n."""
        return len(self.witnesses)

    @cached_property
    def digest(self) -> bytes:
        """The 32 bytes that every request and chunk names."""
        return digest("key-set", self.canonical())

    @cached_property
    def public_key(self) -> PublicKey:
        """The Paillier public key of the epoch."""
        return PublicKey(int.from_bytes(unb64(self.paillier.n), "big"), self.epoch)

    def witness(self, custodian: int) -> bytes:
        """Return custodian `custodian`'s witness key; raises InvalidInputError when there is none."""
        return _of(custodian, self.witnesses)

    def sealing_key(self, custodian: int) -> bytes:
        """Return the key to which custodian `custodian`'s shares were sealed; raises InvalidInputError."""
        return _of(custodian, self.sealing)

    def oprf_public(self, custodian: int) -> bytes:
        """Return custodian `custodian`'s public OPRF share; raises InvalidInputError when there is none."""
        return _of(custodian, self.oprf.publics)

    def verification_key(self, custodian: int) -> int:
        """Return custodian `custodian`'s `v_i`; raises InvalidInputError when there is none."""
        return int.from_bytes(_of(custodian, self.paillier.vs), "big")

    @property
    def hub_key(self) -> bytes:
        """The key with which the hub signs."""
        return unb64(self.association.hub)

    @property
    def secretariat_key(self) -> bytes:
        """The key with which the secretariat signs."""
        return unb64(self.association.secretariat)


class Endorsement(Message, frozen=True):
    """A custodian of the last epoch says that this key set follows its own."""

    custodian: Index
    signature: Bytes64


class SignedKeySet(Message, frozen=True):
    """A key set with one signature per custodian, by index from 1, and the last epoch's."""

    key_set: KeySet
    signatures: tuple[Bytes64, ...]
    endorsements: tuple[Endorsement, ...] = ()


def sign_key_set(key: SigningKey, key_set: KeySet) -> str:
    """Return a custodian's signature under a key set that it has checked."""
    return key.sign_document("key-set", key_set.document())


def verify_signatures(signed: SignedKeySet) -> None:
    """Check that all n custodians signed; raises VerifyError naming the first that did not."""
    key_set = signed.key_set
    if len(signed.signatures) != key_set.count:
        raise VerifyError(f"{key_set.count} custodians must sign the key set, {len(signed.signatures)} did")
    document = key_set.document()
    for index, signature in enumerate(signed.signatures, 1):
        try:
            signing.verify_document(key_set.witness(index), "key-set", document, signature)
        except VerifyError as error:
            raise VerifyError(f"custodian {index} has not signed this key set") from error


def endorse(key: SigningKey, key_set: KeySet, *, custodian: int) -> Endorsement:
    """Return the signature of custodian `custodian` of the last epoch under its successor."""
    return Endorsement(custodian=custodian, signature=key.sign_document("successor", key_set.document()))


def verify_succession(last: SignedKeySet, successor: SignedKeySet) -> None:
    """Check that `successor` follows `last`: it names it, and `threshold` of its custodians say so.

    Raises VerifyError. Whoever pinned `last` need not compare fingerprints again.
    """
    verify_signatures(successor)
    old, new = last.key_set, successor.key_set
    named = new.predecessor
    if named is None or (named.epoch, named.key_set) != (old.epoch, b64(old.digest)):
        raise VerifyError("the key set names another predecessor than the one that is pinned")
    if new.alliance != old.alliance or new.epoch <= old.epoch:
        raise VerifyError("the key set is of another alliance, or of no later epoch")
    if new.policy.synthetic != old.policy.synthetic:
        raise VerifyError("made-up and real data never share an alliance: hold a new ceremony")
    endorsers = {each.custodian for each in successor.endorsements if _endorsed(old, new, each)}
    if len(endorsers) < old.threshold:
        raise VerifyError(
            f"{old.threshold} custodians of epoch {old.epoch} must endorse the key set, {len(endorsers)} did"
        )


def _endorsed(old: KeySet, new: KeySet, endorsement: Endorsement) -> bool:
    try:
        witness = old.witness(endorsement.custodian)
        signing.verify_document(witness, "successor", new.document(), endorsement.signature)
    except PrivacyError:
        return False
    return True


def witness_fingerprint(witness: bytes) -> str:
    """Return the printed fingerprint of a custodian's witness key."""
    return signing.fingerprint("custodian", witness)


def verify_pinned(signed: SignedKeySet, fingerprints: Iterable[str]) -> None:
    """Check signatures, and that the witness keys are exactly those whose fingerprints were printed.

    Raises VerifyError.
    """
    verify_signatures(signed)
    witnesses = signed.key_set.witnesses
    printed = sorted(signing.plain_fingerprint(witness_fingerprint(unb64(key))) for key in witnesses)
    pinned = sorted(map(signing.plain_fingerprint, fingerprints))
    # One custodian's key standing there n times would otherwise pass beside n pins that include it.
    if printed != pinned or len(set(printed)) != len(printed):
        raise VerifyError("the key set's witness keys are not those whose fingerprints were given")


def slots() -> Slots:
    """Return this version's slot layout."""
    return Slots(bits=exposure.SLOT_BITS, names=exposure.SLOT_NAMES)


def _of(custodian: int, values: Sequence[str]) -> bytes:
    """Return one custodian's value; index 0 would silently mean the last."""
    if not 1 <= custodian <= len(values):
        raise InvalidInputError(f"the key set has custodians 1 to {len(values)}", field="custodian")
    return unb64(values[custodian - 1])
