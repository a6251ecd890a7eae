"""Cuts: the hub begins a period at a position, and once every custodian has signed it, it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.feed.appending import append_own, head, lock, next_stamp
from alliance_hub.feed.models import CutRow, CutSignatureRow, FeedRow
from alliance_hub.feed.rules import cut_period
from alliance_hub.hub import Hub
from privacy.encoding import unb64
from privacy.keyset import KeySet
from privacy.statements import HUB, Cut, CutSignature


def cut(session: Session, hub: Hub, now: datetime) -> FeedRow:
    """Begin the period that contains `now` at the next position; raises Conflict when none may begin."""
    stamp = next_stamp(lock(session), now)
    last = newest_cut(session)
    period = cut_period(hub.key_set.policy, stamp, None if last is None else last.period)
    row = append_own(session, hub, Cut(period=period), author=HUB, now=now)
    session.add(CutRow(position=row.position, period=period, stamp=row.stamp, head=head(session).root))
    session.flush()
    return row


def newest_cut(session: Session) -> CutRow | None:
    """Return the last cut of the feed, effective or not."""
    return session.scalar(select(CutRow).order_by(CutRow.position.desc()).limit(1))


def newest_effective_cut(session: Session) -> CutRow | None:
    """Return the last cut that all custodians have signed: the one that is opened."""
    effective = select(CutRow).where(CutRow.effective_position.is_not(None))
    return session.scalar(effective.order_by(CutRow.position.desc()).limit(1))


def signatures_of(session: Session, cut: CutRow) -> Sequence[CutSignatureRow]:
    """Return a cut's signatures in the order of the custodians' index."""
    signatures = select(CutSignatureRow).where(CutSignatureRow.cut_position == cut.position)
    return session.scalars(signatures.order_by(CutSignatureRow.custodian)).all()


def missing_signatures(session: Session, key_set: KeySet, cut: CutRow) -> list[int]:
    """Return the custodians that have not signed the cut, by index."""
    signed = {signature.custodian for signature in signatures_of(session, cut)}
    return [index for index in range(1, key_set.count + 1) if index not in signed]


def sign(session: Session, hub: Hub, body: CutSignature, *, custodian: int, entry: FeedRow) -> None:
    """Note a custodian's signature that was appended as `entry`; the n-th equal one makes the cut effective.

    Raises Invalid for a cut that is none, Conflict for another head or a second signature.
    """
    cut = session.get(CutRow, body.position)
    if cut is None or cut.period != body.period:
        raise Invalid("no cut of this period stands at this position", field="statement.body.position")
    if unb64(body.head) != cut.head:
        raise Conflict(
            "the custodian saw another feed up to this cut: stop, and compare the feeds", slug="fork"
        )
    if session.get(CutSignatureRow, (cut.position, custodian)) is not None:
        raise Conflict("this custodian has signed the cut already", slug="already-signed")
    session.add(
        CutSignatureRow(
            cut_position=cut.position,
            custodian=custodian,
            state_digest=unb64(body.state_digest),
            position=entry.position,
        )
    )
    session.flush()
    _take_effect(session, hub, cut, entry)


def _take_effect(session: Session, hub: Hub, cut: CutRow, entry: FeedRow) -> None:
    signatures = signatures_of(session, cut)
    digests = {signature.state_digest for signature in signatures}
    if len(signatures) == hub.key_set.count and len(digests) == 1:
        cut.state_digest = digests.pop()
        cut.effective_position, cut.effective_at = entry.position, entry.stamp
        session.flush()
