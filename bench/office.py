"""A hub of many years to look at: 1,000 members with agreements and people, a million log entries.

One member is made by the real services and copied row by row, past the services and without their checks:
what is measured is how pages read, and making all of this in earnest would take a day.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from flask import Flask

import admin
import api
from alliance_hub import schema
from alliance_hub.agreements import service as agreements
from alliance_hub.app import EXTENSION
from alliance_hub.complaints import service as complaints
from alliance_hub.complaints.kinds import Channel, Kind, Misconduct
from alliance_hub.db import Database
from alliance_hub.hub import Hub
from alliance_hub.membership import files
from alliance_hub.membership import service as membership
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import OrganisationKind, Role
from alliance_hub.settings import DATABASE_FILE, load_settings
from demo import papers
from privacy.keyset import Policy
from privacy.terms import sign_terms
from tests.admin.people import QUICK, Office
from tests.alliance_hub.builders import Clock, hold_ceremony, offer, platform, terms_for

FIRST: Final = "Bench 0000"
DAYS: Final = 730
"""Over which the log is spread."""
STEP: Final = 50_000
"""Log entries written at a time."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Site:
    """An opened hub with its application and the officers that look at it."""

    hub: Hub
    app: Flask
    office: Office
    officers: dict[str, Actor]


def found(home: Path) -> Site:
    """Make a hub with one member by the real services, and its officers."""
    home.mkdir()
    now = datetime.now(UTC).replace(microsecond=0)
    clock, ceremony = Clock(now), hold_ceremony(Policy.for_synthetic_data())
    database = Database(f"sqlite:///{home / DATABASE_FILE}")
    schema.upgrade(database)
    opened = Hub(load_settings(home), database, ceremony.hub_keys, ceremony.signed, clock)
    hub = replace(opened, password_cost=QUICK)
    app = api.application()
    app.extensions[EXTENSION] = hub
    api.face(app)
    admin.face(app)
    office = Office(app, hub, clock)
    officers = _officers(office)
    _member(hub, clock, officers)
    return Site(hub, app, office, officers)


def fill(site: Site, *, members: int, entries: int, tick: Callable[[], None]) -> None:
    """Copy the one member and write the log, a dot for each part."""
    path = str(site.hub.database.engine.url.database)
    site.hub.database.close()
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        # What is written here is thrown away after the bench: a power cut may have it.
        db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; "
            "PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY;"
        )
        with db:
            _copy_members(db, members)
            _copy_complaints(db, 2 * members)
            _write_figures(db, site.hub.clock())
        indexes = _drop_indexes(db, "log_entries")
        for first in range(0, entries, STEP):
            with db:
                _write_log(db, first, min(STEP, entries - first), entries, members, site.hub.clock())
            tick()
        for index in indexes:
            db.execute(index)
            tick()
        newest = db.execute("SELECT max(id) FROM log_entries").fetchone()[0]
        with db:
            db.execute("UPDATE tally SET entry = ?, live_records = 0, records_at = ?", (newest, _at(site)))
        db.execute("ANALYZE")


def _officers(office: Office) -> dict[str, Actor]:
    roles = (Role.MEMBERSHIP_OFFICER, Role.AGREEMENT_OFFICER, Role.DISPUTE_OFFICER)
    return {
        "secretariat": office.officer(*roles),
        "system": office.officer(Role.SYSTEM_ADMIN),
        "security": office.officer(Role.SECURITY_ADMIN),
        "audit": office.officer(Role.AUDIT_ADMIN),
        "inspector": office.officer(Role.INSPECTOR),
        "member": office.officer(Role.MEMBER_ADMIN, organisation=FIRST, kind=OrganisationKind.MEMBER),
    }


def _member(hub: Hub, clock: Clock, officers: dict[str, Actor]) -> None:
    first = platform(FIRST, clock)
    terms = terms_for(FIRST, clock())
    with hub.database.transaction() as session:
        membership.apply(session, hub, first.say(first.enrolment()), clock())
        membership.admit(session, hub, FIRST, clock())
        offer(session, hub, terms, clock())
        row = membership.get(session, FIRST)
        agreements.sign(session, hub, row, terms.agreement, 1, sign_terms(first.key, terms), clock())
        papers.write_file(session, officers["secretariat"], FIRST, 1, clock())
        assert files.find_file(session, FIRST) is not None
        entry = complaints.Entry(
            kind=Kind.MISCONDUCT,
            channel=Channel.PHONE,
            received_at=clock(),
            complainant="RD-2026-00001",
            summary="连续三晚 22:00 后来电",
            member=FIRST,
            agency="Agency 1",
            misconduct=(Misconduct.QUIET_HOURS,),
        )
        complaints.enter(session, officers["secretariat"], entry, clock())


def _copy_members(db: sqlite3.Connection, members: int) -> None:
    numbers = range(1, members)
    _copies(db, "members", numbers, _as_member)
    _copies(db, "member_profiles", numbers, lambda row, n: row | {"member": _name(n)})
    _copies(db, "agreements", numbers, _as_agreement)
    where = f"WHERE id = '{FIRST}'"
    _copies(db, "organisations", numbers, lambda row, n: row | {"id": _name(n), "name": _name(n)}, where)
    where = f"WHERE organisation = '{FIRST}'"
    _copies(db, "officers", numbers, _as_officer, where)
    where = f"WHERE officer = (SELECT id FROM officers WHERE organisation = '{FIRST}')"
    _copies(
        db, "officer_roles", numbers, lambda row, n: row | {"id": 10_000 + n, "officer": 10_000 + n}, where
    )
    use = [(_name(n), date.today().isoformat(), n) for n in numbers]
    db.executemany("INSERT INTO member_quota_use (member, day, subjects) VALUES (?, ?, ?)", use)


