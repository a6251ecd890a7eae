"""Find complaints, and count misconduct by who is complained of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from alliance_hub.complaints import service
from alliance_hub.complaints.kinds import UPHELD, Kind, Misconduct
from alliance_hub.complaints.models import Complaint, ComplaintMisconduct
from alliance_hub.people.models import Officer

SOON = timedelta(days=7)


class State(StrEnum):
    """Which complaints are wanted."""

    OPEN = "open"
    """Those that wait for an answer."""
    SOON = "soon"
    """Those whose last day is within a week."""
    OVERDUE = "overdue"
    """Those whose answer is late."""
    CLOSED = "closed"
    """Those that have ended."""


class Order(StrEnum):
    """By what complaints are ordered."""

    NUMBER = "number"
    """As they were entered."""
    RECEIVED = "received"
    """As they were received."""
    DUE = "due"
    """By their last day."""


@dataclass(frozen=True, slots=True)
class Search:
    """Which complaints are wanted, and which part of the list."""

    state: State | None = None
    kind: Kind | None = None
    misconduct: Misconduct | None = None
    member: str = ""
    officer: int | None = None
    text: str = ""
    """In the number, the reference, the member's or the agency's name."""
    order: Order = Order.NUMBER
    descending: bool = True
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A page of complaints, with the names of the officers who have them."""

    complaints: Sequence[Complaint]
    officers: Mapping[int, str]
    total: int


@dataclass(slots=True)
class Conduct:
    """How often somebody was complained of for misconduct."""

    about: str
    member: str | None
    """The member itself, or the one for whom the agency worked."""
    is_agency: bool
    complaints: int = 0
    upheld: int = 0
    waiting: int = 0
    kinds: Counter[Misconduct] = field(default_factory=Counter)


def search(session: Session, wanted: Search, *, at: datetime) -> Found:
    """Return the wanted complaints, one page, and how many there are in all."""
    where = _where(session, wanted, at)
    total = session.scalar(select(func.count()).select_from(Complaint).where(*where)) or 0
    rows = session.scalars(_ordered(select(Complaint).where(*where), wanted)).all()
    return Found(rows, _names(session, {row.officer for row in rows if row.officer}), total)


def count(session: Session, *, at: datetime) -> Mapping[State, int]:
    """Return how many complaints there are in each state; those soon due are open ones too."""
    cases = {state: _state(state, at) for state in State}
    counts = session.execute(
        select(*(func.count(Complaint.id).filter(*cases[state]).label(state) for state in State))
    ).one()
    return dict(zip(State, counts, strict=True))


def conduct(session: Session, *, since: datetime, until: datetime) -> list[Conduct]:
    """Count complaints of misconduct received between two instants, the most complained of first."""
    columns = (Complaint.id, Complaint.member, Complaint.agency, Complaint.outcome, Complaint.closed_at)
    rows = session.execute(
        select(*columns, ComplaintMisconduct.kind)
        .join(ComplaintMisconduct, ComplaintMisconduct.complaint == Complaint.id)
        .where(Complaint.received_at >= since, Complaint.received_at < until)
        .order_by(Complaint.id)
    )
    found: dict[tuple[str, str | None], Conduct] = {}
    seen: set[int] = set()
    for row in rows:
        about = (row.agency or row.member, row.member)
        each = found.setdefault(about, Conduct(about[0], row.member, is_agency=bool(row.agency)))
        each.kinds[row.kind] += 1
        if row.id not in seen:
            seen.add(row.id)
            each.complaints += 1
            each.upheld += row.outcome in UPHELD
            each.waiting += row.closed_at is None
    return sorted(found.values(), key=lambda each: (-each.complaints, each.about))


def _where(session: Session, wanted: Search, at: datetime) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [] if wanted.state is None else list(_state(wanted.state, at))
    if wanted.kind is not None:
        where.append(Complaint.kind == wanted.kind)
    if wanted.misconduct is not None:
        of_kind = select(ComplaintMisconduct.complaint).where(ComplaintMisconduct.kind == wanted.misconduct)
        where.append(Complaint.id.in_(of_kind))
    if wanted.member:
        where.append(Complaint.member == wanted.member)
    if wanted.officer is not None:
        where.append(Complaint.officer == wanted.officer)
    if wanted.text.strip():
        where.append(_says(session, wanted.text.strip()))
    return where


def _state(state: State, at: datetime) -> tuple[ColumnElement[bool], ...]:
    is_open = Complaint.closed_at.is_(None)
    return {
        State.OPEN: (is_open,),
        State.SOON: (is_open, Complaint.due_at > at, Complaint.due_at <= at + SOON),
        State.OVERDUE: (is_open, Complaint.due_at <= at),
        State.CLOSED: (Complaint.closed_at.is_not(None),),
    }[state]


def _says(session: Session, text: str) -> ColumnElement[bool]:
    numbered = service.find(session, text)
    if numbered is not None:
        return Complaint.id == numbered.id
    columns = (Complaint.complainant, Complaint.member, Complaint.agency)
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def _ordered(query: Select[Complaint], wanted: Search) -> Select[Complaint]:
    by: dict[Order, tuple[Any, ...]] = {
        Order.NUMBER: (Complaint.year, Complaint.sequence),
        Order.RECEIVED: (Complaint.received_at, Complaint.id),
        Order.DUE: (Complaint.due_at, Complaint.id),
    }
    columns = by[wanted.order]
    order = [column.desc() for column in columns] if wanted.descending else columns
    return query.order_by(*order).limit(wanted.limit).offset(wanted.offset)


def _names(session: Session, officers: set[int]) -> dict[int, str]:
    rows = session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(officers)))
    return {row.id: row.name for row in rows}
