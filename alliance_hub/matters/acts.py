"""The act on a matter that needs two officers: to certify, on a court's order, whether a match exists."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Kind, Proposal
from alliance_hub.approvals.registry import carries_out
from alliance_hub.errors import Conflict
from alliance_hub.hub import Hub
from alliance_hub.matters import orders, rules
from alliance_hub.matters.certifying import existence
from alliance_hub.matters.certifying.facts import case_of
from alliance_hub.matters.certifying.issuing import issue_fact
from alliance_hub.matters.kinds import CertificateKind
from alliance_hub.matters.models import CourtOrderRow, MatterRow
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import get_officer
from alliance_hub.people.roles import Act
from alliance_hub.transparency import service as transparency
from privacy.encoding import Json, b64


def propose_existence(
    session: Session, hub: Hub, actor: Actor, order: int, *, reason: str, now: datetime
) -> Proposal:
    """Propose to certify what a court has ordered; raises NotFound, Forbidden, Conflict, Invalid."""
    row, matter = orders.row_of(session, order)
    facts: Json = {
        "order": row.id,
        "matter": matter.reference,
        "member": matter.member,
        "court": row.court,
        "number": row.number,
        "ordered_on": row.ordered_on.isoformat(),
        "digest": b64(row.digest),
    }
    return approvals.propose(
        session, hub, actor, Kind.COURT_ORDER, object=row.object, facts=facts, reason=reason, now=now
    )


def _open(session: Session, proposal: Proposal, now: datetime) -> tuple[CourtOrderRow, MatterRow]:
    row, matter = orders.row_of(session, proposal.facts["order"])
    rules.require_open(matter.state_at(now))
    if row.certificate is not None:
        raise Conflict("the certificate was issued on this order already", slug="certified")
    return row, matter


def _check(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    _open(session, proposal, now)


@carries_out(Kind.COURT_ORDER, proposes=Act.PROPOSE_EXISTENCE, approves=Act.APPROVE_EXISTENCE, check=_check)
def existence_of(session: Session, hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Certify whether another member holds the debtor."""
    row, matter = _open(session, proposal, now)
    case = case_of(session, hub, matter, now)
    signed = issue_fact(session, case, CertificateKind.EXISTENCE, existence.certify(session, case, row))
    row.certificate = signed.certificate.number
    assert proposal.decided_by is not None  # it is being carried out
    # Whether there is one stands in the certificate alone.
    facts: Json = {
        "officer": get_officer(session, proposal.decided_by).ref,
        "proposal": proposal.id,
        "member": matter.member,
        "matter": matter.reference,
        "object": matter.object,
        "number": signed.certificate.number,
        "order": b64(row.digest),
    }
    transparency.record_entry(session, "existence_certified", facts, now=now)
