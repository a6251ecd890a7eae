"""What an agreement allows, as a pure decision that always names its clause (domain section 6).

Of the signed versions the newest whose validity has begun counts, as at the custodians: once it has
ended, no older version revives.

The clauses, in the order in which they are asked; the first that does not hold decides:
- `refused_purposes`   some purposes no agreement can allow
- `parties`            the agreement is this member's own and signed
- `validity`           in force at the instant: valid_from <= at < valid_until
- `purposes`           the terms name the purpose
- `categories`         the terms name the category, which the member then both gives and receives
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alliance_hub.errors import Invalid
from privacy.encoding import parse_instant
from privacy.errors import DeserializeError
from privacy.keyset import Policy
from privacy.statements import Terms
from privacy.vocabulary import Category, Purpose, RefusedPurpose


class AgreementState(StrEnum):
    """How far a version of an agreement has come."""

    OFFERED = "offered"
    """The secretariat has offered it; the member has not signed."""
    ACTIVE = "active"
    """Signed and in force, or signed to begin later."""
    ENDED = "ended"
    """Past its end, or replaced by a newer version that has begun."""


@dataclass(frozen=True, slots=True)
class PolicyDecision:
    """Whether something is allowed, and by which clause of which agreement and version.

    `version` is 0 where the member has no such agreement.
    """

    allowed: bool
    agreement: str
    version: int
    clause: str
    reason: str


def decide(
    terms: Terms | None, *, agreement: str, member: str, purpose: str, category: Category, at: datetime
) -> PolicyDecision:
    """Decide by `terms`, the version of `agreement` that `counting` gives, or None when there is none."""
    version = 0 if terms is None else terms.version

    def answer(clause: str, reason: str, *, allowed: bool = False) -> PolicyDecision:
        return PolicyDecision(allowed, agreement, version, clause, reason)

    if purpose in set(RefusedPurpose):
        return answer("refused_purposes", f"no agreement can allow the purpose {purpose}")
    if purpose not in set(Purpose):
        return answer("purposes", "the purpose is not one of the alliance's words")
    if terms is None or terms.member != member:
        return answer("parties", "the member has signed no agreement of this name: sign the one on offer")
    if not is_in_force(terms, at):
        return answer("validity", f"in force from {terms.valid_from} until before {terms.valid_until} only")
    if purpose not in terms.purposes:
        return answer("purposes", f"the agreement does not name the purpose {purpose}")
    if category not in terms.categories:
        return answer("categories", f"the agreement does not name the category {category}")
    return answer(f"purposes.{purpose}", f"the agreement allows {purpose} for {category}", allowed=True)


def counting(signed: Iterable[Terms], at: datetime) -> Terms | None:
    """Return the version that counts at `at` among the signed ones of one agreement.

    Where none has begun it is the first that will, so that the refusal can say from when.
    """
    versions = sorted(signed, key=lambda terms: terms.version)
    begun = [terms for terms in versions if parse_instant(terms.valid_from) <= at]
    return begun[-1] if begun else next(iter(versions), None)


def is_in_force(terms: Terms, at: datetime) -> bool:
    """Say whether `at` lies in the terms' validity: from its first instant until before its last."""
    return parse_instant(terms.valid_from) <= at < parse_instant(terms.valid_until)


def state_of(terms: Terms, *, signed: Collection[Terms], at: datetime) -> AgreementState:
    """Return the state of one version at `at`; `signed` are the signed versions of its agreement."""
    counts = counting(signed, at)
    replaced = counts is not None and counts.version > terms.version
    if replaced or at >= parse_instant(terms.valid_until):
        return AgreementState.ENDED
    return AgreementState.ACTIVE if terms in signed else AgreementState.OFFERED


def require_sound(terms: Terms, policy: Policy, *, newest: int) -> None:
    """Raise Invalid for terms that every custodian would void; `newest` is the agreement's last version."""
    if terms.min_contributors < policy.min_contributors:
        raise Invalid(
            f"an agreement may only raise the key set's {policy.min_contributors} contributors",
            field="terms.min_contributors",
        )
    if terms.version <= newest:
        raise Invalid(f"the agreement has version {newest} already", field="terms.version")
    if not terms.purposes or len(set(terms.purposes)) < len(terms.purposes):
        raise Invalid("name each purpose once, and at least one", field="terms.purposes")
    if not terms.categories or len(set(terms.categories)) < len(terms.categories):
        raise Invalid("name each category once, and at least one", field="terms.categories")
    try:
        runs = parse_instant(terms.valid_from) < parse_instant(terms.valid_until)
    except DeserializeError as error:
        raise Invalid(str(error), field="terms.valid_until") from error
    if not runs:
        raise Invalid("an agreement begins before it ends", field="terms.valid_until")
