"""The thread that follows: it goes on after whatever went wrong, says each thing once, and compares heads."""

from __future__ import annotations

import logging
import threading

import pytest

from custodian.server import keep_following
from tests.custodian.conftest import Office


class Rounds(threading.Event):
    """Stops the thread after so many rounds."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.left = count

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        return self.left < 0


def test_what_goes_wrong_is_said_once(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.alliance.enrols("北辰")
    office.hub.silent = True
    with caplog.at_level(logging.WARNING):
        keep_following(office.custodian, Rounds(3), 1.0)
    assert [record.message for record in caplog.records] == ["the hub does not answer"]
    office.hub.silent = False
    keep_following(office.custodian, Rounds(1), 1.0)
    assert b'"position":3' in office.asker.get("/v1/head").data


def test_fellows_heads_are_compared(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.alliance.enrols("北辰")
    keep_following(office.custodian, Rounds(1), 1.0)
    office.hears_fellows(2, position=3, head=bytes(32))
    keep_following(office.custodian, Rounds(2), 1.0)
    assert office.alarms() == ["fork"]
    assert [record.message.split(":")[0] for record in caplog.records] == ["stopped"]


def test_an_unforeseen_error_ends_nothing_and_quotes_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(after: int, limit: int) -> None:
        raise ValueError("000000199001010018")

    monkeypatch.setattr(office.hub, "pull", breaks)
    keep_following(office.custodian, Rounds(2), 1.0)
    assert len(caplog.records) == 2
    assert "0000" not in caplog.text
