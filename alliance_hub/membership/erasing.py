"""Erase what the hub holds of a member that has left, some rows at a time, counting as it goes.

Each part is erased and counted in one transaction, so a job that dies and comes back neither misses nor
counts twice. What the feed still has to serve, and what is to be fetched, is erased when its time is over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from alliance_hub.errors import Unavailable
from alliance_hub.faults import reached
from alliance_hub.feed.appending import lock
from alliance_hub.feed.models import AttachmentRow, FeedRow
from alliance_hub.flags.models import FlagRow
from alliance_hub.hub import Hub
from alliance_hub.jobs.models import Job, JobState
from alliance_hub.jobs.service import Lease
from alliance_hub.matching.models import FurtherOpening, MatchJob, MatchJobItem, MatchRow
from alliance_hub.matters import forgetting as matters
from alliance_hub.membership.models import Application, Exit, ExportPart, Profile, QuotaUse
from alliance_hub.people.models import Organisation
from alliance_hub.records.forgetting import ERASED
from alliance_hub.records.models import ChunkBody, RecordRow, Submission, SubmissionChunk, SubmissionRow
from privacy.statements import member_author

ROWS_AT_ONCE = 1_000
"""What one transaction erases: nobody else writes meanwhile, so it must be short."""

Step = Callable[[Session, str], dict[str, int]]
"""Erases some of a member's rows and returns how many of each table; nothing when none are left."""


def require_at_rest(session: Session, name: str) -> None:
    """Raise Unavailable while something that the member handed in is still being worked on."""
    at_work = Job.state.in_((JobState.WAITING, JobState.RUNNING))
    submissions = exists().where(Submission.member == name, Job.id == Submission.job, at_work)
    items = exists().where(
        MatchJob.member == name, MatchJobItem.job == MatchJob.id, Job.id == MatchJobItem.work, at_work
    )
    if session.scalar(select(submissions | items)):
        raise Unavailable(
            "what the member handed in is still being worked on: erasing waits", slug="work-under-way"
        )


def erase(hub: Hub, name: str, lease: Lease) -> None:
    """Erase everything that nobody needs any more once the archive stands; raises LeaseLost, Unavailable."""
    with hub.database.reading() as session:
        require_at_rest(session, name)

    def _matters(session: Session, name: str) -> dict[str, int]:
        return {"matters": matters.forget_own(session, name, hub.clock())}

    for step in (
        _matters,
        _match_items,
        _matches,
        _match_jobs,
        _chunks,
        _submissions,
        _flags,
        _contents,
        _quotas,
    ):
        _repeat(hub, name, lease, step)


def erase_contracts(hub: Hub, name: str, lease: Lease) -> None:
    """Erase that the member's contracts were known, once the feed serves none of its records any more."""
    _repeat(hub, name, lease, _contracts)


def erase_copy(hub: Hub, name: str, lease: Lease) -> None:
    """Erase the archive and the names of the member's people, and close its organisation."""
    _repeat(hub, name, lease, _parts)
    with hub.database.transaction() as session:
        lease.renew(session, hub.clock())
        session.execute(update(Profile).where(Profile.member == name).values(contacts=[]))
        session.execute(update(Application).where(Application.member == name).values(contacts=[]))
        organisation = session.get(Organisation, name)
        if organisation is not None and organisation.closed_at is None:
            organisation.closed_at = hub.clock()


def is_served(session: Session, name: str) -> bool:
    """Say whether the feed still serves records of the member's chunks."""
    chunks = exists().where(FeedRow.author == member_author(name), AttachmentRow.position == FeedRow.position)
    return bool(session.scalar(select(chunks)))


def _repeat(hub: Hub, name: str, lease: Lease, step: Step) -> None:
    """Do a step until nothing is left of it; each time what is erased and that it was counted go together."""
    gone = True
    while gone:
        with hub.database.transaction() as session:
            lease.renew(session, hub.clock())
            counts = step(session, name)
            _count(session, name, counts)
            gone = any(counts.values())
        reached(f"exit.erased{step.__name__}")


def _count(session: Session, name: str, counts: dict[str, int]) -> None:
    leaving = session.get_one(Exit, name, with_for_update=True)
    before = leaving.counts
    leaving.counts = before | {table: before.get(table, 0) + rows for table, rows in counts.items() if rows}


