"""The state that follows from the feed, and what is read from it: no clock, no randomness, no keys.

    feed.py         one entry: delivery, envelope, rule, verdict
    delivery.py     does it continue the feed that is held here?
    enter.py        may its author be heard?
    membership.py agreements.py records.py contracts.py cuts.py
                    the rule of each statement, with its effect
    live.py         which records count at a position
    forgetting.py   which records lose their bodies when a cut takes effect
    permission.py   may this manifest be judged?
    judgement.py    the verdict on each of its subjects
    directory.py views.py digest.py
                    what is read from it
    checkpoint.py   the state of a cut as a file, and a state from such a file

The rules stand at the head of each file, as docs/protocol.md has them in prose.
"""

from __future__ import annotations

from custodian.state import checkpoint
from custodian.state.cohort import Contributor, contributors
from custodian.state.cuts import cut_to_sign
from custodian.state.delivery import check_heartbeat, head
from custodian.state.digest import state_digest
from custodian.state.directory import (
    find_member,
    find_member_by_key_id,
    get_member,
    members,
    pending_acceptances,
)
from custodian.state.enter import author_state
from custodian.state.feed import apply
from custodian.state.forgetting import deletions
from custodian.state.judgement import judge
from custodian.state.schema import open_state
from custodian.state.values import (
    AuthorState,
    Deleted,
    Judgement,
    MemberState,
    MemberView,
    Outcome,
    Position,
    VoidReason,
)
from custodian.state.views import account

__all__ = [
    "AuthorState",
    "Contributor",
    "Deleted",
    "Judgement",
    "MemberState",
    "MemberView",
    "Outcome",
    "Position",
    "VoidReason",
    "account",
    "apply",
    "author_state",
    "check_heartbeat",
    "checkpoint",
    "contributors",
    "cut_to_sign",
    "deletions",
    "find_member",
    "find_member_by_key_id",
    "get_member",
    "head",
    "judge",
    "members",
    "open_state",
    "pending_acceptances",
    "state_digest",
]
