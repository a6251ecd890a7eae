"""Who goes to court for a member: a law firm's officers, appointed to one matter and dismissed again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Invalid, NotFound
from alliance_hub.matters.models import MatterLawyer, MatterRow
from alliance_hub.people.models import Officer, OfficerState, Organisation, RoleGrant
from alliance_hub.people.roles import OrganisationKind, Role
from privacy.evidence import MAX_LAWYERS


def require_firm(session: Session, firm: str | None, *, field: str) -> None:
    """Raise Invalid unless there is an open law firm of this name; without one nothing is asked."""
    if firm is None:
        return
    place = session.get(Organisation, firm)
    if place is None or place.kind is not OrganisationKind.LAW_FIRM or place.closed_at is not None:
        raise Invalid("no open law firm has this name: ask the secretariat to enter it", field=field)


def require_lawyer(session: Session, firm: str | None, number: str, now: datetime, *, field: str) -> Officer:
    """Return an officer of the firm whose appointment as lawyer is in force; raises Invalid."""
    if firm is None:
        raise Invalid("a lawyer belongs to a law firm: name the firm too", field=field)
    known = (Officer.organisation == firm, Officer.staff_number == number)
    officer = session.scalar(select(Officer).where(*known, Officer.state != OfficerState.DISABLED))
    if officer is None or not _is_lawyer(session, officer, now):
        raise Invalid(
            "this is no lawyer of the firm, or the appointment is over: ask the firm and the secretariat",
            field=field,
        )
    return officer


def appoint(session: Session, row: MatterRow, officer: Officer, now: datetime) -> None:
    """Let a lawyer see a matter; one that was dismissed must accept the terms anew."""
    known = session.get(MatterLawyer, (row.id, officer.id))
    if known is not None and known.dismissed_at is None:
        raise Conflict("this lawyer is appointed already", slug="appointed")
    if known is None and _count(session, row) >= MAX_LAWYERS:
        raise Conflict(f"a matter has at most {MAX_LAWYERS} lawyers: dismiss one first", slug="too-many")
    fresh = MatterLawyer(
        matter=row.id,
        officer=officer.id,
        appointed_at=now,
        dismissed_at=None,
        terms=None,
        accepted_at=None,
    )
    session.merge(fresh)
    session.flush()


def dismiss(session: Session, row: MatterRow, officer: int, now: datetime) -> Officer:
    """Let a lawyer see the matter no longer; raises NotFound for one who is not appointed."""
    known = session.get(MatterLawyer, (row.id, officer))
    if known is None or known.dismissed_at is not None:
        raise NotFound("this lawyer is not appointed to the matter")
    known.dismissed_at = now
    session.flush()
    return session.get_one(Officer, officer)


def list_candidates(session: Session, firm: str, now: datetime) -> Sequence[Officer]:
    """Return the officers of a law firm who may be appointed, by staff number."""
    grants = select(RoleGrant.officer).where(RoleGrant.role == Role.LAWYER, *_in_force(now)).scalar_subquery()
    own = select(Officer).where(
        Officer.organisation == firm, Officer.state != OfficerState.DISABLED, Officer.id.in_(grants)
    )
    return session.scalars(own.order_by(Officer.staff_number)).all()


def _is_lawyer(session: Session, officer: Officer, now: datetime) -> bool:
    held = select(RoleGrant.id).where(
        RoleGrant.officer == officer.id, RoleGrant.role == Role.LAWYER, *_in_force(now)
    )
    return session.scalar(held.limit(1)) is not None


def _in_force(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return RoleGrant.from_at <= now, or_(RoleGrant.until_at.is_(None), RoleGrant.until_at > now)


def _count(session: Session, row: MatterRow) -> int:
    own = select(func.count()).where(MatterLawyer.matter == row.id, MatterLawyer.dismissed_at.is_(None))
    return session.scalar(own) or 0
