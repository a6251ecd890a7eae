"""Parameters and mode change by two officers, and what is decided afterwards goes by the new value."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.approvals import service as approvals
from alliance_hub.db import Database
from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.hub import Hub
from alliance_hub.parameters import acts, service
from alliance_hub.parameters.rules import Standing
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Role
from alliance_hub.policy import RegulatoryMode
from alliance_hub.settings import load_settings
from alliance_hub.transparency.models import LogRow
from privacy.keyset import Policy
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.hiring import hire

WANTED = Standing(RegulatoryMode.VIA_LICENSED_BUREAU, "5f" * 32, "京金融函 2026-17")


@pytest.fixture
def anne(session: Session, clock: Clock) -> Actor:
    return hire(session, clock, "1001", Role.SYSTEM_ADMIN)


@pytest.fixture
def ben(session: Session, clock: Clock) -> Actor:
    return hire(session, clock, "1002", Role.SECURITY_ADMIN)


@pytest.fixture
def real(hub: Hub) -> Hub:
    """The same hub with a key set for real data and the settings that it needs."""
    settings = load_settings(
        hub.settings.home, regulatory_mode=RegulatoryMode.POST_LOAN_MATCH, opinion_digest="ab" * 32
    )
    key_set = msgspec.structs.replace(hub.key_set, policy=Policy.for_real_data())
    signed = msgspec.structs.replace(hub.signed_key_set, key_set=key_set)
    return replace(hub, settings=settings, signed_key_set=signed)


def change(session: Session, hub: Hub, anne: Actor, ben: Actor, clock: Clock, name: str, new: int) -> None:
    proposal = acts.propose_value(session, hub, anne, name, new, reason="the board said so", now=clock())
    approvals.approve(session, hub, ben, proposal.id, clock())


def test_a_value_holds_once_another_officer_approved_it(
    session: Session, hub: Hub, anne: Actor, ben: Actor, clock: Clock
) -> None:
    assert service.value(session, "proposal_days") == 14
    proposal = acts.propose_value(session, hub, anne, "proposal_days", 3, reason="short summer", now=clock())
    assert service.value(session, "proposal_days") == 14
    with pytest.raises(Forbidden, match="none of your roles"):
        approvals.approve(session, hub, anne, proposal.id, clock())

    approvals.approve(session, hub, ben, proposal.id, clock())

    assert service.value(session, "proposal_days") == 3
    next_one = acts.propose_value(session, hub, anne, "exit_days", 20, reason="faster", now=clock())
    assert next_one.expires_at == clock() + timedelta(days=3)


def test_a_span_counts_in_its_parameters_own_unit(
    session: Session, hub: Hub, anne: Actor, ben: Actor, clock: Clock
) -> None:
    assert service.span(session, "session_idle_minutes") == timedelta(minutes=15)
    assert service.span(session, "session_life_hours") == timedelta(hours=8)
    change(session, hub, anne, ben, clock, "exit_days", 20)
    assert service.span(session, "exit_days") == timedelta(days=20)


def test_the_history_names_proposal_and_log_entry(
    session: Session, hub: Hub, anne: Actor, ben: Actor, clock: Clock
) -> None:
    change(session, hub, anne, ben, clock, "exit_days", 20)
    clock.move(days=1)
    change(session, hub, anne, ben, clock, "exit_days", 25)

    newest, first = service.history(session, "exit_days")
    assert [(first.old, first.new), (newest.old, newest.new)] == [(30, 20), (20, 25)]
    row = session.scalars(select(LogRow).where(LogRow.leaf == newest.log_leaf)).one()
    assert json.loads(row.entry or b"") == {
        "kind": "parameter_changed",
        "at": "2026-11-02T18:00:00Z",
        "officer": "association/1002",
        "organisation": "association",
        "object": "parameter/exit_days",
        "proposal": newest.proposal,
        "old": 20,
        "new": 25,
    }
    settings = {each.parameter.name: each for each in service.list_settings(session)}
    assert settings["exit_days"].changed is newest
    assert settings["exit_days"].value == 25
    assert settings["proposal_days"].changed is None


def test_what_cannot_be_set_is_refused_when_it_is_proposed(
    session: Session, hub: Hub, anne: Actor, ben: Actor, clock: Clock
) -> None:
    with pytest.raises(Invalid, match="between 1 and 30"):
        acts.propose_value(session, hub, anne, "exit_days", 31, reason="slow", now=clock())
    with pytest.raises(NotFound):
        acts.propose_value(session, hub, anne, "no_such", 1, reason="why", now=clock())
    with pytest.raises(Forbidden):
        acts.propose_value(session, hub, ben, "exit_days", 20, reason="not mine", now=clock())


def test_made_up_data_know_one_mode(session: Session, hub: Hub, anne: Actor, clock: Clock) -> None:
    assert service.mode(session, hub) is RegulatoryMode.SYNTHETIC
    with pytest.raises(Conflict, match="hold a key ceremony for real data"):
        acts.propose_mode(session, hub, anne, WANTED, reason="licence", now=clock())


def test_a_mode_holds_with_what_it_stands_on(
    session: Session, real: Hub, anne: Actor, ben: Actor, clock: Clock
) -> None:
    assert service.mode(session, real) is RegulatoryMode.POST_LOAN_MATCH
    assert not service.opinion_names_amounts(session, real)
    proposal = acts.propose_mode(session, real, anne, WANTED, reason="the bureau is licensed", now=clock())

    approvals.approve(session, real, ben, proposal.id, clock())

    assert service.standing(session, real) == WANTED
    with pytest.raises(Conflict, match="already"):
        acts.propose_mode(session, real, anne, WANTED, reason="again", now=clock())
    back = replace(WANTED, mode=RegulatoryMode.POST_LOAN_MATCH, names_amounts=True)
    again = acts.propose_mode(session, real, anne, back, reason="amounts are named", now=clock())
    approvals.approve(session, real, ben, again.id, clock())
    assert service.opinion_names_amounts(session, real)
    assert [row.mode for row in service.mode_history(session)] == [
        RegulatoryMode.POST_LOAN_MATCH,
        RegulatoryMode.VIA_LICENSED_BUREAU,
    ]


def test_a_change_is_stored_alike_on_both_databases(
    either_database: Database, hub_on: Callable[[Database], Hub], clock: Clock
) -> None:
    hub = hub_on(either_database)
    with either_database.transaction() as session:
        anne = hire(session, clock, "1001", Role.SYSTEM_ADMIN)
        ben = hire(session, clock, "1002", Role.SECURITY_ADMIN)
        change(session, hub, anne, ben, clock, "login_failures", 4)
        change(session, hub, anne, ben, clock, "login_failures", 6)

    with either_database.reading() as session:
        assert service.value(session, "login_failures") == 6
        assert [row.new for row in service.history(session, "login_failures")] == [6, 4]
