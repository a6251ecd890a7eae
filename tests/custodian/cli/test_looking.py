"""Looking at the keyboard: what is new in `status`, the signed head, the month's report and its check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from custodian.ledger import Ledger
from privacy.feed import SignedHead, verify_head
from privacy.messages import parse_json
from tests.custodian.cli.conftest import Station


@pytest.fixture
def busy(station: Station) -> Station:
    """A member was accepted and evaluated for, another waits; a cut waits for the others' signatures."""
    alliance = station.alliance
    alliance.enrols("北辰")
    alliance.enrols("南山", accepted_by=(2,))
    alliance.cuts()
    station.follow(1)
    station.follow(1)
    ledger = Ledger(station.home(1).ledger)
    ledger.charge_evaluation("北辰", "request", b"", 321, epoch=1, quota=(999, 999), now=alliance.now)
    return station


def test_status_says_what_waits(busy: Station) -> None:
    said = busy.run(1, "status")
    assert "serving" in said
    assert "1 active" in said
    assert "waiting for acceptance  南山" in said
    assert "2026-11-01 at position 6, signed by 1, not in effect yet" in said
    assert "handed in, not on feed  nothing" in said
    assert "checkpoints             position 6" in said


def test_status_shows_alarms_clock_and_what_keeps_it_from_signing(busy: Station) -> None:
    ledger = Ledger(busy.home(1).ledger)
    ledger.raise_alarm("hand-in", "北辰 waits", b"", now=busy.alliance.now)
    ledger.set_fact("ahead", "2026-11-01T04:00:00Z")
    ledger.set_fact("unsigned", "a statement of 北辰 is missing from the feed")
    said = busy.run(1, "status")
    assert "ALARM 2026-10-31T16:30:00Z hand-in: 北辰 waits" in said
    assert "CLOCK the hub's time 2026-11-01T04:00:00Z is ahead" in said
    assert "cut not signed because  a statement of 北辰 is missing" in said


def test_the_head_is_signed_and_never_overwritten(busy: Station) -> None:
    busy.run(1, "head", "--out", "head.json")
    signed = parse_json(SignedHead, Path("head.json").read_bytes())
    verify_head(signed, busy.alliance.key_set.witness(1))
    assert signed.head.position == len(busy.alliance.entries)
    assert "exists already" in busy.run(1, "head", "--out", "head.json", code=4)
    assert json.loads(busy.run(1, "head").splitlines()[0])["custodian"] == 1


def test_a_report_can_be_checked_by_whoever_has_the_key_set(busy: Station) -> None:
    Path("key-set.json").write_bytes(busy.alliance.signed_key_set.canonical())
    busy.run(1, "report", "--month", "2026-11", "--out", "november.html")
    assert "321" in Path("november.html").read_text()
    check = ["check-report", "november.html.sig.json", "--key-set", "key-set.json"]
    said = busy.command(*check)
    assert "the signature holds" in said
    assert "北辰" in said
    changed = Path("november.html.sig.json").read_text().replace('"evaluations":321', '"evaluations":123')
    Path("november.html.sig.json").write_text(changed)
    assert "does not hold" in busy.command(*check, code=4)


def test_without_a_file_the_report_is_printed(busy: Station) -> None:
    said = busy.run(1, "report", "--month", "2026-11")
    assert "Monthly report 2026-11" in said
    assert "witness signature" in said
    assert "has not begun" in busy.run(1, "report", "--month", "2027-01", code=4)
