"""Find log entries: who did what to what, and when; quick on a million, because none is ever read whole.

One condition leads: its entries are walked by an index from the newest back, and the other conditions are
asked of at most `SEARCHED` of them. What is not among these is looked for further back when the reader
goes on, and the answer says how far it was looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Subquery, func, or_, select, union_all
from sqlalchemy.orm import Session

from alliance_hub.errors import NotFound
from alliance_hub.people.models import Officer
from alliance_hub.transparency.models import LogRow

SEARCHED = 10_000
"""Entries that are looked at for one page, and at most counted."""

SKEW = 1_000
"""Entries follow each other in time but for requests that overlapped: so many ids either way are spared."""

MOST_NAMED = 50
"""So many officers may share a part of a name; whoever looks for one gives more of it."""

OBJECTS = (
    "member",
    "application",
    "agreement",
    "officer",
    "organisation",
    "proposal",
    "complaint",
    "parameter",
    "custodian",
    "key-set",
    "submission",
    "log-entry",
    "matter",
    "court_order",
)
"""The first part of what log entries are about."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; what is None is not asked about."""

    object: str | None = None
    """`member/NAME`, or NAME alone for whatever has this name."""
    actors: Sequence[str] | None = None
    """By one of these: an officer's ref, or a statement's author."""
    organisation: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """The first instant that is too late."""
    before: int | None = None
    """Only entries with a lower id: where the page before ended."""


@dataclass(frozen=True, slots=True)
class Found:
    """Some entries, the newest first, and where to go on."""

    entries: Sequence[LogRow]
    total: int
    capped: bool
    """Whether there are, or may be, more than `total`."""
    further: int | None
    """`before` of the next page; None at the end."""
    looked_to: datetime | None
    """How far back was looked, where that was not to the end."""


def search(session: Session, asked: Search, *, limit: int) -> Found:
    """Return up to `limit` entries that fit, and about how many there are in all."""
    walked = _walked(session, asked)
    fitting = select(walked.c.id).where(*_fits(walked, asked)).order_by(walked.c.id.desc())
    page = session.scalars(fitting.limit(limit + 1)).all()
    entries = _read(session, page[:limit])
    total, capped = _count(session, replace(asked, before=None))
    if len(page) > limit:
        return Found(entries, total, capped, further=page[limit - 1], looked_to=None)
    seen, last = session.execute(select(func.count(), func.min(walked.c.id)).select_from(walked)).one()
    if seen < SEARCHED:
        return Found(entries, total, capped, further=None, looked_to=None)
    return Found(entries, total, True, further=last, looked_to=session.get_one(LogRow, last).at)


def actors_named(session: Session, text: str) -> list[str]:
    """Return as whom the log knows a person or member: by a part of its name, its number, or its ref."""
    is_called = or_(Officer.name.icontains(text, autoescape=True), Officer.staff_number == text)
    found = session.execute(
        select(Officer.organisation, Officer.staff_number)
        .where(is_called)
        .order_by(Officer.id)
        .limit(MOST_NAMED)
    )
    return [text, f"member/{text}", *(f"{organisation}/{number}" for organisation, number in found)]


def names_of(session: Session, entries: Sequence[LogRow]) -> dict[str, str]:
    """Return the names of the officers who did these things, by their refs."""
    refs = {row.actor for row in entries if row.actor}
    numbers = {ref.rpartition("/")[2] for ref in refs}
    officers = session.scalars(select(Officer).where(Officer.staff_number.in_(numbers)))
    return {officer.ref: officer.name for officer in officers if officer.ref in refs}


def get_entry(session: Session, id: int) -> LogRow:
    """Return one entry, erased or not; raises NotFound."""
    row = session.get(LogRow, id)
    if row is None:
        raise NotFound("there is no such log entry")
    return row


