"""Both signatures: the member's under the terms, then the secretariat's, on two officers' word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from alliance_hub.agreements.keeping import OPERATOR, record, take, versions_of
from alliance_hub.agreements.lifecycle import SHOWN_TO_MEMBER, AgreementState, Step, require_step
from alliance_hub.agreements.models import AgreementRow
from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.feed.appending import append_own, lock
from alliance_hub.feed.models import FeedRow
from alliance_hub.hub import Hub
from alliance_hub.membership import directory
from alliance_hub.membership.models import Member
from alliance_hub.parameters import service as parameters
from alliance_hub.people.actor import Actor
from alliance_hub.permissions import Permission, Sender, require_permission
from alliance_hub.policy import RegulatoryMode
from privacy.errors import VerifyError
from privacy.messages import parse_json
from privacy.signing import key_id
from privacy.statements import SECRETARIAT, Agreement, SignedStatement, verify_terms


@dataclass(frozen=True, slots=True)
class Signature:
    """One side's signature under a version."""

    side: str
    """`member` or `secretariat`."""
    key_id: str
    """Of the key that it holds by; empty where the member's has been replaced since."""
    signature: str
    at: datetime


def sign(
    session: Session, hub: Hub, member: Member, agreement: str, version: int, signature: str, now: datetime
) -> AgreementRow:
    """Take the member's signature under an offer; two officers then put it into effect.

    The same signature again changes nothing; one by a key that has replaced the first takes its place.
    Raises NotFound, Forbidden, Invalid, or Conflict when a newer version is in effect or the end has come.
    """
    require_permission(Sender.for_member(member.name, member.state), Permission.SIGN_AGREEMENT)
    lock(session)
    # A rotation may have come first while this request waited for the lock.
    session.refresh(member)
    row = _offered_to(session, member, agreement, version, now)
    _verify(member, row, signature)
    if row.signature == signature:
        return row
    _require_newest(session, row)
    take(row, Step.SIGN, now=now)
    row.signature, row.signed_at = signature, now
    record(session, None, "agreement_signed", row, now)
    if row.activates_itself:
        _activate_made_up(session, hub, row, now)
    return row


def check_activation(session: Session, row: AgreementRow, now: datetime) -> None:
    """Raise what would keep a version from taking effect: state, keys since replaced, a suspension."""
    require_step(row.life_at(now), Step.ACTIVATE)
    _require_newest(session, row)
    resting = [
        each for each in versions_of(session, row.agreement) if each.suspended_at and each.ends_at > now
    ]
    if resting:
        raise Conflict("an earlier version is suspended: resume or end it first", slug="agreement-state")
    member = directory.get(session, row.member)
    try:
        _verify(member, row, row.signature or "")
    except Invalid as error:
        raise Conflict(
            "the member has replaced its key since it signed: let it sign again", slug="signature"
        ) from error


def activate(session: Session, hub: Hub, actor: Actor, row: AgreementRow, now: datetime) -> None:
    """State the agreement in the feed with the secretariat's key; the versions before it end as it begins."""
    lock(session)
    check_activation(session, row, now)
    body = Agreement(terms=row.terms, member_signature=row.signature or "")
    entry = append_own(session, hub, body, author=SECRETARIAT, now=now)
    take(row, Step.ACTIVATE, now=now)
    row.position, row.activated_at = entry.position, entry.stamp
    begins = max(row.valid_from, entry.stamp)
    for older in versions_of(session, row.agreement):
        if older.version < row.version and older.position is not None:
            older.ends_at = min(older.ends_at, begins)
    record(session, actor, "agreement_activated", row, now, position=entry.position)


def signatures(session: Session, hub: Hub, row: AgreementRow) -> list[Signature]:
    """Return the signatures under a version, the member's first, each with the key that it holds by."""
    found = []
    if row.signature is not None and row.signed_at is not None:
        found.append(Signature("member", _holding_key(session, row), row.signature, row.signed_at))
    if row.position is not None and row.activated_at is not None:
        entry = session.get_one(FeedRow, row.position)
        statement = parse_json(SignedStatement, entry.document)
        keyid = key_id(hub.key_set.secretariat_key)
        found.append(Signature("secretariat", keyid, statement.signature, row.activated_at))
    return found


def _activate_made_up(session: Session, hub: Hub, row: AgreementRow, now: datetime) -> None:
    if parameters.mode(session, hub) is not RegulatoryMode.SYNTHETIC:
        raise Forbidden("this needs two officers: use the console", slug="four-eyes")
    activate(session, hub, OPERATOR, row, now)


def _offered_to(
    session: Session, member: Member, agreement: str, version: int, now: datetime
) -> AgreementRow:
    row = session.get(AgreementRow, (agreement, version), populate_existing=True)
    shown = row is not None and row.offered_at is not None and row.life_at(now).state in SHOWN_TO_MEMBER
    if row is None or row.member != member.name or not shown:
        raise NotFound("no such agreement was offered to this member")
    return row


def _verify(member: Member, row: AgreementRow, signature: str) -> None:
    try:
        verify_terms(member.signing, Agreement(terms=row.terms, member_signature=signature))
    except VerifyError as error:
        raise Invalid("the terms are not signed by the member's key in force", field="signature") from error


def _require_newest(session: Session, row: AgreementRow) -> None:
    """Raise Conflict when a later version is signed: custodians take versions in rising order only."""
    later = (each for each in versions_of(session, row.agreement) if each.version > row.version)
    if any(each.signature is not None and each.state is not AgreementState.ENDED for each in later):
        raise Conflict(
            "a newer version is signed: for this one ask the secretariat for a new offer",
            slug="agreement-state",
        )


def _holding_key(session: Session, row: AgreementRow) -> str:
    member = directory.get(session, row.member)
    try:
        _verify(member, row, row.signature or "")
    except Invalid:
        return ""
    return key_id(member.signing)
