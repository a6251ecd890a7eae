"""How work says what it is doing. The SDK is silent; the command shows bars, or lines off a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

Advance: TypeAlias = Callable[[int], None]
"""Says that so many more are done."""


class Report:
    """Says nothing. Whoever wants to hear overrides what it wants to hear."""

    def tell(self, text: str) -> None:
        """Say what was done."""

    def warn(self, text: str) -> None:
        """Say what a person must look at."""

    @contextmanager
    def step(self, title: str, total: int) -> Iterator[Advance]:
        """Accompany a step of `total` parts; the value entered is called with how many more are done."""
        yield lambda done: None
