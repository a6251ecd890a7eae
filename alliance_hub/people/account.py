"""What an officer does about its own login: password, authenticator, recovery codes, language."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.errors import Invalid
from alliance_hub.hub import Hub
from alliance_hub.people import factors, sessions
from alliance_hub.people.directory import get_officer
from alliance_hub.people.login import record_own
from alliance_hub.people.models import Officer
from alliance_hub.people.service import LANGUAGES


def change_password(session: Session, officer: int, encoded: str, now: datetime) -> Officer:
    """Keep another password, already hashed; every session of the officer ends, so that it logs in anew."""
    row = get_officer(session, officer)
    row.password = encoded
    sessions.end_all(session, officer, now)
    record_own(session, row, "password_changed", now)
    return row


def replace_authenticator(
    session: Session, hub: Hub, officer: int, secret: str, code: str, now: datetime
) -> Officer:
    """Take another authenticator in place of the one before; raises Invalid for its `new_code`."""
    step = factors.matching_step(secret, code, now, after=None)
    if step is None:
        raise Invalid(
            "the code does not fit: scan the picture again, and check the telephone's clock", field="new_code"
        )
    row = get_officer(session, officer)
    factors.keep_secret(hub, row, secret, step)
    record_own(session, row, "authenticator_replaced", now)
    return row


def renew_recovery_codes(session: Session, hub: Hub, officer: int, now: datetime) -> list[str]:
    """Give an officer ten new recovery codes; those of before work no more."""
    codes = factors.renew_recovery_codes(session, hub, officer)
    record_own(session, get_officer(session, officer), "recovery_codes_renewed", now)
    return codes


def choose_language(session: Session, officer: int, language: str) -> Officer:
    """Keep the language in which an officer reads the console; raises Invalid for another."""
    if language not in LANGUAGES:
        raise Invalid("the console speaks Chinese and English", field="language")
    row = get_officer(session, officer)
    row.language = language
    return row
