"""This machine's font: without one no page can be set, and the tests say so rather than pass."""

from __future__ import annotations

import pytest

from paper.fonts import Fonts, installed


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    return installed()
