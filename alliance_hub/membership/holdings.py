"""What the hub holds of a member, kind by kind: the lines of each file of a leaving member's archive."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from alliance_hub.agreements.models import AgreementRow
from alliance_hub.feed.models import FeedRow
from alliance_hub.flags.models import FlagRow
from alliance_hub.matching.models import FurtherOpening, MatchRow
from alliance_hub.matters.models import MatterCertificate, MatterRow
from alliance_hub.membership.models import Member, Profile
from alliance_hub.records.models import RecordRow, Submission, SubmissionChunk, SubmissionRow
from alliance_hub.transparency.models import LogRow
from privacy.encoding import b64, instant_text
from privacy.statements import member_author

ROWS_AT_ONCE = 1_000

Lines = Callable[[Session, str], Iterator[bytes]]


def _line(**facts: Any) -> bytes:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()


def _with(line: bytes, field: str, document: bytes | None) -> bytes:
    """Add a field that is JSON already to a line."""
    return line[:-1] + b',"' + field.encode() + b'":' + (document or b"null") + b"}"


def _b64(value: bytes | None) -> str | None:
    return None if value is None else b64(value)


def _instant(value: datetime | None) -> str | None:
    return None if value is None else instant_text(value)


def _enrolment(session: Session, name: str) -> Iterator[bytes]:
    member = session.get_one(Member, name, options=[undefer(Member.enrolment)])
    facts = {"member": name, "fingerprint": member.fingerprint, "accepted_by": member.accepted_by}
    yield _with(_line(**facts), "enrolment", member.enrolment)


def _profile(session: Session, name: str) -> Iterator[bytes]:
    profile = session.get(Profile, name)
    if profile is not None:
        yield _line(
            legal_name=profile.legal_name,
            kind=profile.kind,
            uscc=profile.uscc,
            licence_kind=profile.licence_kind,
            licence_number=profile.licence_number,
            licence_until=None if profile.licence_until is None else profile.licence_until.isoformat(),
            declared_portfolio=profile.declared_portfolio,
            controller_uscc=profile.controller_uscc,
            contacts=profile.contacts,
        )


def _statements(session: Session, name: str) -> Iterator[bytes]:
    own = select(FeedRow).where(FeedRow.author == member_author(name)).order_by(FeedRow.sequence)
    streamed = own.options(undefer(FeedRow.document)).execution_options(yield_per=ROWS_AT_ONCE)
    for row in session.scalars(streamed):
        line = _line(position=row.position, stamp=instant_text(row.stamp), type=row.type)
        yield _with(line, "statement", row.document)
        session.expunge(row)


def _agreements(session: Session, name: str) -> Iterator[bytes]:
    own = select(AgreementRow).where(AgreementRow.member == name)
    for row in session.scalars(own.order_by(AgreementRow.agreement, AgreementRow.version)):
        line = _line(agreement=row.agreement, version=row.version, signature=row.signature)
        yield _with(line, "terms", row.document)


def _submissions(session: Session, name: str) -> Iterator[bytes]:
    own = select(Submission).where(Submission.member == name)
    for row in session.scalars(own.order_by(Submission.received_at, Submission.id)):
        yield _line(
            id=row.id,
            reference=row.reference,
            as_of=row.as_of.isoformat(),
            state=row.state,
            rows=row.rows,
            accepted=row.accepted,
            unchanged=row.unchanged,
            refused=row.refused,
            received_at=instant_text(row.received_at),
        )


def _chunks(session: Session, name: str) -> Iterator[bytes]:
    own = select(SubmissionChunk).join(Submission, Submission.id == SubmissionChunk.submission)
    ordered = own.where(Submission.member == name).order_by(SubmissionChunk.sequence)
    for row in session.scalars(ordered):
        yield _line(
            submission=row.submission,
            number=row.number,
            sequence=row.sequence,
            size=row.size,
            state=row.state,
            reason=row.reason,
            position=row.position,
        )


def _rows(session: Session, name: str) -> Iterator[bytes]:
    own = select(SubmissionRow).join(Submission, Submission.id == SubmissionRow.submission)
    streamed = own.where(Submission.member == name).execution_options(yield_per=ROWS_AT_ONCE)
    for row in session.scalars(streamed):
        yield _line(
            submission=row.submission,
            chunk=row.chunk,
            index=row.place,
            contract_ref=b64(row.contract_ref),
            outcome=row.outcome,
            reason=row.reason,
        )
        session.expunge(row)


def _records(session: Session, name: str) -> Iterator[bytes]:
    own = select(RecordRow).where(RecordRow.member == name).order_by(RecordRow.contract_ref)
    for row in session.scalars(own.execution_options(yield_per=ROWS_AT_ONCE)):
        yield _line(
            contract_ref=b64(row.contract_ref),
            pseudonym=_b64(row.pseudonym),
            as_of=row.as_of.isoformat(),
            product_class=row.product_class,
            lost_contact=row.lost_contact,
            consent_digest=_b64(row.consent_digest),
            notice_digest=_b64(row.notice_digest),
            state=row.state,
            position=row.position,
            place=row.place,
            expires_at=instant_text(row.expires_at),
        )
        session.expunge(row)


def _flags(session: Session, name: str) -> Iterator[bytes]:
    own = select(FlagRow).where(FlagRow.member == name).order_by(FlagRow.contract_ref)
    for row in session.scalars(own):
        yield _line(contract_ref=b64(row.contract_ref), **row.flag.document())


def _answers(session: Session, name: str) -> Iterator[bytes]:
    own = select(MatchRow).where(MatchRow.member == name).order_by(MatchRow.id)
    full = own.options(undefer(MatchRow.request), undefer(MatchRow.answer))
    for row in session.scalars(full.execution_options(yield_per=ROWS_AT_ONCE // 10)):
        line = _line(
            request_id=row.request_id,
            state=row.state,
            decided_at=instant_text(row.decided_at),
            answered_at=_instant(row.answered_at),
        )
        yield _with(_with(line, "request", row.request), "answer", row.answer)
        session.expunge(row)


def _openings(session: Session, name: str) -> Iterator[bytes]:
    own = select(MatchRow.request_id, FurtherOpening).join(MatchRow, MatchRow.id == FurtherOpening.match)
    for request_id, row in session.execute(own.where(MatchRow.member == name)):
        yield _with(_line(request_id=request_id, custodian=row.custodian), "opening", row.opening)


def _matters(session: Session, name: str) -> Iterator[bytes]:
    own = select(MatterRow).where(MatterRow.member == name).order_by(MatterRow.id)
    for row in session.scalars(own.options(undefer(MatterRow.request))):
        facts = {"matter": row.reference, "opened_at": instant_text(row.opened_at)}
        yield _with(_line(**facts, until=instant_text(row.until)), "request", row.request)


def _certificates(session: Session, name: str) -> Iterator[bytes]:
    certified = select(MatterCertificate, MatterRow.reference).join(
        MatterRow, MatterRow.id == MatterCertificate.matter
    )
    own = certified.where(MatterRow.member == name).order_by(MatterRow.id, MatterCertificate.number)
    for row, reference in session.execute(own.options(undefer(MatterCertificate.document))):
        yield _with(_line(matter=reference, number=row.number), "certificate", row.document)


def _receipts(session: Session, name: str) -> Iterator[bytes]:
    """Yield the log entries of the member's own acts and its people's; not what officers did about it."""
    own = select(LogRow).where(LogRow.organisation == name).order_by(LogRow.id)
    for row in session.scalars(own.execution_options(yield_per=ROWS_AT_ONCE)):
        if row.entry is not None:
            yield _with(_line(salt=_b64(row.salt), leaf=b64(row.leaf)), "entry", row.entry)
        session.expunge(row)


FILES: dict[str, Lines] = {
    "enrolment.jsonl": _enrolment,
    "profile.jsonl": _profile,
    "statements.jsonl": _statements,
    "agreements.jsonl": _agreements,
    "submissions.jsonl": _submissions,
    "chunks.jsonl": _chunks,
    "rows.jsonl": _rows,
    "records.jsonl": _records,
    "flags.jsonl": _flags,
    "answers.jsonl": _answers,
    "openings.jsonl": _openings,
    "matters.jsonl": _matters,
    "certificates.jsonl": _certificates,
    "receipts.jsonl": _receipts,
}
"""What stands in the archive, and what writes each file."""

README = """\
What the hub held of this member, as JSON lines in UTF-8. contents.json counts the lines of each file.

enrolment    its enrolment as signed, and which custodians accepted it
profile      its file in the register of members
statements   all that it stated in the feed: settlements, withdrawals, rotations, chunks without records
agreements   terms and its signatures
submissions  what it handed in; chunks: what became of each; rows: those that were not accepted, and why
records      its contracts by their opaque references, as far as the hub knew them
flags        its evasion flags; narratives are sealed
answers      what it asked and was answered, as served; openings are sealed to its own key
matters      the matters that it opened, as signed; certificates: what was certified in them
receipts     the log entries of its own acts, each with salt and leaf

Names, documents and amounts were never at the hub: they are in the member's own systems.

本档案为联盟中心所持有的该会员数据，每行一条 JSON（UTF-8）。contents.json 载明各文件的行数与摘要。
姓名、证件号码与金额从未存于中心，均在会员自己的系统内。
"""
