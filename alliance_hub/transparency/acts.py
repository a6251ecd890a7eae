"""How two officers erase a log entry: what it says goes, its leaf and its number stay.

Every proof made before or after holds all the same. What was erased can no longer be shown to anybody, by the
hub; whoever holds the receipt can still show it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Kind, Proposal
from alliance_hub.approvals.registry import carries_out
from alliance_hub.errors import Conflict, Forbidden, NotFound
from alliance_hub.hub import Hub
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import actor_of, get_officer
from alliance_hub.people.roles import Act
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64, unb64

_ABOUT = "log-entry/"


def object_of(leaf: bytes) -> str:
    """Return what the log calls one of its entries."""
    return f"{_ABOUT}{b64(leaf)}"


def propose_erasure(
    session: Session, hub: Hub, actor: Actor, leaf: bytes, *, reason: str, now: datetime
) -> Proposal:
    """Propose that the entry with this leaf be erased.

    Raises NotFound, Forbidden for an entry that tells of an erasure, Conflict when it is erased already.
    """
    facts = {"leaf": b64(leaf)}
    return approvals.propose(
        session, hub, actor, Kind.LOG_ERASURE, object=object_of(leaf), facts=facts, reason=reason, now=now
    )


def _require_erasable(session: Session, _hub: Hub, proposal: Proposal, _now: datetime) -> None:
    _erasable(session, proposal)


@carries_out(
    Kind.LOG_ERASURE, proposes=Act.PROPOSE_ERASURE, approves=Act.APPROVE_ERASURE, check=_require_erasable
)
def erase(session: Session, _hub: Hub, proposal: Proposal, now: datetime) -> None:
    """Erase entry, salt and marks; kind and instant, which name nobody, stay with leaf and number."""
    assert proposal.decided_by is not None  # approvals set it before anything is carried out
    row = _erasable(session, proposal)
    row.entry = row.salt = row.actor = row.organisation = row.object = None
    actor = actor_of(session, get_officer(session, proposal.decided_by), at=now)
    facts = {"proposal": proposal.id, "leaf": proposal.facts["leaf"]}
    transparency.record_act(session, actor, "log_entry_erased", object=proposal.object, facts=facts, now=now)


def _erasable(session: Session, proposal: Proposal) -> LogRow:
    """Return the entry, locked, that a proposal is about."""
    leaf = unb64(proposal.facts["leaf"])
    row = session.scalar(
        select(LogRow).where(LogRow.leaf == leaf).with_for_update().execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("the log holds no entry with this leaf")
    if row.entry is None:
        raise Conflict("the entry is erased already: nothing is left to erase", slug="erased")
    if (row.object or "").startswith(_ABOUT):
        raise Forbidden("an entry that tells of an erasure stays: nobody could say else what was erased")
    return row
