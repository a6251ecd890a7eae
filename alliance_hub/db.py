"""One database behind one small class: SQLite by default, PostgreSQL by URL, the same rules on both.

Two writers never meet in the middle: SQLite takes its write lock at the first statement, and on
PostgreSQL whoever writes the feed locks its head row first. Readers see one snapshot throughout.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    LargeBinary,
    MetaData,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_SECONDS = 30
"""How long a SQLite writer waits for another before it gives up."""

BytesType = LargeBinary
BigId = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both; on SQLite under the one name that makes a primary key count by itself."""


def word_type(words: type[StrEnum]) -> Enum:
    """Return the column type that stores a word of an enumeration by its value and gives the word back."""
    return Enum(
        words, native_enum=False, length=40, values_callable=lambda found: [word.value for word in found]
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC. A naive one is refused: it would mean another instant elsewhere."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite stores text without an offset.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the hub. Constraints have names, so that a migration can drop them again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime(), bytes: BytesType(), int: BigId}  # noqa: RUF012


class Database:
    """An engine and the two ways in: `transaction` to write, `reading` to look."""

    def __init__(self, url: str) -> None:
        # An error that quotes its parameters would carry pseudonyms into a log.
        self.engine = create_engine(make_url(url), hide_parameters=True)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _open_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @property
    def is_sqlite(self) -> bool:
        """Say whether the database is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that commits when the block ends and rolls back when it raises."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one snapshot, waits for no writer and never commits."""
        with Session(self._reader(), expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    def _reader(self) -> Engine:
        if self.is_sqlite:
            return self.engine.execution_options(reading=True)
        return self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _open_sqlite(connection: SqliteConnection, _record: Any) -> None:
    # The driver would begin transactions by its own rules; `_begin_sqlite` does it by ours.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    # A receipt that was handed out must outlive a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # What is erased must not be read from the file's free pages.
    connection.execute("PRAGMA secure_delete = ON")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    # A writer that began as a reader could meet another one upgrading too, and both would fail.
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
