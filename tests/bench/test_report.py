"""The arithmetic of the bench: ratios, bars, and what its table says. Nothing here is timed."""

from __future__ import annotations

import json

import pytest

from bench import report
from bench.measuring import Spread, spread
from bench.report import Comparison, Figure, Sense


def comparison(
    ours: list[float], peers: list[float], sense: Sense, bar: float | None = None, what: str = "a thing"
) -> Comparison:
    return Comparison(
        key=what,
        what=what,
        unit="thing",
        peer="peer",
        ours=ours,
        peers=peers,
        sense=sense,
        note="N.",
        bar=bar,
    )


def test_the_spread_is_the_quartiles() -> None:
    assert spread([5.0, 1.0, 4.0, 2.0, 3.0]) == Spread(2.0, 3.0, 4.0)
    assert spread([7.0]) == Spread(7.0, 7.0, 7.0)


def test_a_wild_round_hardly_moves_the_spread() -> None:
    assert spread([1.0, 1.0, 1.0, 1.0, 90.0]) == Spread(1.0, 1.0, 1.0)


def test_ratios_are_taken_round_by_round() -> None:
    # The second round ran on a machine half as fast: the ratio does not see it.
    row = comparison([2.0, 4.0, 2.0], [1.0, 2.0, 1.0], Sense.COST)
    assert row.ratios == [2.0, 2.0, 2.0]


def test_a_speed_is_the_inverse_of_a_cost() -> None:
    assert comparison([2.0], [8.0], Sense.COST).ratio.median == 0.25
    assert comparison([2.0], [8.0], Sense.SPEED).ratio.median == 4.0


def test_rounds_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        _ = comparison([1.0, 1.0], [1.0], Sense.COST).ratios


BARS = {
    "a cost below its bar": (Sense.COST, [3.0], 3.2, True),
    "a cost at its bar": (Sense.COST, [3.25], 3.25, True),
    "a cost above its bar": (Sense.COST, [3.3], 3.2, False),
    "a speed above its bar": (Sense.SPEED, [1 / 15], 14.0, True),
    "a speed at its bar": (Sense.SPEED, [0.0625], 16.0, True),
    "a speed below its bar": (Sense.SPEED, [1 / 13], 14.0, False),
    "no bar": (Sense.COST, [99.0], None, None),
    "the median counts": (Sense.COST, [9.0, 3.0, 3.0], 3.2, True),
}


@pytest.mark.parametrize(("sense", "ours", "bar", "within"), BARS.values(), ids=BARS.keys())
def test_bars(sense: Sense, ours: list[float], bar: float | None, within: bool | None) -> None:
    assert comparison(ours, [1.0] * len(ours), sense, bar).within is within


def test_a_missed_bar_is_said_loudly_and_by_name() -> None:
    kept = comparison([3.0], [1.0], Sense.COST, 3.2, what="kept")
    missed = comparison([4.0], [1.0], Sense.COST, 3.2, what="dear")
    text = report.verdict([kept, missed])
    assert "BAR MISSED: dear: 4.00, the bar is at most 3.2" in text
    assert "kept" not in text
    assert "MISSED" in report.table([kept, missed])


def test_kept_bars_are_counted() -> None:
    rows = [comparison([3.0], [1.0], Sense.COST, 3.2), comparison([1.0], [15.0], Sense.SPEED, 14.0)]
    assert report.verdict([*rows, comparison([1.0], [1.0], Sense.COST)]) == "All 2 bars are kept."
    assert "MISSED" not in report.table(rows)


def test_a_run_without_bars_claims_none() -> None:
    assert report.verdict([comparison([1.0], [1.0], Sense.COST)]) == "No bar was measured."


def test_the_table_names_both_sides() -> None:
    row = comparison([0.0017], [0.00069], Sense.COST, 3.2, what="pseudonym")
    line = next(line for line in report.table([row]).splitlines() if line.startswith("[1] pseudonym"))
    assert line.split("  ") != [line]
    for cell in ("1.7 ms", "690 us peer", "2.46 x the cost", "at most 3.2", "within"):
        assert cell in line


def test_a_figure_is_a_rate() -> None:
    figure = Figure("key", "a chunk", "records", 4_000, [3.0, 2.0, 1.0], "N.")
    assert figure.rate == 2_000.0
    assert "a chunk: 2 s for 4,000 records, 2,000 a second" in report.table([figure])


def test_a_slow_rate_keeps_its_digits() -> None:
    figure = Figure("key", "a proof", "proof", 1, [0.25], "N.")
    assert "a proof: 250 ms for 1 proof, 4 a second" in report.table([figure])


FIGURE_BARS = {"below": (0.4e-3, True), "at": (0.5e-3, True), "above": (0.6e-3, False)}


@pytest.mark.parametrize(("each", "within"), FIGURE_BARS.values(), ids=FIGURE_BARS.keys())
def test_a_figure_may_have_a_bar_for_one_unit(each: float, within: bool) -> None:
    figure = Figure("key", "a chunk", "records", 4_096, [4_096 * each], "N.", bar=0.5e-3)
    assert figure.within is within
    assert f"{report.duration(each)} each, at most 500 us" in report.table([figure])
    assert ("MISSED" in report.table([figure])) is not within
    missed = f"BAR MISSED: a chunk: {report.duration(each)}, the bar is at most 500 us"
    assert (missed in report.verdict([figure])) is not within
    assert (report.verdict([figure]) == "All 1 bars are kept.") is within


def test_a_figure_without_a_bar_keeps_none() -> None:
    figure = Figure("key", "a chunk", "records", 4_000, [3.0], "N.")
    assert figure.within is None
    assert report.verdict([figure]) == "No bar was measured."
    assert "each" not in report.table([figure])


DURATIONS = {2.5: "2.5 s", 0.0123: "12.3 ms", 0.000456: "456 us", 3e-8: "30 ns"}


@pytest.mark.parametrize(("seconds", "text"), DURATIONS.items())
def test_durations_are_read_in_their_unit(seconds: float, text: str) -> None:
    assert report.duration(seconds) == text


def test_the_document_keeps_every_round() -> None:
    row = comparison([1.0, 2.0, 3.0], [1.0, 1.0, 2.0], Sense.COST, 3.2)
    document = json.loads(json.dumps(row.document()))
    assert document["ours"] == {"seconds": 2.0, "rounds": [1.0, 2.0, 3.0]}
    assert document["peer"] == {"name": "peer", "seconds": 1.0, "rounds": [1.0, 1.0, 2.0]}
    assert document["ratio"] == {"is": "ours / peer", "median": 1.5, "low": 1.25, "high": 1.75}
    assert document["within"] is True
