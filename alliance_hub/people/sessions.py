"""An officer's time at the console: begun at login, one at a time, over after rest or eight hours."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from alliance_hub.people.models import ConsoleSession, Officer, OfficerState
from alliance_hub.policy import SESSION_IDLE, SESSION_LIFE

SECRET_BYTES = 32


def begin(session: Session, officer: Officer, now: datetime) -> str:
    """Begin a session, ending the officer's earlier one; return the secret for the cookie."""
    end_all(session, officer.id, now)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    session.add(ConsoleSession(digest=_digest(secret), officer=officer.id, started_at=now, seen_at=now))
    session.flush()
    return secret


def find(session: Session, secret: str, now: datetime) -> Officer | None:
    """Return whose session this is, or None when it has ended, rested too long or lasted too long."""
    row = session.get(ConsoleSession, _digest(secret))
    if row is None or row.ended_at is not None:
        return None
    if now >= row.seen_at + SESSION_IDLE or now >= row.started_at + SESSION_LIFE:
        return None
    officer = session.get_one(Officer, row.officer)
    return officer if officer.state is OfficerState.ACTIVE else None


def touch(session: Session, secret: str, now: datetime) -> None:
    """Note that the session is at work."""
    session.execute(
        update(ConsoleSession).where(ConsoleSession.digest == _digest(secret)).values(seen_at=now)
    )


def end(session: Session, secret: str, now: datetime) -> None:
    """End one session."""
    row = session.get(ConsoleSession, _digest(secret))
    if row is not None and row.ended_at is None:
        row.ended_at = now


def end_all(session: Session, officer: int, now: datetime) -> None:
    """End every session of an officer."""
    running = select(ConsoleSession).where(
        ConsoleSession.officer == officer, ConsoleSession.ended_at.is_(None)
    )
    for row in session.scalars(running):
        row.ended_at = now
    session.flush()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
