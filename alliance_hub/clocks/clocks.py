"""The clocks of proposals and of officers' appointments: what expires, and who then stops being somebody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from alliance_hub.approvals.models import Proposal, ProposalState
from alliance_hub.clocks.registry import Clock, ClockKind, collects
from alliance_hub.people.models import ASSOCIATION, DeputyRow, Officer, RoleGrant
from alliance_hub.people.roles import Role


@collects(ClockKind.PROPOSAL_LAPSES)
def proposals(session: Session, now: datetime, until: datetime) -> Iterator[Clock]:
    """Return the open proposals that lapse before `until`; one that has lapsed must be made anew."""
    waiting = select(Proposal).where(
        Proposal.state == ProposalState.OPEN, Proposal.expires_at > now, Proposal.expires_at < until
    )
    for row in session.scalars(waiting):
        says = {"proposal": str(row.id), "action": str(row.kind), "about": row.object}
        yield Clock(
            ClockKind.PROPOSAL_LAPSES, f"proposal/{row.id}", row.expires_at, says, officer=row.proposed_by
        )


@collects(ClockKind.DEPUTY_ENDS)
def deputies(session: Session, now: datetime, until: datetime) -> Iterator[Clock]:
    """Return who stops standing in for another before `until`."""
    rows = session.execute(
        select(DeputyRow, Officer)
        .join(Officer, Officer.id == DeputyRow.deputy)
        .where(*_runs_out(DeputyRow, now, until))
    )
    for row, officer in rows:
        says = {"officer": officer.ref, "role": str(row.role)}
        yield Clock(ClockKind.DEPUTY_ENDS, _object(officer), row.until_at, says, organisation=_other(officer))


@collects(ClockKind.INSPECTOR_ENDS)
def inspectors(session: Session, now: datetime, until: datetime) -> Iterator[Clock]:
    """Return whose inspection ends before `until`."""
    return _appointments(session, Role.INSPECTOR, ClockKind.INSPECTOR_ENDS, now, until)


@collects(ClockKind.LAWYER_ENDS)
def lawyers(session: Session, now: datetime, until: datetime) -> Iterator[Clock]:
    """Return which lawyers' appointments end before `until`."""
    return _appointments(session, Role.LAWYER, ClockKind.LAWYER_ENDS, now, until)


def _appointments(
    session: Session, role: Role, kind: ClockKind, now: datetime, until: datetime
) -> Iterator[Clock]:
    rows = session.execute(
        select(RoleGrant, Officer)
        .join(Officer, Officer.id == RoleGrant.officer)
        .where(RoleGrant.role == role, *_runs_out(RoleGrant, now, until))
    )
    for row, officer in rows:
        assert row.until_at is not None  # by `_runs_out`
        says = {"officer": officer.ref}
        yield Clock(kind, _object(officer), row.until_at, says, organisation=_other(officer))


def _runs_out(
    table: type[DeputyRow] | type[RoleGrant], now: datetime, until: datetime
) -> tuple[ColumnElement[bool], ...]:
    # What is over needs nobody's attention: it has ended by itself, as it should.
    return table.until_at > now, table.until_at < until


def _object(officer: Officer) -> str:
    return f"officer/{officer.ref}"


def _other(officer: Officer) -> str | None:
    return None if officer.organisation == ASSOCIATION else officer.organisation
