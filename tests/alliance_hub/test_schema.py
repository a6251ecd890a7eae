"""Migrations: they make what the models say, they go down and up again, with data, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from alliance_hub import schema
from alliance_hub.agreements import service as agreements
from alliance_hub.db import Database
from alliance_hub.errors import Conflict
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub, open_hub
from alliance_hub.keys import write_keys
from alliance_hub.membership import service as membership
from alliance_hub.permissions import Sender
from alliance_hub.settings import KEY_SET_FILE, KEYS_FILE, load_settings
from privacy.encoding import b64
from privacy.statements import Acceptance, CutSignature
from privacy.terms import sign_terms
from tests.alliance_hub.builders import Ceremony, Clock, Speaker, offer, platform, seed, terms_for


@pytest.fixture
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    sqlite = f"sqlite:///{tmp_path / 'bare.sqlite'}"
    database = Database(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_database"))
    yield database
    database.close()


each_kind = pytest.mark.parametrize("bare", ["sqlite", "postgresql"], indirect=True)


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def fill(hub: Hub, custodians: list[Speaker], clock: Clock) -> None:
    """Put a row into every table of the core: a member joins, signs, and a cut takes effect."""
    north = platform("北辰小贷", clock)
    terms = terms_for(north.name, clock())
    with hub.database.transaction() as session:
        membership.apply(session, hub, north.say(north.enrolment()), clock())
        member = membership.admit(session, hub, north.name, clock())
        assert member.enrolment_digest is not None
        offer(session, hub, terms, clock())
        agreements.sign(session, hub, member, "data-0001", 1, sign_terms(north.key, terms), clock())
        cut = feed.cut(session, hub, clock())
        signature = CutSignature(
            period="2026-11",
            position=cut.position,
            head=b64(feed.head(session).root),
            state_digest=b64(seed("state")),
        )
        for index, witness in enumerate(custodians, 1):
            for body in (Acceptance(enrolment=b64(member.enrolment_digest)), signature):
                signed = witness.said(witness.say(body))
                feed.receive(session, hub, signed, sender=Sender.for_custodian(index), now=clock())


@each_kind
def test_the_migrations_make_what_the_models_say(bare: Database) -> None:
    schema.upgrade(bare)

    with bare.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), schema.metadata())

    assert differences == []


@each_kind
def test_down_and_up_again_with_data(
    bare: Database, hub_on: Callable[[Database], Hub], custodians: list[Speaker], clock: Clock
) -> None:
    schema.upgrade(bare)
    before = tables(bare)
    fill(hub_on(bare), custodians, clock)
    with bare.reading() as session:
        assert feed.newest_effective_cut(session) is not None

    schema.downgrade(bare)
    assert tables(bare) == set()
    assert not schema.is_current(bare)

    schema.upgrade(bare)
    assert tables(bare) == before
    assert schema.is_current(bare)
    for witness in custodians:
        witness.sequence, witness.previous = 0, None
    fill(hub_on(bare), custodians, clock)


@each_kind
def test_every_step_can_be_taken_back_by_itself(bare: Database) -> None:
    schema.upgrade(bare, "0001")
    first = tables(bare)
    schema.upgrade(bare)
    while tables(bare) != first:
        schema.downgrade(bare, "-1")

    assert not schema.is_current(bare)


def test_data_of_the_first_step_outlive_the_later_ones(
    database: Database, hub_on: Callable[[Database], Hub], custodians: list[Speaker], clock: Clock
) -> None:
    hub = hub_on(database)
    fill(hub, custodians, clock)
    with database.reading() as session:
        head = feed.head(session)

    schema.downgrade(database, "0001")
    schema.upgrade(database)

    with database.reading() as session:
        assert feed.head(session) == head
        assert membership.get(session, "北辰小贷").accepted_by == [1, 2, 3]


def test_a_step_that_fails_leaves_the_tables_as_they_were(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE members (name TEXT)")

    with pytest.raises(Exception, match="members"):
        schema.upgrade(database)

    assert tables(database) == {"members"}
    database.close()


def test_a_hub_does_not_open_on_old_tables(tmp_path: Path, ceremony: Ceremony) -> None:
    settings = load_settings(tmp_path)
    write_keys(tmp_path / KEYS_FILE, ceremony.hub_keys, passphrase=None)
    (tmp_path / KEY_SET_FILE).write_bytes(ceremony.signed.canonical())
    with pytest.raises(Conflict, match="alliance-hub migrate"):
        open_hub(settings)

    schema.migrate_sqlite(settings)

    hub = open_hub(settings)
    assert hub.key_set.digest == ceremony.key_set.digest
    hub.database.close()


@each_kind
def test_agreements_of_the_older_form_are_carried_over(bare: Database) -> None:
    schema.upgrade(bare, "0006")
    with bare.engine.begin() as connection:
        _older_agreements(connection)

    schema.upgrade(bare)

    asked = text("SELECT agreement, version, state, ends_at, purposes FROM agreements ORDER BY 1, 2")
    with bare.engine.connect() as connection:
        found = [(*row[:3], str(row.ends_at)[:10], row.purposes) for row in connection.execute(asked)]
    assert found == [
        ("data-0001", 1, "active", "2026-06-01", ",skip_trace,"),
        ("data-0001", 2, "active", "2027-01-01", ",skip_trace,"),
        ("data-0001", 3, "offered", "2027-01-01", ",skip_trace,"),
    ]
    schema.downgrade(bare, "0006")
    with bare.engine.connect() as connection:
        kept = connection.execute(text("SELECT version, signature FROM agreements ORDER BY 1")).all()
    assert [tuple(row) for row in kept] == [(1, "s1"), (2, "s2"), (3, None)]


def _older_agreements(connection: Connection) -> None:
    """Write a member with two signed versions and an offer, as hubs before revision 0007 kept them."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    values = {"at": at, "none": b"", "key": b"k"}
    connection.execute(
        text(
            "INSERT INTO members (name, state, signing, recovery, sealing, key_id, recovery_key_id,"
            " control_group, declared_portfolio, fingerprint, applied_at, enrolment)"
            " VALUES ('N', 'active', :key, :key, :key, 'k', 'r', 'N', 1, 'f', :at, :none)"
        ),
        values,
    )
    for position in (1, 2):
        connection.execute(
            text(
                "INSERT INTO feed_entries (position, stamp, salt, leaf, author, sequence, type, digest,"
                " document, log_leaf) VALUES (:position, :at, :key, :leaf, 'secretariat', :position,"
                " 'agreement', :leaf, :none, :leaf)"
            ),
            values | {"position": position, "leaf": bytes([position])},
        )
    for version, begins, position in ((1, "2026-01-01", 1), (2, "2026-06-01", 2), (3, "2026-07-01", None)):
        terms = {
            "agreement": "data-0001",
            "version": version,
            "member": "N",
            "purposes": ["skip_trace"],
            "categories": ["exposure"],
            "min_contributors": 2,
            "valid_from": f"{begins}T00:00:00Z",
            "valid_until": "2027-01-01T00:00:00Z",
        }
        connection.execute(
            text(
                "INSERT INTO agreements (agreement, version, member, document, offered_at, signature,"
                " signed_at, position) VALUES ('data-0001', :version, 'N', :document, :at, :signature,"
                " :signed_at, :position)"
            ),
            values
            | {
                "version": version,
                "document": json.dumps(terms).encode(),
                "signature": position and f"s{version}",
                "signed_at": position and at,
                "position": position,
            },
        )
