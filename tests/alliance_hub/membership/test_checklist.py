"""What the hub finds of an application by itself, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from alliance_hub.membership import checklist
from alliance_hub.membership.checklist import AUTOMATIC, MANUAL, SOURCES, Item, Kin, Situation
from alliance_hub.membership.moves import MOVES, may_move
from alliance_hub.membership.vocabulary import UNDER_WAY, ApplicationState

NOW = datetime(2026, 11, 1, 18, tzinfo=UTC)

GOOD = Situation(
    at=NOW,
    today=date(2026, 11, 2),
    uscc="OWN",
    controller_uscc=None,
    licence_until=date(2026, 11, 2),
    fingerprint="1A2B",
    enrolled_fingerprint="1A2B",
    enrolled_group="Alone",
    enrolled_at=NOW - timedelta(hours=23, minutes=59),
    others=(),
)


def kin(group: str | None, *, uscc: str = "OTHER", controller: str | None = None, name: str = "East") -> Kin:
    return Kin(name, group, uscc, controller)


def under(controller: str, group: str, *others: Kin) -> Situation:
    return replace(GOOD, controller_uscc=controller, enrolled_group=group, others=others)


CASES: dict[str, tuple[Situation, set[Item]]] = {
    "everything holds": (GOOD, set()),
    "a licence without end": (replace(GOOD, licence_until=None), set()),
    "the licence ran out yesterday": (replace(GOOD, licence_until=date(2026, 11, 1)), {Item.LICENCE_RUNS}),
    "another firm has the code": (replace(GOOD, others=(kin("G", uscc="OWN"),)), {Item.USCC_FREE}),
    "not introduced": (
        replace(GOOD, enrolled_fingerprint=None, enrolled_group=None, enrolled_at=None),
        {Item.KEYS_INTRODUCED, Item.ENROLMENT_FRESH, Item.GROUP_FITS},
    ),
    "introduced with other keys": (replace(GOOD, enrolled_fingerprint="FFFF"), {Item.KEYS_INTRODUCED}),
    "signed a day ago": (replace(GOOD, enrolled_at=NOW - timedelta(hours=24)), {Item.ENROLMENT_FRESH}),
    "with its sister": (under("HOLD", "H", kin("H", controller="HOLD")), set()),
    "its sister elsewhere": (under("HOLD", "Alone", kin("H", controller="HOLD")), {Item.GROUP_FITS}),
    "with the firm that controls it": (under("HOLD", "H", kin("H", uscc="HOLD")), set()),
    "away from the firm that controls it": (under("HOLD", "Alone", kin("H", uscc="HOLD")), {Item.GROUP_FITS}),
    "with the firm that it controls": (under("X", "H", kin("H", controller="OWN")), set()),
    "among strangers": (under("HOLD", "H", kin("H", controller="X")), {Item.GROUP_FITS}),
    "a sister that has not enrolled": (under("HOLD", "Alone", kin(None, controller="HOLD")), set()),
}


@pytest.mark.parametrize(("situation", "missing"), CASES.values(), ids=list(CASES))
def test_what_holds(situation: Situation, missing: set[Item]) -> None:
    found = checklist.find(situation)

    assert {item for item, finding in found.items() if not finding.holds} == missing
    assert all(bool(finding.says) is not finding.holds for finding in found.values())


def test_every_item_has_a_source_and_is_of_one_kind() -> None:
    assert set(SOURCES) == set(Item)
    assert {*AUTOMATIC, *MANUAL} == set(Item)
    assert not {*AUTOMATIC} & {*MANUAL}


def test_what_is_decided_stays_decided_and_only_what_is_ready_is_admitted() -> None:
    assert {state for state in ApplicationState if MOVES[state]} == UNDER_WAY
    assert [state for state in ApplicationState if may_move(state, ApplicationState.ADMITTED)] == [
        ApplicationState.READY
    ]
