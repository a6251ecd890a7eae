"""An officer's time at the console: begun at login, one at a time, over after rest or eight hours.

- The browser holds a secret, the hub only its digest: whoever reads the database cannot take a session over.
- A session ends for good: what has rested too long is not woken by coming back.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from alliance_hub.parameters import service as parameters
from alliance_hub.people.models import ConsoleSession, Officer, OfficerState, Organisation
from alliance_hub.policy import SESSION_TOUCH

SECRET_BYTES = 32


class Ending(StrEnum):
    """Why a session is over, as far as whoever held it is told."""

    REPLACED = "replaced"
    """The officer logged in somewhere else."""
    RESTED = "rested"
    """Nothing was done for a quarter of an hour."""
    OVER = "over"
    """Eight hours have passed since the login."""
    ENDED = "ended"
    """It was ended: by its officer, or for it."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session that runs."""

    officer: Officer
    touch_due: bool
    """It was noted as at work so long ago that it should be noted again."""


def begin(session: Session, officer: Officer, now: datetime) -> str:
    """Begin a session, ending the officer's earlier one; return the secret for the cookie."""
    end_all(session, officer.id, now)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    session.add(ConsoleSession(digest=_digest(secret), officer=officer.id, started_at=now, seen_at=now))
    session.flush()
    return secret


def find(session: Session, secret: str, now: datetime) -> Sitting | Ending:
    """Return whose session this is, or why it is none."""
    row = session.get(ConsoleSession, _digest(secret))
    if row is None:
        return Ending.ENDED
    if row.ended_at is not None:
        return Ending.REPLACED if _is_replaced(session, row) else Ending.ENDED
    if now >= row.started_at + parameters.span(session, "session_life_hours"):
        return Ending.OVER
    if now >= row.seen_at + parameters.span(session, "session_idle_minutes"):
        return Ending.RESTED
    officer = session.get_one(Officer, row.officer)
    if officer.state is not OfficerState.ACTIVE or _is_closed(session, officer):
        return Ending.ENDED
    return Sitting(officer, touch_due=now >= row.seen_at + SESSION_TOUCH)


def touch(session: Session, secret: str, now: datetime) -> None:
    """Note that the session is at work, unless it has ended meanwhile."""
    running = (ConsoleSession.digest == _digest(secret), ConsoleSession.ended_at.is_(None))
    session.execute(update(ConsoleSession).where(*running).values(seen_at=now))


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


def list_of(session: Session, officer: int, *, limit: int = 20) -> Sequence[ConsoleSession]:
    """Return an officer's latest sessions, the newest first."""
    newest = select(ConsoleSession).where(ConsoleSession.officer == officer)
    return session.scalars(newest.order_by(ConsoleSession.started_at.desc()).limit(limit)).all()


def runs(session: Session, row: ConsoleSession, now: datetime) -> bool:
    """Say whether a session still runs."""
    idle, life = (parameters.span(session, name) for name in ("session_idle_minutes", "session_life_hours"))
    return row.ended_at is None and now < row.seen_at + idle and now < row.started_at + life


def _is_replaced(session: Session, row: ConsoleSession) -> bool:
    # Whatever ends one session to begin another does both at one instant.
    following = exists().where(
        ConsoleSession.officer == row.officer,
        ConsoleSession.started_at == row.ended_at,
        ConsoleSession.digest != row.digest,
    )
    return bool(session.scalar(select(following)))


def _is_closed(session: Session, officer: Officer) -> bool:
    return session.get_one(Organisation, officer.organisation).closed_at is not None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
