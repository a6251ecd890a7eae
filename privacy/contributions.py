"""A contributor opens one contribution to an auditor: the plaintext and the randomness that sealed it.

When a total makes no sense (protocol section 5 step 5), its contributors must show what they sealed or be
suspended. An adversary would show another plaintext than the one it sealed, or another's record, or sign
nothing and deny it later. Sealing again with what was shown gives the ciphertext that stands on the feed, or
it does not; and the member signs what it shows. Who may see an opening sees the amounts of one contract.
"""

from __future__ import annotations

from typing import Annotated

from privacy import paillier, signing
from privacy.encoding import b64, decode_integer, encode_integer
from privacy.errors import DeserializeError, InvalidInputError, VerifyError
from privacy.exposure import Exposure, is_sane
from privacy.keyset import KeySet
from privacy.messages import Base64Url, Bytes32, Bytes64, Message, exactly
from privacy.paillier import PublicKey
from privacy.records import Record
from privacy.signing import SigningKey

_LABEL = "contribution"

Decimal = Annotated[str, exactly("0|[1-9][0-9]{0,2500}")]
"""A whole number as decimal text: a plaintext is far larger than JSON's numbers."""


class ContributionOpening(Message, frozen=True):
    """What was sealed into a record's contribution, and how.

    `randomness` has |N|/16 bytes; `key_set` is the digest of the key set under which it was sealed.
    """

    record: Record
    plaintext: Decimal
    randomness: Base64Url
    key_set: Bytes32

    def exposure(self) -> Exposure:
        """Return the ten counters of the plaintext; raises DeserializeError when it has spilled over them."""
        return Exposure.unpack(int(self.plaintext))


class SignedContributionOpening(Message, frozen=True):
    """An opening with the signature of the member whose record it is."""

    opening: ContributionOpening
    signature: Bytes64


def open_contribution(
    record: Record, *, plaintext: int, randomness: int, key_set: KeySet
) -> ContributionOpening:
    """Return the opening of `record`, whose contribution `plaintext` was sealed with `randomness`."""
    return ContributionOpening(
        record=record,
        plaintext=str(plaintext),
        randomness=encode_integer(randomness, key_set.public_key.bits // 16),
        key_set=b64(key_set.digest),
    )


def sign_contribution(key: SigningKey, opening: ContributionOpening) -> SignedContributionOpening:
    """Sign an opening as the member whose record it is."""
    return SignedContributionOpening(opening=opening, signature=key.sign_document(_LABEL, opening.document()))


def verify_contribution(signed: SignedContributionOpening, public: bytes, key_set: KeySet) -> None:
    """Check an opening against its member's signing key and the epoch's key set; raises VerifyError.

    In this order: the signature, the key set, that plaintext and randomness give the record's contribution,
    and that the plaintext is one contract's. That the record stands on the feed is for the caller to check.
    """
    opening = signed.opening
    try:
        signing.verify_document(public, _LABEL, opening.document(), signed.signature)
    except VerifyError as error:
        raise VerifyError("this opening is not signed by the member's key") from error
    if (opening.key_set, opening.record.epoch) != (b64(key_set.digest), key_set.epoch):
        raise VerifyError("this opening is of another epoch's key set")
    if _sealed(opening, key_set.public_key) != opening.record.contribution:
        raise VerifyError("plaintext and randomness do not give the record's contribution")
    if not _is_one_contract(opening):
        raise VerifyError("the contribution is unsound: no single contract has such a plaintext")


def _sealed(opening: ContributionOpening, public: PublicKey) -> str:
    """Return the ciphertext that the opening gives, as a record carries it."""
    try:
        r = decode_integer(opening.randomness, public.bits // 16)
        ciphertext = paillier.encrypt(public, int(opening.plaintext), r)
    except (DeserializeError, InvalidInputError) as error:
        raise VerifyError("plaintext or randomness are outside of what can be sealed") from error
    return encode_integer(ciphertext, 2 * public.bits // 8)


def _is_one_contract(opening: ContributionOpening) -> bool:
    try:
        shown = opening.exposure()
    except DeserializeError:
        return False
    return shown.contracts == 1 and is_sane(shown)
