"""Turns are taken fairly, and what is measured is divided right. The clocks are made up."""

from __future__ import annotations

from collections.abc import Callable

from bench.measuring import interleave, measured


def test_contestants_take_turns_back_and_forth() -> None:
    order: list[str] = []

    def contestant(name: str) -> Callable[[], float]:
        def turn() -> float:
            order.append(name)
            return float(len(order))

        return turn

    costs = interleave({"a": contestant("a"), "b": contestant("b")}, 3)
    assert "".join(order) == "baabbaab"
    # The first round, 1 and 2, is thrown away.
    assert costs == {"a": [3.0, 6.0, 7.0], "b": [4.0, 5.0, 8.0]}


def test_there_is_a_tick_for_every_round() -> None:
    ticks: list[None] = []
    interleave({"a": lambda: 1.0}, 4, tick=lambda: ticks.append(None))
    assert len(ticks) == 5


def test_a_cost_is_per_unit() -> None:
    times = iter([100.0, 107.0])
    done: list[str] = []
    assert measured(lambda: next(times), lambda: done.append("work"), 14) == 0.5
    assert done == ["work"]
