"""What the hub refuses early, because every custodian would void it (protocol section 4).

- A statement names this alliance and epoch, and its author's next sequence number and last digest.
- `signed_at` never goes back for an author and lies within 24 hours of the stamp.
- Members and custodians each say only what is theirs to say; the hub speaks for itself and the secretariat.
- A cut is the first of its period and lies in its first tenth, unless the data are made up.
- A period begins after the last one of the epoch before has ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from alliance_hub.errors import Conflict, Forbidden, Invalid
from alliance_hub.policy import SIGNED_WITHIN
from privacy import periods
from privacy.encoding import b64, instant_text, parse_instant
from privacy.errors import DeserializeError, InvalidInputError
from privacy.keyset import KeySet, Policy
from privacy.periods import Period
from privacy.statements import (
    Acceptance,
    AnyBody,
    Cohorts,
    CutSignature,
    Hold,
    Release,
    Rotation,
    Settlement,
    Statement,
    Withdrawal,
)

MEMBERS_MAY_STATE = (Settlement, Withdrawal, Rotation, Hold, Release)
"""Enrolments and chunks come by their own doors: applications and submissions."""

CUSTODIANS_MAY_STATE = (Acceptance, CutSignature, Cohorts)


@dataclass(frozen=True, slots=True)
class AuthorState:
    """What an author's next statement must carry; `previous` is None before its first."""

    next_sequence: int = 0
    previous: bytes | None = None
    signed_at: datetime | None = None


def require_alliance(statement: Statement, key_set: KeySet) -> None:
    """Raise Invalid unless the statement is made for this alliance and epoch."""
    if statement.alliance != key_set.alliance:
        raise Invalid("the statement is made for another alliance", field="statement.alliance")
    if statement.epoch != key_set.epoch:
        raise Invalid(
            f"the statement is made for another epoch than {key_set.epoch}", field="statement.epoch"
        )


def require_next(statement: Statement, author: AuthorState) -> None:
    """Raise Conflict `sequence`, with what is expected, unless the statement is its author's next."""
    previous = None if author.previous is None else b64(author.previous)
    if (statement.sequence, statement.previous) != (author.next_sequence, previous):
        raise Conflict(
            "another statement of this author came first: sign this one again as the next",
            slug="sequence",
            extra={"next_sequence": author.next_sequence, "previous": previous},
        )


def require_timely(statement: Statement, author: AuthorState, stamp: datetime) -> datetime:
    """Return when the statement was signed; raise Invalid when that goes back or is far from the stamp."""
    try:
        signed_at = parse_instant(statement.signed_at)
    except DeserializeError as error:
        raise Invalid(str(error), field="statement.signed_at") from error
    if author.signed_at is not None and signed_at < author.signed_at:
        raise Invalid("signed earlier than this author's last statement", field="statement.signed_at")
    if abs(signed_at - stamp) > SIGNED_WITHIN:
        raise Invalid(
            "signed more than 24 hours before or after now: check the clock and sign again",
            field="statement.signed_at",
        )
    return signed_at


def require_type(body: AnyBody, *, custodian: bool) -> None:
    """Raise Forbidden unless a custodian (or else a member) may append this type by itself."""
    if not isinstance(body, CUSTODIANS_MAY_STATE if custodian else MEMBERS_MAY_STATE):
        raise Forbidden("this sender does not append statements of this type", slug="statement-type")


def require_own_contract(body: Hold | Release, member: str) -> None:
    """Raise Forbidden unless the hold or release is about the sender's own contract."""
    if body.member != member:
        raise Forbidden("only the secretariat holds or releases another member's contract")


def cut_period(policy: Policy, stamp: datetime, last: str | None) -> str:
    """Return the period that a cut stamped at `stamp` begins; raise Conflict when none may begin now.

    `last` is the period of this epoch's last cut.
    """
    period = periods.name_of(policy.period, stamp)
    _, end = periods.bounds(policy.period, period)
    later = {"period": period, "next_period_at": instant_text(end)}
    if last is not None and period <= last:
        raise Conflict(
            f"the period {last} has its cut: wait until {instant_text(end)}",
            slug="period-has-cut",
            extra=later,
        )
    if not policy.synthetic and not periods.in_first_tenth(policy.period, period, stamp):
        raise Conflict(
            f"a cut stands in the first tenth of its period: wait until {instant_text(end)}",
            slug="too-late-for-cut",
            extra=later,
        )
    return period


def require_later_epoch(key_set: KeySet, period: str) -> None:
    """Raise Conflict unless a period begins after the last of the epoch before; their lengths may differ."""
    before = key_set.predecessor
    if before is None or before.period is None:
        return
    begin, _ = periods.bounds(key_set.policy.period, period)
    if not any(end <= begin for end in _ends(before.period)):
        raise Conflict(
            f"the epoch before has opened the period {before.period}: wait until it is over",
            slug="period-has-cut",
            extra={"period": period},
        )


def _ends(period: str) -> Iterator[datetime]:
    """Yield where the period of this name ends: one end, for names of different lengths never look alike."""
    for length in Period:
        with suppress(InvalidInputError):
            yield periods.bounds(length, period)[1]
