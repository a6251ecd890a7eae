"""What is done of records later: submissions chunk after chunk, and forgetting, as often as it takes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from alliance_hub.feed.cuts import FORGET
from alliance_hub.feed.models import CutRow
from alliance_hub.hub import Hub
from alliance_hub.jobs.models import Key
from alliance_hub.jobs.service import Lease, handles
from alliance_hub.records.forgetting import forget
from alliance_hub.records.models import ChunkState, Submission, SubmissionChunk, SubmissionState
from alliance_hub.records.processing import process_chunk
from alliance_hub.records.service import PROCESS
from alliance_hub.transparency import service as transparency


@handles(PROCESS)
def process(hub: Hub, key: Key, lease: Lease) -> None:
    """Judge the chunks of a submission that wait, in order, and then call it done."""
    submission = str(key["submission"])
    for number in _waiting(hub, submission):
        process_chunk(hub, (submission, number), lease)
    _finish(hub, submission, lease)


@handles(FORGET)
def forget_at(hub: Hub, key: Key, lease: Lease) -> None:
    """Forget what was over at the cut of the key, now that a later one is effective."""
    with hub.database.reading() as session:
        cut = session.get_one(CutRow, int(key["cut"]))
    forget(hub, cut, lease)


def _waiting(hub: Hub, submission: str) -> Sequence[int]:
    waiting = select(SubmissionChunk.number).where(
        SubmissionChunk.submission == submission, SubmissionChunk.state == ChunkState.WAITING
    )
    with hub.database.reading() as session:
        return session.scalars(waiting.order_by(SubmissionChunk.number)).all()


def _finish(hub: Hub, submission_id: str, lease: Lease) -> None:
    with hub.database.transaction() as session:
        now = hub.clock()
        lease.renew(session, now)
        submission = session.get_one(Submission, submission_id)
        if submission.state == SubmissionState.DONE:
            return
        submission.state, submission.done_at = SubmissionState.DONE, now
        facts = {
            "member": submission.member,
            "submission": submission.id,
            "accepted": submission.accepted,
            "unchanged": submission.unchanged,
            "refused": submission.refused,
        }
        transparency.record_entry(session, "submission_processed", facts, now=now)
