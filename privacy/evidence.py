"""What travels signed when a matter goes to court: request, identity opening, evidence, seal, trust.

An adversary, the member or the hub, would show a court another debtor, another time or another bundle than
there was. So the member signs which pseudonym and contracts a matter is about and commits to the identity
opening, the hub logs that before it certifies anything, every certificate names the log entries on which it
rests, and a seal binds every byte of the bundle. None of it proves the debt: it proves who said what and
when, and that nothing has changed since.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from privacy import oprf, signing
from privacy.certificates import SignedCertificate
from privacy.encoding import b64, unb64
from privacy.errors import VerifyError
from privacy.evaluating import EvaluationAnswer, verify_evaluation_answer
from privacy.keyset import KeySet
from privacy.logged import LogProof
from privacy.messages import (
    Base64Url,
    Bytes32,
    Bytes64,
    Count,
    Instant,
    Message,
    Name,
    Reference,
)
from privacy.signing import SigningKey
from privacy.statements import SignedStatement

MAX_CONTRACTS = 256
"""Contracts of one debtor in one matter: as many as a member may hold of one pseudonym."""

MAX_LAWYERS = 20

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class MatterKind(StrEnum):
    """Before whom a matter is brought."""

    LITIGATION = "litigation"
    """A lawsuit before a people's court."""
    ARBITRATION = "arbitration"
    """A case before an arbitration commission."""
    MEDIATION = "mediation"
    """A mediation, by whomever the parties agree on."""
    ENFORCEMENT = "enforcement"
    """The enforcement of a judgment or award."""


class IdentityOpening(Message, frozen=True):
    """One identifier's evaluation, opened: whoever reads it computes the pseudonym again.

    `input` is the identity's OPRF input as text; `blind` is r, `element` is C = r*H(input); `evaluations` are
    t custodians' signed answers to the batch of C alone. Never leaves the member but in a bundle.
    """

    alliance: Name
    epoch: Count
    key_set: Bytes32
    suite: str
    input: Text
    blind: Bytes32
    element: Bytes32
    evaluations: tuple[EvaluationAnswer, ...]


def open_identity(opening: IdentityOpening, key_set: KeySet) -> bytes:
    """Return the OPRF output (64 bytes) that an identity opening shows under a key set.

    The first 32 bytes are the pseudonym, the others the seed of the standing key. Raises VerifyError, or
    DeserializeError for what is no group element.
    """
    if (opening.alliance, opening.epoch, opening.key_set) != (
        key_set.alliance,
        key_set.epoch,
        b64(key_set.digest),
    ):
        raise VerifyError("the identity opening is of another alliance, epoch or key set")
    data, blind, element = opening.input.encode(), unb64(opening.blind), unb64(opening.element)
    if opening.suite != oprf.SUITE or oprf.blind(data, blind=blind).element != element:
        raise VerifyError("the identity opening blinds another identifier")
    if len({each.custodian for each in opening.evaluations}) < key_set.threshold:
        raise VerifyError(f"{key_set.threshold} different custodians must have evaluated the identifier")
    for each in opening.evaluations:
        _verify_evaluation(each, key_set, element)
    first = {each.custodian: unb64(each.elements[0]) for each in opening.evaluations}
    return oprf.combine_and_finalize(data, blind, sorted(first.items())[: key_set.threshold])


def _verify_evaluation(answer: EvaluationAnswer, key_set: KeySet, element: bytes) -> None:
    if len(answer.elements) != 1:
        raise VerifyError("an identity is evaluated in a batch of one")
    verify_evaluation_answer(
        answer,
        key_set.witness(answer.custodian),
        key_set=key_set.digest,
        request_id=answer.request_id,
        custodian=answer.custodian,
        elements=[element],
    )
    oprf.verify(key_set.oprf_public(answer.custodian), [element], answer.evaluation())


class MatterRequest(Message, frozen=True):
    """A member opens a matter about one debtor; the hub logs its digest with the member's signature.

    `matter` is a reference that the member chose, without the debtor's name. `opening` is the digest of the
    identity opening, which never leaves the member: so it was made before this was logged. Lawyers are staff
    numbers of the law firm; without a firm the member's own people go to court.
    """

    alliance: Name
    epoch: Count
    key_set: Bytes32
    matter: Reference
    member: Name
    kind: MatterKind
    pseudonym: Bytes32
    standing_key: Bytes32
    contracts: Annotated[tuple[Bytes32, ...], msgspec.Meta(min_length=1, max_length=MAX_CONTRACTS)]
    opening: Bytes32
    law_firm: Name | None
    lawyers: Annotated[tuple[Name, ...], msgspec.Meta(max_length=MAX_LAWYERS)]
    opened_at: Instant
    until: Instant


class SignedMatterRequest(Message, frozen=True):
    """A matter request and the member's signature (label `matter`)."""

    request: MatterRequest
    signature: Bytes64


def sign_matter(key: SigningKey, request: MatterRequest) -> SignedMatterRequest:
    """Sign a matter request as its member."""
    return SignedMatterRequest(request=request, signature=key.sign_document("matter", request.document()))


def verify_matter(signed: SignedMatterRequest, public: bytes) -> None:
    """Check the member's signature over a matter request; raises VerifyError."""
    signing.verify_document(public, "matter", signed.request.document(), signed.signature)


class Anchor(Message, frozen=True):
    """An RFC 3161 token over a checkpoint's text, and the proof that the bundle's checkpoint extends it."""

    note: str
    token: Base64Url
    anchored_at: Instant
    consistency: tuple[Bytes32, ...]


class MatterEvidence(Message, frozen=True):
    """All that the hub gives for a matter, under one checkpoint that t custodians have cosigned.

    `membership` are the member's enrolment, the custodians' acceptances of it and its rotations: with them
    the member's key is known from the custodians' keys alone.
    """

    request: SignedMatterRequest
    membership: tuple[SignedStatement, ...]
    certificates: tuple[SignedCertificate, ...]
    proofs: tuple[LogProof, ...]
    checkpoint: str
    anchor: Anchor | None


class Seal(Message, frozen=True):
    """What binds a bundle: SHA-256 of its tag manifest, which names every file, and of its time stamp."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1)]
    alliance: Name
    epoch: Count
    matter: Reference
    member: Name
    sealed_at: Instant
    tagmanifest: Bytes32
    timestamp: Bytes32 | None


class SignedSeal(Message, frozen=True):
    """A seal and the member's signature (label `seal`)."""

    seal: Seal
    signature: Bytes64


def sign_seal(key: SigningKey, seal: Seal) -> SignedSeal:
    """Sign a seal as the member that assembled the bundle."""
    return SignedSeal(seal=seal, signature=key.sign_document("seal", seal.document()))


def verify_seal(signed: SignedSeal, public: bytes) -> None:
    """Check the member's signature over a seal; raises VerifyError."""
    signing.verify_document(public, "seal", signed.seal.document(), signed.signature)


class Trust(Message, frozen=True):
    """What a verifier must have from elsewhere than the bundle: which key set, and the custodians' keys."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1)]
    alliance: Name
    epoch: Count
    key_set: Bytes32
    threshold: Annotated[int, msgspec.Meta(ge=2, le=255)]
    witnesses: tuple[Bytes32, ...]


def trust_in(key_set: KeySet) -> Trust:
    """Return what to pin of a key set that was checked."""
    return Trust(
        version=1,
        alliance=key_set.alliance,
        epoch=key_set.epoch,
        key_set=b64(key_set.digest),
        threshold=key_set.threshold,
        witnesses=key_set.witnesses,
    )
