"""Revision 0002 goes down and up again with data in its tables."""

from __future__ import annotations

from sqlalchemy import inspect, select

from alliance_hub import schema
from alliance_hub.flags.models import FlagRow
from alliance_hub.jobs.models import Job
from alliance_hub.records.models import ChunkBody, RecordRow, Submission, SubmissionRow
from privacy.encoding import b64
from privacy.records import Flag
from tests.alliance_hub.builders import seed
from tests.alliance_hub.records.builders import Body, record_of, sign_chunk
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
