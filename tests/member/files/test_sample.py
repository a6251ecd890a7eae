"""The sample: what comes out of the files agrees with a join made outside the project."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from member.files import Rejected, Row, count_rows, read_subjects
from privacy.exposure import Exposure, contribution_of
from tests.member.files.portfolios import AS_OF, SAMPLE, portfolio

EXPECTED: dict[str, Any] = json.loads((SAMPLE / "expected.json").read_text())["members"]


def rows_of(name: str) -> tuple[list[Row], list[Rejected]]:
    everything = list(portfolio(SAMPLE / f"{name}.csv"))
    taken = [row for row in everything if isinstance(row, Row)]
    return taken, [row for row in everything if isinstance(row, Rejected)]


@pytest.mark.parametrize(
    ("name", "good", "bad", "subjects"),
    [("beichen", 266, 1, 179), ("dongqiao", 259, 2, 170), ("nanshan", 243, 1, 174), ("xihe", 232, 2, 175)],
)
def test_every_row_is_counted(name: str, good: int, bad: int, subjects: int) -> None:
    taken, rejected = rows_of(name)
    debtors = {row.identifier.value for row in taken}
    assert (len(taken), len(rejected), len(debtors)) == (good, bad, subjects)
    assert debtors == set(EXPECTED[name]["subjects"])
    assert count_rows(SAMPLE / f"{name}.csv") == good + bad


@pytest.mark.parametrize("name", EXPECTED)
def test_exactly_the_rows_that_are_named_bad_are_rejected(name: str) -> None:
    taken, rejected = rows_of(name)
    assert all(str(row.raw["姓名"]).startswith("错误") for row in rejected)
    assert not any(str(row.raw["姓名"]).startswith("错误") for row in taken)
    assert {(row.field, row.reason) for row in rejected} == {
        ("identifier", "the check character does not fit: at least one character is wrong")
    }


@pytest.mark.parametrize("name", EXPECTED)
def test_no_row_of_the_sample_warns_or_loses_its_mobile(name: str) -> None:
    taken, _ = rows_of(name)
    assert all(row.mobile and row.mobile.value.startswith("861990000") and not row.warnings for row in taken)


@pytest.mark.parametrize("name", EXPECTED)
def test_those_to_ask_about_are_those_submitted(name: str) -> None:
    taken, rejected = rows_of(name)
    everything = list(read_subjects(SAMPLE / f"{name}.csv", synthetic=True))
    subjects = [row for row in everything if not isinstance(row, Rejected)]
    assert [(row.number, row.identifier, row.contract) for row in subjects] == [
        (row.number, row.identifier, row.contract) for row in taken
    ]
    assert [row for row in everything if isinstance(row, Rejected)] == rejected


def test_the_totals_over_the_others_are_those_of_the_plain_join() -> None:
    held: dict[str, dict[str, list[Exposure]]] = {name: defaultdict(list) for name in EXPECTED}
    for name, contracts in held.items():
        for row in rows_of(name)[0]:
            contracts[row.identifier.value].append(
                contribution_of(
                    row.outstanding,
                    row.overdue,
                    row.overdue_on,
                    AS_OF,
                    in_court=row.in_court,
                    judged=row.judged,
                )
            )
    for name, member in EXPECTED.items():
        for subject, expected in member["subjects"].items():
            others = [held[other][subject] for other in EXPECTED if other != name and subject in held[other]]
            assert len(others) == expected["other_members"]
            if len(others) > 1:
                assert total(others) == expected["exposure"]


def total(held: list[list[Exposure]]) -> dict[str, int]:
    slots = [contribution.as_dict() for contributions in held for contribution in contributions]
    return {slot: sum(values[slot] for values in slots) for slot in slots[0]}
