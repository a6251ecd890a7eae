"""Show who one is: first the password, then a second factor; and how often somebody may be wrong.

- An unknown login, a wrong password, a locked and a disabled officer get the same answer for the same work.
- Five failures lock an officer's login for half an hour, whichever of the two they are about; an attempt
  while it is locked does not prolong it, so that nobody is kept out for good by somebody else's guesses.
- Many failures from one address make that address wait, whoever they were about.

What is refused is returned, not raised, where a failure was counted: the count must be committed.
The password's work is done between two transactions, since it would hold up every other writer.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Invalid, QuotaExceeded
from alliance_hub.hub import Hub
from alliance_hub.parameters import service as parameters
from alliance_hub.people import factors, passwords, sessions
from alliance_hub.people.models import LoginAttempts, Officer, OfficerState, Organisation
from alliance_hub.transparency import service as transparency
from privacy import identifiers
from privacy.errors import InvalidInputError
from privacy.sealing import derive_key


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whom somebody claims to be: perhaps nobody."""

    officer: int | None
    password: str | None
    """What is kept of the password, if there is one."""


def find_by_staff_number(session: Session, organisation: str, staff_number: str) -> Candidate:
    """Return who has this staff number at an organisation."""
    known = (Officer.organisation == organisation, Officer.staff_number == staff_number.strip())
    return _candidate(session.scalar(select(Officer).where(*known)))


