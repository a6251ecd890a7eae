"""A custodian's keys and shares on two sheets of paper, of which neither alone tells anything.

Sheet A holds everything under a random key, as codes and as lines that can be typed; sheet B holds that key
as 24 words. Both together are this custodian: who finds them can sign for it and use its shares, and with
both sheets of t custodians can open everything. What was charged stands on neither: see `Restored`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import msgspec

from custodian.errors import OperatorError
from custodian.home import Keys
from custodian.paper import blocks, words
from privacy import ceremony, sealing
from privacy.ceremony import Shares
from privacy.encoding import b64, instant_text, parse_instant, unb64
from privacy.errors import CannotOpen, DeserializeError, InvalidInputError, VerifyError
from privacy.keyset import SignedKeySet, verify_signatures
from privacy.sealing import SealingKey
from privacy.signing import SigningKey

_PURPOSE = "paper-backup"


class _Blob(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What sheet A holds, before it is sealed: bytes rather than text, because each costs ink and typing."""

    version: int
    name: str
    custodian: int
    key_set: bytes
    witness: bytes
    sealing: bytes
    oprf: bytes
    paillier: bytes
    since: str


@dataclass(frozen=True, slots=True)
class Sheets:
    """The two sheets as text: the lines of A, the words of B, and the letters that both bear."""

    letters: str
    lines: list[blocks.Line]
    words: list[str]


@dataclass(frozen=True, slots=True)
class Restored:
    """A custodian as it comes back from paper.

    `since` is the day before which it had charged nobody: whatever was charged later is forgotten, and counts
    as used up.
    """

    name: str
    keys: Keys
    shares: Shares
    since: datetime


def sheets(name: str, keys: Keys, shares: Shares, *, since: datetime) -> Sheets:
    """Seal a custodian's keys and shares under a fresh key, and return both as text."""
    blob = _Blob(
        version=1,
        name=name,
        custodian=shares.custodian,
        key_set=unb64(shares.key_set),
        witness=keys.witness.seed,
        sealing=keys.sealing.secret,
        oprf=unb64(shares.oprf),
        paillier=unb64(shares.paillier),
        since=instant_text(since),
    )
    key = secrets.token_bytes(sealing.KEY_BYTES)
    envelope = sealing.seal_under(key, msgspec.msgpack.encode(blob), purpose=_PURPOSE)
    return Sheets(blocks.letters_of(envelope), blocks.write(envelope), words.words_of(key))


def restore(envelope: bytes, typed: list[str], signed: SignedKeySet) -> Restored:
    """Open sheet A with the words of sheet B, and check all of it against the key set.

    Raises OperatorError for words that do not open it, VerifyError when it does not fit the key set.
    """
    key = words.key_of(typed, lambda key: _open(key, envelope) is not None)
    blob = _read(_open(key, envelope) or b"")
    shares = Shares(
        custodian=blob.custodian, key_set=b64(blob.key_set), oprf=b64(blob.oprf), paillier=b64(blob.paillier)
    )
    keys = Keys(SigningKey(blob.witness), SealingKey(blob.sealing))
    _verify(keys, shares, signed)
    return Restored(blob.name, keys, shares, parse_instant(blob.since))


def _verify(keys: Keys, shares: Shares, signed: SignedKeySet) -> None:
    verify_signatures(signed)
    key_set = signed.key_set
    if unb64(shares.key_set) != key_set.digest:
        raise VerifyError("the sheets are of another epoch than this key set: give the key set of theirs")
    # Sealed to itself once more, so that the shares pass the very checks of the ceremony.
    sealed = sealing.seal_to(
        keys.sealing.public, shares.canonical(), purpose="key-share", context=key_set.digest
    )
    ceremony.receive(keys.sealing, sealed, key_set, witness=keys.witness.public)


def _open(key: bytes, envelope: bytes) -> bytes | None:
    try:
        return sealing.open_under(key, envelope, purpose=_PURPOSE)
    except CannotOpen:
        return None


def _read(plaintext: bytes) -> _Blob:
    try:
        blob = msgspec.msgpack.decode(plaintext, type=_Blob)
        parse_instant(blob.since)
    except (msgspec.MsgspecError, DeserializeError, InvalidInputError) as error:
        raise OperatorError("the sheets hold no custodian's keys of this program") from error
    if blob.version != 1:
        raise OperatorError("a newer version of this program printed the sheets: install that one")
    return blob
