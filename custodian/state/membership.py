"""Rules for the statements that make, keep and suspend members.

- enrolment: names its author, once.
- acceptance: names an enrolment's digest; one per custodian counts; with the t-th the member is active.
- rotation: new keys from here on; another recovery key only under the recovery key's signature.
- suspension, resumption: of an enrolled member; saying it again changes nothing.
"""

from __future__ import annotations

from custodian.state import directory
from custodian.state.act import Act, Void
from custodian.state.enter import is_signed_with
from custodian.state.schema import NEVER, insert
from custodian.state.values import MemberState, MemberView, VoidReason
from privacy import signing
from privacy.encoding import unb64
from privacy.statements import Acceptance, Enrolment, Resumption, Rotation, Suspension, member_author


def enrolment(act: Act, body: Enrolment) -> None:
    """Enrol a member; it works once t custodians have accepted it."""
    if member_author(body.member) != act.author.text:
        raise Void(VoidReason.OTHER_NAME)
    if act.author.member is not None:
        raise Void(VoidReason.ENROLLED)
    insert(
        act.db,
        "members",
        id=act.position,
        name=body.member,
        control_group=body.control_group,
        declared_portfolio=body.declared_portfolio,
        enrolment=act.delivery.digest,
        active_from=NEVER,
        taken_in="",
        taken=0,
    )
    _set_keys(act, act.position, body)


def acceptance(act: Act, body: Acceptance) -> None:
    """Count a custodian's acceptance; the t-th makes the member active."""
    row = act.db.execute("SELECT id FROM members WHERE enrolment = ?", (unb64(body.enrolment),)).fetchone()
    if row is None:
        raise Void(VoidReason.UNKNOWN_ENROLMENT)
    (member,) = row
    added = act.db.execute(
        "INSERT OR IGNORE INTO acceptances (member, custodian, position) VALUES (?, ?, ?)",
        (member, act.author.custodian, act.position),
    )
    if not added.rowcount:
        raise Void(VoidReason.REPEATED)
    act.db.execute(
        "UPDATE members SET active_from = ? WHERE id = ? AND active_from = ?"
        " AND (SELECT count(*) FROM acceptances WHERE member = members.id) >= ?",
        (act.position, member, NEVER, act.key_set.threshold),
    )


def rotation(act: Act, body: Rotation) -> None:
    """Put new keys in force."""
    recovery = act.member.recovery
    if unb64(body.recovery) != recovery and not is_signed_with(act.signed, recovery):
        raise Void(VoidReason.RECOVERY)
    _set_keys(act, act.member.id, body)


def suspension(act: Act, body: Suspension) -> None:
    """Suspend a member, unless it is."""
    member = require_member(act, body.member)
    if member.state is MemberState.SUSPENDED:
        return
    insert(
        act.db,
        "suspensions",
        member=member.id,
        from_position=act.position,
        from_time=act.time,
        until_position=NEVER,
    )


def resumption(act: Act, body: Resumption) -> None:
    """Let a suspended member work again."""
    member = require_member(act, body.member)
    act.db.execute(
        "UPDATE suspensions SET until_position = ? WHERE member = ? AND until_position = ?",
        (act.position, member.id, NEVER),
    )


def require_member(act: Act, name: str) -> MemberView:
    """Return the enrolled member that a statement of the secretariat names; raises Void."""
    member = directory.find_member(act.db, name)
    if member is None:
        raise Void(VoidReason.UNKNOWN_MEMBER)
    return member


def _set_keys(act: Act, member: int, body: Enrolment | Rotation) -> None:
    insert(
        act.db,
        "keys",
        member=member,
        from_position=act.position,
        signing=unb64(body.signing),
        recovery=unb64(body.recovery),
        sealing=unb64(body.sealing),
        key_id=signing.key_id(unb64(body.signing)),
    )
