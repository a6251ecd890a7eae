"""A custodian's folder: its settings, and its keys and shares sealed under the operator's passphrase."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from custodian.errors import OperatorError
from privacy import sealing
from privacy.ceremony import CustodianCard, Shares, paillier_share
from privacy.consistency import verify_consistent
from privacy.encoding import b64, unb64
from privacy.keyset import SignedKeySet, verify_signatures
from privacy.messages import Bytes32, Message, parse_json
from privacy.sealing import DEFAULT_COST, ScryptCost, SealingKey
from privacy.signing import SigningKey


class Settings(Message, frozen=True):
    """Where this custodian listens and whom it follows; addresses are configuration, not key set."""

    hub: str
    base_url: str
    pull_seconds: float = 1.0
    peers: tuple[str, ...] = ()
    """Addresses of fellow custodians: without them none is believed that the feed is the same everywhere."""


class _Secrets(Message, frozen=True):
    """The two key seeds, as they are sealed."""

    witness: Bytes32
    sealing: Bytes32


@dataclass(frozen=True, slots=True)
class Keys:
    """What identifies a custodian: it signs with `witness` and opens its shares with `sealing`."""

    witness: SigningKey
    sealing: SealingKey


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one custodian. Every file in it that holds a secret is sealed."""

    path: Path

    @property
    def state(self) -> Path:
        """The state computed from the feed."""
        return self.path / "state.db"

    @property
    def ledger(self) -> Path:
        """What only this custodian knows: charges, nonces, its own signed cuts, alarms."""
        return self.path / "ledger.db"

    @property
    def card(self) -> Path:
        """The public card."""
        return self.path / "card.json"

    @property
    def checkpoints(self) -> Path:
        """The folder of checkpoints that a fellow custodian may start from (`checkpoints.py`)."""
        return self.path / "checkpoints"

    def create(
        self, name: str, passphrase: str, *, keys: Keys | None = None, cost: ScryptCost = DEFAULT_COST
    ) -> CustodianCard:
        """Make keys, or take those that come back from paper, and the card; raises OperatorError.

        That is when this folder has keys already.
        """
        if self._keys.exists():
            raise OperatorError(f"{self.path} holds a custodian's keys already; choose another --home")
        self.path.mkdir(parents=True, exist_ok=True)
        own = keys or Keys(SigningKey(os.urandom(32)), SealingKey.generate())
        secrets = _Secrets(witness=b64(own.witness.seed), sealing=b64(own.sealing.secret))
        self._write_sealed(self._keys, msgspec.json.encode(secrets), passphrase, "custodian-keys", cost)
        card = CustodianCard(name=name, witness=b64(own.witness.public), sealing=b64(own.sealing.public))
        self.card.write_bytes(card.canonical())
        return card

    def keys(self, passphrase: str) -> Keys:
        """Open this custodian's keys; raises CannotOpen for a wrong passphrase."""
        secrets = parse_json(_Secrets, self._read_sealed(self._keys, passphrase, "custodian-keys"))
        return Keys(SigningKey(unb64(secrets.witness)), SealingKey(unb64(secrets.sealing)))

    def store_shares(self, shares: Shares, passphrase: str, *, cost: ScryptCost = DEFAULT_COST) -> None:
        """Keep the checked shares, sealed."""
        self._write_sealed(self._shares, msgspec.json.encode(shares), passphrase, "custodian-shares", cost)

    def shares(self, passphrase: str) -> Shares:
        """Open this custodian's shares; raises OperatorError when none were received yet."""
        if not self._shares.exists():
            raise OperatorError("no shares yet: run `alliance-custodian receive` after the ceremony")
        return parse_json(Shares, self._read_sealed(self._shares, passphrase, "custodian-shares"))

    def pin(self, signed: SignedKeySet) -> None:
        """Keep the signed key set, checked; raises VerifyError, or OperatorError when another is pinned."""
        verify_signatures(signed)
        verify_consistent(signed.key_set)
        if self._key_set.exists() and self.key_set().key_set.digest != signed.key_set.digest:
            raise OperatorError("another key set is pinned here; a new epoch needs a new --home")
        self._key_set.write_bytes(signed.canonical())

    def key_set(self) -> SignedKeySet:
        """Return the pinned key set; raises OperatorError when there is none."""
        if not self._key_set.exists():
            raise OperatorError("no key set pinned yet: run `alliance-custodian serve --key-set FILE` once")
        return parse_json(SignedKeySet, self._key_set.read_bytes())

    def save_settings(self, settings: Settings) -> None:
        """Keep the addresses."""
        self._settings.write_bytes(msgspec.json.format(msgspec.json.encode(settings)))

    def settings(self) -> Settings:
        """Return the addresses; raises OperatorError when `serve` has never been told."""
        if not self._settings.exists():
            raise OperatorError("no addresses yet: run `alliance-custodian serve --hub URL` once")
        return parse_json(Settings, self._settings.read_bytes())

    def backup(self, file: Path, passphrase: str, *, now: datetime, cost: ScryptCost = DEFAULT_COST) -> None:
        """Write keys, shares, settings and ledger into one new file, sealed under this home's passphrase.

        Raises CannotOpen for a wrong passphrase, OperatorError when the file exists.
        """
        # Here, as in `restore`, and not above: backups bring ledger and feed, which a ceremony does not need.
        from custodian import backups

        self.keys(passphrase)  # a passphrase that was mistyped once would be needed for the restore
        backups.write(self.path, file, passphrase, now=now, cost=cost)

    def restore(self, file: Path, passphrase: str, *, now: datetime) -> datetime:
        """Fill this empty home from a backup and return when that was made.

        From here on the custodian serves nothing until its fellows' heads are reached (fact `restored`);
        it starts from a fellow's checkpoint. Raises CannotOpen, OperatorError.
        """
        from custodian import backups

        return backups.read(self.path, file, passphrase, now=now)

    @property
    def _keys(self) -> Path:
        return self.path / "keys.sealed"

    @property
    def _shares(self) -> Path:
        return self.path / "shares.sealed"

    @property
    def _key_set(self) -> Path:
        return self.path / "key-set.json"

    @property
    def _settings(self) -> Path:
        return self.path / "settings.json"

    @staticmethod
    def _write_sealed(path: Path, plaintext: bytes, passphrase: str, purpose: str, cost: ScryptCost) -> None:
        envelope = sealing.seal_with_passphrase(passphrase, plaintext, purpose=purpose, cost=cost)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(envelope)
            file.flush()
            os.fsync(file.fileno())

    def _read_sealed(self, path: Path, passphrase: str, purpose: str) -> bytes:
        if not path.exists():
            raise OperatorError(f"{self.path} holds no custodian: run `alliance-custodian init` first")
        return sealing.open_with_passphrase(passphrase, path.read_bytes(), purpose=purpose)


def oprf_share(shares: Shares) -> bytes:
    """Return the OPRF share as a scalar."""
    return unb64(shares.oprf)


__all__ = ["Home", "Keys", "Settings", "oprf_share", "paillier_share"]
