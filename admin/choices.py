"""What a form lets choose from, in the form that WTForms wants now; pairs are what everything else has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms.fields.choices import SelectChoice

from admin.objects import Text

Choices = list[SelectChoice]


def choices(pairs: Mapping[Any, Text] | Iterable[tuple[str | int, Text]]) -> Choices:
    """Return values with their labels, in order, for a field's `choices`."""
    found = pairs.items() if isinstance(pairs, Mapping) else pairs
    return [SelectChoice(str(value), label) for value, label in found]
