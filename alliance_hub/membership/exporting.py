"""What the hub holds of a leaving member, as an archive for it: one file of JSON lines for each kind.

The archive is made in a file beside the database and then stored in pieces, so that memory stays small and
whatever machine the member asks has it. Until the last piece stands with the stage, nothing may be fetched;
a job that died in between begins anew.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, undefer

from alliance_hub.agreements.models import AgreementRow
from alliance_hub.faults import reached
from alliance_hub.feed.models import FeedRow
from alliance_hub.flags.models import FlagRow
from alliance_hub.hub import Hub
from alliance_hub.jobs.service import Lease
from alliance_hub.matching.models import FurtherOpening, MatchRow
from alliance_hub.membership.models import Exit, ExportPart, Member, Profile
from alliance_hub.membership.vocabulary import ExitStage
from alliance_hub.records.models import RecordRow, Submission, SubmissionChunk, SubmissionRow
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import LogRow
from privacy.encoding import Json, b64, instant_text
from privacy.statements import member_author

PART_BYTES = 2**20
LINES_A_LEASE = 20_000
"""After so many lines the job says that it is alive."""

ROWS_AT_ONCE = 1_000

Lines = Callable[[Session, str], Iterator[bytes]]


def export(hub: Hub, name: str, lease: Lease) -> None:
    """Put a leaving member's data together and store them; raises LeaseLost."""
    with tempfile.TemporaryFile(dir=hub.settings.home) as file:
        _write(hub, name, file, lease)
        reached("exit.written")
        _drop_parts(hub, name, lease)
        size, digest = _store(hub, name, file, lease)
    reached("exit.stored")
    with hub.database.transaction() as session:
        lease.renew(session, hub.clock())
        leaving = session.get_one(Exit, name)
        leaving.stage, leaving.exported_at = ExitStage.EXPORTED, hub.clock()
        leaving.export_until = leaving.deadline_at
        leaving.export_size, leaving.export_digest = size, digest
        facts = {"object": f"member/{name}", "sha256": b64(digest), "bytes": size}
        transparency.record_entry(session, "member_data_exported", facts, now=hub.clock())
    reached("exit.exported")


def read_parts(session: Session, name: str) -> Iterator[bytes]:
    """Yield the stored archive, piece by piece."""
    numbers = select(ExportPart.number).where(ExportPart.member == name).order_by(ExportPart.number)
    for number in session.scalars(numbers).all():
        yield session.scalars(
            select(ExportPart.body).where(ExportPart.member == name, ExportPart.number == number)
        ).one()


def _write(hub: Hub, name: str, file: IO[bytes], lease: Lease) -> None:
    at = hub.clock()
    told: dict[str, Json] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, hub.database.reading() as session:
        for file_name, lines in FILES.items():
            told[file_name] = _add(archive, _entry(file_name, at), _alive(hub, lease, lines(session, name)))
        archive.writestr(_entry("README.txt", at), README)
        archive.writestr(_entry("contents.json", at), json.dumps(_contents(hub, name, at, told), indent=2))


def _add(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, lines: Iterable[bytes]) -> Json:
    sha, count = hashlib.sha256(), 0
    with archive.open(entry, "w", force_zip64=True) as target:
        for line in lines:
            sha.update(line + b"\n")
            target.write(line + b"\n")
            count += 1
    return {"lines": count, "sha256": sha.hexdigest()}


def _alive(hub: Hub, lease: Lease, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Pass lines on, renewing the lease now and then."""
    for number, line in enumerate(lines):
        if number % LINES_A_LEASE == 0:
            with hub.database.transaction() as session:
                lease.renew(session, hub.clock())
        yield line


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _contents(hub: Hub, name: str, at: datetime, files: dict[str, Json]) -> Json:
    key_set = hub.key_set
    return {
        "alliance": key_set.alliance,
        "epoch": key_set.epoch,
        "member": name,
        "made_at": instant_text(at),
        "files": files,
    }


def _drop_parts(hub: Hub, name: str, lease: Lease) -> None:
    with hub.database.transaction() as session:
        lease.renew(session, hub.clock())
        session.execute(delete(ExportPart).where(ExportPart.member == name))


def _store(hub: Hub, name: str, file: IO[bytes], lease: Lease) -> tuple[int, bytes]:
    """Store the file in pieces; return its size and SHA-256."""
    file.seek(0)
    sha, size = hashlib.sha256(), 0
    for number, body in enumerate(iter(lambda: file.read(PART_BYTES), b"")):
        sha.update(body)
        size += len(body)
        with hub.database.transaction() as session:
            lease.renew(session, hub.clock())
            session.add(ExportPart(member=name, number=number, body=body))
    return size, sha.digest()


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
receipts     the log entries of its own acts, each with salt and leaf

Names, documents and amounts were never at the hub: they are in the member's own systems.

本档案为联盟中心所持有的该会员数据，每行一条 JSON（UTF-8）。contents.json 载明各文件的行数与摘要。
姓名、证件号码与金额从未存于中心，均在会员自己的系统内。
"""
