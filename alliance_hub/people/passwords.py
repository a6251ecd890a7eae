"""Passwords as argon2id keeps them (RFC 9106), and the same work where there is none to check."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from alliance_hub.policy import PasswordCost


def hash_password(password: str, cost: PasswordCost) -> str:
    """Return argon2id's text form of a password, with a fresh salt."""
    return _hasher(cost).hash(_normal(password))


def is_right(encoded: str | None, password: str, cost: PasswordCost) -> bool:
    """Say whether a password is the kept one; with none kept, no, after as much work."""
    kept = encoded or _nobodys(cost)
    try:
        fits = _hasher(cost).verify(kept, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return fits and encoded is not None


def is_outdated(encoded: str, cost: PasswordCost) -> bool:
    """Say whether a kept hash cost something else than hashes cost now."""
    return _hasher(cost).check_needs_rehash(encoded)


@cache
def _nobodys(cost: PasswordCost) -> str:
    """Return the hash that stands in for a missing one; made once for each cost, of no known password."""
    return _hasher(cost).hash(secrets.token_urlsafe(32))


def _hasher(cost: PasswordCost) -> PasswordHasher:
    return PasswordHasher(
        time_cost=cost.passes, memory_cost=cost.kibibytes, parallelism=cost.lanes, type=Type.ID
    )


def _normal(password: str) -> str:
    # Keyboards differ in how they compose a letter.
    return unicodedata.normalize("NFC", password)
