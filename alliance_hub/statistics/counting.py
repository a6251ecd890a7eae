"""Count the log as it grows, some thousand entries at a time, so that no page has to read a million.

The worker calls `count` every few seconds; it returns at once when there is little to do. Two workers never
count an entry twice: the tally's row is locked while its figures are written.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance_hub.hub import Hub
from alliance_hub.records.models import RecordRow, RecordState
from alliance_hub.statistics.models import ONLY_TALLY, FigureRow, TallyRow
from alliance_hub.statistics.rules import COUNTED, figures_of
from alliance_hub.transparency.models import LogRow
from privacy.periods import day_of

STEP = 5_000
"""Entries counted in one transaction: about a tenth of a second, in which nobody else writes."""

AT_A_TIME = 10
"""Steps before the worker looks at its jobs again."""

WORTH_IT = 200
"""Fewer entries than this wait: a page counts them itself in a few milliseconds."""

FEW = 100_000
"""Live records that are counted in some milliseconds."""

RECORDS_AGE = timedelta(hours=1)
"""How old the count of live records may grow; it reads an index of all records. Of few, a minute."""

Sums = Counter[tuple[str, date, str]]
"""Amounts by name, day and label."""


def count(hub: Hub, now: datetime) -> None:
    """Count what waits, if it is worth a transaction, and the live records once in a while."""
    with hub.database.reading() as session:
        tally = session.get_one(TallyRow, ONLY_TALLY)
        waits = newest_entry(session) - tally.entry
        live = count_records(session) if _is_stale(tally, now) else None
    for _ in range(AT_A_TIME):
        if waits < WORTH_IT:
            break
        with hub.database.transaction() as session:
            waits -= step(session)
    if live is not None:
        with hub.database.transaction() as session:
            tally = _locked(session)
            tally.live_records, tally.records_at = live, now


def step(session: Session) -> int:
    """Count the next entries, at most `STEP`; return how far this went on."""
    tally = _locked(session)
    last = min(tally.entry + STEP, newest_entry(session))
    for (name, day, label), amount in sums(session, tally.entry, last).items():
        row = session.get(FigureRow, (name, day, label))
        if row is None:
            session.add(FigureRow(name=name, day=day, label=label, value=amount))
        else:
            row.value += amount
    done, tally.entry = last - tally.entry, last
    session.flush()
    return done


def sums(session: Session, after: int, until: int) -> Sums:
    """Return what the entries behind `after`, up to `until`, add."""
    entries = select(LogRow.at, LogRow.entry).where(LogRow.id > after, LogRow.id <= until)
    rows = session.execute(entries.where(LogRow.kind.in_(COUNTED), LogRow.entry.is_not(None)))
    return _sums((at, entry or b"") for at, entry in rows)


def newest_entry(session: Session) -> int:
    """Return the id of the log's newest entry, 0 of an empty log."""
    return session.scalar(select(func.max(LogRow.id))) or 0


def count_records(session: Session) -> int:
    """Return how many records live; those past their last day until the next forgetting included."""
    live = select(func.count()).select_from(RecordRow).where(RecordRow.state == RecordState.LIVE)
    return session.scalar(live) or 0


def _is_stale(tally: TallyRow, now: datetime) -> bool:
    if tally.live_records is None or tally.records_at is None:
        return True
    age = timedelta(minutes=1) if tally.live_records < FEW else RECORDS_AGE
    return tally.records_at + age <= now


def _sums(entries: Iterable[tuple[datetime, bytes]]) -> Sums:
    found: Sums = Counter()
    for at, entry in entries:
        for name, label, amount in figures_of(json.loads(entry)):
            found[name, day_of(at), label] += amount
    return found


def _locked(session: Session) -> TallyRow:
    return session.get_one(TallyRow, ONLY_TALLY, with_for_update=True, populate_existing=True)
