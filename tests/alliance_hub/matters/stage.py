"""One hub for all tests of matters, set back before each: what SQLAlchemy has compiled stays compiled.

A scene is played once, and every test that begins with it gets a copy.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from alliance_hub.db import Database
from alliance_hub.hub import Hub
from alliance_hub.people.roles import Role
from alliance_hub.settings import DATABASE_FILE, load_settings
from tests.alliance_hub.builders import Ceremony, Clock
from tests.alliance_hub.matching.custodian_double import CustodianDouble
from tests.alliance_hub.matching.story import Story
from tests.alliance_hub.matters.court import Court
from tests.alliance_hub.records.conftest import Alliance

Play = Callable[[Court], None]


@dataclass(frozen=True)
class Scene:
    """How things stand after something was played: the database, what its parties remember, and the time."""

    file: Path
    story: Story
    at: datetime


@dataclass
class Stage:
    """The told alliance, in which North has an agreement for court and a firm with two lawyers."""

    told: Story
    hub: Hub
    clock: Clock
    doubles: Sequence[CustodianDouble]
    scenes: dict[str, Scene] = field(default_factory=dict)

    def court(self) -> Court:
        """Return the court at its beginning."""
        if "court" not in self.scenes:
            file = self.told.hub.settings.home / DATABASE_FILE
            self._keep("court", self._begin(Scene(file, self.told, self.told.clock.at)), _set)
        return self._begin(self.scenes["court"])

    def after(self, play: Play) -> Court:
        """Return the court after `play`, which is played once."""
        if play.__name__ not in self.scenes:
            self._keep(play.__name__, self.court(), play)
        return self._begin(self.scenes[play.__name__])

    def _keep(self, name: str, court: Court, play: Play) -> None:
        play(court)
        self.hub.database.close()
        file = self.hub.settings.home / f"{name}.kept"
        _copy(self._file, file)
        self.scenes[name] = Scene(file, court.story, self.clock.at)

    def _begin(self, scene: Scene) -> Court:
        self.hub.database.close()
        _copy(scene.file, self._file)
        self.clock.at = scene.at
        alliance = Alliance(self.hub, self.clock, self.told.alliance.ceremony)
        alliance.custodians = [replace(each, clock=self.clock) for each in scene.story.alliance.custodians]
        story = Story(alliance, self.doubles)
        story.submitted = scene.story.submitted
        for member in scene.story.members.values():
            story.know(replace(member, clock=self.clock))
        return Court(story, story.members["North"])

    @property
    def _file(self) -> Path:
        return self.hub.settings.home / DATABASE_FILE


def build(told: Story, ceremony: Ceremony, home: Path) -> Stage:
    """Build the stage in an empty folder; whoever does stops the custodians."""
    clock = Clock(told.clock.at)
    database = Database(f"sqlite:///{home / DATABASE_FILE}")
    hub = Hub(load_settings(home), database, ceremony.hub_keys, ceremony.signed, clock)
    keys = enumerate(ceremony.witnesses, 1)
    doubles = [CustodianDouble(index, key, ceremony.key_set, clock) for index, key in keys]
    return Stage(told, hub, clock, doubles)


def _set(court: Court) -> None:
    court.agree()
    court.found_firm()
    for number in ("L-1", "L-2"):
        court.hire("Firm", number, Role.LAWYER)


def _copy(source: Path, target: Path) -> None:
    """Copy a database that nobody has open, with nothing left of what stood there."""
    for ending in ("", "-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    shutil.copy(source, target)
