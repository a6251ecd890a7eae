"""Offer, sign and consult agreements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alliance_hub.agreements import rules
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.agreements.rules import AgreementState, PolicyDecision
from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.feed.appending import append_own, lock
from alliance_hub.hub import Hub
from alliance_hub.membership import directory
from alliance_hub.membership.models import Member
from alliance_hub.membership.rules import MemberState
from alliance_hub.permissions import Permission, Sender, require_permission
from alliance_hub.transparency import service as transparency
from privacy.encoding import b64, parse_instant
from privacy.errors import VerifyError
from privacy.statements import SECRETARIAT, Agreement, Terms, verify_terms
from privacy.vocabulary import Category

__all__ = [
    "AgreementState",
    "AgreementView",
    "PolicyDecision",
    "decide",
    "forbidden",
    "list_for",
    "next_name",
    "next_version",
    "offer",
    "require",
    "require_in_force",
    "sign",
]


@dataclass(frozen=True, slots=True)
class AgreementView:
    """One version of an agreement as its member sees it."""

    terms: Terms
    state: AgreementState
    signed_at: datetime | None


def offer(session: Session, hub: Hub, terms: Terms, now: datetime) -> AgreementRow:
    """Offer terms to a member; it takes effect once the member has signed them.

    Raises NotFound for an unknown member, Invalid for terms that custodians would void, Conflict for
    a mere applicant or another member's agreement.
    """
    lock(session)
    if directory.get(session, terms.member).state is MemberState.APPLIED:
        raise Conflict("the member is not admitted yet: run alliance-hub members admit first")
    rules.require_sound(terms, hub.key_set.policy, newest=next_version(session, terms.agreement) - 1)
    holder = select(AgreementRow.member).where(AgreementRow.agreement == terms.agreement).limit(1)
    if session.scalar(holder) not in {None, terms.member}:
        raise Conflict("this agreement is another member's: choose another name for it")
    row = AgreementRow(
        agreement=terms.agreement,
        version=terms.version,
        member=terms.member,
        document=msgspec.json.encode(terms),
        offered_at=now,
    )
    session.add(row)
    _record(session, "agreement_offered", terms, now)
    return row


def sign(
    session: Session, hub: Hub, member: Member, agreement: str, version: int, signature: str, now: datetime
) -> AgreementRow:
    """Take the member's signature under an offer and state the agreement in the feed.

    The same signature again changes nothing. Raises NotFound, Forbidden, Invalid, or Conflict when a
    newer version is signed or the offer's end has passed.
    """
    require_permission(Sender.for_member(member.name, member.state), Permission.SIGN_AGREEMENT)
    lock(session)
    # A rotation may have come first while this request waited for the lock.
    session.refresh(member)
    row = session.get(AgreementRow, (agreement, version), populate_existing=True)
    if row is None or row.member != member.name:
        raise NotFound("no such agreement was offered to this member")
    body = _verified(row, member, signature)
    if row.signature == signature:
        return row
    later = any(terms.version > version for terms in _signed(session, member, agreement))
    if later or row.signature is not None or now >= parse_instant(row.terms.valid_until):
        raise Conflict("this version can no longer be signed: ask the secretariat for a new offer")
    entry = append_own(session, hub, body, author=SECRETARIAT, now=now)
    row.signature, row.signed_at, row.position = signature, entry.stamp, entry.position
    _record(session, "agreement_signed", row.terms, now)
    return row


def list_for(session: Session, member: Member, *, at: datetime) -> list[AgreementView]:
    """Return every version that was offered to the member, oldest first, with its state at `at`."""
    own = select(AgreementRow).where(AgreementRow.member == member.name)
    rows = session.scalars(own.order_by(AgreementRow.agreement, AgreementRow.version)).all()
    signed: dict[str, list[Terms]] = {row.agreement: [] for row in rows}
    for row in rows:
        if row.signature is not None:
            signed[row.agreement].append(row.terms)
    return [
        AgreementView(
            row.terms, rules.state_of(row.terms, signed=signed[row.agreement], at=at), row.signed_at
        )
        for row in rows
    ]


def decide(
    session: Session, member: Member, *, agreement: str, purpose: str, category: Category, at: datetime
) -> PolicyDecision:
    """Decide whether the member may do this under this agreement at `at`; the caller logs the decision."""
    terms = rules.counting(_signed(session, member, agreement), at)
    return rules.decide(
        terms, agreement=agreement, member=member.name, purpose=purpose, category=category, at=at
    )


def require(
    session: Session, member: Member, *, agreement: str, purpose: str, category: Category, at: datetime
) -> PolicyDecision:
    """Return the decision that allows this; raise Forbidden naming agreement, version and clause."""
    decision = decide(session, member, agreement=agreement, purpose=purpose, category=category, at=at)
    if not decision.allowed:
        raise forbidden(decision)
    return decision


def require_in_force(session: Session, member: Member, *, at: datetime) -> None:
    """Raise Forbidden unless the member has any agreement in force: without one it hands in nothing."""
    views = list_for(session, member, at=at)
    if not any(view.state is AgreementState.ACTIVE and rules.is_in_force(view.terms, at) for view in views):
        raise Forbidden(
            "no agreement of this member is in force: sign the one on offer, or ask the secretariat for one",
            slug="no-agreement",
        )


def forbidden(decision: PolicyDecision) -> Forbidden:
    """Return the refusal that says which agreement, version and clause decided."""
    return Forbidden(
        decision.reason,
        extra={"agreement": decision.agreement, "version": decision.version, "clause": decision.clause},
    )


def next_version(session: Session, agreement: str) -> int:
    """Return the version that a new offer of this agreement carries; 1 for the first."""
    newest = select(func.max(AgreementRow.version)).where(AgreementRow.agreement == agreement)
    return (session.scalar(newest) or 0) + 1


def next_name(session: Session) -> str:
    """Return a name for a further agreement that none has: `data-0001` and so on."""
    taken = session.scalar(select(func.count(func.distinct(AgreementRow.agreement)))) or 0
    while next_version(session, name := f"data-{taken + 1:04d}") > 1:
        taken += 1
    return name


def _verified(row: AgreementRow, member: Member, signature: str) -> Agreement:
    body = Agreement(terms=row.terms, member_signature=signature)
    try:
        verify_terms(member.signing, body)
    except VerifyError as error:
        raise Invalid("the terms are not signed by the member's key in force", field="signature") from error
    return body


def _signed(session: Session, member: Member, agreement: str) -> list[Terms]:
    signed = select(AgreementRow).where(
        AgreementRow.agreement == agreement,
        AgreementRow.member == member.name,
        AgreementRow.signature.is_not(None),
    )
    return [row.terms for row in session.scalars(signed)]


def _record(session: Session, kind: str, terms: Terms, now: datetime) -> None:
    facts = {
        "member": terms.member,
        "agreement": terms.agreement,
        "version": terms.version,
        "terms": b64(terms.sha256()),
    }
    transparency.record_entry(session, kind, facts, now=now)
