"""The state's digest: written as its module says, and different for any difference."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3

import pytest

from custodian import state
from privacy.encoding import b64
from privacy.statements import Cohorts
from tests.custodian.state.watch import Watch
from tests.feeds import LI, WANG, Alliance

TABLES = {
    "feed": "position, stamp, frontier",
    "authors": "author, next_sequence, previous, signed_at",
    "members": "id, name, control_group, declared_portfolio, enrolment, active_from, taken_in, taken",
    "keys": "member, from_position, signing, recovery, sealing, key_id",
    "acceptances": "member, custodian, position",
    "suspensions": "member, from_position, from_time, until_position",
    "agreements": "agreement, version, position, valid_from, terms",
    "contracts": "id, member, contract_ref, newest, ended_at",
    "records": "id, contract, accepted_at, superseded_at, expires, erased_at, as_of, leaf",
    "holds": "contract, holder, from_position, from_time, until_position",
    "cuts": "position, period, stamp, root, state_digest, effective_at",
    "live_counts": "cut, member, live",
    "cut_signatures": "cut, custodian, position, matching",
    "cohorts": "custodian, period, position, root, size",
    "deletions": "member, position, period, size, root",
}


def a_state_with_everything() -> sqlite3.Connection:
    alliance = Alliance()
    north, south = alliance.enrols("北辰"), alliance.enrols("南山")
    watch = Watch(alliance)
    for member in (north, south):
        member.agrees()
        member.submits(member.record(LI, "1"), member.record(WANG, "2"))
    south.rotates("second")
    north.holds("1")
    alliance.suspends(south)
    first = watch.opens_period()
    north.settles("2")
    for _ in range(2):
        watch.opens_period(days=1)
    alliance.custodians[1].says(Cohorts(period=first, root=b64(bytes(32)), size=1))
    assert watch.verdict() is None
    return watch.db


def line(values: list[object]) -> bytes:
    """One row as the module's docstring says: an array, bytes as base64, no spaces, no escapes."""
    plain = [base64.b64encode(each).decode() if isinstance(each, bytes) else each for each in values]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def test_the_digest_is_over_the_lines_that_the_module_names() -> None:
    db = a_state_with_everything()
    name = b"alliance-hub/state/v1"
    hasher = hashlib.sha256(len(name).to_bytes(8, "big") + name)
    for table, columns in TABLES.items():
        hasher.update(json.dumps(table).encode() + b"\n")
        rows = db.execute(f"SELECT {columns} FROM {table}").fetchall()
        assert rows, table
        for row in sorted(rows):
            hasher.update(line(list(row)))
    assert state.state_digest(db) == hasher.digest()


@pytest.mark.parametrize("table", TABLES)
def test_any_other_value_gives_another_digest(table: str) -> None:
    db = a_state_with_everything()
    before = state.state_digest(db)
    for column in TABLES[table].split(", "):
        (kind,) = db.execute(f"SELECT typeof({column}) FROM {table} LIMIT 1").fetchone()
        other = {"integer": f"{column} + 1000", "text": f"{column} || '!'", "blob": "x'00'"}[kind]
        if (table, column) == ("feed", "frontier"):
            other = "x'0000000000000000'"
        db.execute(
            f"UPDATE {table} SET {column} = {other} WHERE {column} = (SELECT max({column}) FROM {table})"
        )
        assert state.state_digest(db) != before, column
        db.rollback()
    assert state.state_digest(db) == before


def test_a_body_may_be_erased_and_the_digest_stays() -> None:
    db = a_state_with_everything()
    before = state.state_digest(db)
    db.execute("DELETE FROM contributions")
    db.execute("UPDATE records SET pseudonym = NULL, standing_key = NULL, private_digest = NULL")
    assert state.state_digest(db) == before
