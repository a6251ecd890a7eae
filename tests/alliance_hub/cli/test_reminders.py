"""`alliance-hub remind`: off until a way out is set up; then whoever has something waiting is told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from alliance_hub.hub import Hub
from alliance_hub.people import invitations
from alliance_hub.people.directory import get_officer
from alliance_hub.people.roles import Role
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.cli.conftest import Run
from tests.alliance_hub.hiring import hire
from tests.alliance_hub.reminders.servers import mail_server


def test_off_until_it_is_set_up(run: Run, adopted: Path) -> None:
    outcome = run("remind", "--home", adopted)

    assert outcome.code == 4
    assert "smtp_url" in outcome.err


def test_it_sends_what_waits_and_nothing_twice(
    run: Run, adopted: Path, opened: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(opened.clock())
    with opened.database.transaction() as session:
        security = hire(session, clock, "1002", Role.SECURITY_ADMIN)
        get_officer(session, security.officer).email = "security@alliance.test"
        invitations.issue(session, get_officer(session, hire(session, clock, "9001").officer), clock())

    with mail_server() as server:
        monkeypatch.setenv("ALLIANCE_HUB_SMTP_URL", server.url)
        monkeypatch.setenv("ALLIANCE_HUB_MAIL_FROM", "hub@alliance.test")
        first, second = run("remind", "--home", adopted), run("remind", "--home", adopted)

    assert (first.code, first.out.strip()) == (0, "1 sent")
    assert (second.code, second.out.strip()) == (0, "1 sent")
    assert [str(mail["To"]) for mail in server.mails] == ["security@alliance.test"]
