"""What agreements allow and refuse, as tables; each refusal names its clause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from alliance_hub.agreements import rules, soundness
from alliance_hub.agreements.rules import Clause, Question, Standing, Version
from alliance_hub.errors import Invalid
from alliance_hub.policy import RegulatoryMode
from privacy.keyset import Policy
from privacy.terms import Party, Terms
from privacy.vocabulary import Category, Purpose, RefusedPurpose
from tests.alliance_hub.builders import terms_for

START = datetime(2026, 11, 1, tzinfo=UTC)
SIGNED = datetime(2026, 10, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 2, tzinfo=UTC)
LAST = datetime(2027, 10, 31, 23, 59, 59, tzinfo=UTC)
END = datetime(2027, 11, 1, tzinfo=UTC)
BEFORE = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)
TOMORROW = datetime(2026, 11, 2, 16, tzinfo=UTC)
TERMS = terms_for(
    "North Bank",
    START,
    contributes=(Category.EXPOSURE, Category.FLAGS),
    receives=(Category.EXPOSURE, Category.FLAGS, Category.REACHABILITY),
    subjects_per_day=100,
    subjects_per_request=40,
)


def changed(**facts: object) -> Terms:
    return msgspec.structs.replace(TERMS, **facts)


def version_of(terms: Terms = TERMS, **changes: Any) -> Version:
    usual: dict[str, Any] = {
        "terms": terms,
        "activated_at": SIGNED,
        "ends_at": END,
        "suspended_at": None,
        "terminated_at": None,
        "leaf": b"leaf",
    }
    return Version(**usual | changes)


def decision(version: Version | None = None, **asked: Any) -> rules.PolicyDecision:
    question: dict[str, Any] = {
        "member": "North Bank",
        "agreement": "data-0001",
        "purpose": "post_loan_management",
        "category": Category.EXPOSURE,
        "subjects": 1,
        "at": NOW,
    }
    standing: dict[str, Any] = {
        "mode": RegulatoryMode.SYNTHETIC,
        "names_amounts": True,
        "version": version,
        "used_today": 0,
        "left_today": 1_000,
        "tomorrow": TOMORROW,
    }
    return rules.decide(
        Question(**{name: asked.get(name, value) for name, value in question.items()}),
        Standing(**{name: asked.get(name, value) for name, value in standing.items()}),
    )


@pytest.mark.parametrize("at", [START, NOW, LAST])
def test_what_the_terms_name_is_allowed_while_they_are_in_force(at: datetime) -> None:
    answer = decision(version_of(), at=at)

    assert answer.allowed
    assert (answer.agreement, answer.version, answer.clause) == (
        "data-0001",
        1,
        "purposes.post_loan_management",
    )
    assert (answer.since, answer.leaf) == (START, b"leaf")


SUSPENDED = version_of(suspended_at=NOW - timedelta(hours=1))
TERMINATED = version_of(ends_at=NOW - timedelta(seconds=1), terminated_at=START)
PURE = RegulatoryMode.POST_LOAN_MATCH
FLAGS = Category.FLAGS
BUREAU = RegulatoryMode.VIA_LICENSED_BUREAU


@pytest.mark.parametrize(
    ("case", "version", "asked", "clause", "number"),
    [
        ("no agreement", None, {}, "parties", 0),
        ("another member's", version_of(), {"member": "South Credit"}, "parties", 1),
        ("a second too early", version_of(), {"at": BEFORE}, "validity", 1),
        ("at its end", version_of(), {"at": END}, "validity", 1),
        ("suspended", SUSPENDED, {}, "state", 1),
        ("ended by notice", TERMINATED, {}, "state", 1),
        ("a purpose not named", version_of(), {"purpose": "litigation"}, "purposes", 1),
        ("a purpose that is no word", version_of(), {"purpose": "curiosity"}, "purposes", 1),
        ("a category not named", version_of(), {"category": Category.EVIDENCE}, "categories", 1),
        ("a category not given", version_of(), {"category": Category.REACHABILITY}, "reciprocity", 1),
        ("one too many at once", version_of(), {"subjects": 41}, "batch_cap", 1),
        ("one too many today", version_of(), {"subjects": 11, "used_today": 90}, "quota", 1),
        ("above the member's own quota", version_of(), {"subjects": 8, "left_today": 7}, "quota", 1),
        ("refused by name, even without terms", None, {"purpose": "marketing"}, "refused_purposes", 0),
        ("flags name creditors", version_of(), {"mode": PURE, "category": FLAGS}, "regulatory_mode", 1),
        ("amounts not named", version_of(), {"mode": PURE, "names_amounts": False}, "regulatory_mode", 1),
        ("statistics", version_of(), {"mode": PURE, "purpose": "aggregate_statistics"}, "regulatory_mode", 1),
        ("a bureau answers", version_of(), {"mode": BUREAU}, "regulatory_mode", 1),
        # What comes first decides.
        ("law before mode", version_of(), {"mode": BUREAU, "purpose": "resale"}, "refused_purposes", 1),
        ("the mode before the parties", None, {"mode": BUREAU}, "regulatory_mode", 0),
        ("suspended before its end", SUSPENDED, {"at": END}, "state", 1),
        ("the state before the purposes", SUSPENDED, {"purpose": "litigation"}, "state", 1),
        ("the cap before the quota", version_of(), {"subjects": 1_001}, "batch_cap", 1),
    ],
)  # fmt: skip
def test_a_refusal_names_its_clause(
    case: str, version: Version | None, asked: dict[str, object], clause: str, number: int
) -> None:
    answer = decision(version, **asked)

    assert not answer.allowed
    assert (answer.clause, answer.version) == (clause, number)
    assert answer.reason


@pytest.mark.parametrize(
    ("case", "version", "asked"),
    [
        ("all that the cap allows", version_of(), {"subjects": 40}),
        ("all that the day allows", version_of(), {"subjects": 10, "used_today": 90, "left_today": 10}),
        ("notice that runs", version_of(terminated_at=START, ends_at=NOW + timedelta(seconds=1)), {}),
        ("amounts that the opinion names", version_of(), {"mode": PURE}),
        ("reachability names nobody", version_of(changed(contributes=tuple(Category))),
         {"mode": PURE, "names_amounts": False, "category": Category.REACHABILITY}),
    ],
)  # fmt: skip
def test_what_is_just_allowed(case: str, version: Version, asked: dict[str, object]) -> None:
    assert decision(version, **asked).allowed


def test_a_decision_says_since_when_and_until_when() -> None:
    assert decision(SUSPENDED).since == NOW - timedelta(hours=1)
    assert decision(TERMINATED).since == NOW - timedelta(seconds=1)
    assert decision(version_of(), at=END).since == END
    assert decision(version_of(), at=BEFORE).retry_at == START
    assert decision(version_of(), subjects=101, used_today=0).retry_at is None
    assert decision(version_of(), subjects=11, used_today=90).retry_at == TOMORROW


@pytest.mark.parametrize("purpose", RefusedPurpose)
def test_refused_purposes_are_refused_by_name(purpose: RefusedPurpose) -> None:
    answer = decision(version_of(changed(purposes=tuple(Purpose))), purpose=purpose)

    assert (answer.allowed, answer.clause) == (False, "refused_purposes")
    assert purpose.value in answer.reason


def test_every_clause_denies_something_above() -> None:
    (table,) = (
        mark.args[1]
        for mark in test_a_refusal_names_its_clause.pytestmark  # type: ignore[attr-defined]
        if mark.name == "parametrize"
    )
    assert {clause for _, _, _, clause, _ in table} == set(Clause)


SECOND = changed(version=2, valid_from="2026-12-01T00:00:00Z", valid_until="2027-01-01T00:00:00Z")
DECEMBER, FEBRUARY = datetime(2026, 12, 5, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("case", "activated", "at", "number"),
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
    case: str, activated: list[Terms], at: datetime, number: int | None
) -> None:
    found = rules.counting(map(version_of, activated), at)

    assert (None if found is None else found.terms.version) == number


SOUND = terms_for("North Bank", START)


def test_sound_terms_pass() -> None:
    soundness.require_sound(SOUND, Policy.for_synthetic_data(), newest=0)
    stricter = msgspec.structs.replace(SOUND, min_contributors=9, version=5)
    soundness.require_sound(stricter, Policy.for_real_data(), newest=3)


MADE_UP = Policy.for_synthetic_data()
MISTYPED = Party("测试小额贷款有限公司", "91000000MA00000001", "许可证")


@pytest.mark.parametrize(
    ("field", "facts", "policy", "newest"),
    [
        ("terms.min_contributors", {"min_contributors": 2}, Policy.for_real_data(), 0),
        ("terms.version", {}, MADE_UP, 1),
        ("terms.purposes", {"purposes": ()}, MADE_UP, 0),
        ("terms.purposes", {"purposes": (Purpose.LITIGATION, Purpose.LITIGATION)}, MADE_UP, 0),
        ("terms.contributes", {"contributes": ()}, MADE_UP, 0),
        ("terms.receives", {"receives": ()}, MADE_UP, 0),
        ("terms.receives", {"receives": (Category.FLAGS, Category.FLAGS)}, MADE_UP, 0),
        ("terms.receives", {"contributes": (Category.EXPOSURE,)}, MADE_UP, 0),
        ("terms.subjects_per_request", {"subjects_per_day": 5, "subjects_per_request": 6}, MADE_UP, 0),
        ("terms.member_party.uscc", {"member_party": MISTYPED}, MADE_UP, 0),
        ("terms.association_party.uscc", {"association_party": MISTYPED}, MADE_UP, 0),
        ("terms.valid_until", {"valid_until": TERMS.valid_from}, MADE_UP, 0),
        ("terms.valid_until", {"valid_until": "2027-02-30T00:00:00Z"}, MADE_UP, 0),
    ],
)
def test_unsound_terms_name_their_field(
    field: str, facts: dict[str, object], policy: Policy, newest: int
) -> None:
    with pytest.raises(Invalid) as refused:
        soundness.require_sound(msgspec.structs.replace(SOUND, **facts), policy, newest=newest)

    assert refused.value.field == field
