"""A member's keys, as they are made, wrapped under the passphrase, and used."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import msgspec

from member.errors import VaultRefused
from privacy import sealing
from privacy.encoding import b64, unb64
from privacy.errors import CannotOpen
from privacy.messages import Bytes32, Message, parse_json
from privacy.sealing import ScryptCost, SealingKey
from privacy.signing import SigningKey

_PURPOSE = "member-keys"


class _Wrapped(Message, frozen=True):
    """The five secrets of a member, as they stand inside the wrapping."""

    signing: Bytes32
    recovery: Bytes32
    sealing: Bytes32
    secret: Bytes32
    root: Bytes32


@dataclass(frozen=True, slots=True)
class Keys:
    """What makes a member that member."""

    signing: SigningKey
    """Signs statements, manifests and requests."""
    recovery: SigningKey
    """Replaces the others after a loss; best kept apart from this machine, in a backup."""
    sealing: SealingKey
    """Opens what custodians sealed to the member."""
    secret: bytes = field(repr=False)
    """The randomness of every contribution follows from it."""
    root: bytes = field(repr=False)
    """The vault's own keys follow from it."""

    @classmethod
    def generate(cls) -> Keys:
        """Make fresh keys from the system's generator."""
        return cls(
            SigningKey(secrets.token_bytes(32)),
            SigningKey(secrets.token_bytes(32)),
            SealingKey.generate(),
            secrets.token_bytes(32),
            secrets.token_bytes(32),
        )

    def wrap(self, passphrase: str, cost: ScryptCost) -> bytes:
        """Return the keys sealed under a passphrase."""
        parts = (self.signing.seed, self.recovery.seed, self.sealing.secret, self.secret, self.root)
        plaintext = msgspec.json.encode(_Wrapped(*map(b64, parts)))
        return sealing.seal_with_passphrase(passphrase, plaintext, purpose=_PURPOSE, cost=cost)

    @classmethod
    def unwrap(cls, passphrase: str, envelope: bytes) -> Keys:
        """Open what `wrap` made; raises VaultRefused for a wrong passphrase."""
        try:
            plaintext = sealing.open_with_passphrase(passphrase, envelope, purpose=_PURPOSE)
        except CannotOpen as error:
            raise VaultRefused(
                "the vault does not open: wrong passphrase, or the file was changed"
            ) from error
        wrapped = parse_json(_Wrapped, plaintext)
        return cls(
            SigningKey(unb64(wrapped.signing)),
            SigningKey(unb64(wrapped.recovery)),
            SealingKey(unb64(wrapped.sealing)),
            unb64(wrapped.secret),
            unb64(wrapped.root),
        )
