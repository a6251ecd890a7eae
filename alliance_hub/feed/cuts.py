"""Cuts: the hub begins a period at a position, and once every custodian has signed it, it is opened.

With each cut that takes effect, what had ended at the one before is forgotten; and of each period that is
over, every custodian says once whose records it helped open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.feed.appending import append_own, head, lock, next_stamp
from alliance_hub.feed.models import CohortsRow, CutRow, CutSignatureRow, FeedRow
from alliance_hub.feed.rules import cut_period, require_later_epoch
from alliance_hub.feed.succession import require_open
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from privacy.encoding import unb64
from privacy.keyset import KeySet
from privacy.statements import HUB, Cohorts, Cut, CutSignature

FORGET = "forgetting"
"""The kind of the job that erases what had ended at the cut that its key names."""


def cut(session: Session, hub: Hub, now: datetime) -> FeedRow:
    """Begin the period that contains `now` at the next position; raises Conflict when none may begin."""
    stamp = next_stamp(lock(session), now)
    require_open(session)
    last = newest_cut(session)
    period = cut_period(hub.key_set.policy, stamp, None if last is None else last.period)
    require_later_epoch(hub.key_set, period)
    row = append_own(session, hub, Cut(period=period), author=HUB, now=now)
    session.add(CutRow(position=row.position, period=period, stamp=row.stamp, head=head(session).root))
    session.flush()
    return row


def newest_cut(session: Session) -> CutRow | None:
    """Return the last cut of the feed, effective or not."""
    return session.scalar(select(CutRow).order_by(CutRow.position.desc()).limit(1))


_EFFECTIVE = select(CutRow).where(CutRow.effective_position.is_not(None)).order_by(CutRow.position.desc())


def newest_effective_cut(session: Session) -> CutRow | None:
    """Return the last cut that all custodians have signed: the one that is opened."""
    return session.scalar(_EFFECTIVE.limit(1))


def forgotten_cut(session: Session) -> CutRow | None:
    """Return the effective cut before the newest: the records of chunks up to it are no longer served.

    Every custodian has signed the newest, and so holds them; a new one starts from a fellow's checkpoint.
    """
    return session.scalar(_EFFECTIVE.offset(1).limit(1))


def find_cut(session: Session, period: str) -> CutRow | None:
    """Return the cut that begins this period, effective or not."""
    return session.scalar(select(CutRow).where(CutRow.period == period))


def signatures_of(session: Session, cut: CutRow) -> Sequence[CutSignatureRow]:
    """Return a cut's signatures in the order of the custodians' index."""
    signatures = select(CutSignatureRow).where(CutSignatureRow.cut_position == cut.position)
    return session.scalars(signatures.order_by(CutSignatureRow.custodian)).all()


def missing_signatures(session: Session, key_set: KeySet, cut: CutRow) -> list[int]:
    """Return the custodians that have not signed the cut, by index."""
    signed = {signature.custodian for signature in signatures_of(session, cut)}
    return [index for index in range(1, key_set.count + 1) if index not in signed]


def sign(
    session: Session, hub: Hub, body: CutSignature, *, custodian: int, entry: FeedRow, now: datetime
) -> None:
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
    _take_effect(session, hub, cut, entry, now)


def commit(session: Session, body: Cohorts, *, custodian: int, entry: FeedRow) -> None:
    """Note a custodian's commitment to the cohorts that it helped open in a period, appended as `entry`.

    Raises Conflict while the period runs and for a second commitment.
    """
    cut, newest = find_cut(session, body.period), newest_effective_cut(session)
    if cut is None or cut.effective_position is None or newest is None or newest.position <= cut.position:
        raise Conflict(
            "cohorts are committed to when a later cut is effective: wait for it", slug="period-runs"
        )
    if session.get(CohortsRow, (custodian, body.period)) is not None:
        raise Conflict("this custodian has committed to the period's cohorts already", slug="already-said")
    session.add(CohortsRow(custodian=custodian, period=body.period, position=entry.position))
    session.flush()


def _take_effect(session: Session, hub: Hub, cut: CutRow, entry: FeedRow, now: datetime) -> None:
    signatures = signatures_of(session, cut)
    digests = {signature.state_digest for signature in signatures}
    if len(signatures) == hub.key_set.count and len(digests) == 1:
        cut.state_digest = digests.pop()
        cut.effective_position, cut.effective_at = entry.position, entry.stamp
        session.flush()
        over = forgotten_cut(session)
        if over is not None:
            # Later and piece by piece: a million records would keep everybody from the feed's head.
            jobs.enqueue(session, FORGET, {"cut": over.position}, now=now)
