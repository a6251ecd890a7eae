"""Series of numbers: drawn by a script, and a table for whoever has none or wants the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from flask import Response, jsonify

from admin.objects import Text


@dataclass(frozen=True, slots=True)
class Series:
    """One named row of values; None where there is no figure."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over the same labels, in one unit."""

    labels: Sequence[str]
    series: Sequence[Series]
    unit: Text = ""


def answer(chart: Chart) -> Response:
    """Return the figures as the script reads them."""
    return jsonify({**asdict(chart), "unit": str(chart.unit)})
