"""The stage itself: an attack that fails anyhow, or that nothing stops, is a failure and is shown as one."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from tests.attacks.attack import RECORD, Attack, Scene, place_of
from tests.attacks.table import Reports

ATTACK = Attack("stealing", "a thief", "the purse is gone", "the dog barks", {}, ())


@pytest.mark.parametrize(
    ("defended", "reached", "seen", "as_declared"),
    [
        (False, True, "anything", True),
        (False, False, "the dog barks", False),
        (True, False, "the dog barks", True),
        (True, False, "the dog sleeps", False),
        (True, True, "the dog barks", False),
    ],
)
def test_an_end_is_held_against_what_was_declared(
    defended: bool, reached: bool, seen: str, as_declared: bool
) -> None:
    scene = Scene(ATTACK, defended)
    if as_declared:
        scene.ends(reached=reached, seen=seen)
    else:
        with pytest.raises(AssertionError):
            scene.ends(reached=reached, seen=seen)


def test_a_story_ends_once() -> None:
    scene = Scene(ATTACK, defended=True)
    scene.ends(reached=False, seen="the dog barks")
    with pytest.raises(AssertionError, match="once"):
        scene.ends(reached=False, seen="the dog barks")


@pytest.mark.parametrize(
    ("dotted", "place"),
    [
        ("custodian.state.records.knowledge.verify", "privacy/knowledge.py: verify"),
        ("custodian.ledger.Ledger.charge_evaluation", "custodian/ledger.py: Ledger.charge_evaluation"),
        ("custodian.state.check_heartbeat", "custodian/state/delivery.py: check_heartbeat"),
        ("custodian.state.judgement._COHORT", "custodian/state/judgement.py: _COHORT"),
    ],
)
def test_a_defence_is_named_by_where_it_was_written(dotted: str, place: str) -> None:
    assert place_of(dotted) == place


class Report:
    """As much of pytest's report of one playing as the table reads."""

    nodeid = "tests/attacks/test_x.py::test_y"

    def __init__(self, *, defended: bool, passed: bool) -> None:
        self.passed = passed
        self.user_properties: list[Any] = [(RECORD, ATTACK.note(defended=defended))]


@pytest.mark.parametrize(
    ("without", "with_it", "shown"),
    [
        (True, True, ["succeeds: the purse is gone", "fails: the dog barks"]),
        (False, True, ["did NOT succeed", "fails: the dog barks"]),
        (True, False, ["succeeds: the purse is gone", "NOT STOPPED"]),
        (True, None, ["succeeds: the purse is gone", "not played"]),
    ],
)
def test_the_table_says_what_happened(without: bool, with_it: bool | None, shown: list[str]) -> None:
    reports = Reports()
    for defended, passed in ((False, without), (True, with_it)):
        if passed is not None:
            reports.pytest_runtest_logreport(Report(defended=defended, passed=passed))  # type: ignore[arg-type]
    console = Console(width=200)
    with console.capture() as captured:
        console.print(reports.table())
    assert all(text in captured.get() for text in ["stealing", "a thief", *shown])
