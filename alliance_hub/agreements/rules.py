"""What an agreement allows, as a pure decision that always names its clause (domain sections 2 and 6).

Of the activated versions the newest whose validity has begun counts, as at the custodians: once it has
ended, no older version revives. The clauses stand in `Clause` in the order in which they are asked; the
first that does not hold decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alliance_hub.agreements.lifecycle import AgreementState
from alliance_hub.policy import RegulatoryMode
from privacy.encoding import parse_instant
from privacy.terms import Terms
from privacy.vocabulary import Category, Purpose, RefusedPurpose


class Clause(StrEnum):
    """What can deny a call, in the order in which it is asked."""

    REFUSED_PURPOSES = "refused_purposes"
    """Some purposes no agreement can allow."""
    REGULATORY_MODE = "regulatory_mode"
    """In this mode the hub may not answer such a question."""
    PARTIES = "parties"
    """The agreement is not this member's, or has never taken effect."""
    STATE = "state"
    """The agreement is suspended, or was ended before its time."""
    VALIDITY = "validity"
    """Not in force at the instant: valid_from <= at < valid_until."""
    PURPOSES = "purposes"
    """The terms do not name the purpose."""
    CATEGORIES = "categories"
    """The member does not receive the category by the terms."""
    RECIPROCITY = "reciprocity"
    """The member does not contribute the category that it would receive."""
    BATCH_CAP = "batch_cap"
    """More subjects in one request than the terms allow."""
    QUOTA = "quota"
    """More subjects in a day than the terms, or the member's own quota, allow."""


@dataclass(frozen=True, slots=True)
class Question:
    """One call as far as a decision needs it."""

    member: str
    agreement: str
    purpose: str
    category: Category
    subjects: int
    """How many it names; 0 where only the rest is asked."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """The version of an agreement that counts at an instant."""

    terms: Terms
    activated_at: datetime
    ends_at: datetime
    suspended_at: datetime | None
    terminated_at: datetime | None
    leaf: bytes | None = None
    """The log entry that brought it into its state."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the hub knows when it decides."""

    mode: RegulatoryMode
    names_amounts: bool
    """Whether the recorded legal opinion lets answers hold amounts."""
    version: Version | None
    """None where the member has no activated agreement of the name."""
    used_today: int
    """Subjects that the member has asked about today."""
    left_today: int
    """Subjects that the member's own quota leaves for today."""
    tomorrow: datetime
    """When the quotas begin anew."""


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
    since: datetime | None = None
    """Since when it is so, or from when it will not be, as far as that is known."""
    retry_at: datetime | None = None
    """When the same call may be allowed, where only a quota denies it."""
    leaf: bytes | None = None
    """The log entry that brought the agreement into its present state."""


@dataclass(frozen=True, slots=True)
class _No:
    clause: Clause
    reason: str
    since: datetime | None = None
    retry_at: datetime | None = None


def decide(question: Question, standing: Standing) -> PolicyDecision:
    """Decide one call: the agreement is the policy, within what law and mode allow at all."""
    version = standing.version
    own = version if version is not None and version.terms.member == question.member else None
    denied = _by_law(question, standing) or _by_agreement(question, standing, own)
    return PolicyDecision(
        allowed=denied is None,
        agreement=question.agreement,
        version=0 if version is None else version.terms.version,
        clause=f"purposes.{question.purpose}" if denied is None else str(denied.clause),
        reason=denied.reason
        if denied
        else f"the agreement allows {question.purpose} for {question.category}",
        since=denied.since if denied else _in_force_since(own),
        retry_at=denied.retry_at if denied else None,
        leaf=None if own is None else own.leaf,
    )


def _by_law(question: Question, standing: Standing) -> _No | None:
    """Return what denies the call whatever the agreement says."""
    if question.purpose in set(RefusedPurpose):
        return _No(Clause.REFUSED_PURPOSES, f"no agreement can allow the purpose {question.purpose}")
    if question.purpose not in set(Purpose):
        return _No(Clause.PURPOSES, "the purpose is not one of the alliance's words")
    reason = _against_mode(question, standing)
    return None if reason is None else _No(Clause.REGULATORY_MODE, reason)


