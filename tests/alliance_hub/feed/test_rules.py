"""The hub's early refusals, as tables."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from alliance_hub.errors import Conflict, Forbidden
from alliance_hub.feed import rules
from privacy.encoding import b64
from privacy.keyset import Policy
from privacy.periods import Period
from privacy.statements import (
    Acceptance,
    AnyBody,
    Chunk,
    Cohorts,
    Cut,
    CutSignature,
    Hold,
    Release,
    Resumption,
    Rotation,
    Settlement,
    Suspension,
    Withdrawal,
)
from tests.alliance_hub.builders import Ceremony, final_head

ANY = b64(bytes(32))
REAL, MADE_UP = Policy.for_real_data(), Policy.for_synthetic_data()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("case", "policy", "stamp", "last", "period"),
    [
        ("the month's first instant in Shanghai", REAL, at("2026-10-31T16:00:00"), "2026-10", "2026-11"),
        ("the last second of its first three days", REAL, at("2026-11-03T15:59:59"), None, "2026-11"),
        ("late, with made-up data", MADE_UP, at("2026-11-29T00:00:00"), "2026-10", "2026-11"),
        ("after a year without cuts", REAL, at("2026-10-31T17:00:00"), "2025-11", "2026-11"),
        (
            "a minute, with made-up data",
            Policy.for_synthetic_data(Period.MINUTE),
            at("2026-11-01T00:00:59"),
            "2026-11-01T07:59",
            "2026-11-01T08:00",
        ),
    ],
)
def test_a_cut_may_stand(case: str, policy: Policy, stamp: datetime, last: str | None, period: str) -> None:
    assert rules.cut_period(policy, stamp, last) == period


@pytest.mark.parametrize(
    ("case", "policy", "stamp", "last", "slug"),
    [
        ("after the first tenth", REAL, at("2026-11-03T16:00:00"), None, "too-late-for-cut"),
        ("a second of the month", REAL, at("2026-11-01T00:00:00"), "2026-11", "period-has-cut"),
        ("a second, with made-up data", MADE_UP, at("2026-11-01T00:00:00"), "2026-11", "period-has-cut"),
        ("before the last", MADE_UP, at("2026-11-01T00:00:00"), "2026-12", "period-has-cut"),
    ],
)
def test_a_cut_may_not_stand(case: str, policy: Policy, stamp: datetime, last: str | None, slug: str) -> None:
    with pytest.raises(Conflict) as refused:
        rules.cut_period(policy, stamp, last)

    assert refused.value.slug == slug


MEMBERS: list[AnyBody] = [
    Settlement(contract_ref=ANY),
    Withdrawal(contract_ref=ANY),
    Rotation(signing=ANY, recovery=ANY, sealing=ANY),
    Hold(member="A", contract_ref=ANY),
    Release(member="A", contract_ref=ANY),
]
CUSTODIANS: list[AnyBody] = [
    Acceptance(enrolment=ANY),
    CutSignature(period="2026-11", position=1, head=ANY, state_digest=ANY),
    Cohorts(period="2026-11", root=ANY, size=1),
]
NOBODYS: list[AnyBody] = [
    Suspension(member="A"),
    Resumption(member="A"),
    Cut(period="2026-11"),
    Chunk(key_set=ANY, root=ANY, size=1, proof=None),
]


@pytest.mark.parametrize(
    ("body", "custodian"), [(body, False) for body in MEMBERS] + [(body, True) for body in CUSTODIANS]
)
def test_each_says_what_is_its_own(body: AnyBody, custodian: bool) -> None:
    rules.require_type(body, custodian=custodian)

    with pytest.raises(Forbidden):
        rules.require_type(body, custodian=not custodian)


@pytest.mark.parametrize("custodian", [False, True])
@pytest.mark.parametrize("body", NOBODYS)
def test_nobody_says_by_this_door_what_has_another(body: AnyBody, custodian: bool) -> None:
    with pytest.raises(Forbidden):
        rules.require_type(body, custodian=custodian)


@pytest.mark.parametrize(
    ("length", "period", "before", "may"),
    [
        (Period.MONTH, "2026-11", "2026-10", True),
        (Period.MONTH, "2026-11", "2026-11", False),
        (Period.MONTH, "2026-11", "2026-12", False),
        (Period.MONTH, "2026-11", None, True),
        # A day of the month that was opened sorts behind it, and lies in it.
        (Period.DAY, "2026-11-21", "2026-11", False),
        (Period.DAY, "2026-12-01", "2026-11", True),
        (Period.MONTH, "2026-11", "2026-11-21", False),
        (Period.WEEK, "2026-W48", "2026-11", False),
        (Period.MONTH, "2026-12", "2026-W49", False),
    ],
)
def test_no_period_is_opened_in_two_epochs(
    ceremony: Ceremony, length: Period, period: str, before: str | None, may: bool
) -> None:
    named = final_head(ceremony.key_set, position=9, head=bytes(32), period=before)
    key_set = msgspec.structs.replace(
        ceremony.key_set, policy=Policy.for_synthetic_data(length), predecessor=named
    )
    if may:
        rules.require_later_epoch(key_set, period)
    else:
        with pytest.raises(Conflict, match="the epoch before"):
            rules.require_later_epoch(key_set, period)
