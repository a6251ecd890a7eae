"""Second factors: codes of an authenticator (RFC 6238), each taken once, and recovery codes for bad days.

The secret of the one is sealed, and the digests of the other are keyed, with keys that come from the hub's
own and stand in no database: whoever reads the database alone can make no code.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from hashlib import sha256

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from alliance_hub.hub import Hub
from alliance_hub.keys import HubKeys
from alliance_hub.people.models import Officer, RecoveryCode
from alliance_hub.policy import RECOVERY_CODES, TOTP_SECONDS, TOTP_SKEW
from privacy.sealing import derive_key, open_under, seal_under

_TOTP = "console-totp"
_RECOVERY = "console-recovery"

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What recovery codes are made of: nothing that is misread."""
RECOVERY_LETTERS = 10


def new_secret() -> str:
    """Return a fresh TOTP secret: 160 bits, in base 32."""
    return pyotp.random_base32()


def provisioning(secret: str, *, label: str, issuer: str) -> str:
    """Return the address that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=label, issuer_name=issuer)


def matching_step(secret: str, code: str, now: datetime, *, after: int | None) -> int | None:
    """Return the time step, later than `after`, whose code this is; None where there is none."""
    present = int(now.timestamp()) // TOTP_SECONDS
    given = "".join(code.split())
    fitting = [
        step
        for step in range(present - TOTP_SKEW, present + TOTP_SKEW + 1)
        if pyotp.utils.strings_equal(pyotp.TOTP(secret).generate_otp(step), given)
    ]
    return next((step for step in fitting if after is None or step > after), None)


def keep_secret(hub: Hub, officer: Officer, secret: str, step: int) -> None:
    """Give an officer its authenticator; `step` is that of the code by which it was confirmed."""
    officer.totp, officer.totp_step = _seal(hub.keys, officer.id, secret), step


def take_code(session: Session, hub: Hub, officer: Officer, code: str, now: datetime) -> str | None:
    """Take a code of either kind, for good; return its kind, `totp` or `recovery`, or None if it is none."""
    if _take_totp(hub, officer, code, now):
        return "totp"
    return "recovery" if _take_recovery(session, hub, officer, code, now) else None


def renew_recovery_codes(session: Session, hub: Hub, officer: int) -> list[str]:
    """Give an officer new recovery codes in place of all earlier ones; they are shown this once."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.officer == officer))
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(officer=officer, digest=_digest(hub.keys, officer, code), used_at=None) for code in codes
    )
    session.flush()
    return codes


def count_recovery_codes(session: Session, officer: int) -> int:
    """Return how many recovery codes are left."""
    left = select(func.count()).where(RecoveryCode.officer == officer, RecoveryCode.used_at.is_(None))
    return session.scalar(left) or 0


def _take_totp(hub: Hub, officer: Officer, code: str, now: datetime) -> bool:
    if officer.totp is None:
        return False
    step = matching_step(_open(hub.keys, officer), code, now, after=officer.totp_step)
    if step is None:
        return False
    officer.totp_step = step
    return True


def _take_recovery(session: Session, hub: Hub, officer: Officer, code: str, now: datetime) -> bool:
    row = session.get(RecoveryCode, (officer.id, _digest(hub.keys, officer.id, code)), with_for_update=True)
    if row is None or row.used_at is not None:
        return False
    row.used_at = now
    return True


def _new_code() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(RECOVERY_LETTERS))
    return f"{letters[:5]}-{letters[5:]}"


def _digest(keys: HubKeys, officer: int, code: str) -> bytes:
    letters = "".join(letter for letter in code.upper() if letter in LETTERS)
    return hmac.digest(derive_key(keys.hub.seed, _RECOVERY), f"{officer}/{letters}".encode(), sha256)


def _seal(keys: HubKeys, officer: int, secret: str) -> bytes:
    key = derive_key(keys.hub.seed, _TOTP)
    return seal_under(key, secret.encode(), purpose=_TOTP, context=str(officer).encode())


def _open(keys: HubKeys, officer: Officer) -> str:
    assert officer.totp is not None
    key = derive_key(keys.hub.seed, _TOTP)
    return open_under(key, officer.totp, purpose=_TOTP, context=str(officer.id).encode()).decode()
