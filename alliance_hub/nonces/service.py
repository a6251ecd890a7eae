"""Take each signed request once, also across restarts and among several processes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alliance_hub.errors import Unauthenticated
from alliance_hub.nonces.models import NonceRow
from privacy.request_signing import NONCE_LIFE, Verified


def take(session: Session, verified: Verified, *, now: datetime) -> None:
    """Remember a verified request and forget those too old to be replayed.

    Raises Unauthenticated `replayed-nonce` when the request was seen before.
    """
    session.execute(delete(NonceRow).where(NonceRow.expires_at < now))
    session.add(NonceRow(key_id=verified.keyid, nonce=verified.nonce, expires_at=now + NONCE_LIFE))
    try:
        session.flush()
    except IntegrityError as error:
        raise Unauthenticated(
            "this request was seen before: sign it anew for each attempt", slug="replayed-nonce"
        ) from error
