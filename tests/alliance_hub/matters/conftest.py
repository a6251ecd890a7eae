"""North goes to court against Lin: it holds a contract of Lin's, and South holds Lin too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.alliance_hub.builders import Ceremony
from tests.alliance_hub.matching.conftest import doubles, either_story, told
from tests.alliance_hub.matching.story import Story
from tests.alliance_hub.matters.court import Court
from tests.alliance_hub.matters.stage import Stage, build

__all__ = ["doubles", "either_story", "told"]


@pytest.fixture(scope="session")
def stage(told: Story, ceremony: Ceremony, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stage on which all tests of matters are played."""
    stage = build(told, ceremony, tmp_path_factory.mktemp("stage"))
    yield stage
    stage.hub.database.close()
    for double in stage.doubles:
        double.stop()


@pytest.fixture
def court(stage: Stage) -> Court:
    """North with an agreement for court, and a law firm with two lawyers."""
    return stage.court()
