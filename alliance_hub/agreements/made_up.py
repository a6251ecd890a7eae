"""Offers for made-up data: one step where real data need a review and two officers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.agreements import soundness
from alliance_hub.agreements.drafting import new_row, require_member
from alliance_hub.agreements.keeping import OPERATOR, next_version, record
from alliance_hub.agreements.lifecycle import AgreementState
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.errors import Forbidden, Invalid
from alliance_hub.feed.appending import lock
from alliance_hub.hub import Hub
from alliance_hub.parameters import service as parameters
from alliance_hub.policy import RegulatoryMode
from privacy.terms import Terms, text_digest


def offer_made_up(
    session: Session, hub: Hub, terms: Terms, text: str, now: datetime, *, activates_itself: bool = False
) -> AgreementRow:
    """Offer terms in one step, for made-up data alone; with `activates_itself` the signature is enough.

    Raises Forbidden in any other mode, Invalid for terms that custodians would void, Conflict for a mere
    applicant or another member's agreement. Logged as the operator's act.
    """
    if parameters.mode(session, hub) is not RegulatoryMode.SYNTHETIC:
        raise Forbidden("this needs two officers: use the console", slug="four-eyes")
    lock(session)
    soundness.require_sound(terms, hub.key_set.policy, newest=next_version(session, terms.agreement) - 1)
    if terms.text != text_digest(text):
        raise Invalid("the terms name another text than this", field="terms.text")
    require_member(session, terms, how="run alliance-hub members admit first")
    row = new_row(terms, text, text, author=OPERATOR.ref, now=now)
    row.state, row.offered_at, row.activates_itself = AgreementState.OFFERED, now, activates_itself
    session.add(row)
    record(session, OPERATOR, "agreement_offered", row, now)
    return row
