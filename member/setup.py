"""How a member comes into being: the key set checked against printed fingerprints, fresh keys, a card."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from member.errors import KeySetRefused, Refused
from member.files.atomic import replacing
from member.home import Home
from member.http import safe_address
from member.vault import Keys, Settings, Vault, backup
from privacy.ceremony import MemberCard
from privacy.consistency import verify_consistent
from privacy.encoding import b64
from privacy.errors import InvalidInputError, PrivacyError, VerifyError
from privacy.keyset import SignedKeySet, verify_pinned, verify_succession
from privacy.messages import Name, parse, parse_json
from privacy.sealing import DEFAULT_COST, ScryptCost


def read_key_set(path: Path, fingerprints: Sequence[str], *, synthetic: bool) -> SignedKeySet:
    """Read the alliance's key set and check it; raises KeySetRefused with the reason.

    All custodians signed it, they are those whose fingerprints were printed, and every subset of them
    gives the same keys. `synthetic` says what the member expects: made-up data, or real data.
    """
    with _refusing(str(path)):
        signed = _parsed(path)
        verify_pinned(signed, fingerprints)
        verify_consistent(signed.key_set)
    _require_mode(signed.key_set.policy.synthetic, synthetic)
    return signed


def read_successor(path: Path, last: SignedKeySet) -> SignedKeySet:
    """Read the key set of the next epoch and check that it follows `last`; raises KeySetRefused."""
    with _refusing(str(path)):
        signed = _parsed(path)
    require_successor(signed, last, name=str(path))
    return signed


def require_successor(signed: SignedKeySet, last: SignedKeySet, *, name: str) -> None:
    """Check that a key set, called `name`, follows `last`; raises KeySetRefused with the reason.

    Custodians whose fingerprints were compared when `last` was pinned endorse it: none need be compared anew.
    """
    old, new = last.key_set, signed.key_set
    if new.digest == old.digest:
        raise KeySetRefused(f"{name} is the key set that is pinned already")
    if new.epoch <= old.epoch:
        raise KeySetRefused(
            f"{name} is of epoch {new.epoch}, and epoch {old.epoch} is pinned: ask for the newest"
        )
    with _refusing(name):
        verify_succession(last, signed)
        verify_consistent(new)


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Turn what is wrong with the key set called `name` into KeySetRefused."""
    try:
        yield
    except OSError as error:
        raise KeySetRefused(f"{name} cannot be read: {error.strerror}") from error
    except InvalidInputError as error:
        raise KeySetRefused(f"{name} is no key set: {error.field or 'the file'}: {error}") from error
    except VerifyError as error:
        raise KeySetRefused(f"{name}: {error}") from error
    except PrivacyError as error:
        raise KeySetRefused(f"{name} is no key set: {error}") from error


def _parsed(path: Path) -> SignedKeySet:
    return parse_json(SignedKeySet, path.read_bytes())


def _require_mode(actual: bool, expected: bool) -> None:
    if actual and not expected:
        raise KeySetRefused(
            "this key set is for made-up data (two contributors suffice, nothing expires): "
            "say --synthetic if that is what you want, never with real people's data"
        )
    if expected and not actual:
        raise KeySetRefused("this key set is for real data: leave out --synthetic")


def create_member(
    home: Home,
    passphrase: str,
    name: str,
    *,
    hub: str,
    key_set: SignedKeySet,
    control_group: str | None = None,
    declared_portfolio: int,
    cost: ScryptCost = DEFAULT_COST,
) -> MemberCard:
    """Make a member's vault and card. The key set comes from `read_key_set`.

    `declared_portfolio` is the number of contracts that quotas are measured by. Raises Refused for a
    name or address that is none, VaultRefused when the folder holds a vault.
    """
    settings = Settings(
        name=_name(name),
        hub=safe_address(hub),
        control_group=_name(control_group or name),
        declared_portfolio=declared_portfolio,
        key_set=key_set,
    )
    with Vault.create(home.vault, passphrase, settings, cost=cost) as vault:
        return write_card(home, vault)


def restore_member(home: Home, passphrase: str, source: Path, *, force: bool = False) -> MemberCard:
    """Put a backup in place and write its card anew; raises VaultRefused."""
    with backup.restore(source, passphrase, home.vault, force=force) as vault:
        return write_card(home, vault)


def card_of(name: str, keys: Keys) -> MemberCard:
    """Return what a member shows everybody; its fingerprint is read out to the custodians' operators."""
    return MemberCard(
        name=name,
        signing=b64(keys.signing.public),
        recovery=b64(keys.recovery.public),
        sealing=b64(keys.sealing.public),
    )


def write_card(home: Home, vault: Vault) -> MemberCard:
    """Write the card, with its fingerprint, beside the vault."""
    card = card_of(vault.settings.name, vault.keys)
    document = {**card.document(), "fingerprint": card.fingerprint}
    with replacing(home.card) as beside:
        beside.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return card


def _name(name: str) -> str:
    try:
        # Composed (NFC), as the hub asks: two spellings that look alike would be two members.
        return parse(Name, unicodedata.normalize("NFC", name))
    except InvalidInputError as error:
        raise Refused("a name has 1 to 64 characters, no slash and no line break", rule="name") from error
