"""Passwords, codes and what is counted: each with a real database."""

from __future__ import annotations

import json

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Invalid, NotFound, QuotaExceeded
from alliance_hub.hub import Hub
from alliance_hub.people import factors, invitations, login, passwords, sessions
from alliance_hub.people.account import change_password
from alliance_hub.people.invitations import Choice
from alliance_hub.people.login import Candidate, Verdict
from alliance_hub.people.models import LoginAttempts, OfficerState, RecoveryCode
from alliance_hub.people.roles import Role
from alliance_hub.policy import PASSWORD_COST, PasswordCost
from alliance_hub.transparency.models import LogRow
from privacy.errors import CannotOpen
from tests.alliance_hub.builders import Clock
from tests.alliance_hub.people.hiring import PASSWORD, QUICK, SECRET, Staff, code_at


def test_real_hashes_cost_what_rfc_9106_recommends() -> None:
    assert passwords.hash_password(PASSWORD, PASSWORD_COST).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_nobodys_password_costs_as_much_as_somebodys(monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[str] = []
    verify = PasswordHasher.verify

    def noted(self: PasswordHasher, kept: str, given: str) -> bool:
        worked.append(kept)
        return verify(self, kept, given)

    monkeypatch.setattr(PasswordHasher, "verify", noted)
    kept = passwords.hash_password(PASSWORD, QUICK)
    assert passwords.is_right(kept, PASSWORD, QUICK)
    assert not passwords.is_right(kept, "another", QUICK)
    assert not passwords.is_right(None, PASSWORD, QUICK)
    assert len(worked) == 3
    assert len({each.rpartition("$")[0].rpartition("$")[0] for each in worked}) == 1, "the same parameters"


def test_a_hash_of_another_cost_is_renewed_at_login(
    session: Session, staff: Staff, hub: Hub, clock: Clock
) -> None:
    anne = staff.row(staff.hire(Role.FLAG_REVIEWER))
    anne.password = passwords.hash_password(PASSWORD, PasswordCost(kibibytes=16, passes=1, lanes=1))
    candidate = login.find_by_staff_number(session, "association", anne.staff_number)
    verdict = login.check_password(hub, candidate, PASSWORD)
    assert login.take_password(session, candidate, verdict, clock()) is anne
    assert "$m=8,t=1,p=1$" in (anne.password or "")
    assert passwords.is_right(anne.password, PASSWORD, QUICK)


def test_a_password_that_changed_while_it_was_checked_is_wrong(
    session: Session, staff: Staff, clock: Clock
) -> None:
    anne = staff.row(staff.hire(Role.FLAG_REVIEWER))
    candidate = Candidate(anne.id, "what was kept before")
    assert login.take_password(session, candidate, Verdict(True), clock()) is None


@pytest.mark.parametrize(
    ("step", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)], ids=str
)
def test_a_code_is_taken_one_step_around_now(
    session: Session, staff: Staff, hub: Hub, clock: Clock, step: int, taken: bool
) -> None:
    anne = staff.hire(Role.FLAG_REVIEWER)
    refused = login.check_code(session, hub, anne.officer, code_at(clock(), step), clock())
    assert (refused is None) is taken


def test_no_step_is_taken_twice_and_none_before_it_later(
    session: Session, staff: Staff, hub: Hub, clock: Clock
) -> None:
    anne = staff.hire(Role.FLAG_REVIEWER)
    taken = [
        login.check_code(session, hub, anne.officer, code_at(clock(), step), clock()) is None
        for step in (0, 0, -1, 1)
    ]
    assert taken == [True, False, False, True]


def test_the_kept_secret_is_sealed_for_one_officer(
    session: Session, staff: Staff, hub: Hub, clock: Clock
) -> None:
    anne, ben = staff.row(staff.hire(Role.FLAG_REVIEWER)), staff.row(staff.hire(Role.FLAG_REVIEWER))
    assert anne.totp is not None
    assert SECRET.encode() not in anne.totp
    ben.totp = anne.totp
    with pytest.raises(CannotOpen):
        factors.take_code(session, hub, ben, code_at(clock()), clock())


def test_recovery_codes_work_once_each_and_the_old_ones_no_more(
    session: Session, staff: Staff, hub: Hub, clock: Clock
) -> None:
    anne, ben = staff.hire(Role.FLAG_REVIEWER), staff.hire(Role.FLAG_REVIEWER)
    codes = factors.renew_recovery_codes(session, hub, anne.officer)
    assert len(set(codes)) == 10
    written = codes[0].lower().replace("-", " ")
    assert login.check_code(session, hub, ben.officer, codes[0], clock()) is not None, "they are Anne's"
    assert login.check_code(session, hub, anne.officer, written, clock()) is None
    assert login.check_code(session, hub, anne.officer, codes[0], clock()) is not None
    assert factors.count_recovery_codes(session, anne.officer) == 9
    factors.renew_recovery_codes(session, hub, anne.officer)
    assert login.check_code(session, hub, anne.officer, codes[1], clock()) is not None
    kept = session.scalars(select(RecoveryCode.digest)).all()
    assert not any(code.replace("-", "").encode() in digest for code in codes for digest in kept)


