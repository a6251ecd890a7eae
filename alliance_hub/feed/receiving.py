"""Receive a statement from a member or custodian: verify it, append it, let it take effect.

All of it under the head's lock, in the caller's transaction; what raises leaves nothing behind, for
the caller's transaction rolls back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Forbidden, Invalid
from alliance_hub.feed import cuts
from alliance_hub.feed.appending import append, lock
from alliance_hub.feed.models import FeedRow
from alliance_hub.feed.rules import require_alliance, require_own_contract, require_type
from alliance_hub.hub import Hub
from alliance_hub.membership import directory
from alliance_hub.membership.models import Member
from alliance_hub.permissions import Permission, Sender, require_permission
from alliance_hub.records import effects as contracts
from privacy.encoding import b64, unb64
from privacy.errors import VerifyError
from privacy.statements import (
    Acceptance,
    Cohorts,
    CutSignature,
    Hold,
    Release,
    Rotation,
    Settlement,
    SignedStatement,
    Withdrawal,
    verify_statement,
)


def receive(session: Session, hub: Hub, signed: SignedStatement, *, sender: Sender, now: datetime) -> FeedRow:
    """Append a statement of the sender's own, and let it take effect; the same again returns its row.

    Raises Forbidden, Invalid, Conflict or NotFound for what every custodian would void.
    """
    if signed.statement.author != sender.author:
        raise Forbidden("a statement is handed in by its author")
    require_permission(sender, Permission.STATE)
    lock(session)
    known = session.scalar(select(FeedRow).where(FeedRow.digest == signed.digest()))
    if known is not None:
        return known
    require_alliance(signed.statement, hub.key_set)
    require_type(signed.statement.body, custodian=sender.custodian is not None)
    if signed.countersignature is not None:
        raise Invalid("only an enrolment is countersigned", field="countersignature")
    if sender.custodian is not None:
        _require_signature(signed, hub.key_set.witness(sender.custodian))
        return _from_custodian(session, hub, signed, sender.custodian, now)
    member = directory.get(session, sender.member or "")
    # Who sent this was looked up before the lock: another request may have rotated the key since.
    session.refresh(member)
    return _from_member(session, hub, signed, member, now)


def _from_custodian(
    session: Session, hub: Hub, signed: SignedStatement, custodian: int, now: datetime
) -> FeedRow:
    entry = append(session, hub, signed, now=now)
    match signed.statement.body:
        case Acceptance(enrolment=enrolment):
            directory.accept(
                session,
                unb64(enrolment),
                custodian=custodian,
                threshold=hub.key_set.threshold,
                position=entry.position,
            )
        case CutSignature() as body:
            cuts.sign(session, hub, body, custodian=custodian, entry=entry, now=now)
        case Cohorts() as body:
            cuts.commit(session, body, custodian=custodian, entry=entry)
    return entry


def _from_member(
    session: Session, hub: Hub, signed: SignedStatement, member: Member, now: datetime
) -> FeedRow:
    body = signed.statement.body
    if isinstance(body, Rotation):
        _require_rotation(signed, body, member)
    else:
        _require_signature(signed, member.signing)
    entry = append(session, hub, signed, now=now)
    match body:
        case Rotation():
            directory.rotate(session, member, body)
        case Settlement() | Withdrawal():
            _end(session, member, body, entry)
        case Hold() | Release():
            require_own_contract(body, member.name)
            _hold(session, body, entry)
    return entry


def _require_rotation(signed: SignedStatement, body: Rotation, member: Member) -> None:
    """Accept the signing key only where the recovery key stays; the recovery key always."""
    if body.recovery == b64(member.recovery):
        try:
            return _require_signature(signed, member.signing)
        except Invalid:
            pass
    return _require_signature(signed, member.recovery)


def _require_signature(signed: SignedStatement, public: bytes) -> None:
    try:
        verify_statement(signed, public)
    except VerifyError as error:
        raise Invalid(
            "the statement is not signed by its author's key in force", field="signature"
        ) from error


def _end(session: Session, member: Member, body: Settlement | Withdrawal, entry: FeedRow) -> None:
    how: Literal["settled", "withdrawn"] = "settled" if isinstance(body, Settlement) else "withdrawn"
    contracts.end_contract(session, member.name, unb64(body.contract_ref), how=how, position=entry.position)


def _hold(session: Session, body: Hold | Release, entry: FeedRow) -> None:
    change = contracts.hold if isinstance(body, Hold) else contracts.release
    change(session, body.member, unb64(body.contract_ref), by=entry.author, position=entry.position)
