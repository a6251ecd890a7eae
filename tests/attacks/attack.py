"""What a story declares of its attack, and the stage on which it is played, once without the defence."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RECORD = "attack"
"""Under this name a test's report carries what the table shows."""


def lets_pass(*_: object, **__: object) -> None:
    """Stand in for a check that raises what it refuses: this one refuses nothing."""


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack as one story tells it. Texts may name the story's parameters in braces."""

    name: str
    by: str
    """Who attacks, and who helps."""
    goal: str
    """What is true once it has succeeded."""
    stopped: str
    """What is seen instead while the defence stands: exactly what the story sees."""
    off: Mapping[str, object]
    """What the stage puts in the place of the defence, by dotted name. Mostly one function."""
    stands_in: tuple[str, ...]
    """Where the defence is written, where that is not what `off` replaces."""

    def told_with(self, params: Mapping[str, object]) -> Attack:
        """Return the attack with a story's parameters in its texts."""
        texts = {name: getattr(self, name).format(**params) for name in ("name", "by", "goal", "stopped")}
        return dataclasses.replace(self, **texts)

    @property
    def defence(self) -> str:
        """Where the defence stands in the code."""
        return "\n".join(map(place_of, self.stands_in or self.off))

    def note(self, *, defended: bool) -> dict[str, Any]:
        """Return what the table shows of one playing."""
        texts = {name: getattr(self, name) for name in ("name", "by", "goal", "stopped", "defence")}
        return {**texts, "defended": defended}


def place_of(dotted: str) -> str:
    """Return `privacy/knowledge.py: verify` for a dotted name, by where the object was written."""
    module, attributes = _module_of(dotted)
    found: Any = importlib.import_module(module)
    for attribute in attributes:
        found = getattr(found, attribute)
    if inspect.isfunction(found):
        module, attributes = found.__module__, found.__qualname__.split(".")
    return f"{module.replace('.', '/')}.py: {'.'.join(attributes)}"


def _module_of(dotted: str) -> tuple[str, list[str]]:
    """Split a dotted name into the longest module there is and what is looked up in it."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:length])
        if path.with_suffix(".py").exists() or (path / "__init__.py").exists():
            return ".".join(parts[:length]), parts[length:]
    raise LookupError(f"{dotted} names nothing in this checkout")


@dataclass(slots=True)
class Scene:
    """One playing of a story. It ends once, with what the attacker reached and what was seen."""

    attack: Attack
    defended: bool
    seen: list[str] = field(default_factory=list)

    def ends(self, *, reached: bool, seen: object) -> None:
        """Hold the end against what the attack declares; `seen` is the refusal in its own words."""
        assert not self.seen, "a story ends once"
        self.seen.append(str(seen))
        if self.defended:
            assert not reached, f"the defence does not hold: {self.attack.goal}"
            assert str(seen) == self.attack.stopped
        else:
            assert reached, f"without its defence this attack should succeed, but: {seen}"


def attack(
    name: str,
    *,
    by: str,
    goal: str,
    stopped: str,
    off: Mapping[str, object] | str,
    stands_in: tuple[str, ...] = (),
) -> pytest.MarkDecorator:
    """Play the test below twice, as a story about this attack.

    `off` is the dotted name of a function that raises what it refuses, or a replacement for each name.
    """
    switches = {off: lets_pass} if isinstance(off, str) else off
    told = Attack(name, by, goal, stopped, switches, stands_in)
    playings = [
        pytest.param((told, defended), id="defended" if defended else "undefended")
        for defended in (False, True)
    ]
    return pytest.mark.parametrize("scene", playings, indirect=True)
