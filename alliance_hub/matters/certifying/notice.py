"""Certify the digests of consent and delivered notice, as they came with the records."""

from __future__ import annotations

from sqlalchemy.orm import Session

from alliance_hub.feed.models import FeedRow
from alliance_hub.matters.certifying.facts import Case, Fact, latest, records_of
from alliance_hub.records.models import RecordRow
from privacy.certificates import Noticed, NoticeSaid
from privacy.encoding import b64, instant_text


def certify(session: Session, case: Case) -> list[Fact]:
    """Return the digests of those contracts of which they are not forgotten."""
    found = session.execute(records_of(case).where(RecordRow.consent_digest.is_not(None))).all()
    if not found:
        return []
    notices = tuple(_noticed(row, entry) for row, entry in found)
    return [Fact(NoticeSaid(notices=notices), since=latest(entry.stamp for _, entry in found))]


def _noticed(row: RecordRow, entry: FeedRow) -> Noticed:
    return Noticed(
        contract_ref=b64(row.contract_ref),
        consent=b64(row.consent_digest or b""),
        notice=None if row.notice_digest is None else b64(row.notice_digest),
        position=entry.position,
        stamp=instant_text(entry.stamp),
        leaf=b64(entry.log_leaf),
    )
