"""Custodians: how they stand, which of them share a machine, and which ceremonies can be held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from alliance_hub.custodians import rules
from alliance_hub.custodians.rules import Plan, Standing
from alliance_hub.errors import Invalid

TODAY = date(2026, 11, 2)
PLAN = Plan(epoch=2, custodians=3, threshold=2, synthetic=True, on=TODAY)

HEADS: dict[str, tuple[int, bytes, Standing]] = {
    "the hub's own": (100, b"own", Standing.WELL),
    "a little behind": (80, b"older", Standing.WELL),
    "well behind": (79, b"older", Standing.BEHIND),
    "nothing yet": (0, b"empty", Standing.BEHIND),
    "another one at the same place": (100, b"other", Standing.FORKED),
}


@pytest.mark.parametrize(("position", "head", "standing"), HEADS.values(), ids=HEADS.keys())
def test_a_custodian_is_judged_by_the_head_that_it_signs(
    position: int, head: bytes, standing: Standing
) -> None:
    assert rules.standing_of(position, head, own_position=100, own_head=b"own") is standing


MACHINES: dict[str, tuple[list[str], list[list[int]]]] = {
    "three houses": (["https://a.example", "https://b.example", "https://c.example"], []),
    "one machine": (["http://127.0.0.1:1", "http://localhost:2", "http://[::1]:3"], [[1, 2, 3]]),
    "two ports of one host": (["https://a.example:1", "https://b.example", "https://a.example:2"], [[1, 3]]),
    "none configured": ([], []),
}


@pytest.mark.parametrize(("addresses", "groups"), MACHINES.values(), ids=MACHINES.keys())
def test_who_shares_a_machine(addresses: list[str], groups: list[list[int]]) -> None:
    assert rules.shared_machines(addresses) == groups


PLANS: dict[str, tuple[Plan, str | None]] = {
    "two of three": (PLAN, None),
    "all of two": (replace(PLAN, custodians=2), None),
    "an epoch left out": (replace(PLAN, epoch=3), "epoch"),
    "this epoch again": (replace(PLAN, epoch=1), "epoch"),
    "one custodian": (replace(PLAN, custodians=1, threshold=1), "custodians"),
    "sixteen": (replace(PLAN, custodians=16, threshold=9), "custodians"),
    "half of them": (replace(PLAN, custodians=4), "threshold"),
    "more than there are": (replace(PLAN, threshold=4), "threshold"),
    "for real data": (replace(PLAN, synthetic=False), "synthetic"),
    "yesterday": (replace(PLAN, on=date(2026, 11, 1)), "on"),
}


@pytest.mark.parametrize(("plan", "field"), PLANS.values(), ids=PLANS.keys())
def test_which_ceremonies_can_be_held(plan: Plan, field: str | None) -> None:
    if field is None:
        rules.require_plan(plan, epoch=1, synthetic=True, today=TODAY)
    else:
        with pytest.raises(Invalid) as caught:
            rules.require_plan(plan, epoch=1, synthetic=True, today=TODAY)
        assert caught.value.field == field
