"""Who sees which matter at the console: a member's own people, and the lawyers that it has appointed.

Whatever is not theirs does not exist for them: another's, an expired or closed one, and one whose terms a
lawyer has not accepted. A lawyer's first look of a day is logged before anything is handed out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from alliance_hub.errors import NotFound
from alliance_hub.hub import Hub
from alliance_hub.matters.kinds import MatterState
from alliance_hub.matters.models import (
    MatterBundle,
    MatterCertificate,
    MatterLawyer,
    MatterRow,
    MatterView,
)
from alliance_hub.matters.presenting import present
from alliance_hub.matters.reading import get_row
from alliance_hub.matters.shown import MatterLine, MatterShown, TermsShown
from alliance_hub.matters.terms import CURRENT
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act, OrganisationKind
from alliance_hub.transparency import service as transparency
from privacy.periods import day_of


def list_for(session: Session, actor: Actor, now: datetime) -> list[MatterLine]:
    """Return the matters that an officer sees, the newest first.

    Of a lawyer's, those whose terms it has not accepted name only whose they are and when they end.
    """
    if _is_own(actor):
        own = select(MatterRow).where(MatterRow.member == actor.organisation)
        rows = session.scalars(own.order_by(MatterRow.id.desc())).all()
        return _lines(session, rows, {row.id for row in rows}, now)
    appointed = {each.matter: each for each in _appointments(session, actor)}
    mine = select(MatterRow).where(MatterRow.id.in_(appointed)).order_by(MatterRow.id.desc())
    rows = [row for row in session.scalars(mine) if row.state_at(now) is MatterState.OPEN]
    accepted = {matter for matter, each in appointed.items() if each.terms == CURRENT.version}
    return _lines(session, rows, accepted, now)


def get_for(session: Session, hub: Hub, actor: Actor, matter: int, now: datetime) -> MatterShown:
    """Return a matter that this officer may see; to be called in a transaction, for a look may be logged.

    Raises NotFound for whatever is not its own, is over for it, or whose terms it has not accepted.
    """
    row = row_for(session, actor, matter, now)
    note_view(session, actor, row, now)
    return present(session, hub, row, now)


def row_for(session: Session, actor: Actor, matter: int, now: datetime) -> MatterRow:
    """Return a matter's row if this officer may see it; raises NotFound."""
    row = get_row(session, matter)
    if _is_own(actor) and row.member == actor.organisation:
        return row
    appointment = _appointment(session, actor, row, now)
    if appointment is None or appointment.terms != CURRENT.version:
        raise NotFound("there is no such matter")
    return row


def terms_for(session: Session, actor: Actor, matter: int, now: datetime) -> TermsShown:
    """Return the terms that a lawyer accepts, or has accepted, for a matter; raises NotFound."""
    row = get_row(session, matter)
    appointment = _appointment(session, actor, row, now)
    if appointment is None:
        raise NotFound("there is no such matter")
    return TermsShown(
        matter=row.id,
        reference=row.reference,
        member=row.member,
        until=row.until,
        terms=CURRENT,
        accepted=appointment.terms,
        accepted_at=appointment.accepted_at,
    )


def accept_terms(session: Session, actor: Actor, matter: int, now: datetime) -> None:
    """Let a lawyer accept the terms in force for a matter; once is enough. Raises NotFound."""
    row = get_row(session, matter)
    appointment = _appointment(session, actor, row, now)
    if appointment is None:
        raise NotFound("there is no such matter")
    if appointment.terms == CURRENT.version:
        return
    appointment.terms, appointment.accepted_at = CURRENT.version, now
    facts = {"member": row.member, "terms": CURRENT.version, "digest": CURRENT.digest}
    transparency.record_act(session, actor, "matter_terms_accepted", object=row.object, facts=facts, now=now)


def note_view(session: Session, actor: Actor, row: MatterRow, now: datetime) -> None:
    """Log a lawyer's first look at a matter on a day of Asia/Shanghai; of the member's own people, none."""
    key = (row.id, actor.officer, day_of(now))
    if actor.member is not None or session.get(MatterView, key) is not None:
        return
    session.add(MatterView(matter=row.id, officer=actor.officer, day=day_of(now)))
    facts = {"member": row.member}
    transparency.record_act(session, actor, "matter_viewed", object=row.object, facts=facts, now=now)


def _is_own(actor: Actor) -> bool:
    return actor.kind is OrganisationKind.MEMBER and actor.may(Act.READ_OWN_MATTERS)


def _appointments(session: Session, actor: Actor) -> Sequence[MatterLawyer]:
    if actor.kind is not OrganisationKind.LAW_FIRM or not actor.may(Act.READ_MATTERS):
        return ()
    own = select(MatterLawyer).where(
        MatterLawyer.officer == actor.officer, MatterLawyer.dismissed_at.is_(None)
    )
    return session.scalars(own).all()


def _appointment(session: Session, actor: Actor, row: MatterRow, now: datetime) -> MatterLawyer | None:
    """Return a lawyer's appointment to a matter that runs."""
    if row.state_at(now) is not MatterState.OPEN:
        return None
    return next((each for each in _appointments(session, actor) if each.matter == row.id), None)


def _lines(
    session: Session, rows: Sequence[MatterRow], accepted: set[int], now: datetime
) -> list[MatterLine]:
    ids = [row.id for row in rows if row.id in accepted]
    certificates = _count(session, MatterCertificate, MatterCertificate.matter.in_(ids))
    gone = _count(
        session,
        MatterCertificate,
        MatterCertificate.matter.in_(ids) & MatterCertificate.superseded_at.is_not(None),
    )
    spoilt = _count(
        session, MatterBundle, MatterBundle.matter.in_(ids) & MatterBundle.superseded_at.is_not(None)
    )
    return [
        MatterLine(
            id=row.id,
            reference=row.reference,
            member=row.member,
            kind=row.kind if row.id in accepted else None,
            state=row.state_at(now),
            opened_at=row.opened_at,
            until=row.until,
            accepted=row.id in accepted,
            certificates=certificates.get(row.id, 0),
            superseded=gone.get(row.id, 0) + spoilt.get(row.id, 0),
        )
        for row in rows
    ]


def _count(
    session: Session, table: type[MatterCertificate] | type[MatterBundle], chosen: ColumnElement[bool]
) -> dict[int, int]:
    counted = select(table.matter, func.count()).where(chosen).group_by(table.matter)
    return dict(session.execute(counted).all())