def test_a_code_that_is_confirmed_wrongly_five_times_ends_the_session(
    session: Session, staff: Staff, hub: Hub, clock: Clock
) -> None:
    anne = staff.hire(Role.MEMBERSHIP_OFFICER)
    secret = sessions.begin(session, staff.row(anne), clock())
    for _ in range(4):
        login.confirm(session, hub, anne.officer, "000000", clock())
    assert isinstance(sessions.find(session, secret, clock()), sessions.Sitting)
    login.confirm(session, hub, anne.officer, "000000", clock())
    assert sessions.find(session, secret, clock()) is sessions.Ending.ENDED
    kinds = session.scalars(select(LogRow.kind).where(LogRow.object == f"officer/{anne.ref}")).all()
    assert kinds[-1] == "officer_locked"


def test_whoever_guesses_outside_does_not_end_a_session(session: Session, staff: Staff, clock: Clock) -> None:
    anne = staff.hire(Role.MEMBERSHIP_OFFICER)
    secret = sessions.begin(session, staff.row(anne), clock())
    candidate = login.find_by_staff_number(session, "association", staff.row(anne).staff_number)
    for _ in range(5):
        login.take_password(session, candidate, Verdict(False), clock())
    assert login.is_locked(staff.row(anne), clock())
    assert isinstance(sessions.find(session, secret, clock()), sessions.Sitting)


def test_guessing_on_does_not_keep_the_officer_out_for_longer(
    session: Session, staff: Staff, clock: Clock
) -> None:
    anne = staff.row(staff.hire(Role.MEMBERSHIP_OFFICER))
    candidate = login.find_by_staff_number(session, "association", anne.staff_number)
    for _ in range(5):
        login.take_password(session, candidate, Verdict(False), clock())
    clock.move(minutes=20)
    login.take_password(session, candidate, Verdict(False), clock())
    clock.move(minutes=10)
    assert login.take_password(session, candidate, Verdict(True), clock()) is anne


def test_addresses_are_counted_and_not_kept(session: Session, hub: Hub, clock: Clock) -> None:
    source = login.source_of(hub, "192.0.2.1")
    for _ in range(19):
        login.note_source(session, source, clock())
    login.require_patience(session, source, clock())
    login.note_source(session, source, clock())
    with pytest.raises(QuotaExceeded) as refused:
        login.require_patience(session, source, clock())
    assert refused.value.retry_at == clock.at.replace(minute=15)
    login.require_patience(session, login.source_of(hub, "192.0.2.2"), clock())
    assert b"192.0.2.1" not in session.scalars(select(LoginAttempts.source)).one()


def test_an_invitation_is_taken_up_once(session: Session, staff: Staff, hub: Hub, clock: Clock) -> None:
    anne = staff.row(staff.hire(Role.FLAG_REVIEWER))
    anne.state, anne.password, anne.totp = OfficerState.INVITED, None, None
    first, secret = invitations.issue(session, anne, clock()), invitations.issue(session, anne, clock())
    hashed = passwords.hash_password(PASSWORD, QUICK)
    with pytest.raises(NotFound, match="does not work any more"):
        invitations.get_invited(session, first, clock())
    with pytest.raises(Invalid, match="the code does not fit"):
        invitations.take_up(session, hub, secret, Choice(hashed, SECRET, "000000"), clock())
    choice = Choice(hashed, SECRET, code_at(clock()))
    officer, codes = invitations.take_up(session, hub, secret, choice, clock())
    assert (officer, officer.state, len(codes)) == (anne, OfficerState.ACTIVE, 10)
    with pytest.raises(NotFound, match="does not work any more"):
        invitations.take_up(session, hub, secret, choice, clock())


def test_an_invitation_lasts_three_days(session: Session, staff: Staff, clock: Clock) -> None:
    anne = staff.row(staff.hire(Role.FLAG_REVIEWER))
    secret = invitations.issue(session, anne, clock())
    clock.move(hours=71, minutes=59)
    assert invitations.get_invited(session, secret, clock()) is anne
    clock.move(minutes=1)
    with pytest.raises(NotFound, match="does not work any more"):
        invitations.get_invited(session, secret, clock())


def test_a_new_password_ends_every_session(session: Session, staff: Staff, clock: Clock) -> None:
    anne = staff.hire(Role.FLAG_REVIEWER)
    secret = sessions.begin(session, staff.row(anne), clock())
    change_password(session, anne.officer, passwords.hash_password("another-heron-4", QUICK), clock())
    assert sessions.find(session, secret, clock()) is sessions.Ending.ENDED


def test_a_session_at_work_is_over_after_eight_hours(session: Session, staff: Staff, clock: Clock) -> None:
    secret = sessions.begin(session, staff.row(staff.hire(Role.FLAG_REVIEWER)), clock())
    for _ in range(48):
        clock.move(minutes=9, seconds=59)
        found = sessions.find(session, secret, clock())
        assert isinstance(found, sessions.Sitting)
        assert found.touch_due
        sessions.touch(session, secret, clock())
    clock.move(seconds=48)
    assert sessions.find(session, secret, clock()) is sessions.Ending.OVER


def test_no_entry_names_a_person(session: Session, staff: Staff, hub: Hub, clock: Clock) -> None:
    anne = staff.hire(Role.FLAG_REVIEWER, mobile="13800138000")
    login.enter(session, anne.officer, clock())
    entries = [json.dumps(json.loads(entry)) for entry in session.scalars(select(LogRow.entry)) if entry]
    assert any('"officer": "association/001"' in entry for entry in entries)
    assert not [entry for entry in entries if anne.name in entry or "13800138000" in entry]
