"""The sides of an agreement as far as the hub knows them already: a form begins with them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.agreements.models import AgreementRow
from alliance_hub.membership.models import Profile
from alliance_hub.people.models import ASSOCIATION, Organisation
from privacy.errors import InvalidInputError
from privacy.messages import parse
from privacy.terms import Party


def find_member_party(session: Session, member: str) -> Party | None:
    """Return a member's side: as its newest agreement names it, else as its file does."""
    newest = select(AgreementRow).where(AgreementRow.member == member)
    row = session.scalar(newest.order_by(AgreementRow.drafted_at.desc()).limit(1))
    if row is not None:
        return row.terms.member_party
    profile = session.get(Profile, member)
    if profile is None:
        return None
    return _party(profile.legal_name, profile.uscc, profile.licence_number)


def find_association_party(session: Session) -> Party | None:
    """Return the association's side: as the newest agreement names it, else as it is registered here."""
    newest = select(AgreementRow).order_by(AgreementRow.drafted_at.desc()).limit(1)
    row = session.scalar(newest)
    if row is not None:
        return row.terms.association_party
    own = session.get(Organisation, ASSOCIATION)
    return None if own is None or own.uscc is None else _party(own.name, own.uscc, own.uscc)


def _party(legal_name: str, uscc: str, licence: str) -> Party | None:
    try:
        return parse(Party, {"legal_name": legal_name, "uscc": uscc, "licence": licence})
    except InvalidInputError:
        return None
