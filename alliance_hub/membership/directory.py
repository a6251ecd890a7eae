"""Find members and keep what the feed says of them. Knows nothing of the feed itself."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.errors import Conflict, Forbidden, Invalid, NotFound
from alliance_hub.membership.models import Acceptance, Member
from alliance_hub.membership.rules import MemberState, state_after
from privacy.encoding import unb64
from privacy.signing import key_id
from privacy.statements import Rotation


def get(session: Session, name: str) -> Member:
    """Return member `name`; raises NotFound."""
    member = session.get(Member, name)
    if member is None:
        raise NotFound("no member of this name has introduced itself: run alliance-hub members list")
    return member


def list_members(session: Session) -> Sequence[Member]:
    """Return all members, also mere applicants, by name."""
    return session.scalars(select(Member).order_by(Member.name)).all()


def find_by_key_id(session: Session, keyid: str) -> Member | None:
    """Return the member whose signing key in force has this key id."""
    return session.scalar(select(Member).where(Member.key_id == keyid))


def find_by_recovery_key_id(session: Session, keyid: str) -> Member | None:
    """Return the member whose recovery key has this key id; it may do nothing but state a rotation."""
    return session.scalar(select(Member).where(Member.recovery_key_id == keyid))


def require_active(session: Session, member: Member) -> None:
    """Raise Forbidden unless the member is active now."""
    session.refresh(member, ["state"])
    if member.state is not MemberState.ACTIVE:
        raise Forbidden(f"the member is {member.state}, not active: ask the secretariat", slug="not-active")


def accept(session: Session, enrolment: bytes, *, custodian: int, threshold: int, position: int) -> Member:
    """Note that a custodian accepted the enrolment with this digest; the t-th makes the member active.

    Raises Invalid when no such enrolment stands in the feed, Conflict for a second acceptance.
    """
    member = session.scalar(select(Member).where(Member.enrolment_digest == enrolment))
    if member is None:
        raise Invalid("no enrolment in the feed has this digest", field="statement.body.enrolment")
    if custodian in member.accepted_by:
        raise Conflict("this custodian has accepted the enrolment already", slug="already-accepted")
    member.acceptances.append(Acceptance(custodian=custodian, position=position))
    _settle_state(member, threshold, suspended=member.state is MemberState.SUSPENDED)
    session.flush()
    return member


def set_suspended(session: Session, member: Member, at: int | None, *, threshold: int) -> None:
    """Note a suspension, which stands at position `at` of the feed, or with None its end."""
    member.suspended_at = at
    _settle_state(member, threshold, suspended=at is not None)
    session.flush()


def rotate(session: Session, member: Member, body: Rotation) -> None:
    """Put new keys in force; raises Conflict when another member has one of them."""
    signing, recovery = unb64(body.signing), unb64(body.recovery)
    require_free_keys(session, member.name, signing, recovery)
    member.signing, member.recovery, member.sealing = signing, recovery, unb64(body.sealing)
    member.key_id, member.recovery_key_id = key_id(signing), key_id(recovery)
    session.flush()


def require_free_keys(session: Session, name: str, signing: bytes, recovery: bytes) -> None:
    """Raise unless the two keys differ and no other member's request could be taken for this one's."""
    if signing == recovery:
        raise Invalid("signing and recovery key must differ", field="statement.body.recovery")
    ids = [key_id(signing), key_id(recovery)]
    taken = select(Member.name).where(
        Member.name != name, Member.key_id.in_(ids) | Member.recovery_key_id.in_(ids)
    )
    if session.scalar(taken) is not None:
        raise Conflict("another member has this key: make fresh ones", slug="key-taken")


def _settle_state(member: Member, threshold: int, *, suspended: bool) -> None:
    member.state = state_after(acceptances=len(member.acceptances), threshold=threshold, suspended=suspended)
