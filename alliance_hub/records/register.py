"""What a member handed in and what became of it, as lists for people: filtered, sorted, page by page.

Only counts, references and reasons: what a record says is sealed, and its contract's reference is a keyed
digest that means something at its member alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from alliance_hub.records.models import (
    ChunkState,
    RowOutcome,
    Submission,
    SubmissionChunk,
    SubmissionRow,
    SubmissionState,
)


class Sort(StrEnum):
    """By what submissions are sorted."""

    RECEIVED_AT = "received_at"
    """When they came in."""
    AS_OF = "as_of"
    """Of which day they tell."""
    ROWS = "rows"
    """How many rows they have."""
    REFUSED = "refused"
    """How many of those were refused."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which submissions a list shows; what is empty or None does not choose."""

    state: SubmissionState | None = None
    refused: bool | None = None
    """Whether any of its rows was refused."""
    text: str = ""
    """A part of the reference."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of a submission were not accepted for one reason; unchanged ones have none."""

    outcome: RowOutcome
    reason: str | None
    rows: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a submission's chunks are judged."""

    appended: int
    refused: int
    chunks: int

    @property
    def judged(self) -> int:
        """Those that wait no more."""
        return self.appended + self.refused


def list_submissions(
    session: Session,
    member: str,
    wanted: Wanted,
    *,
    sort: Sort = Sort.RECEIVED_AT,
    descending: bool = True,
    offset: int,
    limit: int,
) -> Sequence[Submission]:
    """Return the member's submissions that are wanted, without their chunks, from `offset` on."""
    found = select(Submission).where(*_conditions(member, wanted))
    column = _COLUMNS[sort].desc() if descending else _COLUMNS[sort].asc()
    return session.scalars(found.order_by(column, Submission.id).offset(offset).limit(limit)).all()


def count_submissions(session: Session, member: str, wanted: Wanted) -> int:
    """Return how many submissions of the member are wanted."""
    return session.scalar(select(func.count()).where(*_conditions(member, wanted))) or 0


def progress(session: Session, submission: Submission) -> Progress:
    """Tell how far a submission is."""
    counted = (
        select(SubmissionChunk.state, func.count())
        .where(SubmissionChunk.submission == submission.id)
        .group_by(SubmissionChunk.state)
    )
    states = {ChunkState(state): count for state, count in session.execute(counted)}
    return Progress(
        states.get(ChunkState.APPENDED, 0), states.get(ChunkState.REFUSED, 0), sum(states.values())
    )


def tally(session: Session, submission: Submission) -> list[Tally]:
    """Return how many rows were not accepted, by reason, the most frequent first."""
    counted = (
        select(SubmissionRow.outcome, SubmissionRow.reason, func.count())
        .where(SubmissionRow.submission == submission.id)
        .group_by(SubmissionRow.outcome, SubmissionRow.reason)
        .order_by(func.count().desc(), SubmissionRow.reason)
    )
    found = session.execute(counted)
    return [Tally(RowOutcome(outcome), reason, rows) for outcome, reason, rows in found]


def list_rows(
    session: Session,
    submission: Submission,
    *,
    outcome: RowOutcome | None = None,
    reason: str = "",
    offset: int,
    limit: int,
) -> Sequence[SubmissionRow]:
    """Return rows of a submission that were not accepted, in its own order, from `offset` on."""
    found = select(SubmissionRow).where(*_of(submission, outcome, reason))
    order = (SubmissionRow.chunk, SubmissionRow.place)
    return session.scalars(found.order_by(*order).offset(offset).limit(limit)).all()


def count_rows(
    session: Session, submission: Submission, *, outcome: RowOutcome | None = None, reason: str = ""
) -> int:
    """Return how many rows `list_rows` would give in all."""
    return session.scalar(select(func.count()).where(*_of(submission, outcome, reason))) or 0


_COLUMNS: dict[Sort, InstrumentedAttribute[object]] = {
    Sort.RECEIVED_AT: Submission.received_at,
    Sort.AS_OF: Submission.as_of,
    Sort.ROWS: Submission.rows,
    Sort.REFUSED: Submission.refused,
}


def _conditions(member: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [Submission.member == member]
    if wanted.state is not None:
        conditions.append(Submission.state == wanted.state)
    if wanted.refused is not None:
        conditions.append(Submission.refused > 0 if wanted.refused else Submission.refused == 0)
    if wanted.text:
        conditions.append(Submission.reference.icontains(wanted.text, autoescape=True))
    return conditions


def _of(submission: Submission, outcome: RowOutcome | None, reason: str) -> list[ColumnElement[bool]]:
    conditions = [SubmissionRow.submission == submission.id]
    if outcome is not None:
        conditions.append(SubmissionRow.outcome == outcome)
    if reason:
        conditions.append(SubmissionRow.reason == reason)
    return conditions
