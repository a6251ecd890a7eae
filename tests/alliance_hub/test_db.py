"""Instants keep their zone, words their meaning, transactions their all-or-nothing; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Integer, cast, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from alliance_hub.db import Database
from alliance_hub.feed.models import AttachmentRow
from alliance_hub.membership.models import Member
from alliance_hub.membership.rules import MemberState
from alliance_hub.transparency.models import LogRow

SHANGHAI = timezone(timedelta(hours=8))


def log_row(at: datetime) -> LogRow:
    return LogRow(kind="test", at=at, leaf=b"leaf", salt=None, entry=b"\x00\xff")


def test_an_instant_comes_back_aware_and_in_utc(either_database: Database) -> None:
    with either_database.transaction() as session:
        session.add(log_row(datetime(2026, 11, 1, 8, 30, 15, tzinfo=SHANGHAI)))
    with either_database.reading() as session:
        row = session.scalars(select(LogRow)).one()

    assert row.at == datetime(2026, 11, 1, 0, 30, 15, tzinfo=UTC)
    assert row.at.tzinfo is UTC
    assert (row.entry, row.salt) == (b"\x00\xff", None)


def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"), database.transaction() as session:
        session.add(log_row(datetime(2026, 11, 1)))


def test_a_state_is_stored_as_its_word(either_database: Database) -> None:
    with either_database.transaction() as session:
        session.add(
            Member(
                name="北辰小贷",
                state=MemberState.ADMITTED,
                signing=b"",
                recovery=b"",
                sealing=b"",
                key_id="1",
                recovery_key_id="2",
                control_group="A",
                declared_portfolio=100_000_000,
                fingerprint="",
                applied_at=datetime(2026, 11, 1, tzinfo=UTC),
                enrolment=b"",
            )
        )
    with either_database.reading() as session:
        assert session.scalar(text("SELECT state FROM members")) == "admitted"
        assert session.get_one(Member, "北辰小贷").state is MemberState.ADMITTED


def test_a_block_that_raises_leaves_nothing(either_database: Database) -> None:
    def fail() -> None:
        with either_database.transaction() as session:
            session.add(log_row(datetime(2026, 11, 1, tzinfo=UTC)))
            session.flush()
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError):
        fail()

    with either_database.reading() as session:
        assert session.scalars(select(LogRow)).all() == []


def test_a_reference_to_nothing_is_refused(either_database: Database) -> None:
    with pytest.raises(IntegrityError), either_database.transaction() as session:
        session.add(AttachmentRow(position=7, size=0, records=b"[]"))


def test_sqlite_takes_the_write_lock_at_once_and_readers_do_not_wait(database: Database) -> None:
    """If a writer began as a reader, this second one would begin too, and one of them fail at its end."""
    impatient = Database(str(database.engine.url))
    with database.transaction() as writer:
        writer.execute(text("SELECT 1"))
        with impatient.reading() as session:
            session.execute(text("PRAGMA busy_timeout = 0"))
            assert session.scalar(select(cast(text("1"), Integer))) == 1
        with pytest.raises(Exception, match="locked"), impatient.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    impatient.close()


def test_sqlite_survives_a_power_cut_and_checks_references(database: Database) -> None:
    with database.reading() as session:
        found = [session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")]

    assert found == ["wal", 2]
