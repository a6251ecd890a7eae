"""Put a matter together as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.hub import Hub
from alliance_hub.matters import reading, superseding
from alliance_hub.matters.models import (
    BundleReceived,
    CourtOrderRow,
    MatterBundle,
    MatterCertificate,
    MatterContract,
    MatterLawyer,
    MatterRow,
)
from alliance_hub.matters.shown import BundleShown, CertificateShown, LawyerShown, MatterShown, OrderShown
from alliance_hub.matters.superseding import Superseded
from alliance_hub.matters.terms import CURRENT
from alliance_hub.people.models import Officer


def present(session: Session, hub: Hub, row: MatterRow, now: datetime) -> MatterShown:
    """Return a matter as a value; what is superseded is computed now."""
    gone = superseding.look(session, hub, row, now)
    contracts = select(MatterContract.contract_ref).where(MatterContract.matter == row.id)
    return MatterShown(
        id=row.id,
        reference=row.reference,
        member=row.member,
        kind=row.kind,
        state=row.state_at(now),
        opened_at=row.opened_at,
        until=row.until,
        closed_at=row.closed_at,
        agreement=row.agreement,
        version=row.version,
        law_firm=row.law_firm,
        lawyers=tuple(_lawyer(*each) for each in reading.lawyers_of(session, row)),
        contracts=tuple(session.scalars(contracts.order_by(MatterContract.place))),
        certificates=tuple(_certificate(each, gone) for each in reading.certificates_of(session, row)),
        bundles=tuple(_bundle(session, each, gone) for each in reading.bundles_of(session, row)),
        orders=tuple(order_shown(each) for each in reading.orders_of(session, row)),
        leaf=row.log_leaf,
        forgotten_at=row.forgotten_at,
    )


def order_shown(row: CourtOrderRow) -> OrderShown:
    """Return a court's order as a value."""
    return OrderShown(
        id=row.id,
        court=row.court,
        number=row.number,
        ordered_on=row.ordered_on,
        digest=row.digest,
        asked_at=row.asked_at,
        certificate=row.certificate,
    )


def _lawyer(lawyer: MatterLawyer, officer: Officer) -> LawyerShown:
    return LawyerShown(
        officer=officer.id,
        number=officer.staff_number,
        name=officer.name,
        appointed_at=lawyer.appointed_at,
        accepted_at=lawyer.accepted_at if lawyer.terms == CURRENT.version else None,
    )


def _certificate(row: MatterCertificate, gone: dict[int, Superseded]) -> CertificateShown:
    superseded = gone.get(row.number)
    return CertificateShown(
        number=row.number,
        kind=row.kind,
        subject=row.subject,
        issued_at=row.issued_at,
        leaf=row.log_leaf,
        superseded_at=None if superseded is None else superseded.at,
        why=None if superseded is None else superseded.why,
    )


def _bundle(session: Session, row: MatterBundle, gone: dict[int, Superseded]) -> BundleShown:
    superseded = superseding.of_bundle(row, gone)
    return BundleShown(
        seal=row.seal,
        sealed_at=row.sealed_at,
        certificates=tuple(row.certificates),
        delivered_at=row.delivered_at,
        superseded_at=None if superseded is None else superseded.at,
        why=None if superseded is None else superseded.why,
        received=tuple(_received(session, row)),
    )


def _received(session: Session, row: MatterBundle) -> Sequence[tuple[str, datetime]]:
    said = (
        select(Officer.name, BundleReceived.at)
        .join(Officer, Officer.id == BundleReceived.officer)
        .where(BundleReceived.matter == row.matter, BundleReceived.seal == row.seal)
        .order_by(BundleReceived.at)
    )
    return [(name, at) for name, at in session.execute(said)]
