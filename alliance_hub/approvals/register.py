"""The register of proposals that concern an officer: waiting for it, proposed by it, decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from alliance_hub.approvals.models import Kind, Proposal, ProposalState
from alliance_hub.approvals.registry import handlers
from alliance_hub.approvals.rules import may_decide, may_inspect
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import Officer
from alliance_hub.people.roles import Act


class Side(StrEnum):
    """From which side an officer looks at proposals."""

    WAITING = "waiting"
    """It may decide them now."""
    MINE = "mine"
    """It proposed them."""
    DECIDED = "decided"
    """They are over, one way or the other."""
    ALL = "all"
    """Every one that concerns it."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some proposals, the names of who made and decided them, and how many there are in all."""

    proposals: Sequence[Proposal]
    names: dict[int, str]
    total: int


def list_page(
    session: Session,
    actor: Actor,
    side: Side,
    *,
    at: datetime,
    kind: Kind | None = None,
    text: str = "",
    limit: int,
    offset: int = 0,
) -> Page:
    """Return a page of the proposals on one side: what waits the oldest first, else the newest.

    `text` is looked for in the objects that they are about.
    """
    about = _concerning(actor)
    if kind is not None:
        about = about.where(Proposal.kind == kind)
    if text:
        about = about.where(Proposal.object.icontains(text, autoescape=True))
    if side is Side.WAITING:
        found = [each for each in session.scalars(_open(about, at)) if _waits(each, actor, at)]
        return Page(found[offset : offset + limit], names(session, found), len(found))
    chosen = _SIDES[side](about, actor)
    total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    newest = chosen.order_by(Proposal.id.desc()).limit(limit).offset(offset)
    rows = session.scalars(newest).all()
    return Page(rows, names(session, rows), total)


def count_waiting(session: Session, actor: Actor, *, at: datetime) -> int:
    """Return how many proposals this officer may decide now."""
    return sum(_waits(each, actor, at) for each in session.scalars(_open(_concerning(actor), at)))


def names(session: Session, proposals: Sequence[Proposal]) -> dict[int, str]:
    """Return the names of everybody who made, or decided, one of the proposals, by officer id."""
    people = {
        id
        for each in proposals
        for id in (each.proposed_by, each.proposed_for, each.decided_by)
        if id is not None
    }
    return dict(session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(people))).all())


def _concerning(actor: Actor) -> Select[Proposal]:
    """Return what the officer made, might decide or inspects."""
    if may_inspect(actor):
        return select(Proposal)
    kinds = [
        kind for kind, each in handlers().items() if actor.may(each.approves) or actor.may(each.proposes)
    ]
    return select(Proposal).where(or_(Proposal.proposed_by == actor.officer, Proposal.kind.in_(kinds)))


def _open(about: Select[Proposal], at: datetime) -> Select[Proposal]:
    waits: ColumnElement[bool] = and_(Proposal.state == ProposalState.OPEN, Proposal.expires_at > at)
    return about.where(waits).order_by(Proposal.id)


def _waits(proposal: Proposal, actor: Actor, at: datetime) -> bool:
    return may_decide(proposal, actor, _approves(proposal.kind), at=at)


def _approves(kind: Kind) -> Act:
    return handlers()[kind].approves


_SIDES: dict[Side, Callable[[Select[Any], Actor], Select[Any]]] = {
    Side.MINE: lambda about, actor: about.where(Proposal.proposed_by == actor.officer),
    Side.DECIDED: lambda about, actor: about.where(Proposal.state != ProposalState.OPEN),
    Side.ALL: lambda about, actor: about,
}
