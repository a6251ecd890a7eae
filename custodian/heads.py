"""The feed's root at every position that was followed here, and what fellow custodians sign of theirs.

A hub could show two custodians two feeds. Each signs the head of the one it holds: a fellow's head that
contradicts what stands here at the same position proves it to whoever is shown both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import httpx

from custodian.hub import require_safe
from custodian.ledger import Ledger
from privacy.errors import InvalidInputError, PrivacyError
from privacy.feed import SignedHead, verify_head
from privacy.keyset import KeySet
from privacy.messages import parse_json

TIMEOUT = httpx.Timeout(5.0)

MAX_BODY = 10_000
"""Bytes of a signed head, generously."""


def record(ledger: Ledger, roots: Mapping[int, bytes]) -> int | None:
    """Remember the root at each position; returns one at which another was remembered before."""
    if not roots:
        return None
    with ledger.transaction() as db:
        db.executemany("INSERT OR IGNORE INTO heads VALUES (?, ?)", roots.items())
        known = db.execute(
            "SELECT position, root FROM heads WHERE position BETWEEN ? AND ?", (min(roots), max(roots))
        )
        return next((at for at, root in known if roots.get(at, root) != root), None)


def root_at(ledger: Ledger, position: int) -> bytes | None:
    """Return the feed's root at a position, unless it was passed before this ledger began."""
    with ledger.transaction() as db:
        row = db.execute("SELECT root FROM heads WHERE position = ?", (position,)).fetchone()
        return None if row is None else bytes(row[0])


def ask(addresses: Iterable[str]) -> list[SignedHead]:
    """Return what the custodians at these addresses sign as their heads; who does not answer is left out.

    Nothing of it is checked yet: see `verified`. Raises OperatorError for plain HTTP off loopback.
    """
    with httpx.Client(timeout=TIMEOUT) as http:
        answers = [_ask(http, address.rstrip("/")) for address in addresses]
    return [head for head in answers if head is not None]


def _ask(http: httpx.Client, address: str) -> SignedHead | None:
    require_safe(address)
    try:
        response = http.get(f"{address}/v1/head")
        if not response.is_success or len(response.content) > MAX_BODY:
            return None
        return parse_json(SignedHead, response.content)
    except (httpx.HTTPError, InvalidInputError):
        return None


def verified(key_set: KeySet, index: int, heads: Iterable[SignedHead]) -> dict[int, SignedHead]:
    """Return by custodian the heads that fellows of `index` have signed for this alliance and epoch."""
    return {head.custodian or 0: head for head in heads if _is_a_fellows(key_set, index, head)}


def _is_a_fellows(key_set: KeySet, index: int, signed: SignedHead) -> bool:
    ours = (key_set.alliance, key_set.epoch)
    if signed.custodian in (None, index) or (signed.head.alliance, signed.head.epoch) != ours:
        return False
    try:
        verify_head(signed, key_set.witness(signed.custodian or 0))
    except PrivacyError:
        return False
    return True
