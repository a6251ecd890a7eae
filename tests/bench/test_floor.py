"""The floor counts what the path to a pseudonym really calls; otherwise its ratio would mean nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import rbcl

from bench.floor import OPERATIONS
from bench.pseudonyms import InMemory

CHECKING = "crypto_core_ristretto255_is_valid_point"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count every call into libsodium; the real function still does the work."""
    counted: Counter[str] = Counter()

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: bytes) -> Any:
            counted[name] += 1
            return function(*arguments)

        return call

    for name in dir(rbcl):
        if name.startswith("crypto_") and callable(getattr(rbcl, name)):
            monkeypatch.setattr(rbcl, name, counting(name, getattr(rbcl, name)))
    return counted


def test_the_floor_is_what_an_identifier_costs(calls: Counter[str]) -> None:
    in_memory = InMemory()

    def used(count: int) -> Counter[str]:
        calls.clear()
        in_memory.run([b"%d" % number for number in range(count)])
        return Counter(calls)

    few, more = used(4), used(14)
    marginal = {name: (more[name] - few[name]) / 10 for name in more if more[name] > few[name]}
    marginal.pop(CHECKING)  # the multiplication checks its element itself: not needed, so not in the floor
    assert marginal == {operation.name: operation.count for operation in OPERATIONS}


def test_two_of_three_give_what_the_whole_key_gives() -> None:
    InMemory().check(b"anything")
