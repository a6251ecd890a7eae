"""The stage: switches a story's defence off before anything else happens, and sees that the story ends."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.attacks.attack import RECORD, Attack, Scene
from tests.custodian.conftest import office

__all__ = ["office", "pytest_pyfunc_call", "scene"]


@pytest.fixture
def scene(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """One playing of a story, with or without its defence."""
    declared, defended = request.param
    attack: Attack = declared.told_with(request.node.callspec.params)
    request.node.user_properties.append((RECORD, attack.note(defended=defended)))
    if not defended:
        for dotted, replacement in attack.off.items():
            monkeypatch.setattr(dotted, replacement)
    return Scene(attack, defended)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Fail a story that ran through and never said how it ends: it could not have failed."""
    result = yield
    scene = pyfuncitem.funcargs.get("scene")
    assert not isinstance(scene, Scene) or scene.seen, "a story must say how it ends"
    return result
