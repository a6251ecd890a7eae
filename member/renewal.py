"""From one epoch into the next: the successor's key set is pinned on the word of the custodians of the last.

Keys and card stay, so the fingerprint that operators compare is the same; but the next epoch's feed is empty,
and the member enrols there and submits anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from member import wire
from member.errors import KeySetRefused, NotYet, Untrusted
from member.http import Line, safe_address
from member.member import Member
from member.setup import require_successor
from member.vault import epochs
from member.vault.epochs import Ended
from privacy.errors import InvalidInputError
from privacy.keyset import SignedKeySet
from privacy.messages import parse


@dataclass(frozen=True, slots=True)
class Successor:
    """The next epoch: its key set, checked against the one that is pinned, and its hub's address."""

    key_set: SignedKeySet
    hub: str


def find_successor(member: Member) -> Successor:
    """Ask the hub which epoch follows, and check that it does.

    Raises NotYet when the hub names none, KeySetRefused when it does not follow the pinned one.
    """
    alliance = wire.read(wire.Alliance, member.hub.get("/v1/alliance"), member.hub.name)
    if alliance.successor is None:
        raise NotYet(
            "the hub names no next epoch: wait for it, or give the key set that the secretariat sent you "
            "with --key-set, and its hub with --hub"
        )
    named = _read(alliance.successor)
    require_successor(named.key_set, member.settings.key_set, name="the key set that the hub names")
    return Successor(named.key_set, safe_address(named.address))


def _read(document: Any) -> wire.Successor:
    try:
        return parse(wire.Successor, document)
    except InvalidInputError as error:
        raise KeySetRefused(
            f"the hub names a next epoch that this program cannot read, at {error.field or 'its start'}: "
            "update the program"
        ) from error


def renew(member: Member, successor: Successor) -> Ended:
    """Pin the next epoch's key set and go over to its hub; returns what ended with the last.

    The hub must answer and serve that key set. Work under way is given up: it was signed for custodians that
    have stopped. Afterwards `member` must be opened anew. Raises KeySetRefused, RetryLater, or Untrusted when
    the hub serves another key set; until then nothing has changed.
    """
    require_successor(successor.key_set, member.settings.key_set, name="the key set")
    address = safe_address(successor.hub)
    _require_serving(member, address, successor.key_set)
    settings = msgspec.structs.replace(member.settings, hub=address, key_set=successor.key_set)
    return epochs.begin(member.vault, settings)


def _require_serving(member: Member, address: str, key_set: SignedKeySet) -> None:
    line = Line("the next epoch's hub", address, member.keys.signing, member.clock, member.sleep)
    try:
        alliance = wire.read(wire.Alliance, line.get("/v1/alliance"), line.name)
    finally:
        line.close()
    if alliance.key_set.key_set.digest != key_set.key_set.digest:
        raise Untrusted(f"{line.name} serves another key set than the one to be pinned: check its address")
