"""The end of an epoch: where its feed goes on, and that nothing more is appended here.

A hub that went on writing behind the final head would have statements that no new custodian ever reads;
one that named another feed's head would lead its members away from what the custodians hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.feed.models import ONLY_HEAD, ONLY_SUCCESSOR, CutRow, FeedRow, HeadRow, SuccessorRow
from alliance_hub.hub import Hub
from alliance_hub.transparency import service as transparency
from privacy import merkle
from privacy.encoding import b64
from privacy.errors import VerifyError
from privacy.keyset import Predecessor, SignedKeySet, verify_succession
from privacy.messages import parse_json


@dataclass(frozen=True, slots=True)
class Successor:
    """The next epoch's key set, and where its hub serves."""

    key_set: SignedKeySet
    address: str


def find_successor(session: Session) -> Successor | None:
    """Return the epoch that follows, or None while this one goes on."""
    row = session.get(SuccessorRow, ONLY_SUCCESSOR)
    return None if row is None else Successor(parse_json(SignedKeySet, row.key_set), row.address)


def require_open(session: Session) -> None:
    """Raise Conflict `closed` once the epoch has a successor."""
    if session.get(SuccessorRow, ONLY_SUCCESSOR) is not None:
        raise Conflict(
            "this epoch has ended: go on at its successor, which /v1/alliance names", slug="closed"
        )


def set_successor(
    session: Session, hub: Hub, key_set: SignedKeySet, address: str, *, now: datetime
) -> Successor:
    """End the epoch: nothing is appended any more. The same again changes nothing.

    Raises Invalid when the key set does not follow this hub's own and its feed, Conflict when another does.
    """
    try:
        verify_succession(hub.signed_key_set, key_set)
    except VerifyError as error:
        raise Invalid(f"the successor is refused: {error}", field="key_set") from error
    assert key_set.key_set.predecessor is not None  # or it would not follow
    # Whoever appends holds this lock, so nothing comes in behind the head that is looked at here.
    session.get_one(HeadRow, ONLY_HEAD, with_for_update=True)
    _require_own_end(session, key_set.key_set.predecessor)
    known, given = find_successor(session), Successor(key_set, address)
    if known is not None:
        return _same(known, given)
    document = msgspec.json.encode(key_set)
    session.add(SuccessorRow(id=ONLY_SUCCESSOR, address=address, key_set=document, at=now))
    facts = {"key_set": b64(key_set.key_set.digest), "epoch": key_set.key_set.epoch, "address": address}
    transparency.record_entry(session, "succession", facts, now=now)
    return given


def _require_own_end(session: Session, named: Predecessor) -> None:
    """Check that the head is one of this feed, and that no period is left to be opened in both epochs."""
    leaves = select(FeedRow.leaf).where(FeedRow.position <= named.position).order_by(FeedRow.position)
    found = session.scalars(leaves).all()
    if (len(found), b64(merkle.root(found))) != (named.position, named.head):
        raise Invalid("the successor names a final head that this feed never had", field="predecessor.head")
    last = session.scalar(select(CutRow.period).order_by(CutRow.position.desc()).limit(1))
    if last is not None and (named.period is None or named.period < last):
        raise Invalid(
            f"the successor could open the period {last} a second time: hold the ceremony after the last cut",
            field="predecessor.period",
        )


def _same(known: Successor, given: Successor) -> Successor:
    if known != given:
        raise Conflict("this epoch has another successor already", slug="succeeded")
    return known
