"""An alliance with three custodians at real addresses, in which North asks about what South holds too.

It is played once and copied for every test: each then has a database, a clock and custodians of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from alliance_hub.db import Database
from alliance_hub.hub import Hub
from alliance_hub.settings import DATABASE_FILE, load_settings
from tests.alliance_hub.builders import Ceremony, Clock, Platform
from tests.alliance_hub.matching.custodian_double import CustodianDouble
from tests.alliance_hub.matching.story import Story
from tests.alliance_hub.records.conftest import Alliance

BEGINNING = datetime.fromisoformat("2026-11-01T18:00:00+00:00")


@pytest.fixture
def doubles(ceremony: Ceremony, clock: Clock) -> Iterator[list[CustodianDouble]]:
    """Three custodians that are up."""
    keys = enumerate(ceremony.witnesses, 1)
    found = [CustodianDouble(index, key, ceremony.key_set, clock) for index, key in keys]
    yield found
    for double in found:
        double.stop()


@pytest.fixture
def empty_story(hub: Hub, clock: Clock, ceremony: Ceremony, doubles: list[CustodianDouble]) -> Story:
    """An alliance on SQLite, still without lenders."""
    return Story(Alliance(hub, clock, ceremony), doubles)


@pytest.fixture
def either_story(
    hub_on: Callable[[Database], Hub],
    either_database: Database,
    clock: Clock,
    ceremony: Ceremony,
    doubles: list[CustodianDouble],
) -> Story:
    """The told alliance on each kind of database."""
    story = Story(Alliance(hub_on(either_database), clock, ceremony), doubles)
    story.tell()
    return story


@pytest.fixture(scope="session")
def told(migrated: Path, ceremony: Ceremony, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The alliance as it is copied; nobody may change it."""
    home = tmp_path_factory.mktemp("told")
    shutil.copy(migrated, home / DATABASE_FILE)
    database = Database(f"sqlite:///{home / DATABASE_FILE}")
    clock = Clock(BEGINNING)
    hub = Hub(load_settings(home), database, ceremony.hub_keys, ceremony.signed, clock)
    story = Story(Alliance(hub, clock, ceremony), [])
    story.tell()
    database.close()
    return story


@pytest.fixture
def story(
    told: Story,
    database: Database,
    hub: Hub,
    clock: Clock,
    ceremony: Ceremony,
    doubles: list[CustodianDouble],
) -> Story:
    """A copy of the told alliance: North holds Lin and Mao, South flags Lin, a cut is effective."""
    database.close()
    shutil.copy(told.hub.settings.home / DATABASE_FILE, hub.settings.home / DATABASE_FILE)
    clock.at = told.clock.at
    alliance = Alliance(hub, clock, ceremony)
    alliance.custodians = [replace(speaker, clock=clock) for speaker in told.alliance.custodians]
    copy = Story(alliance, doubles)
    copy.submitted = told.submitted
    for member in told.members.values():
        copy.know(replace(member, clock=clock))
    return copy


@pytest.fixture
def north(story: Story) -> Platform:
    """The one that asks."""
    return story.members["North"]
