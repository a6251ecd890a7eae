"""What a member asked and what was decided, as a list for people: read from the log, page by page.

The log alone holds the denied questions beside the allowed ones, each with the clause that decided. No
subject is told here: the entry knows only how many there were.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Integer

from alliance_hub.errors import NotFound
from alliance_hub.matching.models import MatchRow, MatchState
from alliance_hub.membership.models import QuotaUse
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64, canonical
from privacy.logged import LogReceipt
from privacy.periods import SHANGHAI

KIND = "match"
"""The kind of the log entries that decide a question."""

MOST = 10_000
"""How far a list is counted: behind it stands only that there are more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which questions a list shows; what is empty or None does not choose."""

    allowed: bool | None = None
    purpose: str = ""
    agreement: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a member's own, and what was decided about it."""

    entry: int
    """The log entry's number, by which a page names it."""
    at: datetime
    purpose: str
    agreement: str
    version: int
    """0 where the member had no such agreement."""
    subjects: int
    allowed: bool
    clause: str


@dataclass(frozen=True, slots=True)
class AskedInFull:
    """A question with its receipt, and how far its answer is; `state` is None for a denied one."""

    asked: Asked
    receipt: LogReceipt
    state: MatchState | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and how long the list is; `capped` says that it is longer than `total`."""

    rows: tuple[Asked, ...]
    total: int
    capped: bool


@dataclass(frozen=True, slots=True)
class Day:
    """What a member asked on one day in Shanghai."""

    on: date
    allowed: int
    denied: int
    subjects: int
    """As its quota was charged."""


def list_page(session: Session, member: str, wanted: Wanted, *, offset: int, limit: int) -> Page:
    """Return the member's questions that are wanted, the newest first, from `offset` on."""
    found = _own(member).where(*_conditions(wanted))
    rows = session.scalars(found.order_by(LogRow.id.desc()).offset(offset).limit(limit)).all()
    counted = found.with_only_columns(LogRow.id).limit(MOST + 1).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    return Page(tuple(_asked(row) for row in rows), min(total, MOST), total > MOST)


def get(session: Session, member: str, entry: int) -> AskedInFull:
    """Return one question of the member's own; raises NotFound."""
    row = session.scalar(_own(member).where(LogRow.id == entry))
    if row is None or row.entry is None or row.salt is None:
        raise NotFound("you have asked no such question")
    receipt = LogReceipt(entry=json.loads(row.entry), salt=b64(row.salt), leaf=b64(row.leaf))
    own = (MatchRow.member == member, MatchRow.decided_at == row.at, MatchRow.log_leaf == row.leaf)
    answer = session.execute(select(MatchRow.state, MatchRow.answered_at).where(*own)).one_or_none()
    state, answered_at = (None, None) if answer is None else (MatchState(answer[0]), answer[1])
    return AskedInFull(_asked(row), receipt, state, answered_at)


def by_day(session: Session, member: str, *, since: date) -> list[Day]:
    """Return what the member asked on each day from `since` on, the oldest first; quiet days are left out."""
    begin = datetime.combine(since, time(), SHANGHAI)
    is_allowed = _Place(LogRow.entry, _fact("allowed", True)) > 0
    found = _own(member).where(LogRow.at >= begin).with_only_columns(LogRow.at, is_allowed)
    asked = Counter((at.astimezone(SHANGHAI).date(), allowed) for at, allowed in session.execute(found))
    uses = select(QuotaUse.day, QuotaUse.subjects).where(QuotaUse.member == member, QuotaUse.day >= since)
    subjects = {row.day: row.subjects for row in session.execute(uses)}
    days = sorted({day for day, _ in asked} | subjects.keys())
    return [Day(day, asked[day, True], asked[day, False], subjects.get(day, 0)) for day in days]


def _own(member: str) -> Select[LogRow]:
    return select(LogRow).where(LogRow.organisation == member, LogRow.kind == KIND, LogRow.entry.is_not(None))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    facts = {
        "purpose": wanted.purpose,
        "agreement": wanted.agreement,
        "clause": wanted.clause,
    }
    chosen: dict[str, str | bool] = {name: value for name, value in facts.items() if value}
    if wanted.allowed is not None:
        chosen["allowed"] = wanted.allowed
    return [_Place(LogRow.entry, _fact(name, value)) > 0 for name, value in chosen.items()]


def _fact(name: str, value: str | bool) -> bytes:
    """Return the bytes with which an entry states a fact."""
    return canonical({name: value})[1:-1]


class _Place(FunctionElement[int]):
    """Where in an entry's bytes others begin, from 1; 0 where they do not occur.

    An entry is canonical JSON: no space stands between name and value, and inside a text the quotation
    marks are escaped, so that `"purpose":"audit"` is found where it is the entry's own fact and nowhere else.
    """

    type = Integer()
    inherit_cache = True


@compiles(_Place)
def _place(element: _Place, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


@compiles(_Place, "postgresql")
def _place_on_postgresql(element: _Place, compiler: SQLCompiler, **options: Any) -> str:
    return f'pg_catalog."position"({compiler.process(element.clauses, **options)})'


def _asked(row: LogRow) -> Asked:
    entry = json.loads(row.entry or b"{}")
    return Asked(
        entry=row.id,
        at=row.at,
        purpose=entry["purpose"],
        agreement=entry["agreement"],
        version=entry["version"],
        subjects=entry["subjects"],
        allowed=entry["allowed"],
        clause=entry["clause"],
    )
