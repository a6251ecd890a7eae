"""Complaints, reminders, samples on both databases; their tables go down and up again with data in them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import inspect

from alliance_hub import schema
from alliance_hub.clocks import service as clocks
from alliance_hub.complaints import kinds, register
from alliance_hub.complaints import service as complaints
from alliance_hub.complaints.register import Order, Search, State
from alliance_hub.db import Database
from alliance_hub.hub import Hub
from alliance_hub.inspection import service as samples
from alliance_hub.inspection.models import Register
from alliance_hub.membership import service as membership
from alliance_hub.people.models import Officer
from alliance_hub.people.roles import Role
from alliance_hub.reminders import service as reminders
from alliance_hub.settings import load_settings
from tests.alliance_hub.builders import Clock, platform
from tests.alliance_hub.hiring import hire

OWN = {"complaints", "complaint_misconduct", "complaint_notes", "reminders", "reminder_days", "samples"}


def test_it_works_on_both_and_goes_down_and_up_again(
    either_database: Database, hub_on: Callable[[Database], Hub], clock: Clock
) -> None:
    hub = hub_on(either_database)
    ways = {"smtp_url": "smtp://127.0.0.1:9", "mail_from": "hub@alliance.test"}
    hub = replace(hub, settings=load_settings(hub.settings.home, **ways))
    fill(hub, clock)

    assert own_tables(either_database) == OWN
    schema.downgrade(either_database, "0008")
    assert own_tables(either_database) == set()
    schema.upgrade(either_database)
    assert own_tables(either_database) == OWN
    with either_database.reading() as session:
        assert register.search(session, Search(), at=clock()).total == 0


def own_tables(database: Database) -> set[str]:
    return OWN & set(inspect(database.engine).get_table_names())


def fill(hub: Hub, clock: Clock) -> None:
    """Put a row into every table, by the services."""
    with hub.database.transaction() as session:
        anne = hire(session, clock, "2001", Role.DISPUTE_OFFICER, Role.MEMBERSHIP_OFFICER)
        session.get_one(Officer, anne.officer).email = "anne@alliance.test"
        guest = hire(session, clock, "9001", Role.INSPECTOR)
        north = platform("北辰小贷", clock)
        membership.apply(session, hub, north.say(north.enrolment()), clock())
        entry = complaints.Entry(
            kind=kinds.Kind.MISCONDUCT,
            channel=kinds.Channel.REGULATOR,
            received_at=clock() - timedelta(days=20),
            complainant="RD-2026-00017",
            summary="连续三晚来电",
            member=north.name,
            agency="速催咨询公司",
            misconduct=(kinds.Misconduct.QUIET_HOURS, kinds.Misconduct.THREATS),
        )
        number = complaints.enter(session, anne, entry, clock()).number
        complaints.assign(session, anne, number, anne.officer, clock())
        complaints.note(session, anne, number, "wrote to the member", clock())
        for row in (Register.MEMBERS, Register.COMPLAINTS, Register.LOG):
            drawn = samples.draw(session, guest, row, 1, "visit", clock(), randomness=secrets.token_bytes)
            assert samples.describe(session, drawn)[0].at is not None
        for row in (Register.AGREEMENTS, Register.SUBMISSIONS, Register.MATCHES):
            assert samples.list_references(session, row) == []

        for order in Order:
            wanted = Search(state=State.OVERDUE, text="速催", officer=anne.officer, order=order)
            assert register.search(session, wanted, at=clock()).total == 1
        assert register.count(session, at=clock())[State.OVERDUE] == 1
        (conduct,) = register.conduct(session, since=clock() - timedelta(days=99), until=clock())
        assert conduct.kinds.total() == 2
        until = clock() + timedelta(days=99)
        assert [each.object for each in clocks.list_clocks(session, now=clock(), until=until)] == [
            f"complaint/{number}"
        ]
    assert len(reminders.write_day(hub, clock())) == 1
    assert reminders.write_day(hub, clock()) == []
