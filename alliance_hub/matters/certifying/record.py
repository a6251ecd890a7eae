"""Certify that the member had handed in the contracts, and since when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.feed import service as feed
from alliance_hub.feed.models import FeedRow
from alliance_hub.matters.certifying.facts import Case, Fact, latest, records_of, stamp_at
from alliance_hub.matters.rules import EXPIRED, HELD
from alliance_hub.records.blocking import is_unexpired
from alliance_hub.records.models import RecordRow, RecordState
from privacy.certificates import Recorded, RecordSaid
from privacy.encoding import b64, instant_text


def certify(session: Session, case: Case) -> list[Fact]:
    """Return what stands on record of the contracts: the newest record of each, and how it stands now."""
    found = session.execute(records_of(case)).all()
    if not found:
        return []
    unexpired = _unexpired(session, case)
    records = tuple(_recorded(row, entry, row.contract_ref in unexpired) for row, entry in found)
    since = latest(_since(session, row, entry) for row, entry in found)
    return [Fact(RecordSaid(records=records), since=since)]


def _unexpired(session: Session, case: Case) -> frozenset[bytes]:
    """Return those of the contracts whose records have not run out at the feed's head."""
    # Apart, because the condition looks at the feed by itself.
    stamp = feed.head(session).stamp or case.now
    is_own = (RecordRow.member == case.row.member) & RecordRow.contract_ref.in_(case.contracts)
    lasting = select(RecordRow.contract_ref).where(is_own, is_unexpired(stamp, case.member.suspended_at))
    return frozenset(session.scalars(lasting))


def _recorded(row: RecordRow, entry: FeedRow, unexpired: bool) -> Recorded:
    return Recorded(
        contract_ref=b64(row.contract_ref),
        as_of=row.as_of.isoformat(),
        state=_state(row, unexpired),
        record=b64(row.leaf),
        chunk=b64(entry.digest),
        position=entry.position,
        stamp=instant_text(entry.stamp),
        leaf=b64(entry.log_leaf),
    )


def _state(row: RecordRow, unexpired: bool) -> str:
    if row.state != RecordState.LIVE:
        return str(row.state)
    if row.is_held:
        return HELD
    return str(RecordState.LIVE) if unexpired else EXPIRED


def _since(session: Session, row: RecordRow, entry: FeedRow) -> datetime | None:
    changes = (row.ended_at, row.member_hold, row.secretariat_hold)
    return latest([entry.stamp, *(stamp_at(session, each) for each in changes)])
