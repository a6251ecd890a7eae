"""Who may decide a proposal: one line for each case that somebody could argue about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from alliance_hub.approvals import rules
from alliance_hub.approvals.models import Kind, Proposal, ProposalState
from alliance_hub.errors import Conflict, Forbidden
from alliance_hub.people.actor import Actor
from alliance_hub.people.roles import Act, OrganisationKind, Role

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANNE, BEN, CARA = 1, 2, 3
OFFICER = Role.MEMBERSHIP_OFFICER


@dataclass(frozen=True)
class Case:
    """Anne proposed; who decides, and what comes of it."""

    decides: int
    roles: frozenset[Role] = frozenset({OFFICER})
    deputised: dict[Role, int] = field(default_factory=dict)
    proposed_for: int | None = None
    state: ProposalState = ProposalState.OPEN
    expires: datetime = NOW + timedelta(seconds=1)
    refused: tuple[type[Exception], str] | None = None


NOBODY: frozenset[Role] = frozenset()
CASES = {
    "another officer decides": Case(BEN),
    "whoever proposed does not": Case(ANNE, refused=(Forbidden, "four-eyes")),
    "nor with a further role": Case(
        ANNE, frozenset({OFFICER, Role.AGREEMENT_OFFICER}), refused=(Forbidden, "four-eyes")
    ),
    "without the role nobody does": Case(BEN, frozenset({Role.DISPUTE_OFFICER}), refused=(Forbidden, "role")),
    "a deputy of somebody else does": Case(BEN, NOBODY, {OFFICER: CARA}),
    "the proposer's deputy does not": Case(BEN, NOBODY, {OFFICER: ANNE}, refused=(Forbidden, "four-eyes")),
    "unless it holds the role itself": Case(BEN, frozenset({OFFICER}), {}),
    "what a deputy proposed for Cara, Cara does not decide": Case(
        CARA, proposed_for=CARA, refused=(Forbidden, "four-eyes")
    ),
    "but Ben does": Case(BEN, proposed_for=CARA),
    "nothing is decided twice": Case(BEN, state=ProposalState.REJECTED, refused=(Conflict, "decided")),
    "nor too late": Case(BEN, expires=NOW, refused=(Conflict, "lapsed")),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_who_may_decide(case: Case) -> None:
    proposal = Proposal(
        kind=Kind.ADMISSION,
        proposed_by=ANNE,
        proposed_for=case.proposed_for,
        state=case.state,
        expires_at=case.expires,
    )
    actor = Actor(
        officer=case.decides,
        ref=f"association/{case.decides}",
        name="Somebody",
        organisation="association",
        kind=OrganisationKind.ASSOCIATION,
        roles=case.roles,
        deputised=case.deputised,
    )

    allowed = rules.may_decide(proposal, actor, Act.APPROVE_MEMBERSHIP, at=NOW)

    assert allowed is (case.refused is None)
    if case.refused:
        kind, slug = case.refused
        with pytest.raises(kind) as caught:
            rules.require_decidable(proposal, actor, Act.APPROVE_MEMBERSHIP, at=NOW)
        assert caught.value.slug == slug  # type: ignore[attr-defined]
