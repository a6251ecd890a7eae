"""Revisions 0002 and 0004 go down and up again with data in their tables."""

from __future__ import annotations

from sqlalchemy import inspect, select, text, update

from alliance_hub import schema
from alliance_hub.feed import service as feed
from alliance_hub.flags.models import FlagRow
from alliance_hub.jobs.models import Job
from alliance_hub.membership import service as membership
from alliance_hub.records.forgetting import ERASED
from alliance_hub.records.models import ChunkBody, RecordRow, Submission, SubmissionRow
from privacy.encoding import b64
from privacy.records import Flag
from tests.alliance_hub.builders import seed
from tests.alliance_hub.records.builders import Body, pseudonym_of, record_of, reference_of, sign_chunk
from tests.alliance_hub.records.conftest import Alliance

OWN = {
    "jobs",
    "submissions",
    "submission_chunks",
    "submission_bodies",
    "submission_rows",
    "records",
    "evasion_flags",
}


def test_down_and_up_with_data(either_alliance: Alliance) -> None:
    database, key_set = either_alliance.hub.database, either_alliance.hub.key_set
    north = either_alliance.join("North Bank")
    flag = Flag(id=b64(seed("flag")), version=1, category="absconded", sealed=b64(b"sealed"))
    either_alliance.submit(north, [sign_chunk(north, key_set, [record_of(key_set, "c1", flag=flag)])])
    refused = sign_chunk(north, key_set, [record_of(key_set, "c2", epoch=2)])
    either_alliance.submit(north, [refused], reference="reference-2")
    waiting = sign_chunk(north, key_set, [record_of(key_set, "c3")])
    either_alliance.receive(north, Body(either_alliance.hub, "reference-3", [waiting]))
    with database.reading() as session:
        for table in (Job, Submission, ChunkBody, SubmissionRow, RecordRow, FlagRow):
            assert session.scalars(select(table)).first() is not None

    schema.downgrade(database, "0001")
    assert OWN.isdisjoint(inspect(database.engine).get_table_names())

    schema.upgrade(database)
    assert OWN.issubset(inspect(database.engine).get_table_names())


def test_what_was_forgotten_stays_known_without_the_step_that_forgets(either_alliance: Alliance) -> None:
    """Down, a forgotten record says nothing; up again, the others say what they said, flags and all."""
    database, key_set = either_alliance.hub.database, either_alliance.hub.key_set
    north = either_alliance.join("North Bank")
    flag = Flag(id=b64(seed("flag")), version=1, category="absconded", sealed=b64(b"sealed"))
    submitted = [record_of(key_set, "c1", "Lin", flag=flag), record_of(key_set, "c2", "Wu")]
    either_alliance.submit(north, [sign_chunk(north, key_set, submitted)])
    with database.transaction() as session:
        forgotten = RecordRow.contract_ref == reference_of("c2")
        session.execute(update(RecordRow).where(forgotten).values({**ERASED, "state": "settled"}))

    schema.downgrade(database, "0003")
    assert {"feed_cohorts", "feed_successor"}.isdisjoint(inspect(database.engine).get_table_names())
    columns = {each["name"]: each["nullable"] for each in inspect(database.engine).get_columns("records")}
    assert not any(columns[name] for name in ("pseudonym", "standing_key", "product_class", "consent_digest"))
    with database.reading() as session:
        said: dict[bytes, bytes] = dict(
            iter(session.execute(text("SELECT contract_ref, pseudonym FROM records")))
        )
    assert {bytes(key): bytes(value) for key, value in said.items()} == {
        reference_of("c1"): pseudonym_of("Lin"),
        reference_of("c2"): b"",
    }

    schema.upgrade(database)
    with database.reading() as session:
        states = {row.contract_ref: row.state for row in session.scalars(select(RecordRow))}
        assert states == {reference_of("c1"): "live", reference_of("c2"): "settled"}
        assert [row.flag for row in session.scalars(select(FlagRow))] == [flag]
    assert [holder.flag for holder in either_alliance.holders(pseudonym_of("Lin"))] == [flag]
    indexes = {index["name"] for index in inspect(database.engine).get_indexes("records")}
    assert "ix_records_pseudonym_member_state" in indexes


def test_the_copied_table_is_still_kept_by_its_key(alliance: Alliance) -> None:
    with alliance.hub.database.reading() as session:
        (made,) = session.scalars(text("SELECT sql FROM sqlite_master WHERE name = 'records'"))
    assert "WITHOUT ROWID" in made


def test_since_when_a_member_is_suspended_is_read_from_the_feed(either_alliance: Alliance) -> None:
    database, clock = either_alliance.hub.database, either_alliance.clock
    for name in ("North Bank", "South Bank", "East Bank"):
        either_alliance.join(name, agreed=False)
    with database.transaction() as session:
        for act, name in [
            (membership.suspend, "North Bank"),
            (membership.suspend, "South Bank"),
            (membership.resume, "North Bank"),
        ]:
            act(session, either_alliance.hub, name, clock())
        at = feed.head(session).position - 1

    schema.downgrade(database, "0003")
    schema.upgrade(database)

    with database.reading() as session:
        found = {member.name: member.suspended_at for member in membership.list_members(session)}
    assert found == {"North Bank": None, "South Bank": at, "East Bank": None}