def _as_member(row: Row, number: int) -> Row:
    keys = {key: os.urandom(32) for key in ("signing", "recovery", "sealing", "enrolment_digest")}
    ids = {key: os.urandom(16).hex() for key in ("key_id", "recovery_key_id")}
    own = {"name": _name(number), "control_group": _name(number), "state": _state(number)}
    return row | keys | ids | own


def _state(number: int) -> str:
    return "suspended" if number % 40 == 0 else "applied" if number % 50 == 0 else "active"


def _as_agreement(row: Row, number: int) -> Row:
    document = row["document"].replace(FIRST.encode(), _name(number).encode())
    document = document.replace(b"data-0001", f"data-{number + 1:04}".encode())
    own = {"agreement": f"data-{number + 1:04}", "member": _name(number), "document": document}
    ends = datetime.fromisoformat(row["ends_at"]) - timedelta(days=number % 350)
    return row | own | {"ends_at": ends.isoformat(" "), "log_leaf": os.urandom(32)}


def _as_officer(row: Row, number: int) -> Row:
    return row | {"id": 10_000 + number, "organisation": _name(number), "staff_number": f"P{number:05}"}


def _copy_complaints(db: sqlite3.Connection, count: int) -> None:
    def one(row: Row, number: int) -> Row:
        due = datetime.fromisoformat(row["due_at"]) - timedelta(days=number % 400)
        closed = None if number % 20 == 0 else due.isoformat(" ")
        own = {"id": number + 1, "sequence": number + 1, "agency": f"Agency {number % 60}"}
        ending = {"closed_at": closed, "replied_at": closed, "outcome": "upheld" if closed else None}
        return row | own | ending | {"due_at": due.isoformat(" ")}

    _copies(db, "complaints", range(1, count), one)
    _copies(db, "complaint_misconduct", range(1, count), lambda row, n: row | {"complaint": n + 1})


def _copies(
    db: sqlite3.Connection,
    table: str,
    numbers: Iterable[int],
    change: Callable[[Row, int], Row],
    where: str = "",
) -> None:
    """Write a table's one row (or the one that `where` finds) once more for each number, changed."""
    row = dict(db.execute(f"SELECT * FROM {table} {where} LIMIT 1").fetchone())
    columns = ", ".join(f'"{name}"' for name in row)
    places = ", ".join(f":{name}" for name in row)
    db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", (change(row, n) for n in numbers))


def _write_figures(db: sqlite3.Connection, now: datetime) -> None:
    labels = [("matches", "allowed"), ("matches", "denied"), ("subjects", "allowed"), ("rows", "accepted")]
    labels += [("denied", "quota"), ("denied", "regulatory_mode"), ("ended", "settlement")]
    days = [(now - timedelta(days=back)).date().isoformat() for back in range(DAYS)]
    rows = [(name, day, label, 100 + len(label)) for day in days for name, label in labels]
    db.executemany("INSERT OR IGNORE INTO figures (name, day, label, value) VALUES (?, ?, ?, ?)", rows)


def _drop_indexes(db: sqlite3.Connection, table: str) -> list[str]:
    """Drop a table's indexes and return what makes them again: sorted at once, that is much quicker."""
    found = db.execute(
        "SELECT name, sql FROM sqlite_master WHERE tbl_name = ? AND sql LIKE 'CREATE INDEX%'", (table,)
    )
    indexes = [(row["name"], row["sql"]) for row in found]
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    return [sql for _, sql in indexes]


def _write_log(
    db: sqlite3.Connection, first: int, count: int, total: int, members: int, now: datetime
) -> None:
    db.executemany(
        "INSERT INTO log_entries (kind, at, actor, organisation, object, leaf, salt, entry) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        _entries(first, count, total, members, now),
    )


def _entries(first: int, count: int, total: int, members: int, now: datetime) -> Iterator[tuple[Any, ...]]:
    """Give entries as they come: mostly matches and submissions of members, now and then an officer's act."""
    salt, step = os.urandom(32), timedelta(days=DAYS) / total
    # As SQLAlchemy keeps an instant in SQLite: in UTC, and without saying so.
    start = now.replace(tzinfo=None) - timedelta(days=DAYS)
    for place in range(count):
        number = first + place
        at = start + step * number
        name = _name(number * 7919 % members)
        # In order, which random leaves are not: their index is looked into, never walked.
        leaf = number.to_bytes(32, "big")
        match number % 10:
            case 0 | 1:
                kind, actor, thing = "submission_processed", f"member/{name}", f"submission/{number:x}"
            case 2:
                kind, actor, thing = (
                    "complaint_noted",
                    "association/P001",
                    f"complaint/C-2026-{number % 999:04}",
                )
            case 3:
                kind, actor, thing = (
                    "agreement_reviewed",
                    "association/P001",
                    f"agreement/data-{number % 999:04}",
                )
            case _:
                kind, actor, thing = "match", f"member/{name}", f"agreement/data-{number % 999:04}"
        said = at.isoformat(" ", "microseconds")
        text = f'{{"allowed":true,"at":"{said}","kind":"{kind}","member":"{name}","object":"{thing}"}}'
        yield kind, said, actor, name, thing, leaf, salt, text.encode()


def _name(number: int) -> str:
    return f"Bench {number:04}"


def _at(site: Site) -> str:
    return f"{site.hub.clock():%Y-%m-%d %H:%M:%S.%f}"
