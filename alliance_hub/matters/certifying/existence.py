"""Certify, on a court's order, whether another member holds the debtor: yes or no, never who or how many.

Asked as a match is: live records of other control groups under the same pseudonym and standing key count.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from alliance_hub.feed import service as feed
from alliance_hub.matters.certifying.facts import Case, Fact
from alliance_hub.matters.models import CourtOrderRow
from alliance_hub.records import service as records
from privacy.certificates import CourtOrder, ExistenceSaid
from privacy.encoding import b64


def certify(session: Session, case: Case, order: CourtOrderRow) -> Fact:
    """Return what is certified on an order that two officers have approved."""
    held = records.holders(session, [case.row.pseudonym or b""])
    elsewhere = any(
        each.group != case.member.control_group and each.standing_key == case.row.standing_key
        for each in held
    )
    said = ExistenceSaid(
        order=order_of(order), held_elsewhere=elsewhere, position=feed.head(session).position
    )
    return Fact(said, subject=f"order/{order.id}")


def order_of(row: CourtOrderRow) -> CourtOrder:
    """Return an order as it stands in a certificate."""
    return CourtOrder(
        court=row.court, number=row.number, ordered_on=row.ordered_on.isoformat(), digest=b64(row.digest)
    )
