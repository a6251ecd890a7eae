"""Introduce, admit, suspend and resume members; each act of the secretariat is a statement in the feed."""

from __future__ import annotations

import unicodedata
from datetime import datetime

import msgspec
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.feed.appending import append, append_own, lock
from alliance_hub.feed.rules import AuthorState, require_alliance, require_timely
from alliance_hub.hub import Hub
from alliance_hub.membership.directory import (
    find_by_key_id,
    find_by_recovery_key_id,
    get,
    list_members,
    require_active,
    require_free_keys,
    set_suspended,
)
from alliance_hub.membership.models import Exit, Member
from alliance_hub.membership.rules import MemberState
from alliance_hub.records.blocking import end_block
from alliance_hub.transparency import service as transparency
from privacy.encoding import b64, unb64
from privacy.errors import VerifyError
from privacy.messages import parse_json
from privacy.signing import fingerprint, key_id
from privacy.statements import (
    SECRETARIAT,
    Enrolment,
    Resumption,
    SignedStatement,
    Suspension,
    countersign,
    member_author,
    verify_statement,
)

__all__ = [
    "admit",
    "apply",
    "find_by_key_id",
    "find_by_recovery_key_id",
    "get",
    "list_members",
    "refuse",
    "require_active",
    "resume",
    "suspend",
]


def apply(session: Session, hub: Hub, signed: SignedStatement, now: datetime) -> Member:
    """Keep a member's self-signed enrolment until the secretariat admits it.

    The same again changes nothing, except that a fresh signature replaces one that grows too old to be
    admitted. Raises Invalid, or Conflict when the name or a key is another's.
    """
    body = _verified(hub, signed, now)
    known = session.get(Member, body.member)
    if known is not None:
        return _again(known, signed, body)
    require_free_keys(session, body.member, unb64(body.signing), unb64(body.recovery))
    member = _member(body, signed, now)
    try:
        with session.begin_nested():
            session.add(member)
    except IntegrityError as error:
        raise _taken() from error
    facts = {"member": member.name, "digest": b64(signed.digest())}
    transparency.record_entry(session, "application", facts, now=now)
    return member


def admit(session: Session, hub: Hub, name: str, now: datetime) -> Member:
    """Countersign a member's enrolment and append it; custodians may then accept it.

    Raises NotFound, or Conflict when it stands in the feed already or was signed too long ago.
    """
    lock(session)
    member = get(session, name)
    if member.state is not MemberState.APPLIED:
        raise Conflict(f"the member is {member.state} already: nothing is left to admit")
    signed = countersign(parse_json(SignedStatement, member.enrolment), hub.keys.secretariat)
    try:
        row = append(session, hub, signed, now=now)
    except Invalid as error:
        raise Conflict(
            "the member signed its enrolment more than 24 hours ago: let it run alliance-member enrol again",
            slug="enrolment-too-old",
        ) from error
    member.enrolment_digest, member.state = row.digest, MemberState.ADMITTED
    session.flush()
    return member


def refuse(session: Session, name: str, now: datetime) -> None:
    """Forget an application, so that its name is free again; raises Conflict once the member is admitted."""
    lock(session)
    member = get(session, name)
    if member.state is not MemberState.APPLIED:
        raise Conflict(f"the member is {member.state}: an enrolment in the feed stays, suspend it instead")
    facts = {"member": name, "digest": b64(parse_json(SignedStatement, member.enrolment).digest())}
    transparency.record_entry(session, "application_refused", facts, now=now)
    session.delete(member)
    session.flush()


def suspend(session: Session, hub: Hub, name: str, now: datetime) -> Member:
    """Take an admitted member out of work; its records block their subjects for a while."""
    lock(session)
    member = get(session, name)
    if member.state in {MemberState.APPLIED, MemberState.SUSPENDED}:
        raise Conflict(f"the member is {member.state}: there is nothing to suspend")
    entry = append_own(session, hub, Suspension(member=name), author=SECRETARIAT, now=now)
    set_suspended(session, member, entry.position, threshold=hub.key_set.threshold)
    return member


def resume(session: Session, hub: Hub, name: str, now: datetime) -> Member:
    """Let a suspended member work again, as far as custodians have accepted it."""
    lock(session)
    member = get(session, name)
    if member.state is not MemberState.SUSPENDED:
        raise Conflict(f"the member is {member.state}: there is no suspension to end")
    if session.get(Exit, name) is not None:
        raise Conflict("the member is leaving: its suspension is for good, it may apply in the next epoch")
    append_own(session, hub, Resumption(member=name), author=SECRETARIAT, now=now)
    end_block(session, member)
    set_suspended(session, member, None, threshold=hub.key_set.threshold)
    return member


def _verified(hub: Hub, signed: SignedStatement, now: datetime) -> Enrolment:
    statement, body = signed.statement, signed.statement.body
    if not isinstance(body, Enrolment):
        raise Invalid("an enrolment is expected", field="statement.body.type")
    require_alliance(statement, hub.key_set)
    require_timely(statement, AuthorState(), now)
    if statement.author != member_author(body.member):
        raise Invalid("an enrolment's author is the member itself", field="statement.author")
    if (statement.sequence, statement.previous) != (0, None):
        raise Invalid("an enrolment is its author's first statement", field="statement.sequence")
    if not unicodedata.is_normalized("NFC", body.member):
        raise Invalid("the name is not in Unicode's composed form (NFC)", field="statement.body.member")
    if signed.countersignature is not None:
        raise Invalid("the secretariat countersigns by itself: leave it null", field="countersignature")
    try:
        verify_statement(signed, unb64(body.signing))
    except VerifyError as error:
        raise Invalid("the enrolment is not signed by its own signing key", field="signature") from error
    return body


def _again(known: Member, signed: SignedStatement, body: Enrolment) -> Member:
    before = parse_json(SignedStatement, known.enrolment)
    if before.statement.body != body:
        raise _taken()
    if known.state is MemberState.APPLIED and signed.statement.signed_at > before.statement.signed_at:
        known.enrolment = msgspec.json.encode(signed)
    return known


def _taken() -> Conflict:
    return Conflict("this name is enrolled with other keys or facts: choose another name", slug="name-taken")


def _member(body: Enrolment, signed: SignedStatement, now: datetime) -> Member:
    signing, recovery, sealing = (unb64(key) for key in (body.signing, body.recovery, body.sealing))
    return Member(
        name=body.member,
        state=MemberState.APPLIED,
        signing=signing,
        recovery=recovery,
        sealing=sealing,
        key_id=key_id(signing),
        recovery_key_id=key_id(recovery),
        control_group=body.control_group,
        declared_portfolio=body.declared_portfolio,
        fingerprint=fingerprint(body.member, signing, recovery, sealing),
        applied_at=now,
        enrolment=msgspec.json.encode(signed),
        acceptances=[],
    )
