"""How the log stands, and what somebody is told to look at."""

from __future__ import annotations

from alliance_hub.hub import Hub
from alliance_hub.transparency import keeping, state
from alliance_hub.transparency.state import Health, Warning
from tests.alliance_hub.builders import Ceremony, Clock
from tests.alliance_hub.transparency.telling import grown, witness, write


def look(hub: Hub, clock: Clock) -> Health:
    with hub.database.reading() as session:
        return state.health(session, hub, clock())


def test_an_empty_log_is_well(hub: Hub, clock: Clock) -> None:
    assert look(hub, clock) == Health(0, 0, None, None, None, None, None, None, ())


def test_what_waits_for_a_minute_is_said(hub: Hub, clock: Clock) -> None:
    grown(hub, 3)
    since = clock.move(seconds=1)
    write(hub, 2)

    clock.move(seconds=59)
    health = look(hub, clock)
    assert (health.size, health.waiting, health.waiting_since, health.warnings) == (3, 2, since, ())

    clock.move(seconds=1)
    assert look(hub, clock).warnings == (Warning.STILL,)


def test_custodians_that_stay_away_are_said(hub: Hub, ceremony: Ceremony, clock: Clock) -> None:
    grown(hub, 3)
    since = clock()
    witness(hub, ceremony, 2)
    clock.move(minutes=9)
    health = look(hub, clock)
    assert (health.offered, health.signed_at, health.short_since) == (3, since, since)
    assert health.warnings == ()

    clock.move(minutes=1)
    assert look(hub, clock).warnings == (Warning.LONELY,)

    witness(hub, ceremony, 3)
    health = look(hub, clock)
    assert (health.short_since, health.warnings) == (None, ())


def test_a_hub_that_signs_nothing_says_why(hub: Hub, clock: Clock) -> None:
    grown(hub, 3)
    (hub.settings.home / keeping.CHECKPOINT_FILE).write_bytes(b"")

    health = look(hub, clock)

    assert health.warnings == (Warning.REFUSED,)
    assert "log-checkpoint in the home is damaged" in str(health.trouble)
