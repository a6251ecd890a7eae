"""What one version says otherwise than another, clause by clause and line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from privacy.terms import Terms

_NOT_CLAUSES = frozenset({"agreement", "version", "text"})


@dataclass(frozen=True, slots=True)
class Change:
    """One clause as it was and as it becomes: plain JSON values."""

    clause: str
    """Its path in the terms, such as `roles.matching`."""
    before: Any
    after: Any


class LineKind(StrEnum):
    """What became of a line of the text."""

    SAME = "same"
    """It stands in both."""
    REMOVED = "removed"
    """Only the older text has it."""
    ADDED = "added"
    """Only the newer text has it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text, and in which of the two it stands."""

    kind: LineKind
    words: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that a newer version says otherwise."""

    changes: tuple[Change, ...]
    lines: tuple[Line, ...]
    """The Chinese text; empty where it says the same."""


def clauses(terms: Terms) -> dict[str, Any]:
    """Return every clause by its path, parties and roles taken apart, in the order of the terms."""
    document = terms.document()
    return dict(
        _leaves({name: document[name] for name in Terms.__struct_fields__ if name not in _NOT_CLAUSES})
    )


def changes(before: Terms, after: Terms) -> tuple[Change, ...]:
    """Return the clauses that differ. The order in which purposes or categories are named changes nothing."""
    old, new = clauses(before), clauses(after)
    return tuple(Change(path, old[path], new[path]) for path in new if _meant(old[path]) != _meant(new[path]))


def lines(before: str, after: str) -> tuple[Line, ...]:
    """Return the two texts as one list of lines; empty where they are alike."""
    if before == after:
        return ()
    kinds = {"  ": LineKind.SAME, "- ": LineKind.REMOVED, "+ ": LineKind.ADDED}
    compared = difflib.ndiff(before.splitlines(), after.splitlines())
    return tuple(Line(kinds[line[:2]], line[2:]) for line in compared if line[:2] in kinds)


def _leaves(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _meant(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list | tuple) else value
