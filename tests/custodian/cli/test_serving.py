"""Running: fellow custodians, the pause, and going on after a stop that a person has looked into."""

from __future__ import annotations

from pathlib import Path

import pytest

from custodian.desk.pauses import pauses
from custodian.errors import Stopped
from custodian.home import Home
from custodian.ledger import Ledger
from tests.custodian.cli.conftest import Station


def test_fellows_are_remembered_and_plain_http_is_refused(station: Station) -> None:
    assert "no fellow custodian is known" in station.run(1, "peers")
    assert "https://court.example\n" in station.run(1, "peers", "https://court.example/")
    assert Home(Path("custodian-1")).settings().peers == ("https://court.example",)
    assert Home(Path("custodian-1")).settings().hub == "http://127.0.0.1:7100"
    assert "plain HTTP is refused" in station.run(1, "peers", "http://court.example", code=4)
    assert "https://court.example" in station.run(1, "peers")


def test_a_pause_is_recorded_once_and_ended(station: Station) -> None:
    for words in (["pause"], ["pause"], ["pause", "--off"], ["pause", "--off"]):
        station.run(1, *words)
        station.alliance.passes(hours=1)
    (pause,) = pauses(Ledger(station.home(1).ledger))
    assert (pause.since, pause.until) == ("2026-10-31T16:30:00Z", "2026-10-31T18:30:00Z")


def test_after_a_stop_it_follows_again_and_stops_again_where_the_hub_still_lies(station: Station) -> None:
    station.alliance.enrols("北辰")
    station.follow(1)
    station.hub.lines = [b"{not json"]
    with pytest.raises(Stopped):
        station.follow(1)
    assert "STOPPED" in station.run(1, "status")
    assert "has not stopped" in station.run(2, "resume", "--because", "to try", code=4)
    station.run(1, "resume", "--because", "the hub says it is mended")
    with pytest.raises(Stopped):
        station.follow(1)
    station.run(1, "resume", "--because", "mended at last")
    station.hub.lines = None
    station.follow(1)
    assert "STOPPED" not in station.run(1, "status")
    kinds = [alarm.kind for alarm in Ledger(station.home(1).ledger).alarms()]
    assert kinds == ["resumed", "feed", "resumed", "feed"]
