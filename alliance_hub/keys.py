"""The association's two signing keys on disk: the hub's, for its work; the secretariat's, for its acts."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from alliance_hub.errors import Conflict, Invalid, NotFound
from alliance_hub.settings import Settings
from privacy.ceremony import AssociationCard
from privacy.encoding import Json, b64, unb64
from privacy.errors import CannotOpen, PrivacyError
from privacy.sealing import DEFAULT_COST, ScryptCost, open_with_passphrase, seal_with_passphrase
from privacy.signing import SEED_BYTES, SigningKey

VERSION = 1
_PURPOSE = "hub-keys"
_NOT_KEYS = "hub.keys is damaged: restore it from your backup"


@dataclass(frozen=True, slots=True)
class HubKeys:
    """What the association signs with."""

    hub: SigningKey
    secretariat: SigningKey


def generate_keys() -> HubKeys:
    """Make both keys from the system's generator."""
    return HubKeys(SigningKey(secrets.token_bytes(SEED_BYTES)), SigningKey(secrets.token_bytes(SEED_BYTES)))


def card(alliance: str, keys: HubKeys) -> AssociationCard:
    """Return what the ceremony is given: the alliance's name and the association's public keys."""
    return AssociationCard(
        alliance=alliance,
        hub=b64(keys.hub.public),
        secretariat=b64(keys.secretariat.public),
    )


def write_keys(path: Path, keys: HubKeys, *, passphrase: str | None, cost: ScryptCost = DEFAULT_COST) -> None:
    """Write the keys to a new file that only its owner reads, sealed when there is a passphrase.

    Raises Conflict when the file exists: its keys may stand in a key set.
    """
    plain = {"hub": b64(keys.hub.seed), "secretariat": b64(keys.secretariat.seed)}
    document: Json = {"version": VERSION, "sealed": passphrase is not None}
    if passphrase is None:
        document["keys"] = plain
    else:
        body = json.dumps(plain).encode()
        document["envelope"] = b64(seal_with_passphrase(passphrase, body, purpose=_PURPOSE, cost=cost))
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError as error:
        raise Conflict("this home has keys already: choose another home") from error
    path.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def read_keys(path: Path, *, passphrase: str | None) -> HubKeys:
    """Read what `write_keys` wrote; raises NotFound, or Invalid when the passphrase does not open it."""
    document = _read(path)
    if document.get("sealed") is not False:
        document = {"keys": _open(document, passphrase)}
    try:
        seeds = {name: unb64(document["keys"][name], length=SEED_BYTES) for name in ("hub", "secretariat")}
    except (KeyError, TypeError, PrivacyError) as error:
        raise Invalid(_NOT_KEYS, field=path.name) from error
    return HubKeys(SigningKey(seeds["hub"]), SigningKey(seeds["secretariat"]))


def are_sealed(path: Path) -> bool:
    """Say whether the file's keys need a passphrase; raises NotFound."""
    return _read(path).get("sealed") is not False


def read_passphrase(settings: Settings) -> str | None:
    """Return the first line of the passphrase file, or None when no file is set; raises NotFound."""
    if settings.passphrase_file is None:
        return None
    try:
        text = settings.passphrase_file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound("the passphrase file cannot be read: check passphrase_file") from error
    return text.partition("\n")[0].rstrip("\r")


def _read(path: Path) -> Json:
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise NotFound(
            "there are no keys here: run alliance-hub init, or name the home with --home"
        ) from error
    except ValueError as error:
        raise Invalid(_NOT_KEYS, field=path.name) from error
    if not isinstance(document, dict):
        raise Invalid(_NOT_KEYS, field=path.name)
    return document


def _open(document: Json, passphrase: str | None) -> Json:
    if passphrase is None:
        raise Invalid("the keys are sealed: name the passphrase file (--passphrase-file)", field="passphrase")
    try:
        body = open_with_passphrase(passphrase, unb64(document.get("envelope")), purpose=_PURPOSE)
        seeds: Json = json.loads(body)
    except CannotOpen as error:
        raise Invalid(f"the keys stay closed: {error}", field="passphrase") from error
    except (PrivacyError, ValueError) as error:
        raise Invalid(_NOT_KEYS, field="keys") from error
    return seeds
