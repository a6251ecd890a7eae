"""What agreements allow and refuse, as tables; each refusal names its clause."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from alliance_hub.agreements import rules
from alliance_hub.agreements.rules import AgreementState
from alliance_hub.errors import Invalid
from privacy.keyset import Policy
from privacy.statements import Terms
from privacy.vocabulary import Category, Purpose, RefusedPurpose
from tests.alliance_hub.builders import terms_for

START = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 2, tzinfo=UTC)
LAST = datetime(2027, 10, 31, 23, 59, 59, tzinfo=UTC)
END = datetime(2027, 11, 1, tzinfo=UTC)
BEFORE = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)
TERMS = terms_for("North Bank", START)


def changed(**facts: object) -> Terms:
    return msgspec.structs.replace(TERMS, **facts)


def decision(
    terms: Terms | None,
    *,
    member: str = "North Bank",
    purpose: str = "post_loan_management",
    category: Category = Category.EXPOSURE,
    at: datetime = NOW,
) -> rules.PolicyDecision:
    return rules.decide(
        terms, agreement="data-0001", member=member, purpose=purpose, category=category, at=at
    )


@pytest.mark.parametrize("at", [START, NOW, LAST])
def test_what_the_terms_name_is_allowed_while_they_are_in_force(at: datetime) -> None:
    answer = decision(TERMS, at=at)

    assert answer.allowed
    assert (answer.agreement, answer.version, answer.clause) == (
        "data-0001",
        1,
        "purposes.post_loan_management",
    )


@pytest.mark.parametrize(
    ("case", "terms", "asked", "clause", "version"),
    [
        ("no agreement", None, {}, "parties", 0),
        ("another member's", TERMS, {"member": "South Credit"}, "parties", 1),
        ("a second too early", TERMS, {"at": BEFORE}, "validity", 1),
        ("at its end", TERMS, {"at": END}, "validity", 1),
        ("a purpose not named", TERMS, {"purpose": "litigation"}, "purposes", 1),
        ("a purpose that is no word", TERMS, {"purpose": "curiosity"}, "purposes", 1),
        ("a category not named", TERMS, {"category": Category.EVIDENCE}, "categories", 1),
        ("refused by name, even without terms", None, {"purpose": "marketing"}, "refused_purposes", 0),
    ],
)
def test_a_refusal_names_its_clause(
    case: str, terms: Terms | None, asked: dict[str, object], clause: str, version: int
) -> None:
    answer = decision(terms, **asked)  # type: ignore[arg-type]

    assert not answer.allowed
    assert (answer.clause, answer.version) == (clause, version)
    assert answer.reason


@pytest.mark.parametrize("purpose", RefusedPurpose)
def test_refused_purposes_are_refused_by_name(purpose: RefusedPurpose) -> None:
    answer = decision(changed(purposes=tuple(Purpose)), purpose=purpose)

    assert (answer.allowed, answer.clause) == (False, "refused_purposes")
    assert purpose.value in answer.reason


SECOND = changed(version=2, valid_from="2026-12-01T00:00:00Z", valid_until="2027-01-01T00:00:00Z")
DECEMBER, FEBRUARY = datetime(2026, 12, 5, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("case", "signed", "at", "version"),
    [
        ("none", [], NOW, None),
        ("the only one", [TERMS], NOW, 1),
        ("the next has not begun", [SECOND, TERMS], NOW, 1),
        ("the next has begun", [TERMS, SECOND], DECEMBER, 2),
        ("no older one revives", [TERMS, SECOND], FEBRUARY, 2),
        ("none has begun", [SECOND], NOW, 2),
    ],
)
def test_the_newest_version_that_has_begun_counts(
    case: str, signed: list[Terms], at: datetime, version: int | None
) -> None:
    found = rules.counting(signed, at)

    assert (None if found is None else found.version) == version


@pytest.mark.parametrize(
    ("case", "terms", "signed", "at", "state"),
    [
        ("on offer", TERMS, [], NOW, AgreementState.OFFERED),
        ("signed", TERMS, [TERMS], NOW, AgreementState.ACTIVE),
        ("past its end", TERMS, [TERMS], END, AgreementState.ENDED),
        ("an offer past its end", TERMS, [], END, AgreementState.ENDED),
        ("a signed successor waits", TERMS, [TERMS, SECOND], NOW, AgreementState.ACTIVE),
        ("signed to begin later", SECOND, [TERMS, SECOND], NOW, AgreementState.ACTIVE),
        ("replaced", TERMS, [TERMS, SECOND], DECEMBER, AgreementState.ENDED),
        ("a new offer beside the old", SECOND, [TERMS], NOW, AgreementState.OFFERED),
    ],
)
def test_the_state_of_a_version(
    case: str, terms: Terms, signed: list[Terms], at: datetime, state: AgreementState
) -> None:
    assert rules.state_of(terms, signed=signed, at=at) is state


def test_sound_terms_pass() -> None:
    rules.require_sound(TERMS, Policy.for_synthetic_data(), newest=0)
    rules.require_sound(changed(min_contributors=9, version=5), Policy.for_real_data(), newest=3)


@pytest.mark.parametrize(
    ("field", "facts", "policy", "newest"),
    [
        ("terms.min_contributors", {"min_contributors": 2}, Policy.for_real_data(), 0),
        ("terms.version", {}, Policy.for_synthetic_data(), 1),
        ("terms.purposes", {"purposes": ()}, Policy.for_synthetic_data(), 0),
        (
            "terms.purposes",
            {"purposes": (Purpose.LITIGATION, Purpose.LITIGATION)},
            Policy.for_synthetic_data(),
            0,
        ),
        ("terms.categories", {"categories": ()}, Policy.for_synthetic_data(), 0),
        ("terms.valid_until", {"valid_until": TERMS.valid_from}, Policy.for_synthetic_data(), 0),
        ("terms.valid_until", {"valid_until": "2027-02-30T00:00:00Z"}, Policy.for_synthetic_data(), 0),
    ],
)
def test_unsound_terms_name_their_field(
    field: str, facts: dict[str, object], policy: Policy, newest: int
) -> None:
    with pytest.raises(Invalid) as refused:
        rules.require_sound(changed(**facts), policy, newest=newest)

    assert refused.value.field == field
