"""Certify the evasion flags on the contracts: their category, never the narrative.

The hub knows of a flag what came with the newest record. A life cycle with notices and disputes is not on
record yet, so none is certified.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from alliance_hub.feed.models import FeedRow
from alliance_hub.flags.models import FlagRow
from alliance_hub.matters.certifying.facts import Case, Fact, latest, records_of
from alliance_hub.records.models import RecordRow
from privacy.certificates import Flagged, FlagSaid
from privacy.encoding import b64, instant_text


def certify(session: Session, case: Case) -> list[Fact]:
    """Return the flags that stand now."""
    is_same = (FlagRow.member == RecordRow.member) & (FlagRow.contract_ref == RecordRow.contract_ref)
    found = session.execute(records_of(case).join(FlagRow, is_same).add_columns(FlagRow)).all()
    if not found:
        return []
    flags = tuple(_flagged(entry, flag) for _, entry, flag in found)
    return [Fact(FlagSaid(flags=flags), since=latest(entry.stamp for _, entry, _ in found))]


def _flagged(entry: FeedRow, flag: FlagRow) -> Flagged:
    return Flagged(
        contract_ref=b64(flag.contract_ref),
        flag=b64(flag.flag_id),
        version=flag.version,
        category=flag.category,
        position=entry.position,
        stamp=instant_text(entry.stamp),
        leaf=b64(entry.log_leaf),
    )
