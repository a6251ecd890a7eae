"""Forget what records said that had ended at a cut: piece by piece, as often as it takes.

What had ended is told by `blocking.is_over`, as custodians judge it. The contract stays known: what was
settled or withdrawn does not come back, and of what had expired only a newer record does.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from alliance_hub.feed import service as feed
from alliance_hub.feed.models import CutRow
from alliance_hub.flags.models import FlagRow
from alliance_hub.hub import Hub
from alliance_hub.jobs.service import Lease
from alliance_hub.membership import directory
from alliance_hub.records.blocking import LONG_AGO, is_over
from alliance_hub.records.models import RecordRow

ROWS_AT_ONCE = 1_000
"""What one transaction erases: nobody else writes meanwhile, so it must be short."""

ERASED = {
    "pseudonym": None,
    "standing_key": None,
    "product_class": None,
    "lost_contact": None,
    "consent_digest": None,
    "notice_digest": None,
    "expires_at": LONG_AGO,
}
"""What becomes of a record's row; contract, last day, leaf and how it ended stay."""


def forget(hub: Hub, cut: CutRow, lease: Lease) -> None:
    """Erase the records of chunks up to `cut` and what the hub kept of those that were over there.

    May stop anywhere and run again. Raises LeaseLost.
    """
    while _erase_chunk(hub, cut, lease):
        pass
    with hub.database.reading() as session:
        members = [member.name for member in directory.list_members(session)]
    for member in members:
        _erase_records(hub, cut, member, lease)


def _erase_chunk(hub: Hub, cut: CutRow, lease: Lease) -> bool:
    with hub.database.transaction() as session:
        lease.renew(session, hub.clock())
        return feed.erase_oldest_records(session, cut.position)


def _erase_records(hub: Hub, cut: CutRow, member: str, lease: Lease) -> None:
    """Erase a member's records, some at a time in the order of the table's key."""
    last: bytes | None = b""
    while last is not None:
        with hub.database.reading() as session:
            refs = _next(session, cut, member, behind=last)
        if refs:
            with hub.database.transaction() as session:
                lease.renew(session, hub.clock())
                _erase(session, cut, member, refs)
        last = refs[-1] if refs else None


def _next(session: Session, cut: CutRow, member: str, *, behind: bytes) -> Sequence[bytes]:
    """Return the next contracts of which something is left to erase."""
    over = is_over(session, cut, directory.get(session, member).suspended_at)
    own = (RecordRow.member == member) & (RecordRow.contract_ref > behind)
    found = select(RecordRow.contract_ref).where(own, RecordRow.pseudonym.is_not(None), over)
    return session.scalars(found.order_by(RecordRow.contract_ref).limit(ROWS_AT_ONCE)).all()


def _erase(session: Session, cut: CutRow, member: str, refs: Sequence[bytes]) -> None:
    feed.lock(session)  # or a contract could come back between our look and our hand
    over = is_over(session, cut, directory.get(session, member).suspended_at)
    named = (RecordRow.member == member) & RecordRow.contract_ref.in_(refs)
    erased = update(RecordRow).where(named, over).values(ERASED).returning(RecordRow.contract_ref)
    gone = session.scalars(erased, execution_options={"synchronize_session": False}).all()
    session.execute(delete(FlagRow).where(FlagRow.member == member, FlagRow.contract_ref.in_(gone)))
