"""Bring together what a decision stands on, decide, and refuse in words; a dry run does the same unheard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.agreements import rules
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.agreements.rules import PolicyDecision, Question, Standing, Version
from alliance_hub.errors import Forbidden, HubError, QuotaExceeded
from alliance_hub.hub import Hub
from alliance_hub.membership import quotas
from alliance_hub.membership.models import Member
from alliance_hub.parameters import service as parameters
from privacy.periods import day_of
from privacy.vocabulary import Category


def standing(session: Session, hub: Hub, member: Member, agreement: str, at: datetime) -> Standing:
    """Return everything that a decision under this agreement stands on at `at`."""
    mode = parameters.standing(session, hub)
    quota = quotas.use(session, member, day_of(at))
    return Standing(
        mode=mode.mode,
        names_amounts=mode.tells_amounts,
        version=rules.counting(_activated(session, member.name, agreement), at),
        used_today=quota.used,
        left_today=quota.left,
        tomorrow=quotas.next_midnight(at),
    )


def decide(
    session: Session,
    hub: Hub,
    member: Member,
    *,
    agreement: str,
    purpose: str,
    categories: Sequence[Category],
    subjects: int,
    at: datetime,
) -> dict[Category, PolicyDecision]:
    """Decide one call for each of the categories; the caller logs, and charges what it lets through.

    For a dry run nobody logs and nobody charges: it is the same function.
    """
    found = standing(session, hub, member, agreement, at)
    return {
        category: rules.decide(Question(member.name, agreement, purpose, category, subjects, at), found)
        for category in categories
    }


def require(
    session: Session,
    hub: Hub,
    member: Member,
    *,
    agreement: str,
    purpose: str,
    category: Category,
    at: datetime,
) -> PolicyDecision:
    """Return the decision that allows this; raise Forbidden naming agreement, version and clause."""
    decision = decide(
        session, hub, member, agreement=agreement, purpose=purpose, categories=(category,), subjects=0, at=at
    )[category]
    if not decision.allowed:
        raise refusal(decision)
    return decision


def require_in_force(session: Session, member: Member, *, at: datetime) -> None:
    """Raise Forbidden unless the member has any agreement in force: without one it hands in nothing."""
    by_name: dict[str, list[Version]] = {}
    for version in _activated(session, member.name):
        by_name.setdefault(version.terms.agreement, []).append(version)
    held = (rules.counting(versions, at) for versions in by_name.values())
    if not any(version is not None and rules.allows_handing_in(version, at) for version in held):
        raise Forbidden(
            "no agreement of this member is in force: sign the one on offer, or ask the secretariat for one",
            slug="no-agreement",
        )


def refusal(decision: PolicyDecision) -> HubError:
    """Return the refusal that says which agreement, version and clause decided."""
    named = {"agreement": decision.agreement, "version": decision.version, "clause": decision.clause}
    if decision.clause == rules.Clause.QUOTA:
        return QuotaExceeded(decision.reason, slug="member-quota", retry_at=decision.retry_at, extra=named)
    slug = "regulatory-mode" if decision.clause == rules.Clause.REGULATORY_MODE else None
    return Forbidden(decision.reason, slug=slug, extra=named)


def _activated(session: Session, member: str, agreement: str | None = None) -> list[Version]:
    stated = select(AgreementRow).where(AgreementRow.member == member, AgreementRow.position.is_not(None))
    if agreement is not None:
        stated = stated.where(AgreementRow.agreement == agreement)
    return [_version(row) for row in session.scalars(stated)]


def _version(row: AgreementRow) -> Version:
    return Version(
        terms=row.terms,
        activated_at=row.activated_at or row.valid_from,
        ends_at=row.ends_at,
        suspended_at=row.suspended_at,
        terminated_at=row.terminated_at,
        leaf=row.log_leaf,
    )