def _against_mode(question: Question, standing: Standing) -> str | None:
    if not standing.mode.answers_matches:
        return "in this regulatory mode the licensed bureau answers matches, and not the hub"
    if standing.mode is RegulatoryMode.SYNTHETIC:
        return None
    if question.purpose == Purpose.AGGREGATE_STATISTICS:
        return (
            "in this regulatory mode only a creditor's own overdue contracts are asked about: no statistics"
        )
    if question.category is Category.FLAGS:
        return "in this regulatory mode no other creditor is named, and a flag names its own"
    if question.category is Category.EXPOSURE and not standing.names_amounts:
        return "the recorded legal opinion does not name amounts"
    return None


def _by_agreement(question: Question, standing: Standing, version: Version | None) -> _No | None:
    """Return the agreement's own clause that denies the call."""
    if version is None:
        return _No(
            Clause.PARTIES, "the member has no agreement of this name in effect: sign the one on offer"
        )
    return (
        _by_time(question, version) or _by_terms(question, version) or _by_number(question, standing, version)
    )


def _by_time(question: Question, version: Version) -> _No | None:
    terms, at = version.terms, question.at
    if version.suspended_at is not None:
        return _No(
            Clause.STATE, "the agreement is suspended: ask the secretariat why", since=version.suspended_at
        )
    if at >= version.ends_at and version.ends_at < parse_instant(terms.valid_until):
        return _No(
            Clause.STATE,
            "the agreement has been ended: ask the secretariat for another",
            since=version.ends_at,
        )
    if is_in_force(terms, at):
        return None
    begun = at >= parse_instant(terms.valid_from)
    return _No(
        Clause.VALIDITY,
        f"in force from {terms.valid_from} until before {terms.valid_until} only",
        since=parse_instant(terms.valid_until) if begun else None,
        retry_at=None if begun else parse_instant(terms.valid_from),
    )


def _by_terms(question: Question, version: Version) -> _No | None:
    terms, since = version.terms, _in_force_since(version)
    if question.purpose not in terms.purposes:
        return _No(Clause.PURPOSES, f"the agreement does not name the purpose {question.purpose}", since)
    if question.category not in terms.receives:
        return _No(
            Clause.CATEGORIES, f"by the agreement the member does not receive {question.category}", since
        )
    if not terms.grants(question.category):
        return _No(
            Clause.RECIPROCITY,
            f"the member does not contribute {question.category}, so it receives none",
            since,
        )
    return None


def _by_number(question: Question, standing: Standing, version: Version) -> _No | None:
    terms, asked = version.terms, question.subjects
    if asked > terms.subjects_per_request:
        return _No(
            Clause.BATCH_CAP,
            f"one request may name {terms.subjects_per_request} subjects by the agreement: ask in parts",
        )
    if standing.used_today + asked > terms.subjects_per_day:
        limit = f"by the agreement the member may ask about {terms.subjects_per_day} subjects a day"
    elif asked > standing.left_today:
        limit = f"of the member's own quota {standing.left_today} subjects are left for today"
    else:
        return None
    return _No(Clause.QUOTA, f"{limit}: go on tomorrow", retry_at=standing.tomorrow)


def _in_force_since(version: Version | None) -> datetime | None:
    if version is None:
        return None
    return max(version.activated_at, parse_instant(version.terms.valid_from))


def counting(versions: Iterable[Version], at: datetime) -> Version | None:
    """Return the version that counts at `at` among the activated ones of one agreement.

    Where none has begun it is the first that will, so that the refusal can say from when.
    """
    ordered = sorted(versions, key=lambda each: each.terms.version)
    begun = [each for each in ordered if parse_instant(each.terms.valid_from) <= at]
    return begun[-1] if begun else next(iter(ordered), None)


def is_in_force(terms: Terms, at: datetime) -> bool:
    """Say whether `at` lies in the terms' validity: from its first instant until before its last."""
    return parse_instant(terms.valid_from) <= at < parse_instant(terms.valid_until)


def allows_handing_in(version: Version, at: datetime) -> bool:
    """Say whether a member may hand in records under this version."""
    return version.suspended_at is None and at < version.ends_at and is_in_force(version.terms, at)


__all__ = [
    "AgreementState",
    "Clause",
    "PolicyDecision",
    "Question",
    "Standing",
    "Version",
    "allows_handing_in",
    "counting",
    "decide",
    "is_in_force",
]
