"""People at the association and at members."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from alliance_hub.db import Database
from alliance_hub.hub import Hub
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.people.hiring import QUICK, Staff


@pytest.fixture
def hub(hub_on: Callable[[Database], Hub], database: Database) -> Hub:
    """A hub whose passwords cost little."""
    return replace(hub_on(database), password_cost=QUICK)


@pytest.fixture
def staff(session: Session, hub: Hub, clock: Clock) -> Staff:
    """Whoever the test hires."""
    return Staff(session, hub, clock)
