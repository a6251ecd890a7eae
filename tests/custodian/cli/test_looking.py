"""Looking at the keyboard: what is new in `status`, the signed head, the month's report and its check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rfc8785

from custodian import witnessing
from custodian.errors import Stopped
from custodian.ledger import Ledger
from privacy.checkpoint import read_note, verify_checkpoint
from privacy.encoding import b64
from privacy.feed import SignedHead, verify_head
from privacy.keyset import witness_fingerprint
from privacy.messages import parse_json
from tests.custodian.cli.conftest import Station
from tests.logs import PaperLog


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


def test_status_says_what_was_cosigned_of_the_log(busy: Station) -> None:
    before = busy.run(1, "status")
    log = busy.hub.log = PaperLog(busy.alliance.key_set).grows(5)
    follower = busy.follower(1)
    witnessing.witness(follower)
    busy.hub.cosigned_by_fellows = [log.counted(at=busy.alliance.now, by=(2,), size=3)]
    witnessing.compare(follower)
    said = busy.run(1, "status")

    assert "log cosigned            nothing yet" in before
    assert "log cosigned            size 5 at 2026-10-31T16:30:00Z\n" in said
    assert "log, fellows            custodian 2 behind (size 3)" in said
    assert "log complaints          -" in said


def test_a_proven_fork_is_written_for_whoever_must_be_convinced(busy: Station) -> None:
    log = busy.hub.log = PaperLog(busy.alliance.key_set).grows(5)
    witnessing.witness(busy.follower(1))
    busy.hub.log = log.forked(at=4, grows=1)
    with pytest.raises(Stopped):
        witnessing.witness(busy.follower(1))

    assert "log-fork: these are two logs" in busy.run(
        1, "evidence", "--kind", "log-fork", "--out", "fork.json"
    )
    notes = json.loads(Path("fork.json").read_bytes())["notes"]
    shown = [verify_checkpoint(read_note(text), busy.alliance.key_set) for text in notes]
    assert {each.size for each in shown} == {5}
    assert len({each.root for each in shown}) == 2
    assert "no such alarm" in busy.run(1, "evidence", "--kind", "cut", "--out", "cut.json", code=4)


def test_a_court_gets_its_trust_from_a_custodian(station: Station) -> None:
    said = station.run(1, "trust", "--out", "trust.json")

    key_set = station.alliance.key_set
    written = Path("trust.json").read_bytes()
    assert json.loads(written) == {
        "version": 1,
        "alliance": key_set.alliance,
        "epoch": 1,
        "key_set": b64(key_set.digest),
        "threshold": 2,
        "witnesses": [b64(station.alliance.custodians[index].key.public) for index in (1, 2, 3)],
    }
    assert written == rfc8785.dumps(json.loads(written))
    for index in (1, 2, 3):
        assert f"custodian {index}  {witness_fingerprint(key_set.witness(index))}" in said
    assert "alliance-verify BUNDLE.zip --trust trust.json" in said
    assert "exists already" in station.run(1, "trust", "--out", "trust.json", code=4)
