"""Certify which of the contracts have ended, each with the member's own signed statement."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from alliance_hub.feed.models import FeedRow
from alliance_hub.matters.certifying.facts import Case, Fact, latest
from alliance_hub.records.models import RecordRow, RecordState
from privacy.certificates import Ended, SettlementSaid
from privacy.encoding import b64, instant_text
from privacy.messages import parse_json
from privacy.statements import SignedStatement


def certify(session: Session, case: Case) -> list[Fact]:
    """Return the contracts that their member called settled or took back."""
    is_own = (RecordRow.member == case.row.member) & RecordRow.contract_ref.in_(case.contracts)
    ended = select(RecordRow, FeedRow).join(FeedRow, FeedRow.position == RecordRow.ended_at)
    over = ended.where(is_own, RecordRow.state != RecordState.LIVE).options(undefer(FeedRow.document))
    found = session.execute(over.order_by(RecordRow.contract_ref)).all()
    if not found:
        return []
    said = SettlementSaid(ended=tuple(_ended(row, entry) for row, entry in found))
    return [Fact(said, since=latest(entry.stamp for _, entry in found))]


def _ended(row: RecordRow, entry: FeedRow) -> Ended:
    return Ended(
        contract_ref=b64(row.contract_ref),
        state=str(row.state),
        position=entry.position,
        stamp=instant_text(entry.stamp),
        statement=parse_json(SignedStatement, entry.document),
        leaf=b64(entry.log_leaf),
    )
