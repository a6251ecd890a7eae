"""The file: made once, opened again, refused when it comes from the future."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from custodian import state
from custodian.errors import OperatorError
from custodian.state.schema import snapshot
from tests.custodian.state.watch import Watch
from tests.feeds import LI, Alliance


def test_a_file_is_made_and_found_again(tmp_path: Path) -> None:
    alliance = Alliance()
    alliance.enrols("北辰")
    first = Watch(alliance, tmp_path / "state.db")
    first.follows()
    before = state.state_digest(first.db)
    first.db.close()
    with closing(state.open_state(tmp_path / "state.db")) as again:
        assert (state.head(again).position, state.state_digest(again)) == (3, before)


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(OperatorError, match="newer version"):
        state.open_state(path)


def test_a_file_that_lacks_what_a_checkpoint_needs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE records (id INTEGER PRIMARY KEY, pseudonym TEXT NOT NULL)")
        db.execute("PRAGMA user_version = 1")
    with pytest.raises(OperatorError, match="delete it, and it is computed again"):
        state.open_state(path)


def test_what_is_not_committed_is_not_there(tmp_path: Path) -> None:
    alliance = Alliance()
    alliance.enrols("北辰")
    with closing(state.open_state(tmp_path / "state.db")) as db:
        state.apply(db, alliance.key_set, alliance.entries[0])  # and the process dies
    watch = Watch(alliance, tmp_path / "state.db")
    assert state.head(watch.db).position == 0
    assert all(outcome.valid for outcome in watch.follows())
    watch.db.close()


def test_a_reader_sees_one_state_while_the_feed_goes_on(tmp_path: Path) -> None:
    alliance = Alliance()
    north = alliance.enrols("北辰")
    watch = Watch(alliance, tmp_path / "state.db")
    watch.follows()
    with closing(state.open_state(tmp_path / "state.db")) as reader:
        with snapshot(reader):
            before = state.head(reader), state.state_digest(reader)
            north.submits(north.record(LI, "1"))
            assert watch.verdict() is None
            assert (state.head(reader), state.state_digest(reader)) == before
        assert state.head(reader).position == before[0].position + 1
    watch.db.close()
