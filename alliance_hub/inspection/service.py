"""Draw a sample, find it again, and say what stands in its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alliance_hub.agreements.models import AgreementRow
from alliance_hub.complaints.models import Complaint
from alliance_hub.errors import Invalid, NotFound
from alliance_hub.inspection import rules
from alliance_hub.inspection.models import Register, Sample
from alliance_hub.inspection.rules import Population
from alliance_hub.matching.models import MatchRow
from alliance_hub.membership.models import Member
from alliance_hub.people.actor import Actor, require_act
from alliance_hub.people.roles import Act
from alliance_hub.records.models import Submission
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import LogRow
from privacy.encoding import unb64

Randomness = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Line:
    """What a sample's row is, as it stands now; a reference that names nothing any more says nothing."""

    reference: str
    member: str | None = None
    at: datetime | None = None
    state: str | None = None


def draw(
    session: Session,
    actor: Actor,
    register: Register,
    size: int,
    reason: str,
    now: datetime,
    *,
    randomness: Randomness,
) -> Sample:
    """Draw rows of a register at random, and write seed, population and rows to the log.

    `randomness` gives so many bytes from the system's generator. Raises Forbidden, Invalid with its field.
    """
    require_act(actor, Act.DRAW_SAMPLE)
    why = " ".join(reason.split())
    if not why or len(why) > rules.LONGEST_REASON:
        raise Invalid(f"say why, in at most {rules.LONGEST_REASON} characters", field="reason")
    references = list_references(session, register)
    rules.require_size(size, len(references))
    population = Population.of(references)
    seed = randomness(rules.SEED_BYTES)
    rows = [references[rank] for rank in rules.ranks(seed, size=size, population=population.size)]
    facts = {
        "register": register,
        "population": population.size,
        "population_digest": population.digest.hex(),
        "seed": seed.hex(),
        "rows": rows,
    }
    receipt = transparency.record_act(
        session, actor, "sample_drawn", object=f"register/{register}", facts=facts, now=now
    )
    sample = Sample(
        register=register,
        population=population.size,
        population_digest=population.digest,
        seed=seed,
        rows=rows,
        reason=why,
        officer=actor.officer,
        drawn_at=now,
        log_leaf=unb64(receipt.leaf),
    )
    session.add(sample)
    session.flush()
    return sample


def list_samples(session: Session) -> Sequence[Sample]:
    """Return every sample, the newest first."""
    return session.scalars(select(Sample).order_by(Sample.id.desc())).all()


def get(session: Session, id: int) -> Sample:
    """Return a sample; raises NotFound."""
    sample = session.get(Sample, id)
    if sample is None:
        raise NotFound("there is no such sample")
    return sample


def list_references(session: Session, register: Register) -> list[str]:
    """Return how every row of a register is referred to, in the order in which ranks are counted.

    Texts are sorted by their code points, which every database and language can do alike.
    """
    return _REFERENCES[register](session)


def describe(session: Session, sample: Sample) -> list[Line]:
    """Return what the sample's rows are now, in the sample's order."""
    keys = [reference.partition("/")[2] for reference in sample.rows]
    found = _LINES[sample.register](session, keys)
    return [Line(reference, *found.get(key, ())) for reference, key in zip(sample.rows, keys, strict=True)]


Facts = tuple[str | None, datetime | None, str | None]


def _members(session: Session) -> list[str]:
    return sorted(f"member/{name}" for name in session.scalars(select(Member.name)))


def _agreements(session: Session) -> list[str]:
    keys = session.execute(select(AgreementRow.agreement, AgreementRow.version))
    return [f"agreement/{name}/{version}" for name, version in sorted((row[0], row[1]) for row in keys)]


def _complaints(session: Session) -> list[str]:
    return [row.object for row in session.scalars(select(Complaint).order_by(Complaint.id))]


def _submissions(session: Session) -> list[str]:
    return sorted(f"submission/{id}" for id in session.scalars(select(Submission.id)))


def _matches(session: Session) -> list[str]:
    return [f"match/{id}" for id in session.scalars(select(MatchRow.id).order_by(MatchRow.id))]


def _log(session: Session) -> list[str]:
    return [f"entry/{id}" for id in session.scalars(select(LogRow.id).order_by(LogRow.id))]


_REFERENCES: Mapping[Register, Callable[[Session], list[str]]] = {
    Register.MEMBERS: _members,
    Register.AGREEMENTS: _agreements,
    Register.COMPLAINTS: _complaints,
    Register.SUBMISSIONS: _submissions,
    Register.MATCHES: _matches,
    Register.LOG: _log,
}


def _member_lines(session: Session, keys: Sequence[str]) -> dict[str, Facts]:
    rows = session.scalars(select(Member).where(Member.name.in_(keys)))
    return {row.name: (row.name, row.applied_at, row.state) for row in rows}


def _agreement_lines(session: Session, keys: Sequence[str]) -> dict[str, Facts]:
    names = {key.rpartition("/")[0] for key in keys}
    rows = session.scalars(select(AgreementRow).where(AgreementRow.agreement.in_(names)))
    return {f"{row.agreement}/{row.version}": (row.member, row.drafted_at, row.state) for row in rows}


def _complaint_lines(session: Session, keys: Sequence[str]) -> dict[str, Facts]:
    years = {int(key.split("-")[1]) for key in keys}
    rows = session.scalars(select(Complaint).where(Complaint.year.in_(years)))
    return {row.number: (row.about, row.received_at, row.outcome) for row in rows}


def _submission_lines(session: Session, keys: Sequence[str]) -> dict[str, Facts]:
    rows = session.scalars(select(Submission).where(Submission.id.in_(keys)))
    return {row.id: (row.member, row.received_at, row.state) for row in rows}


def _match_lines(session: Session, keys: Sequence[str]) -> dict[str, Facts]:
    rows = session.scalars(select(MatchRow).where(MatchRow.id.in_([int(key) for key in keys])))
    return {str(row.id): (row.member, row.decided_at, row.state) for row in rows}


def _log_lines(session: Session, keys: Sequence[str]) -> dict[str, Facts]:
    rows = session.scalars(select(LogRow).where(LogRow.id.in_([int(key) for key in keys])))
    return {str(row.id): (row.actor, row.at, row.kind) for row in rows}


_LINES: Mapping[Register, Callable[[Session, Sequence[str]], dict[str, Facts]]] = {
    Register.MEMBERS: _member_lines,
    Register.AGREEMENTS: _agreement_lines,
    Register.COMPLAINTS: _complaint_lines,
    Register.SUBMISSIONS: _submission_lines,
    Register.MATCHES: _match_lines,
    Register.LOG: _log_lines,
}
