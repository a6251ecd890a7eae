"""What a member does to its own matter besides: appoint and dismiss lawyers, shorten it, close it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.errors import Invalid, NotFound
from alliance_hub.feed import service as feed
from alliance_hub.matters import appointing, rules
from alliance_hub.matters.models import MatterRow
from alliance_hub.matters.reading import get_row, lawyers_of
from alliance_hub.people.actor import Actor, require_act
from alliance_hub.people.models import Officer
from alliance_hub.people.roles import Act
from alliance_hub.transparency import service as transparency
from privacy.encoding import Json, instant_text
from privacy.logged import LogReceipt


def appoint(
    session: Session, actor: Actor, matter: int, numbers: list[str], now: datetime, *, firm: str | None = None
) -> None:
    """Appoint lawyers by their staff numbers; `firm` names the law firm where the matter has none yet.

    Raises NotFound for another member's matter, Conflict for one that is over, Invalid naming the field.
    """
    row = _managed(session, actor, matter, now)
    if row.law_firm is None:
        appointing.require_firm(session, firm, field="law_firm")
        row.law_firm = firm
    for index, number in enumerate(numbers):
        field = f"lawyers[{index}]"
        officer = appointing.require_lawyer(session, row.law_firm, number, now, field=field)
        appointing.appoint(session, row, officer, now)
        _log_lawyer(session, actor, row, officer, "appointed", now)


def dismiss(session: Session, actor: Actor, matter: int, officer: int, now: datetime) -> None:
    """Let a lawyer see the matter no longer; raises NotFound."""
    row = _managed(session, actor, matter, now)
    gone = appointing.dismiss(session, row, officer, now)
    _log_lawyer(session, actor, row, gone, "dismissed", now)


def list_candidates(session: Session, actor: Actor, matter: int, now: datetime) -> list[Officer]:
    """Return the firm's lawyers who may still be appointed; none where no firm is named."""
    row = _managed(session, actor, matter, now)
    if row.law_firm is None:
        return []
    there = {officer.id for _, officer in lawyers_of(session, row)}
    found = appointing.list_candidates(session, row.law_firm, now)
    return [officer for officer in found if officer.id not in there]


def shorten(session: Session, actor: Actor, matter: int, until: datetime, now: datetime) -> None:
    """Let a matter end earlier; raises Invalid for an instant that is over, or later than it ends now."""
    row = _managed(session, actor, matter, now)
    if not now < until <= row.until:
        raise Invalid("a matter can only be shortened, to an instant that is not over", field="until")
    row.until = until
    facts = {"member": row.member, "until": instant_text(until)}
    transparency.record_act(session, actor, "matter_shortened", object=row.object, facts=facts, now=now)


def close(session: Session, actor: Actor, matter: int, now: datetime) -> LogReceipt:
    """Close a matter from the console; raises NotFound, Conflict when it is over already."""
    row = _managed(session, actor, matter, now)
    row.closed_at = now
    facts = {"member": row.member, "matter": row.reference}
    return transparency.record_act(session, actor, "matter_closed", object=row.object, facts=facts, now=now)


def close_own(session: Session, row: MatterRow, now: datetime) -> LogReceipt:
    """Close a matter with the member's own signed request; raises Conflict when it is over already."""
    feed.lock(session)
    session.refresh(row)
    rules.require_open(row.state_at(now))
    row.closed_at = now
    facts: Json = {"member": row.member, "matter": row.reference, "object": row.object}
    return transparency.record_entry(session, "matter_closed", facts, now=now)


def _managed(session: Session, actor: Actor, matter: int, now: datetime) -> MatterRow:
    """Return a matter that runs and is this officer's member's, locked until the transaction ends."""
    feed.lock(session)
    row = get_row(session, matter)
    if row.member != actor.member:
        raise NotFound("there is no such matter")
    require_act(actor, Act.MANAGE_OWN_MATTERS)
    session.refresh(row)
    rules.require_open(row.state_at(now))
    return row


def _log_lawyer(
    session: Session, actor: Actor, row: MatterRow, officer: Officer, what: str, now: datetime
) -> None:
    facts = {"member": row.member, "matter": row.reference, what: officer.ref}
    transparency.record_act(session, actor, "matter_lawyers", object=row.object, facts=facts, now=now)
