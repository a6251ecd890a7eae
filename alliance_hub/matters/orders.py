"""Courts' orders to certify whether another member holds a debtor: a member names, two officers follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Invalid, NotFound
from alliance_hub.matters import rules
from alliance_hub.matters.kinds import MatterState
from alliance_hub.matters.models import CourtOrderRow, MatterRow
from alliance_hub.matters.presenting import order_shown
from alliance_hub.matters.reading import get_row
from alliance_hub.matters.shown import OrderShown
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act
from alliance_hub.transparency import service as transparency
from privacy.certificates import CourtOrder
from privacy.encoding import Json, b64, unb64
from privacy.evidence import MatterKind
from privacy.periods import day_of


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order as the secretariat sees it: of the matter only what is needed, and no contract."""

    order: OrderShown
    object: str
    """What its proposal is about: `court_order/ID`."""
    reference: str
    member: str
    kind: MatterKind
    state: MatterState
    opened_at: datetime
    until: datetime


def name_order(session: Session, row: MatterRow, order: CourtOrder, now: datetime) -> CourtOrderRow:
    """Keep the order on which a member asks; the same again is the same. Raises Invalid, Conflict."""
    rules.require_open(row.state_at(now))
    ordered_on = date.fromisoformat(order.ordered_on)
    if ordered_on > day_of(now):
        raise Invalid("an order is not of a day to come", field="order.ordered_on")
    digest = unb64(order.digest)
    known = session.scalar(
        select(CourtOrderRow).where(CourtOrderRow.matter == row.id, CourtOrderRow.digest == digest)
    )
    if known is not None:
        if (known.court, known.number, known.ordered_on) != (order.court, order.number, ordered_on):
            raise Conflict("this order was named with another court, number or day", slug="order-known")
        return known
    fresh = CourtOrderRow(
        matter=row.id,
        court=order.court,
        number=order.number,
        ordered_on=ordered_on,
        digest=digest,
        asked_at=now,
        certificate=None,
    )
    session.add(fresh)
    session.flush()
    facts: Json = {"member": row.member, "matter": row.reference, "object": row.object, "order": b64(digest)}
    transparency.record_entry(session, "existence_asked", facts, now=now)
    return fresh


def list_orders(session: Session, actor: Actor, now: datetime) -> list[OrderLine]:
    """Return the orders that officers see who propose or approve, those that wait first, then the newest."""
    if not _may_read(actor):
        return []
    found = session.execute(_with_matters().order_by(CourtOrderRow.id.desc())).all()
    lines = [_line(order, row, now) for order, row in found]
    return sorted(lines, key=lambda line: not is_waiting(line))


def get_order(session: Session, actor: Actor, id: int, now: datetime) -> OrderLine:
    """Return one order; raises NotFound, also for who neither proposes nor approves."""
    found = session.execute(_with_matters().where(CourtOrderRow.id == id)).one_or_none()
    if found is None or not _may_read(actor):
        raise NotFound("there is no such order")
    return _line(found[0], found[1], now)


def is_waiting(line: OrderLine) -> bool:
    """Say whether an order may still be followed: nothing is certified on it, and its matter runs."""
    return line.order.certificate is None and line.state is MatterState.OPEN


def _with_matters() -> Select[CourtOrderRow, MatterRow]:
    return select(CourtOrderRow, MatterRow).join(MatterRow, MatterRow.id == CourtOrderRow.matter)


def _may_read(actor: Actor) -> bool:
    return actor.may(Act.PROPOSE_EXISTENCE) or actor.may(Act.APPROVE_EXISTENCE)


def _line(order: CourtOrderRow, row: MatterRow, now: datetime) -> OrderLine:
    return OrderLine(
        order=order_shown(order),
        object=order.object,
        reference=row.reference,
        member=row.member,
        kind=row.kind,
        state=row.state_at(now),
        opened_at=row.opened_at,
        until=row.until,
    )


def row_of(session: Session, id: int) -> tuple[CourtOrderRow, MatterRow]:
    """Return an order with its matter; raises NotFound."""
    order = session.get(CourtOrderRow, id)
    if order is None:
        raise NotFound("there is no such order")
    return order, get_row(session, order.matter)
