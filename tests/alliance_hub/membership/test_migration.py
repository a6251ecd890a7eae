"""Revision 0006 goes down and up again with data in its tables; members and their feed stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import inspect, select

from alliance_hub import schema
from alliance_hub.db import Database
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.membership import applications, files, leaving, quotas, service, tasks
from alliance_hub.membership.applying import read_application
from alliance_hub.membership.models import Application, ExitCertificate, ExportPart, Member, Tick
from privacy.periods import day_of
from tests.alliance_hub.builders import Clock, platform
from tests.alliance_hub.membership.firms import card_text, facts

assert tasks

OWN = {
    "applications",
    "application_ticks",
    "application_sources",
    "member_profiles",
    "member_quota_use",
    "member_exits",
    "member_export_parts",
    "member_exit_certificates",
}


def fill(hub: Hub, clock: Clock) -> None:
    """Put a row into every table of this revision."""
    firm = platform("北辰小贷", clock)
    raw = {**facts(1), "card": card_text(firm)}
    with hub.database.transaction() as session:
        applications.count_source(session, hub, "192.0.2.1", clock())
        row = applications.receive(session, *read_application(raw, day_of(clock())), clock()).application
        at = datetime(2026, 11, 1, tzinfo=UTC)
        row.ticks.append(Tick(application=row.id, item="documents", officer="a/1", note="", at=at))
        service.apply(session, hub, firm.say(firm.enrolment()), clock())
        member = service.admit(session, hub, firm.name, clock())
        files.open_file(session, member, row, clock())
        quotas.require_left(session, member, 1, clock())
        job = leaving.begin(session, hub, firm.name, clock()).job
    jobs.run(hub, job)


def test_down_and_up_with_data(
    hub_on: Callable[[Database], Hub], either_database: Database, clock: Clock
) -> None:
    hub = hub_on(either_database)
    fill(hub, clock)
    with either_database.reading() as session:
        for table in (Application, Tick, ExportPart, ExitCertificate):
            assert session.scalars(select(table)).first() is not None

    schema.downgrade(either_database, "0005")
    assert OWN.isdisjoint(inspect(either_database.engine).get_table_names())

    schema.upgrade(either_database)
    assert OWN.issubset(inspect(either_database.engine).get_table_names())
    with either_database.reading() as session:
        assert session.get_one(Member, "北辰小贷").suspended_at == 2
        assert session.scalars(select(Application)).all() == []