def find_by_mobile(session: Session, mobile: str) -> Candidate:
    """Return who has this mobile number, however it is written."""
    try:
        number = identifiers.normalise(identifiers.Kind.MOBILE, mobile).value
    except InvalidInputError:
        return _candidate(None)
    return _candidate(session.scalar(select(Officer).where(Officer.mobile == number)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of checking a password."""

    right: bool
    renewed: str | None = None
    """A hash of today's cost for a right password that is kept at another."""


def check_password(hub: Hub, candidate: Candidate, password: str) -> Verdict:
    """Say whether the password is right: slow on purpose, and as slow for nobody's."""
    right = passwords.is_right(candidate.password, password, hub.password_cost)
    if right and candidate.password and passwords.is_outdated(candidate.password, hub.password_cost):
        return Verdict(right, passwords.hash_password(password, hub.password_cost))
    return Verdict(right)


def take_password(session: Session, candidate: Candidate, verdict: Verdict, now: datetime) -> Officer | None:
    """Return the officer whose second factor is asked next, or None; a wrong password is counted."""
    if candidate.officer is None:
        return None
    officer = _locked_row(session, candidate.officer)
    if not _may_log_in(session, officer, now):
        return None
    # The password may have been changed while this one was checked.
    if not verdict.right or officer.password != candidate.password:
        _count_failure(session, officer, now)
        return None
    officer.password = verdict.renewed or officer.password
    return officer


def check_code(session: Session, hub: Hub, officer: int, code: str, now: datetime) -> Invalid | None:
    """Take a code of the officer's second factor; return why it is refused, None when it is right."""
    row = _locked_row(session, officer)
    if not _may_log_in(session, row, now):
        return _wrong_code()
    kind = factors.take_code(session, hub, row, code, now)
    if kind is None:
        _count_failure(session, row, now)
        return _wrong_code()
    if kind == "recovery":
        record_own(session, row, "recovery_code_used", now)
    succeeded(row)
    return None


def confirm(session: Session, hub: Hub, officer: int, code: str, now: datetime) -> Invalid | None:
    """Take a code from an officer who is logged in; one failure too many ends its session too.

    A login that others have locked by guessing does not end it: they would put every officer out.
    """
    refused = check_code(session, hub, officer, code, now)
    if refused is not None:
        _end_if_locked(session, officer, now)
    return refused


def refuse_present(session: Session, officer: int, now: datetime) -> Invalid:
    """Count a wrong password of an officer who is logged in; return what it is told."""
    row = _locked_row(session, officer)
    if _may_log_in(session, row, now):
        _count_failure(session, row, now)
        _end_if_locked(session, officer, now)
    return Invalid("this is not your present password", field="present")


def enter(session: Session, officer: int, now: datetime) -> str:
    """Begin a session for whoever has shown both factors; return the secret for the cookie."""
    row = _locked_row(session, officer)
    succeeded(row)
    record_own(session, row, "session_began", now)
    return sessions.begin(session, row, now)


def leave(session: Session, officer: int, secret: str, now: datetime) -> None:
    """Log an officer out."""
    sessions.end(session, secret, now)
    record_own(session, session.get_one(Officer, officer), "session_ended", now)


def refused_factor(session: Session, officer: int, now: datetime) -> Invalid:
    """Count a passkey that did not hold, as a wrong code is; return what the officer is told."""
    row = _locked_row(session, officer)
    if _may_log_in(session, row, now):
        _count_failure(session, row, now)
    return _wrong_code()


def may_log_in(session: Session, officer: int, now: datetime) -> bool:
    """Say whether an officer may log in now: active, not locked, at an organisation that is not closed."""
    return _may_log_in(session, session.get_one(Officer, officer), now)


def is_locked(officer: Officer, now: datetime) -> bool:
    """Say whether an officer's login is locked for its failures."""
    return officer.locked_until is not None and now < officer.locked_until


def source_of(hub: Hub, address: str) -> bytes:
    """Return the keyed digest under which an address's failures are counted."""
    return hmac.digest(derive_key(hub.keys.hub.seed, "console-source"), address.encode(), sha256)


def require_patience(session: Session, source: bytes, now: datetime) -> None:
    """Raise QuotaExceeded while too many logins from one address have failed."""
    row, window = session.get(LoginAttempts, source), parameters.span(session, "source_window_minutes")
    most = parameters.value(session, "source_failures")
    if row is None or now >= row.since + window or row.count < most:
        return
    raise QuotaExceeded(
        "too many logins from your network have failed: wait, then try again",
        retry_at=row.since + window,
        slug="login-source",
    )


def note_source(session: Session, source: bytes, now: datetime) -> None:
    """Count a failed login of an address; a count is kept for a quarter of an hour and then begins anew."""
    row = session.get(LoginAttempts, source, with_for_update=True)
    if row is None:
        session.add(LoginAttempts(source=source, since=now, count=1))
    elif now >= row.since + parameters.span(session, "source_window_minutes"):
        row.since, row.count = now, 1
    else:
        row.count += 1
    session.flush()


def record_own(session: Session, officer: Officer, kind: str, now: datetime) -> None:
    """Log what an officer did about its own login."""
    facts = {"officer": officer.ref, "organisation": officer.organisation, "object": f"officer/{officer.ref}"}
    transparency.record_entry(session, kind, facts, now=now)


def succeeded(officer: Officer) -> None:
    """Forget an officer's failures."""
    officer.failures, officer.locked_until = 0, None


def _candidate(officer: Officer | None) -> Candidate:
    return Candidate(None, None) if officer is None else Candidate(officer.id, officer.password)


def _locked_row(session: Session, officer: int) -> Officer:
    return session.get_one(Officer, officer, with_for_update=True, populate_existing=True)


def _may_log_in(session: Session, officer: Officer, now: datetime) -> bool:
    organisation = session.get_one(Organisation, officer.organisation)
    active = officer.state is OfficerState.ACTIVE and organisation.closed_at is None
    return active and not is_locked(officer, now)


def _count_failure(session: Session, officer: Officer, now: datetime) -> None:
    officer.failures += 1
    if officer.failures < parameters.value(session, "login_failures"):
        return
    officer.failures = 0
    officer.locked_until = now + parameters.span(session, "login_lock_minutes")
    # Nobody's act: whoever guessed is not known.
    about = {"object": f"officer/{officer.ref}", "organisation": officer.organisation}
    transparency.record_entry(session, "officer_locked", about, now=now)


def _end_if_locked(session: Session, officer: int, now: datetime) -> None:
    if is_locked(session.get_one(Officer, officer), now):
        sessions.end_all(session, officer, now)


def _wrong_code() -> Invalid:
    return Invalid("the code is wrong or has been used: wait for the next one", field="code", slug="code")
