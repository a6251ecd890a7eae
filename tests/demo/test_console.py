"""The demo's office: people who can log in, papers in every register; and never with real data."""

from __future__ import annotations

import json
import re
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest

from alliance_hub.agreements import service as agreements
from alliance_hub.approvals.models import Proposal, ProposalState
from alliance_hub.complaints import register
from alliance_hub.db import Database
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.keys import write_keys
from alliance_hub.membership import service as membership
from alliance_hub.membership.models import Application
from alliance_hub.people import factors, passwords
from alliance_hub.people.models import Officer
from alliance_hub.permissions import Sender
from alliance_hub.policy import RegulatoryMode
from alliance_hub.settings import DATABASE_FILE, KEY_SET_FILE, KEYS_FILE, load_settings
from demo import console
from demo.portfolios import DemoError
from privacy.encoding import b64
from privacy.statements import Acceptance
from privacy.terms import sign_terms
from tests.admin.people import QUICK
from tests.alliance_hub.builders import Ceremony, Clock, custodian, offer, platform, terms_for
from tests.alliance_hub.conftest import ceremony, migrated

__all__ = ["ceremony", "migrated"]

MEMBERS = ("North", "South", "West")


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text("none is needed\n")
    return path


@pytest.fixture
def hub(tmp_path: Path, migrated: Path, ceremony: Ceremony) -> Hub:
    """A home on disk with three members and agreements in effect, as they are after the demo's match."""
    clock = Clock(datetime.now(UTC))
    shutil.copy(migrated, tmp_path / DATABASE_FILE)
    write_keys(tmp_path / KEYS_FILE, ceremony.hub_keys, passphrase=None)
    (tmp_path / KEY_SET_FILE).write_bytes(ceremony.signed.canonical())
    settings = load_settings(tmp_path)
    hub = Hub(settings, Database(settings.database), ceremony.hub_keys, ceremony.signed, clock)
    witnesses = [custodian(index, ceremony, clock) for index in (1, 2)]
    with hub.database.transaction() as session:
        for number, name in enumerate(MEMBERS, 1):
            member = platform(name, clock)
            membership.apply(session, hub, member.say(member.enrolment()), clock())
            row = membership.admit(session, hub, name, clock())
            assert row.enrolment_digest is not None
            for index, witness in enumerate(witnesses, 1):
                signed = witness.say(Acceptance(enrolment=b64(row.enrolment_digest)))
                feed.receive(session, hub, signed, sender=Sender.for_custodian(index), now=clock())
                witness.said(signed)
            terms = terms_for(name, clock(), agreement=f"data-{number:04}")
            offer(session, hub, terms, clock())
            row = membership.get(session, name)
            signature = sign_terms(member.key, terms)
            agreements.sign(session, hub, row, terms.agreement, 1, signature, clock())
    return hub


@pytest.fixture
def furnish(hub: Hub, passphrase: Path, tmp_path: Path) -> Callable[[], list[console.Login]]:
    """Fill the office; passwords cost little."""

    def done() -> list[console.Login]:
        with pytest.MonkeyPatch.context() as patch:
            open_hub = console.open_hub
            patch.setattr(
                console, "open_hub", lambda settings: replace(open_hub(settings), password_cost=QUICK)
            )
            return console.furnish(hub.settings.home, passphrase, tmp_path)

    return done


def test_everybody_can_log_in_and_every_register_has_something(
    hub: Hub, furnish: Callable[[], list[console.Login]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logins = furnish()

    assert len(logins) == 5 + 3 + len(MEMBERS)
    assert {each.organisation for each in logins} == {"association", console.LAW_FIRM, *MEMBERS}
    now = datetime.now(UTC)
    with hub.database.reading() as session:
        officers = {(each.organisation, each.staff_number): each for each in session.query(Officer)}
        for each in logins:
            officer = officers[each.organisation, each.staff_number]
            assert passwords.is_right(officer.password, each.password, QUICK)
            later = now.timestamp() + 60
            code = pyotp.TOTP(each.secret).at(int(later))
            at = datetime.fromtimestamp(later, UTC)
            assert factors.take_code(session, hub, officer, code, at) == "totp"
        open_proposals = [each for each in session.query(Proposal) if each.state is ProposalState.OPEN]
        assert {str(each.kind) for each in open_proposals} == {"suspension", "quota", "parameter"}
        assert {str(each.state) for each in session.query(Application)} == {"received", "in_review"}
        counts = register.count(session, at=now)
        assert counts[register.State.OVERDUE] >= 1
        assert counts[register.State.CLOSED] == 2
        states = agreements.count_states(session, at=now)
        assert states[agreements.AgreementState.DRAFT] == states[agreements.AgreementState.REVIEW] == 1

    kept = tmp_path / console.FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert console.read_logins(tmp_path) == logins
    console.show_codes(logins)
    said = capsys.readouterr().out
    assert "DEMO ONLY" in said
    assert len(re.findall(r"^\d{6} ", said, re.MULTILINE)) == len(logins)
    console.show_logins("http://127.0.0.1:1", logins)
    said = capsys.readouterr().out
    assert "http://127.0.0.1:1/console/" in said
    assert "DEMO ONLY" in said
    assert all(each.password in said for each in logins)


def test_nobody_gets_a_password_where_data_are_real(
    hub: Hub, furnish: Callable[[], list[console.Login]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.parameters, "mode", lambda *_: RegulatoryMode.POST_LOAN_MATCH)

    with pytest.raises(DemoError, match="made-up data"):
        furnish()

    assert not (tmp_path / console.FILE).exists()
    with hub.database.reading() as session:
        assert session.query(Officer).count() == 0


def test_without_a_demo_there_are_no_logins(tmp_path: Path) -> None:
    (tmp_path / console.FILE).write_text(json.dumps([{"organisation": "association"}]))

    with pytest.raises(DemoError, match="make demo"):
        console.read_logins(tmp_path)
