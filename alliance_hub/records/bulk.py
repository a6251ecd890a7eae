"""The paths for many rows: past the ORM on purpose, one function each.

A chunk's rows go into a staging table (COPY on PostgreSQL, executemany on SQLite); everything else is
a join with it, so that a chunk costs a handful of statements and not thousands.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    delete,
    func,
    insert,
    literal,
    not_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

from alliance_hub.db import UtcDateTime
from alliance_hub.records.blocking import is_unexpired
from alliance_hub.records.chunks import Row
from alliance_hub.records.models import RecordRow, RecordState, SubmissionRow
from alliance_hub.records.rules import Known, Verdict

STAGED = Table(
    "staged_records",
    MetaData(),  # of its own: no migration knows it, for it goes with its connection
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("contract_ref", LargeBinary, nullable=False),
    Column("pseudonym", LargeBinary, nullable=False),
    Column("standing_key", LargeBinary, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("product_class", String, nullable=False),
    Column("lost_contact", Boolean),
    Column("consent_digest", LargeBinary, nullable=False),
    Column("notice_digest", LargeBinary),
    Column("content_digest", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)

STAGED_REFS: Select[tuple[bytes]] = select(STAGED.c.contract_ref)
"""The contracts that are staged, for joins."""

# No row of these tables is held as an object, so none need be told of an update.
_UNSEEN: Any = {"execution_options": {"synchronize_session": False}}

_NAMES = [column.name for column in STAGED.columns]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a chunk stands in the feed, its stamp, and when its records expire."""

    position: int
    stamp: datetime
    expires_at: datetime


def stage(session: Session, rows: Sequence[Row]) -> None:
    """Fill the staging table with a chunk's rows; what it held before is gone."""
    session.execute(CreateTable(STAGED, if_not_exists=True))
    session.execute(delete(STAGED))
    values = [[getattr(row, name) for name in _NAMES] for row in rows]
    if _dialect(session) == "postgresql":
        _copy(session, values)
    elif values:
        session.execute(insert(STAGED), [dict(zip(_NAMES, each, strict=True)) for each in values])


def find_known(session: Session, member: str, seen: Collection[int]) -> dict[int, Known]:
    """Return what stands of the staged rows' contracts, by place.

    `seen` are the positions of the same submission's chunks.
    """
    found = select(
        STAGED.c.place,
        RecordRow.state,
        RecordRow.pseudonym,
        RecordRow.as_of,
        RecordRow.content_digest,
        RecordRow.seen_at,
    ).join(RecordRow, RecordRow.contract_ref == STAGED.c.contract_ref)
    return {
        place: Known(state, pseudonym, as_of, content, seen_here=seen_at in seen)
        for place, state, pseudonym, as_of, content, seen_at in session.execute(
            found.where(RecordRow.member == member)
        )
    }


def count_contracts(session: Session, member: str) -> dict[bytes, int]:
    """Return how many running contracts the member has of each staged pseudonym."""
    running = (RecordRow.member == member) & (RecordRow.state == RecordState.LIVE)
    # One look at the index for each: of a join, a planner that has not yet counted the table makes a scan
    # for each.
    count = select(func.count()).where(running, RecordRow.pseudonym == STAGED.c.pseudonym)
    asked = select(STAGED.c.pseudonym, count.correlate(STAGED).scalar_subquery()).distinct()
    return dict(iter(session.execute(asked)))


def keep(session: Session, member: str, at: Placement) -> None:
    """Put the staged rows in the place of what stood of their contracts; unchanged rows are only seen.

    Every staged row was judged: its contract is new, or its `as_of` is later or the same.
    """
    named = (RecordRow.member == member) & (RecordRow.contract_ref == STAGED.c.contract_ref)
    lapsed = named & (RecordRow.as_of < STAGED.c.as_of) & not_(is_unexpired(at.stamp))
    session.execute(update(RecordRow).where(lapsed).values(live_since=at.position), **_UNSEEN)
    new = {
        **{RecordRow.__table__.c[name]: STAGED.c[name] for name in _NAMES},
        RecordRow.__table__.c.member: literal(member),
        RecordRow.__table__.c.position: literal(at.position),
        RecordRow.__table__.c.seen_at: literal(at.position),
        RecordRow.__table__.c.live_since: literal(at.position),
        RecordRow.__table__.c.expires_at: literal(at.expires_at, UtcDateTime()),
        RecordRow.__table__.c.state: literal(RecordState.LIVE.value),
    }
    # Sorted, because SQLite keeps the table in the order of its key; the condition is for its parser.
    rows = select(*new.values()).where(STAGED.c.place >= 0).order_by(STAGED.c.contract_ref)
    upsert = _upsert(session).from_select(list(new), rows)
    names = (*_NAMES, "position", "seen_at", "expires_at")
    session.execute(
        upsert.on_conflict_do_update(
            index_elements=[RecordRow.member, RecordRow.contract_ref],
            set_={name: upsert.excluded[name] for name in names},
            where=RecordRow.as_of < upsert.excluded.as_of,
        )
    )
    unchanged = named & (RecordRow.seen_at < at.position)
    session.execute(update(RecordRow).where(unchanged).values(seen_at=at.position), **_UNSEEN)


def add_outcomes(
    session: Session, submission: str, chunk: int, verdicts: Mapping[int, Verdict], refs: Mapping[int, bytes]
) -> None:
    """Write down a chunk's rows that are not accepted, by place; `refs` are their contracts."""
    if verdicts:
        rows = [
            {
                "submission": submission,
                "chunk": chunk,
                "place": place,
                "contract_ref": refs[place],
                "outcome": verdict.outcome,
                "reason": verdict.reason,
            }
            for place, verdict in verdicts.items()
        ]
        session.execute(insert(SubmissionRow), rows)


def _copy(session: Session, rows: Sequence[Sequence[object]]) -> None:
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(STAGED.name), sql.SQL(", ").join(map(sql.Identifier, _NAMES))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
    # Nobody else counts the rows of a temporary table, and the planner would guess.
    session.execute(text(f"ANALYZE {STAGED.name}"))


def _upsert(session: Session) -> postgresql.Insert | sqlite.Insert:
    return (postgresql.insert if _dialect(session) == "postgresql" else sqlite.insert)(RecordRow)


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name
