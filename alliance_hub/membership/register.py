"""Members, applications and control groups as lists for people: filtered, sorted, page by page.

A page takes a fixed number of queries however many members there are: a thousand must not cost a thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from alliance_hub.membership.checklist import Kin, related
from alliance_hub.membership.models import Application, Exit, Member, Profile, QuotaUse
from alliance_hub.membership.quotas import limit_of
from alliance_hub.membership.rules import MemberState
from alliance_hub.membership.vocabulary import ApplicationState, ExitStage, MemberKind


class Standing(StrEnum):
    """How a member stands, as the register of members says it: its state, and whether it leaves."""

    APPLIED = "applied"
    """It has introduced itself and is not admitted."""
    ADMITTED = "admitted"
    """Fewer than t custodians have accepted it."""
    ACTIVE = "active"
    """It works."""
    SUSPENDED = "suspended"
    """It does not work until further notice."""
    LEAVING = "leaving"
    """It is out of work for good; its data are being returned and erased."""
    LEFT = "left"
    """Its data are returned and erased."""


def standing_of(state: MemberState, stage: ExitStage | None) -> Standing:
    """Return how a member stands, from its state in the feed and how far its leaving is."""
    if stage is None:
        return Standing(str(state))
    return Standing.LEFT if stage is ExitStage.CLOSED else Standing.LEAVING


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One line of the register of members; what only its file says is None where it has none."""

    name: str
    legal_name: str | None
    kind: MemberKind | None
    group: str
    standing: Standing
    licence_until: date | None
    declared_portfolio: int
    """As enrolled."""
    quota: int
    used: int
    """Subjects asked about today."""
    applied_at: datetime


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """One line of the register of applications."""

    id: int
    member: str
    legal_name: str
    kind: MemberKind
    state: ApplicationState
    ticked: int
    declared_portfolio: int
    received_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a register, and how many there are in all."""

    lines: Sequence[Any]
    total: int


@dataclass(frozen=True, slots=True)
class Group:
    """Members under one control: they count as one where totals are opened."""

    name: str
    members: tuple[str, ...]
    controllers: tuple[str, ...]
    """The codes of the controlling shareholders that their files name."""
    elsewhere: tuple[str, ...]
    """Other groups in which a firm under the same control stands: those should be one."""
    unexplained: bool
    """Whether a member stands in it although its file ties it to no other one here."""


def list_members(
    session: Session,
    filters: Mapping[str, str],
    text: str,
    *,
    today: date,
    sort: str,
    descending: bool,
    offset: int,
    limit: int,
) -> Page:
    """Return a page of the register of members.

    Filters: `standing`, `kind`, `group`; `text` is looked for in names and codes.
    """
    chosen = _members(today).where(*_member_conditions(filters, text))
    total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    order = _MEMBER_ORDER.get(sort, Member.name)
    rows = session.execute(
        chosen.order_by(order.desc().nulls_last() if descending else order.asc().nulls_last(), Member.name)
        .offset(offset)
        .limit(limit)
    )
    return Page([_member_line(*row) for row in rows], total)


def list_applications(
    session: Session,
    filters: Mapping[str, str],
    text: str,
    *,
    sort: str,
    descending: bool,
    offset: int,
    limit: int,
) -> Page:
    """Return a page of the register of applications; filters: `state`, `kind`."""
    conditions: list[ColumnElement[bool]] = []
    if state := filters.get("state"):
        conditions.append(Application.state == ApplicationState(state))
    if kind := filters.get("kind"):
        conditions.append(Application.kind == MemberKind(kind))
    if text:
        conditions.append(_like(text, Application.member, Application.legal_name, Application.uscc))
    total = session.scalar(select(func.count()).select_from(Application).where(*conditions)) or 0
    order = _APPLICATION_ORDER.get(sort, Application.id)
    # Ticks come with them, in one query for the whole page.
    rows = session.scalars(
        select(Application)
        .where(*conditions)
        .order_by(order.desc() if descending else order.asc(), Application.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return Page([_application_line(row) for row in rows], total)


def count_waiting(session: Session) -> int:
    """Return how many applications wait for the secretariat."""
    waits = Application.state.in_(
        (ApplicationState.RECEIVED, ApplicationState.IN_REVIEW, ApplicationState.READY)
    )
    return session.scalar(select(func.count()).where(waits)) or 0


def list_groups(session: Session) -> list[Group]:
    """Return every control group that has more than one member, or that something is wrong with, by name."""
    rows = session.execute(
        select(Member.name, Member.control_group, Profile.uscc, Profile.controller_uscc)
        .outerjoin(Profile, Profile.member == Member.name)
        .outerjoin(Exit, Exit.member == Member.name)
        .where(Exit.member.is_(None), Member.state != MemberState.APPLIED)
        .order_by(Member.control_group, Member.name)
    )
    groups: dict[str, list[Kin]] = defaultdict(list)
    for name, group, uscc, controller in rows:
        groups[group].append(Kin(name, group, uscc or "", controller))
    seats = _seats(groups)
    found = [_group(name, members, seats) for name, members in groups.items()]
    return [group for group in found if len(group.members) > 1 or group.elsewhere]


def _seats(groups: Mapping[str, Sequence[Kin]]) -> Mapping[str, set[str]]:
    """Return in which groups the firms stand that a code controls or names."""
    seats: dict[str, set[str]] = defaultdict(set)
    for group, members in groups.items():
        for member in members:
            for code in (member.uscc, member.controller_uscc):
                if code:
                    seats[code].add(group)
    return seats


def _group(name: str, members: Sequence[Kin], seats: Mapping[str, set[str]]) -> Group:
    codes = {code for member in members for code in (member.uscc, member.controller_uscc) if code}
    return Group(
        name,
        tuple(member.name for member in members),
        tuple(sorted({member.controller_uscc for member in members if member.controller_uscc})),
        tuple(sorted({seat for code in codes for seat in seats[code]} - {name})),
        len(members) > 1 and any(_is_alone(member, members) for member in members),
    )


def _is_alone(member: Kin, members: Sequence[Kin]) -> bool:
    """Say whether a file ties its member to no other of the group; a member without a file says nothing."""
    return bool(member.uscc) and not any(
        related(other, uscc=member.uscc, controller_uscc=member.controller_uscc)
        for other in members
        if other is not member
    )


def _members(today: date) -> Select[*tuple[Any, ...]]:
    is_today = and_(QuotaUse.member == Member.name, QuotaUse.day == today)
    return (
        select(
            Member.name,
            Member.state,
            Member.control_group,
            Member.declared_portfolio,
            Member.applied_at,
            Profile.legal_name,
            Profile.kind,
            Profile.licence_until,
            Profile.quota,
            Exit.stage,
            func.coalesce(QuotaUse.subjects, 0),
        )
        .outerjoin(Profile, Profile.member == Member.name)
        .outerjoin(Exit, Exit.member == Member.name)
        .outerjoin(QuotaUse, is_today)
    )


def _member_conditions(filters: Mapping[str, str], text: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if standing := filters.get("standing"):
        conditions.append(_stands(Standing(standing)))
    if kind := filters.get("kind"):
        conditions.append(Profile.kind == MemberKind(kind))
    if group := filters.get("group"):
        conditions.append(Member.control_group.icontains(group, autoescape=True))
    if text:
        conditions.append(_like(text, Member.name, Profile.legal_name, Profile.uscc))
    return conditions


def _stands(standing: Standing) -> ColumnElement[bool]:
    if standing is Standing.LEFT:
        return Exit.stage == ExitStage.CLOSED
    if standing is Standing.LEAVING:
        return and_(Exit.stage.is_not(None), Exit.stage != ExitStage.CLOSED)
    return and_(Exit.stage.is_(None), Member.state == MemberState(str(standing)))


def _like(text: str, *columns: Any) -> ColumnElement[bool]:
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def _member_line(
    name: str,
    state: MemberState,
    group: str,
    portfolio: int,
    applied_at: datetime,
    legal_name: str | None,
    kind: MemberKind | None,
    licence_until: date | None,
    quota: int | None,
    stage: ExitStage | None,
    used: int,
) -> MemberLine:
    return MemberLine(
        name=name,
        legal_name=legal_name,
        kind=kind,
        group=group,
        standing=standing_of(state, stage),
        licence_until=licence_until,
        declared_portfolio=portfolio,
        quota=limit_of(portfolio, quota),
        used=used,
        applied_at=applied_at,
    )


def _application_line(row: Application) -> ApplicationLine:
    return ApplicationLine(
        id=row.id,
        member=row.member,
        legal_name=row.legal_name,
        kind=row.kind,
        state=row.state,
        ticked=len(row.ticks),
        declared_portfolio=row.declared_portfolio,
        received_at=row.received_at,
        changed_at=row.changed_at,
    )


_MEMBER_ORDER: Mapping[str, Any] = {
    "name": Member.name,
    "legal_name": Profile.legal_name,
    "kind": Profile.kind,
    "group": Member.control_group,
    "standing": Member.state,
    "licence_until": Profile.licence_until,
    "declared_portfolio": Member.declared_portfolio,
    "applied_at": Member.applied_at,
}
_APPLICATION_ORDER: Mapping[str, Any] = {
    "id": Application.id,
    "member": Application.member,
    "state": Application.state,
    "received_at": Application.received_at,
    "changed_at": Application.changed_at,
}
