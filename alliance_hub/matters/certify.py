"""Certify in a matter what its member asks for: at once what stands on record, later what a court orders."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.errors import Invalid
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.matters import orders, reading, rules, superseding
from alliance_hub.matters.certifying.facts import case_of
from alliance_hub.matters.certifying.issuing import issue
from alliance_hub.matters.kinds import CertificateKind
from alliance_hub.matters.models import MatterRow
from privacy.certificates import CourtOrder, SignedCertificate


@dataclass(frozen=True, slots=True)
class Certified:
    """What was certified, and what waits for officers."""

    certificates: tuple[SignedCertificate, ...]
    waiting: tuple[CertificateKind, ...]


def certify(
    session: Session,
    hub: Hub,
    row: MatterRow,
    kinds: Collection[CertificateKind],
    order: CourtOrder | None,
    now: datetime,
) -> Certified:
    """Issue what is asked for; the existence of a match waits for two officers, on a court's order.

    Of a kind of which nothing is on record there is no certificate. Raises Conflict for a matter that is
    over, Invalid when existence is asked for without an order, or an order comes without it.
    """
    feed.lock(session)
    session.refresh(row)
    rules.require_open(row.state_at(now))
    if (order is None) is (CertificateKind.EXISTENCE in kinds):
        raise Invalid(
            "a court's order belongs to the existence of a match and to nothing else", field="order"
        )
    superseding.mark(session, hub, row, now)
    issued = issue(session, case_of(session, hub, row, now), kinds)
    superseding.mark(session, hub, row, now)  # the bundles too that hold an earlier number
    if order is None:
        return Certified(tuple(issued), ())
    named = orders.name_order(session, row, order, now)
    if named.certificate is None:
        return Certified(tuple(issued), (CertificateKind.EXISTENCE,))
    found = reading.get_certificate(session, row, named.certificate)
    return Certified((*issued, reading.certificate_of(found)), ())
