"""What a run of the bench says: rows with their arithmetic, a table for people, a document for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bench.measuring import Spread, spread

Json = dict[str, Any]


class Sense(StrEnum):
    """How a comparison is to be read."""

    COST = "the cost"
    """Ours divided by the peer's: 2 means that ours costs twice as much. The bar is an upper one."""
    SPEED = "as fast"
    """The peer's divided by ours: 2 means that ours takes half as long. The bar is a lower one."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours beside a peer, both in seconds per unit of work, the same rounds."""

    key: str
    what: str
    unit: str
    """What was done once in the seconds named: "identifier", "subject"."""
    peer: str
    """Who the peer is: a library, or ourselves in another way."""
    ours: Sequence[float]
    peers: Sequence[float]
    sense: Sense
    note: str
    """What exactly is compared, in one or two sentences."""
    bar: float | None = None

    @property
    def ratios(self) -> list[float]:
        """The ratio of each round, so that what disturbed a whole round cancels out."""
        pairs = zip(self.ours, self.peers, strict=True)
        return [a / b if self.sense is Sense.COST else b / a for a, b in pairs]

    @property
    def ratio(self) -> Spread:
        """The median of the rounds' ratios, and their quartiles."""
        return spread(self.ratios)

    @property
    def within(self) -> bool | None:
        """Whether the median ratio keeps to the bar; None where there is none."""
        if self.bar is None:
            return None
        return self.ratio.median <= self.bar if self.sense is Sense.COST else self.ratio.median >= self.bar

    def document(self) -> Json:
        """Return everything measured, for `var/bench.json`."""
        ratio = self.ratio
        return {
            "key": self.key,
            "what": self.what,
            "unit": self.unit,
            "ours": {"seconds": spread(self.ours).median, "rounds": list(self.ours)},
            "peer": {"name": self.peer, "seconds": spread(self.peers).median, "rounds": list(self.peers)},
            "ratio": {
                "is": "ours / peer" if self.sense is Sense.COST else "peer / ours",
                "median": ratio.median,
                "low": ratio.low,
                "high": ratio.high,
            },
            "bar": self.bar,
            "within": self.within,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Figure:
    """Something without a peer: so many units in so many seconds."""

    key: str
    what: str
    unit: str
    """What is counted, in the plural: "records"."""
    units: int
    seconds: Sequence[float]
    """Seconds for all `units`, round by round."""
    note: str
    bar: float | None = None
    """Seconds per unit, at most. For what a promise was made in seconds, on a machine of its day."""

    @property
    def rate(self) -> float:
        """Units per second, by the median round."""
        return self.units / spread(self.seconds).median

    @property
    def within(self) -> bool | None:
        """Whether one unit keeps to the bar; None where there is none."""
        return None if self.bar is None else 1 / self.rate <= self.bar

    def document(self) -> Json:
        """Return everything measured, for `var/bench.json`."""
        return {
            "key": self.key,
            "what": self.what,
            "unit": self.unit,
            "units": self.units,
            "seconds": {"median": spread(self.seconds).median, "rounds": list(self.seconds)},
            "per_second": self.rate,
            "bar": self.bar,
            "within": self.within,
            "note": self.note,
        }


Row = Comparison | Figure

_HEADINGS = ("what", "ours", "peer", "ratio", "middle half", "bar", "")


def table(rows: Sequence[Row]) -> str:
    """Return the table, the figures without a peer below it, and what each row compares."""
    comparisons = [row for row in rows if isinstance(row, Comparison)]
    figures = [row for row in rows if isinstance(row, Figure)]
    numbered = {row.key: f"[{number}]" for number, row in enumerate(rows, 1)}
    grid = [_HEADINGS, *(_cells(row, numbered[row.key]) for row in comparisons)]
    lines = [*_aligned(grid), *([""] if figures else [])]
    lines += [f"{numbered[row.key]} {row.what}: {_figure(row)}" for row in figures]
    lines += ["", "What the numbers are:"]
    lines += [textwrap.fill(f"{numbered[row.key]} {row.note}", 110, subsequent_indent="    ") for row in rows]
    return "\n".join(lines)


def verdict(rows: Sequence[Row]) -> str:
    """Return one sentence about the bars; one that is missed is said loudly."""
    barred = [row for row in rows if row.bar is not None]
    missed = [row for row in barred if not row.within]
    if not missed:
        return f"All {len(barred)} bars are kept." if barred else "No bar was measured."
    lines = [f"BAR MISSED: {row.what}: {_reached(row)}, the bar is {_bar(row)}" for row in missed]
    return "\n".join(["!" * 72, *lines, "!" * 72])


def _cells(row: Comparison, number: str) -> tuple[str, ...]:
    ratio = row.ratio
    return (
        f"{number} {row.what}",
        duration(spread(row.ours).median),
        f"{duration(spread(row.peers).median)} {row.peer}",
        f"{ratio.median:.2f} x {row.sense}",
        f"{ratio.low:.2f} .. {ratio.high:.2f}",
        _bar(row),
        _within(row),
    )


def _within(row: Row) -> str:
    return {None: "", True: "within", False: "MISSED"}[row.within]


def _reached(row: Row) -> str:
    return f"{row.ratio.median:.2f}" if isinstance(row, Comparison) else duration(1 / row.rate)


def _bar(row: Row) -> str:
    if row.bar is None:
        return "-"
    if isinstance(row, Figure):
        return f"at most {duration(row.bar)}"
    return f"at {'most' if row.sense is Sense.COST else 'least'} {row.bar:g}"


def _figure(row: Figure) -> str:
    seconds = duration(spread(row.seconds).median)
    rate = f"{row.rate:,.0f}" if row.rate >= 10 else f"{row.rate:.3g}"
    said = f"{seconds} for {row.units:,} {row.unit}, {rate} a second"
    return said if row.bar is None else f"{said}; {_reached(row)} each, {_bar(row)}: {_within(row)}"


def duration(seconds: float) -> str:
    """Return seconds as a person reads them, three digits."""
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "us")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _aligned(grid: Iterable[tuple[str, ...]]) -> list[str]:
    rows = list(grid)
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return [line.rstrip() for line in padded]
