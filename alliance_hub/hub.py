"""One opened hub: what every part of it needs, in one frozen value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alliance_hub import schema
from alliance_hub.db import Database
from alliance_hub.errors import Conflict, Invalid, NotFound
from alliance_hub.keys import HubKeys, read_keys, read_passphrase
from alliance_hub.policy import PASSWORD_COST, PasswordCost, RegulatoryMode
from alliance_hub.settings import KEY_SET_FILE, KEYS_FILE, Settings
from privacy.errors import InvalidInputError, PrivacyError, VerifyError
from privacy.keyset import RULES_VERSION, KeySet, SignedKeySet, verify_signatures
from privacy.messages import parse_json

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the instant now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Hub:
    """Settings, database, keys and the pinned key set of one alliance and epoch, and the clock."""

    settings: Settings
    database: Database
    keys: HubKeys
    signed_key_set: SignedKeySet
    clock: Clock
    password_cost: PasswordCost = PASSWORD_COST

    @property
    def key_set(self) -> KeySet:
        """The key set itself."""
        return self.signed_key_set.key_set


def open_hub(settings: Settings, clock: Clock = system_clock, *, passphrase: str | None = None) -> Hub:
    """Open the hub in `settings.home`: keys, adopted key set, a database whose tables are up to date.

    Raises NotFound, Invalid or Conflict with what is missing and which command brings it.
    """
    keys = read_keys(settings.home / KEYS_FILE, passphrase=passphrase or read_passphrase(settings))
    signed = read_key_set(settings.home / KEY_SET_FILE)
    require_fitting(signed.key_set, keys, settings.regulatory_mode)
    database = Database(settings.database)
    if not schema.is_current(database):
        raise Conflict("the database's tables are not up to date: run alliance-hub migrate", slug="schema")
    return Hub(settings, database, keys, signed, clock)


def read_key_set(path: Path) -> SignedKeySet:
    """Read a key set and check that all custodians signed it; raises NotFound or Invalid."""
    try:
        signed = parse_json(SignedKeySet, path.read_bytes())
        verify_signatures(signed)
    except OSError as error:
        raise NotFound(
            "there is no key set here: run alliance-hub key-set FILE after the ceremony"
        ) from error
    except (InvalidInputError, VerifyError) as error:
        raise Invalid(f"the key set is refused: {_reason(error)}", field="key_set") from error
    return signed


def _reason(error: PrivacyError) -> str:
    if getattr(error, "field", "").endswith("rules"):
        return f"it follows other rules than version {RULES_VERSION}: hold a ceremony with this program"
    return str(error)


def require_fitting(key_set: KeySet, keys: HubKeys, mode: RegulatoryMode) -> None:
    """Check that the key set holds this hub's own keys and fits its mode; raises Invalid."""
    if (key_set.hub_key, key_set.secretariat_key) != (keys.hub.public, keys.secretariat.public):
        raise Invalid(
            "the key set holds other keys than this hub's: hand card.json to the ceremony",
            field="association",
        )
    if key_set.policy.synthetic and mode is not RegulatoryMode.SYNTHETIC:
        raise Invalid(
            f"the key set is for made-up data only, and regulatory_mode is {mode}: set it to synthetic, or "
            "hold a ceremony for real data",
            field="policy.synthetic",
        )
    if mode is RegulatoryMode.SYNTHETIC and not key_set.policy.synthetic:
        raise Invalid(
            "the key set is for real data, and regulatory_mode is synthetic: set the mode that the legal "
            "opinion names",
            field="policy.synthetic",
        )
