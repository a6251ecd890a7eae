"""Judge one spooled chunk and append it or refuse it: in one transaction, so a crash leaves all or nothing.

The chunk's own state says whether it was judged; a worker that comes second finds nothing left to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from alliance_hub.faults import reached
from alliance_hub.feed import service as feed
from alliance_hub.flags import service as flags
from alliance_hub.hub import Hub
from alliance_hub.jobs.service import Lease
from alliance_hub.membership import directory
from alliance_hub.membership.models import Member
from alliance_hub.membership.rules import MemberState
from alliance_hub.records import bulk
from alliance_hub.records.chunks import Prepared, prepare
from alliance_hub.records.models import (
    ChunkBody,
    ChunkState,
    RowOutcome,
    Submission,
    SubmissionChunk,
    SubmissionState,
)
from alliance_hub.records.rules import (
    ChunkReason,
    Verdict,
    exceeds_portfolio,
    judge,
    statement_fault,
)
from privacy import periods
from privacy.encoding import parse_instant, unb64
from privacy.errors import VerifyError
from privacy.keyset import KeySet
from privacy.statements import verify_statement

Place = tuple[str, int]
"""A chunk by its submission's id and its number."""


def process_chunk(hub: Hub, place: Place, lease: Lease) -> None:
    """Judge a chunk and append or refuse it; nothing happens when that was done. Raises LeaseLost."""
    with hub.database.reading() as session:
        spooled = session.get(ChunkBody, place)
    if spooled is None:
        return
    prepared = prepare(spooled.body, hub.key_set)
    with hub.database.transaction() as session:
        now = hub.clock()
        lease.renew(session, now)
        chunk = session.get_one(SubmissionChunk, place)
        if chunk.state == ChunkState.WAITING:
            _process(session, hub, chunk, prepared, now)
    reached("submit.chunk_done")


def _process(session: Session, hub: Hub, chunk: SubmissionChunk, prepared: Prepared, now: datetime) -> None:
    # Whatever is judged from here on must still be so when the chunk is appended.
    stamp = feed.next_stamp(feed.lock(session), now)
    submission = session.get_one(Submission, chunk.submission)
    member = directory.get(session, submission.member)
    submission.state = SubmissionState.PROCESSING
    reason = _chunk_fault(session, hub, member, prepared, stamp)
    verdicts = {} if reason else _verdicts(session, hub.key_set, submission, prepared, stamp)
    if any(verdict.outcome == RowOutcome.REFUSED for verdict in verdicts.values()):
        reason = ChunkReason.ROWS
    if reason is None:
        _append(session, hub, submission, chunk, prepared, now)
        submission.unchanged += len(verdicts)
        submission.accepted += chunk.size - len(verdicts)
    else:
        chunk.state, chunk.reason = ChunkState.REFUSED, reason
        submission.refused += chunk.size
    bulk.add_outcomes(session, submission.id, chunk.number, verdicts, _refs(prepared))
    spooled = (ChunkBody.submission == chunk.submission) & (ChunkBody.number == chunk.number)
    session.execute(delete(ChunkBody).where(spooled))


def _chunk_fault(
    session: Session, hub: Hub, member: Member, prepared: Prepared, stamp: datetime
) -> ChunkReason | None:
    """Say why the chunk as a whole is refused, before its rows are looked at."""
    if feed.find_successor(session) is not None:
        return ChunkReason.CLOSED
    statement = prepared.signed.statement
    fault = statement_fault(statement, hub.key_set, feed.author_state(session, statement.author), stamp)
    if fault or not _is_signed(prepared, member):
        return fault or ChunkReason.SIGNATURE
    if member.state != MemberState.ACTIVE:
        return ChunkReason.NOT_ACTIVE
    if prepared.reason:
        return prepared.reason
    taken = _taken(session, member, periods.name_of(hub.key_set.policy.period, stamp))
    too_many = exceeds_portfolio(taken, prepared.body.size, member.declared_portfolio)
    return ChunkReason.PORTFOLIO if too_many else None


def _is_signed(prepared: Prepared, member: Member) -> bool:
    """Say whether the key in force signed; a countersignature would change the digest behind its back."""
    try:
        verify_statement(prepared.signed, member.signing)
    except VerifyError:
        return False
    return prepared.signed.countersignature is None


def _taken(session: Session, member: Member, period: str) -> int:
    """Return how many rows of the member the feed took in this period."""
    rows = select(func.sum(SubmissionChunk.size)).join(
        Submission, Submission.id == SubmissionChunk.submission
    )
    return session.scalar(rows.where(Submission.member == member.name, SubmissionChunk.period == period)) or 0


def _verdicts(
    session: Session, key_set: KeySet, submission: Submission, prepared: Prepared, stamp: datetime
) -> Mapping[int, Verdict]:
    bulk.stage(session, prepared.rows)
    own = select(SubmissionChunk.position).where(SubmissionChunk.submission == submission.id)
    seen = {position for position in session.scalars(own) if position is not None}
    judged = judge(
        [row.incoming for row in prepared.rows],
        bulk.find_known(session, submission.member, seen),
        bulk.count_contracts(session, submission.member),
        latest=None if key_set.policy.synthetic else periods.day_of(stamp),
    )
    return judged | {place: Verdict.refused(reason) for place, reason in prepared.faults.items()}


def _append(
    session: Session,
    hub: Hub,
    submission: Submission,
    chunk: SubmissionChunk,
    prepared: Prepared,
    now: datetime,
) -> None:
    """Put the chunk into the feed, its records in the place of what stood, and its flags beside them."""
    entry = feed.append(session, hub, prepared.signed, prepared.records, now=now)
    reached("submit.chunk_appended")
    policy = hub.key_set.policy
    expires_at = parse_instant(prepared.signed.statement.signed_at) + timedelta(days=policy.record_days)
    bulk.keep(session, submission.member, bulk.Placement(entry.position, entry.stamp, expires_at))
    flagged = {row.contract_ref: row.flag for row in prepared.rows if row.flag is not None}
    flags.replace(session, submission.member, bulk.STAGED_REFS, flagged)
    chunk.state, chunk.position = ChunkState.APPENDED, entry.position
    chunk.period = periods.name_of(policy.period, entry.stamp)


def _refs(prepared: Prepared) -> dict[int, bytes]:
    return {place: unb64(record.contract_ref) for place, record in enumerate(prepared.records)}
