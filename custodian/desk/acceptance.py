"""Accepting a member: the one judgement that only a person can make, for the command and for the page.

The fingerprint comes from the member's card, on paper or by telephone; what the hub serves is what it is
compared with. A hub that enrolled inventions of its own would fail here.
"""

from __future__ import annotations

from contextlib import closing

from custodian import state
from custodian.errors import OperatorError
from custodian.follower import Follower
from privacy.ceremony import member_fingerprint
from privacy.encoding import b64
from privacy.signing import same_fingerprint


def accept(follower: Follower, name: str, fingerprint: str) -> bool:
    """Put this custodian's acceptance of a member on the feed; False when it stands there already.

    Raises OperatorError when no such member has enrolled or the fingerprint is another's, HubUnreachable,
    HubRefused, Stopped.
    """
    follower.pull()
    with closing(state.open_state(follower.state_path)) as db:
        member = state.find_member(db, name)
    if member is None:
        raise OperatorError("no member of that name has enrolled; see `alliance-custodian directory list`")
    if not same_fingerprint(fingerprint_of(member), fingerprint):
        raise OperatorError("the fingerprints differ: do NOT accept; ask the member, not the hub")
    if follower.index in member.acceptances:
        return False
    follower.accept(member.enrolment)
    follower.pull()
    return True


def fingerprint_of(member: state.MemberView) -> str:
    """Return the fingerprint of the keys that the feed has for a member."""
    return member_fingerprint(member.name, b64(member.signing), b64(member.recovery), b64(member.sealing))
