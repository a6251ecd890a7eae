"""What every kind of certificate is made from: the matter, its contracts, and where each fact stands.

A fact names the leaf of the log entry on which it rests, and `since` when the register has said so: then
whatever was certified before is superseded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from alliance_hub.feed.models import FeedRow
from alliance_hub.hub import Hub
from alliance_hub.matters.models import MatterContract, MatterRow
from alliance_hub.membership import directory
from alliance_hub.membership.models import Member
from alliance_hub.records.models import RecordRow
from privacy.certificates import AnySaid


@dataclass(frozen=True, slots=True)
class Case:
    """What the certifying functions are given."""

    hub: Hub
    row: MatterRow
    member: Member
    contracts: tuple[bytes, ...]
    """In the order of the request."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Fact:
    """What one certificate would say now."""

    said: AnySaid
    subject: str = ""
    """What it is about within its kind; a later certificate with the same supersedes."""
    since: datetime | None = None
    """Since when the register has said so, as far as that is known."""


def case_of(session: Session, hub: Hub, row: MatterRow, now: datetime) -> Case:
    """Return what is needed to certify anything in a matter."""
    own = select(MatterContract.contract_ref).where(MatterContract.matter == row.id)
    contracts = session.scalars(own.order_by(MatterContract.place)).all()
    return Case(hub, row, directory.get(session, row.member), tuple(contracts), now)


def records_of(case: Case) -> Select[RecordRow, FeedRow]:
    """Return the query of the matter's contracts with the statements that brought their newest records.

    A contract that was handed in again for another debtor is not this matter's any more; what was forgotten
    is, for it has only ended.
    """
    is_own = (RecordRow.member == case.row.member) & RecordRow.contract_ref.in_(case.contracts)
    is_same = (RecordRow.pseudonym == case.row.pseudonym) | RecordRow.pseudonym.is_(None)
    found = select(RecordRow, FeedRow).join(FeedRow, FeedRow.position == RecordRow.position)
    return found.where(is_own, is_same).order_by(RecordRow.contract_ref)


def stamp_at(session: Session, position: int | None) -> datetime | None:
    """Return when the feed took what stands at a position."""
    if position is None:
        return None
    return session.scalar(select(FeedRow.stamp).where(FeedRow.position == position))


def latest(instants: Iterable[datetime | None]) -> datetime | None:
    """Return the latest of some instants."""
    return max((each for each in instants if each is not None), default=None)
