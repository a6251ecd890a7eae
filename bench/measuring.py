"""How things are measured: contestants take turns, so that whatever else the machine does hits all alike.

Seconds differ from machine to machine and from minute to minute; a ratio of two that ran in the same
minute hardly does. So nothing here is compared with a stopwatch, only contestants with each other.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Contestant = Callable[[], float]
"""Does its work once and returns what it cost: seconds per unit of work."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle half of several rounds: first quartile, median, third quartile."""

    low: float
    median: float
    high: float


def spread(rounds: Sequence[float]) -> Spread:
    """Return the quartiles of one or more rounds. The median, because a disturbed round is no average."""
    if len(rounds) == 1:
        return Spread(rounds[0], rounds[0], rounds[0])
    low, median, high = statistics.quantiles(rounds, n=4, method="inclusive")
    return Spread(low, median, high)


def interleave(
    contestants: Mapping[str, Contestant], rounds: int, *, tick: Callable[[], None] = lambda: None
) -> dict[str, list[float]]:
    """Let the contestants take turns for `rounds` rounds; returns each one's costs, round by round.

    Every other round goes backwards (A B C, C B A, ...), so that nobody always runs on a machine that
    another has just warmed. A first round is thrown away: it pays for imports and tables.
    """
    names = list(contestants)
    costs: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(-1, rounds):
        for name in names if turn % 2 == 0 else reversed(names):
            gc.collect()  # nobody pays for another's garbage
            cost = contestants[name]()
            if turn >= 0:
                costs[name].append(cost)
        tick()
    return costs


def measured(clock: Callable[[], float], work: Callable[[], object], units: int) -> float:
    """Return what one unit of `work` costs by `clock`: `time.process_time`, `time.perf_counter` or a sum."""
    before = clock()
    work()
    return (clock() - before) / units


def cpu(work: Callable[[], object], units: int) -> float:
    """Return the CPU seconds of this process, all threads, per unit of `work`."""
    return measured(time.process_time, work, units)


def wall(work: Callable[[], object], units: int) -> float:
    """Return the seconds that pass per unit of `work`: for what several processes share."""
    return measured(time.perf_counter, work, units)
