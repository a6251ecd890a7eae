"""Who holds a record of whom: the hub's own view of what is live, for matching and for a member's account.

The custodians' view decides what opens; this one tells reachability, flags and counts. Live at a
position as in protocol section 4: neither ended nor expired at its stamp. What is on hold does not
expire meanwhile, and is out once it has blocked its subject for as many effective cuts as it may.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from alliance_hub.feed import service as feed
from alliance_hub.feed.models import FeedRow
from alliance_hub.flags.models import FlagRow
from alliance_hub.membership.models import Member
from alliance_hub.membership.rules import MemberState
from alliance_hub.records.blocking import is_out, is_unexpired
from alliance_hub.records.models import RecordRow, RecordState
from privacy.records import Flag


@dataclass(frozen=True, slots=True)
class Holder:
    """One live record of a subject, as far as matching needs it."""

    pseudonym: bytes
    standing_key: bytes
    member: str
    group: str
    lost_contact: bool | None
    as_of: date
    held: bool
    """On hold: its subject does not open, and it keeps its member's standing."""
    flag: Flag | None


def holders(session: Session, pseudonyms: Sequence[bytes]) -> list[Holder]:
    """Return the live records of active members that hold one of up to 1,000 pseudonyms, in one query."""
    end = feed.head(session)
    if end.stamp is None:
        return []
    live = (
        select(RecordRow, Member.control_group, FlagRow)
        .join(Member, Member.name == RecordRow.member)
        .outerjoin(
            FlagRow, (FlagRow.member == RecordRow.member) & (FlagRow.contract_ref == RecordRow.contract_ref)
        )
        .where(
            RecordRow.pseudonym.in_(pseudonyms),
            RecordRow.state == RecordState.LIVE,
            Member.state == MemberState.ACTIVE,
            is_unexpired(end.stamp),
            ~is_out(session, end.position),
        )
        .order_by(RecordRow.member, RecordRow.contract_ref)
    )
    return [_holder(*found) for found in session.execute(live)]


def live_count(session: Session, member: Member, at_position: int | None = None) -> int:
    """Return how many of the member's contracts are live at a position of the feed; by default at its head.

    Of the past this is exact but for what has since been released or resumed, or had expired and was live
    again later.
    """
    position = feed.head(session).position if at_position is None else at_position
    stamp = session.scalar(select(FeedRow.stamp).where(FeedRow.position == position))
    if stamp is None:
        return 0
    live = select(func.count()).where(
        RecordRow.member == member.name,
        RecordRow.live_since <= position,
        or_(RecordRow.ended_at.is_(None), RecordRow.ended_at > position),
        is_unexpired(stamp, member.suspended_at),
        ~is_out(session, position, member.suspended_at),
    )
    return session.scalar(live) or 0


def _holder(record: RecordRow, group: str, flag: FlagRow | None) -> Holder:
    assert record.pseudonym is not None  # it was found by it, ...
    assert record.standing_key is not None  # ... and what still counts is never forgotten
    return Holder(
        pseudonym=record.pseudonym,
        standing_key=record.standing_key,
        member=record.member,
        group=group,
        lost_contact=record.lost_contact,
        as_of=record.as_of,
        held=record.is_held,
        flag=None if flag is None else flag.flag,
    )
