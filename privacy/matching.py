"""What travels when a member asks what others hold: the manifest, and the custodians' openings.

An adversary would ask in another's name, add subjects behind a member's back, pass one custodian's
answer off as another's, or move an answer to another question. A manifest is signed by the asker and
every subject in it by that subject's standing key; every answer names the manifest by digest and is
signed by who gives it, and what the hub must not read is sealed to the asker.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import msgspec

from privacy import sealing, signing
from privacy.encoding import b64, frame, label, unb64
from privacy.errors import InvalidInputError, VerifyError
from privacy.messages import (
    Base64Url,
    Bytes32,
    Bytes64,
    Count,
    Index,
    Instant,
    Message,
    Name,
    PeriodName,
    Reference,
    exactly,
    parse_json,
)
from privacy.sealing import SealingKey
from privacy.signing import SigningKey

MAX_SUBJECTS = 1_000
"""Subjects in one manifest."""

MAX_CIPHERTEXTS = 256
"""Packed ciphertexts in one opening."""


class Manifest(Message, frozen=True):
    """What a member asks: about whom, under which agreement, for which purpose and case.

    `unpacked` asks for one subject per ciphertext: with that, a total that makes no sense spoils no other.
    `sha256()` is the manifest digest that everything else refers to.
    """

    alliance: Name
    epoch: Count
    key_set: Bytes32
    request_id: Reference
    member: Name
    agreement: Name
    purpose: Annotated[str, exactly("[a-z_]{1,40}")]
    case: Annotated[str, exactly(r"[^\x00-\x1f\x7f]{0,100}")]
    period: PeriodName
    requested_at: Instant
    unpacked: bool
    subjects: Annotated[tuple[Bytes32, ...], msgspec.Meta(min_length=1, max_length=MAX_SUBJECTS)]


class MatchRequest(Message, frozen=True):
    """A manifest with the asker's signature and, for each subject, its standing key's."""

    manifest: Manifest
    signature: Bytes64
    standing: tuple[Bytes64, ...]


def standing_message(manifest_digest: bytes, position: int) -> bytes:
    """Return what the standing key of the subject at `position` (from 0) signs."""
    return frame(label("standing"), manifest_digest, position.to_bytes(4, "big"))


def sign_match(key: SigningKey, manifest: Manifest, standing_seeds: Sequence[bytes]) -> MatchRequest:
    """Return the manifest signed by the member and by each subject's standing key, in order."""
    manifest_digest = manifest.sha256()
    standing = (
        b64(SigningKey(seed).sign(standing_message(manifest_digest, position)))
        for position, seed in enumerate(standing_seeds)
    )
    signature = key.sign_document("manifest", manifest.document())
    return MatchRequest(manifest=manifest, signature=signature, standing=tuple(standing))


def verify_match(request: MatchRequest, public: bytes) -> None:
    """Check the asker's signature and that the lists fit: distinct subjects, one signature each.

    Raises VerifyError or InvalidInputError. The standing signatures need the records' keys: see
    `verify_standing`.
    """
    subjects = request.manifest.subjects
    if len(set(subjects)) != len(subjects):
        raise InvalidInputError("a subject is named twice", field="manifest.subjects")
    if len(request.standing) != len(subjects):
        raise InvalidInputError("one standing signature per subject is needed", field="standing")
    signing.verify_document(public, "manifest", request.manifest.document(), request.signature)


def verify_standing(
    request: MatchRequest, manifest_digest: bytes, position: int, standing_key: bytes
) -> None:
    """Check the signature of the subject at `position` by its record's standing key; raises VerifyError."""
    signature = unb64(request.standing[position])
    signing.verify(standing_key, standing_message(manifest_digest, position), signature)


class Decision(Message, frozen=True):
    """What allowed a request: agreement, version and clause, and the log entry that says so."""

    allowed: bool
    agreement: Name
    version: Count
    clause: str
    leaf: Bytes32


class OpeningRequest(Message, frozen=True):
    """The hub forwards a match to one custodian, with its decision and the feed position to judge at."""

    recipient: str
    epoch: Count
    key_set: Bytes32
    match: MatchRequest
    decision: Decision
    position: Count


class Status(StrEnum):
    """What a custodian says about one subject."""

    OPEN = "open"
    """Enough distinct others hold the subject: the totals are in the ciphertexts."""
    WITHHELD = "withheld"
    """Somebody else holds the subject, but the totals stay closed; the reason says why."""
    NONE = "none"
    """Nobody else holds the subject."""


class Reason(StrEnum):
    """Why a subject is withheld."""

    TOO_FEW_CONTRIBUTORS = "too_few_contributors"
    """Fewer distinct control groups than policy and agreement ask for."""
    CHANGED = "changed"
    """A record of the cohort ended or was held since the cut; wait for the next one."""
    NO_STANDING = "no_standing"
    """The asker has no live record of this subject under this standing key."""


class Verdict(Message, frozen=True):
    """A custodian's judgement of one subject."""

    status: Status
    reason: Reason | None


class DecryptionProof(Message, frozen=True):
    """Batched proof of partial decryption (protocol, appendix A)."""

    e: Base64Url
    z: Base64Url


class Opening(Message, frozen=True):
    """A custodian's judgement of a manifest and its partials for what is open.

    `ciphertexts[j]` packs the next floor((|N|-1)/480) open subjects in manifest order (one, if the manifest
    says `unpacked`), the first of them lowest; `partials[j]` is this custodian's partial decryption of it.
    `proof` covers all of them and is null only where nothing is open.
    """

    manifest: Bytes32
    custodian: Index
    position: Count
    period: PeriodName
    cut_at: Instant
    verdicts: tuple[Verdict, ...]
    ciphertexts: tuple[Base64Url, ...]
    partials: tuple[Base64Url, ...]
    proof: DecryptionProof | None


class SignedOpening(Message, frozen=True):
    """An opening with the custodian's witness signature: what is sealed to the asker."""

    opening: Opening
    signature: Bytes64


class SealedOpening(Message, frozen=True):
    """A custodian's answer to the hub: an envelope that only the asker opens."""

    custodian: Index
    envelope: Base64Url


def seal_opening(key: SigningKey, opening: Opening, sealing_key: bytes) -> SealedOpening:
    """Sign an opening and seal it (HPKE) to the asker's sealing key."""
    signed = SignedOpening(opening=opening, signature=key.sign_document("opening", opening.document()))
    context = _opening_context(unb64(opening.manifest), opening.custodian)
    envelope = sealing.seal_to(sealing_key, msgspec.json.encode(signed), purpose="opening", context=context)
    return SealedOpening(custodian=opening.custodian, envelope=b64(envelope))


def open_opening(
    key: SealingKey, sealed: SealedOpening, *, manifest_digest: bytes, witness: bytes
) -> SignedOpening:
    """Open a custodian's answer and check its signature; raises CannotOpen, VerifyError or InvalidInputError.

    Whether its partials are right only its proof tells: see `totals.verify_opening`.
    """
    context = _opening_context(manifest_digest, sealed.custodian)
    plaintext = key.open(unb64(sealed.envelope), purpose="opening", context=context)
    signed = parse_json(SignedOpening, plaintext)
    signing.verify_document(witness, "opening", signed.opening.document(), signed.signature)
    if (signed.opening.manifest, signed.opening.custodian) != (b64(manifest_digest), sealed.custodian):
        raise VerifyError("the opening answers another manifest or is another custodian's")
    return signed


def _opening_context(manifest_digest: bytes, custodian: int) -> bytes:
    return frame(manifest_digest, custodian.to_bytes(4, "big"))