def find_by_leaf(session: Session, leaf: bytes) -> LogRow | None:
    """Return the entry with this leaf."""
    return session.scalar(select(LogRow).where(LogRow.leaf == leaf))


def list_about(session: Session, object: str, *, limit: int) -> Sequence[LogRow]:
    """Return the newest entries about an object, the newest first."""
    about = select(LogRow).where(LogRow.object == object).order_by(LogRow.id.desc())
    return session.scalars(about.limit(limit)).all()


Condition = tuple[str, Sequence[str]]
"""A column's name and the values one of which it must have."""


def _conditions(asked: Search) -> list[Condition]:
    """Return what is asked, the rarest first: that one leads. Many actors are more to walk than one kind."""
    given: list[tuple[str, Sequence[str] | None]] = [
        ("object", None if asked.object is None else _objects(asked.object)),
        ("actor", asked.actors),
        ("organisation", None if asked.organisation is None else [asked.organisation]),
        ("kind", None if asked.kind is None else [asked.kind]),
    ]
    asked_for = [(name, values) for name, values in given if values is not None]
    return sorted(asked_for, key=lambda condition: condition[0] == "actor" and len(condition[1]) > 1)


def _objects(text: str) -> list[str]:
    return [text] if "/" in text else [f"{kind}/{text}" for kind in OBJECTS]


def _walked(session: Session, asked: Search) -> Subquery:
    """Return the newest `SEARCHED` entries of the leading condition, with the columns that the others ask."""
    lead, *others = _conditions(asked) or [("", [])]
    needed = [LogRow.id, *(getattr(LogRow, name) for name, _ in others)]
    if asked.since is not None or asked.until is not None:
        needed.append(LogRow.at)
    newest = select(*needed).where(*_ids(session, asked)).order_by(LogRow.id.desc()).limit(SEARCHED)
    name, values = lead
    if not name:
        return newest.subquery()
    # One walk for each value: an index gives the newest of one without sorting, of several it does not.
    walks: list[Select[tuple[int]]] = [
        select(newest.where(getattr(LogRow, name) == value).subquery()) for value in values
    ]
    if not walks:
        return newest.where(LogRow.id < 0).subquery()
    if len(walks) == 1:
        return walks[0].subquery()
    together = union_all(*walks).subquery()
    return select(together).order_by(together.c.id.desc()).limit(SEARCHED).subquery()


def _ids(session: Session, asked: Search) -> list[ColumnElement[bool]]:
    """Return between which ids the entries lie."""
    bounds = [] if asked.before is None else [LogRow.id < asked.before]
    if asked.since is not None:
        first = _first_at(session, asked.since)
        bounds.append(LogRow.id >= first - SKEW if first is not None else LogRow.id < 0)
    if asked.until is not None and (beyond := _first_at(session, asked.until)) is not None:
        bounds.append(LogRow.id < beyond + SKEW)
    return bounds


def _first_at(session: Session, at: datetime) -> int | None:
    return session.scalar(select(LogRow.id).where(LogRow.at >= at).order_by(LogRow.at, LogRow.id).limit(1))


def _fits(walked: Subquery, asked: Search) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = [walked.c[name].in_(values) for name, values in _conditions(asked)[1:]]
    if asked.since is not None:
        fits.append(walked.c.at >= asked.since)
    if asked.until is not None:
        fits.append(walked.c.at < asked.until)
    return fits


def _count(session: Session, asked: Search) -> tuple[int, bool]:
    """Return how many of the entries that are looked at fit, and whether there may be more."""
    walked = _walked(session, asked)
    seen = session.scalar(select(func.count()).select_from(walked)) or 0
    found = session.scalar(select(func.count()).select_from(walked).where(*_fits(walked, asked))) or 0
    return found, seen == SEARCHED


def _read(session: Session, ids: Sequence[int]) -> Sequence[LogRow]:
    return session.scalars(select(LogRow).where(LogRow.id.in_(ids)).order_by(LogRow.id.desc())).all()
