"""Find matters: a member's own, and the parts of one that more than one act needs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from alliance_hub.errors import Forgotten, NotFound
from alliance_hub.matters.models import (
    CourtOrderRow,
    MatterBundle,
    MatterCertificate,
    MatterLawyer,
    MatterRow,
)
from alliance_hub.people.models import Officer
from privacy.certificates import SignedCertificate
from privacy.evidence import SignedMatterRequest
from privacy.messages import parse_json


def find_own(session: Session, member: str, reference: str) -> MatterRow | None:
    """Return a member's matter by its reference, read anew."""
    own = select(MatterRow).where(MatterRow.member == member, MatterRow.reference == reference)
    return session.scalar(own, execution_options={"populate_existing": True})


def get_own(session: Session, member: str, reference: str) -> MatterRow:
    """Return a member's matter by its reference; raises NotFound, also for another's."""
    row = find_own(session, member, reference)
    if row is None:
        raise NotFound("you have no matter with this reference")
    return row


def get_row(session: Session, id: int) -> MatterRow:
    """Return a matter by its number; whether it may be seen is another question. Raises NotFound."""
    row = session.get(MatterRow, id)
    if row is None:
        raise NotFound("there is no such matter")
    return row


def list_own(session: Session, member: str, *, after: int, limit: int) -> Sequence[MatterRow]:
    """Return up to `limit` of a member's matters, the oldest first, behind the one with id `after`."""
    own = select(MatterRow).where(MatterRow.member == member, MatterRow.id > after)
    return session.scalars(own.order_by(MatterRow.id).limit(limit)).all()


def request_of(session: Session, row: MatterRow) -> SignedMatterRequest:
    """Return what the member signed; raises Forgotten once that was erased."""
    document = session.scalar(select(MatterRow.request).where(MatterRow.id == row.id))
    if document is None:
        raise Forgotten("the matter was over for so long that what it was about has been erased")
    return parse_json(SignedMatterRequest, document)


def certificate_of(row: MatterCertificate) -> SignedCertificate:
    """Return a certificate as it was signed; raises Forgotten once it was erased."""
    if row.document is None:
        raise Forgotten("the matter was over for so long that its certificates have been erased")
    return parse_json(SignedCertificate, row.document)


def certificates_of(session: Session, row: MatterRow) -> Sequence[MatterCertificate]:
    """Return every certificate of a matter by its number, documents included."""
    own = select(MatterCertificate).where(MatterCertificate.matter == row.id)
    ordered = own.order_by(MatterCertificate.number).options(undefer(MatterCertificate.document))
    return session.scalars(ordered).all()


def get_certificate(session: Session, row: MatterRow, number: int) -> MatterCertificate:
    """Return one certificate; raises NotFound."""
    found = session.get(MatterCertificate, (row.id, number), options=[undefer(MatterCertificate.document)])
    if found is None:
        raise NotFound("the matter has no certificate with this number")
    return found


def bundles_of(session: Session, row: MatterRow) -> Sequence[MatterBundle]:
    """Return the bundles that were reported, the oldest first."""
    own = select(MatterBundle).where(MatterBundle.matter == row.id)
    return session.scalars(own.order_by(MatterBundle.reported_at, MatterBundle.seal)).all()


def orders_of(session: Session, row: MatterRow) -> Sequence[CourtOrderRow]:
    """Return the court's orders that the member named, the oldest first."""
    own = select(CourtOrderRow).where(CourtOrderRow.matter == row.id)
    return session.scalars(own.order_by(CourtOrderRow.id)).all()


def lawyers_of(session: Session, row: MatterRow) -> Sequence[tuple[MatterLawyer, Officer]]:
    """Return the lawyers who are appointed and were not dismissed, by staff number."""
    own = (
        select(MatterLawyer, Officer)
        .join(Officer, Officer.id == MatterLawyer.officer)
        .where(MatterLawyer.matter == row.id, MatterLawyer.dismissed_at.is_(None))
        .order_by(Officer.staff_number)
    )
    return [(lawyer, officer) for lawyer, officer in session.execute(own)]