def _delete(session: Session, table: Any, condition: ColumnElement[bool]) -> int:
    """Delete rows and return how many there were."""
    result = session.execute(delete(table).where(condition), execution_options={"synchronize_session": False})
    return int(result.rowcount)  # type: ignore[attr-defined]


def _some(session: Session, column: InstrumentedAttribute[Any], chosen: Select[Any]) -> list[Any]:
    return list(session.scalars(chosen.order_by(column).limit(ROWS_AT_ONCE)))


def _match_items(session: Session, name: str) -> dict[str, int]:
    """Erase the items of one match job: 1,000 at most."""
    own = select(MatchJobItem.job).join(MatchJob, MatchJob.id == MatchJobItem.job)
    job = session.scalar(own.where(MatchJob.member == name).limit(1))
    return {"match_job_items": _delete(session, MatchJobItem, MatchJobItem.job == job)}


def _matches(session: Session, name: str) -> dict[str, int]:
    ids = _some(session, MatchRow.id, select(MatchRow.id).where(MatchRow.member == name))
    openings = _delete(session, FurtherOpening, FurtherOpening.match.in_(ids))
    return {"match_openings": openings, "matches": _delete(session, MatchRow, MatchRow.id.in_(ids))}


def _match_jobs(session: Session, name: str) -> dict[str, int]:
    return {"match_jobs": _delete(session, MatchJob, MatchJob.member == name)}


def _chunks(session: Session, name: str) -> dict[str, int]:
    """Erase one chunk of a submission with its rows: 4,096 at most."""
    own = select(SubmissionChunk).join(Submission, Submission.id == SubmissionChunk.submission)
    chunk = session.scalar(own.where(Submission.member == name).limit(1))
    if chunk is None:
        return {}
    of_rows = (SubmissionRow.submission == chunk.submission) & (SubmissionRow.chunk == chunk.number)
    of_body = (ChunkBody.submission == chunk.submission) & (ChunkBody.number == chunk.number)
    rows, bodies = _delete(session, SubmissionRow, of_rows), _delete(session, ChunkBody, of_body)
    session.delete(chunk)
    session.flush()
    return {"submission_rows": rows, "submission_bodies": bodies, "submission_chunks": 1}


def _submissions(session: Session, name: str) -> dict[str, int]:
    return {"submissions": _delete(session, Submission, Submission.member == name)}


def _flags(session: Session, name: str) -> dict[str, int]:
    refs = _some(session, FlagRow.contract_ref, select(FlagRow.contract_ref).where(FlagRow.member == name))
    own = (FlagRow.member == name) & FlagRow.contract_ref.in_(refs)
    return {"evasion_flags": _delete(session, FlagRow, own)}


def _contents(session: Session, name: str) -> dict[str, int]:
    """Erase what the records said, under the feed's lock: a settlement may come in beside us."""
    lock(session)
    said = (RecordRow.member == name) & RecordRow.pseudonym.is_not(None)
    refs = _some(session, RecordRow.contract_ref, select(RecordRow.contract_ref).where(said))
    erased = update(RecordRow).where(said, RecordRow.contract_ref.in_(refs)).values(ERASED)
    result = session.execute(erased, execution_options={"synchronize_session": False})
    return {"records": int(result.rowcount)}  # type: ignore[attr-defined]


def _quotas(session: Session, name: str) -> dict[str, int]:
    return {"member_quota_use": _delete(session, QuotaUse, QuotaUse.member == name)}


def _contracts(session: Session, name: str) -> dict[str, int]:
    lock(session)
    own = select(RecordRow.contract_ref).where(RecordRow.member == name)
    refs = _some(session, RecordRow.contract_ref, own)
    known = (RecordRow.member == name) & RecordRow.contract_ref.in_(refs)
    return {"record_references": _delete(session, RecordRow, known)}


def _parts(session: Session, name: str) -> dict[str, int]:
    numbers = select(ExportPart.number).where(ExportPart.member == name)
    some = list(session.scalars(numbers.order_by(ExportPart.number).limit(10)))
    own = (ExportPart.member == name) & ExportPart.number.in_(some)
    return {"member_export_parts": _delete(session, ExportPart, own)}


_STEPS: tuple[Step, ...] = (
    _match_items,
    _matches,
    _match_jobs,
    _chunks,
    _submissions,
    _flags,
    _contents,
    _quotas,
)
"""What nobody needs once the archive stands, in this order."""
