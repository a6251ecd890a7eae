"""What every test shares: the services' fixtures, and one hypothesis profile for each place tests run in."""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.services.fixtures", "tests.services.browser"]

# No deadline anywhere: a proof on a busy core is slow, not wrong.
settings.register_profile("desk", deadline=None)
# The same examples on every run, so that a change lands or fails for what it changes.
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# Tables of the commands are as wide as their terminal was when they were imported; no test is about that.
os.environ["COLUMNS"] = "200"

# Thousands of commits would each wait for the disk; tests lose processes, never power. So what they write
# lies in memory where there is room, and is gone after the run unless its test failed (setup.cfg).
MEMORY, ROOM = Path("/dev/shm"), 4 << 30
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the journeys: a worker that met one at the end would work on alone while the other waits."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)


def pytest_collection_finish() -> None:
    """Leave thousands of collected tests, which live to the end, out of every later search for garbage."""
    gc.collect()
    gc.freeze()
