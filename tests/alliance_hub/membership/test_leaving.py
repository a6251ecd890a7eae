"""A member leaves: its data come back, the hub's are erased, and a certificate says so, through any crash."""

from __future__ import annotations

import io
import json
import os
import signal
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from alliance_hub import faults
from alliance_hub.db import Database
from alliance_hub.errors import Conflict, Invalid, NotFound
from alliance_hub.feed.cuts import FORGET
from alliance_hub.flags.models import FlagRow
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.jobs.models import Job, JobState
from alliance_hub.matching.models import (
    FurtherOpening,
    ItemState,
    MatchJob,
    MatchJobItem,
    MatchRow,
    MatchState,
)
from alliance_hub.matters.kinds import CertificateKind
from alliance_hub.matters.models import MatterCertificate, MatterContract, MatterRow
from alliance_hub.membership import clocks, erasing, leaving, quotas, service, tasks
from alliance_hub.membership.certificates import Certificate, Remains, SignedCertificate, verify_certificate
from alliance_hub.membership.exporting import read_parts
from alliance_hub.membership.models import Exit, ExportPart, QuotaUse
from alliance_hub.membership.rules import MemberState
from alliance_hub.membership.vocabulary import ExitStage
from alliance_hub.people import service as people
from alliance_hub.people.models import Organisation
from alliance_hub.people.records import OPERATOR
from alliance_hub.people.roles import OrganisationKind
from alliance_hub.records.models import (
    ChunkBody,
    RecordRow,
    Submission,
    SubmissionChunk,
    SubmissionRow,
)
from privacy.encoding import b64
from privacy.evidence import MatterKind
from privacy.messages import parse_json
from privacy.receipts import Deletion, SignedDeletion, sign_deletion
from privacy.records import Flag
from privacy.statements import Settlement
from tests.alliance_hub.builders import seed
from tests.alliance_hub.records.builders import record_of, reference_of, sign_chunk
from tests.alliance_hub.records.conftest import Alliance, alliance

assert tasks
__all__ = ["alliance"]

NORTH = "北辰小贷"

ERASED = {
    "evasion_flags": 1,
    "match_job_items": 1,
    "match_jobs": 1,
    "match_openings": 1,
    "matches": 2,
    "matters": 1,
    "member_export_parts": 1,
    "member_quota_use": 1,
    "record_references": 3,
    "records": 3,
    "submission_chunks": 2,
    "submission_rows": 1,
    "submissions": 2,
}
"""What the last certificate counts of a member that `fill` has filled."""


def fill(alliance: Alliance, *names: str) -> None:
    """Let members do everything of which the hub keeps something."""
    key_set = alliance.hub.key_set
    flag = Flag(id=b64(seed("flag")), version=1, category="absconded", sealed=b64(b"sealed"))
    for name in names:
        member = alliance.join(name)
        good = [record_of(key_set, "c1", flag=flag), record_of(key_set, "c2"), record_of(key_set, "c3")]
        alliance.submit(member, [sign_chunk(member, key_set, good)])
        bad = sign_chunk(member, key_set, [record_of(key_set, "c4", epoch=2)])
        alliance.submit(member, [bad], reference="reference-2")
        ask(alliance, name)
        go_to_court(alliance, name)


def go_to_court(alliance: Alliance, name: str) -> None:
    """Keep a matter and a certificate as matters keep them."""
    now = alliance.clock()
    with alliance.hub.database.transaction() as session:
        matter = MatterRow(
            member=name, reference="M20261122-00000001", kind=MatterKind.LITIGATION, pseudonym=bytes(32),
            standing_key=bytes(32), digest=bytes(32), request=b'{"r":1}', agreement="data-0001", version=1,
            law_firm=None, opened_at=now, until=now + timedelta(days=365), closed_at=None, log_leaf=bytes(32),
            handed_out=[1], forgotten_at=None,
        )  # fmt: skip
        session.add(matter)
        session.flush()
        session.add(MatterContract(matter=matter.id, contract_ref=reference_of("c1"), place=0))
        session.add(
            MatterCertificate(
                matter=matter.id, number=1, kind=CertificateKind.RECORD, subject="", issued_at=now,
                position=1, document=b'{"c":1}', log_leaf=seed("certificate", name),
                superseded_at=None, why=None,
            )
        )  # fmt: skip


def ask(alliance: Alliance, name: str) -> None:
    """Keep a question as matching keeps it: one by itself, with a further opening, and one of a job."""
    now = alliance.clock()
    with alliance.hub.database.transaction() as session:
        quotas.require_left(session, service.get(session, name), 3, now)
        rows = [
            MatchRow(
                member=name, request_id=f"request-{number}", digest=bytes(32), state=MatchState.ANSWERED,
                position=1, opens=True, log_leaf=bytes(32), decided_at=now, answered_at=now,
                request=b'{"q":1}', decision=b"{}", subjects=b"[]", answer=b'{"a":1}',
            )
            for number in (1, 2)
        ]  # fmt: skip
        work = jobs.enqueue(session, "match", {}, now=now)
        work.state = JobState.DONE
        session.add_all(rows)
        session.flush()
        session.add(FurtherOpening(match=rows[0].id, custodian=3, opening=b"{}"))
        session.add(
            MatchJob(
                id=f"job-{name}", member=name, reference="reference", digest="-", manifests=1,
                signature_base="-", signature="-", received_at=now,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            MatchJobItem(
                job=f"job-{name}", number=1, request_id="request-2", state=ItemState.ANSWERED,
                match=rows[1].id, refusal=None, work=work.id, request=b"{}",
            )
        )  # fmt: skip


def begin(alliance: Alliance) -> int:
    """Let North leave, and return the job that brings it to its end."""
    with alliance.hub.database.transaction() as session:
        people.add_organisation(
            session, OPERATOR, id=NORTH, kind=OrganisationKind.MEMBER, name=NORTH, now=alliance.clock()
        )
        return leaving.begin(session, alliance.hub, NORTH, alliance.clock()).job


def go_on(alliance: Alliance, job: int) -> None:
    """Run the job, after any lease has lapsed."""
    alliance.clock.move(minutes=3)
    jobs.run(alliance.hub, job)


def cut_twice(alliance: Alliance) -> None:
    """Let two further cuts take effect, and the hub forget as they say."""
    for _ in range(2):
        alliance.clock.move(days=31)
        alliance.cut_all()
    with alliance.hub.database.reading() as session:
        forgetting = session.scalars(select(Job.id).where(Job.kind == FORGET)).all()
    for job in forgetting:
        jobs.run(alliance.hub, job)


def stage(alliance: Alliance) -> Exit:
    with alliance.hub.database.reading() as session:
        return leaving.get_exit(session, NORTH)


def certificates(alliance: Alliance) -> list[Certificate]:
    """Return what was certified, the oldest first, each with a signature that holds."""
    with alliance.hub.database.reading() as session:
        rows = list(leaving.list_certificates(session, NORTH))
    signed = [parse_json(SignedCertificate, row.document) for row in reversed(rows)]
    for each in signed:
        verify_certificate(each, alliance.hub.key_set.secretariat_key)
    return [each.certificate for each in signed]


def archive(alliance: Alliance) -> dict[str, list[dict[str, object]]]:
    with alliance.hub.database.reading() as session:
        body = b"".join(read_parts(session, NORTH))
    with zipfile.ZipFile(io.BytesIO(body)) as found:
        names = [name for name in found.namelist() if name.endswith(".jsonl")]
        return {name: [json.loads(line) for line in found.read(name).splitlines()] for name in names}


def counts(alliance: Alliance, name: str) -> dict[str, int]:
    """Count what the hub holds of a member, table by table."""
    submissions = select(Submission.id).where(Submission.member == name)
    matches = select(MatchRow.id).where(MatchRow.member == name)
    own = {
        Submission: Submission.member == name,
        SubmissionChunk: SubmissionChunk.submission.in_(submissions),
        SubmissionRow: SubmissionRow.submission.in_(submissions),
        ChunkBody: ChunkBody.submission.in_(submissions),
        FlagRow: FlagRow.member == name,
        MatchRow: MatchRow.member == name,
        MatchJob: MatchJob.member == name,
        MatchJobItem: MatchJobItem.job == f"job-{name}",
        FurtherOpening: FurtherOpening.match.in_(matches),
        QuotaUse: QuotaUse.member == name,
    }
    with alliance.hub.database.reading() as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table).where(condition)) or 0
            for table, condition in own.items()
        }


def test_a_leaving_from_its_first_day_to_its_last(alliance: Alliance) -> None:
    fill(alliance, NORTH, "South")
    before = counts(alliance, "South")
    job = begin(alliance)
    go_on(alliance, job)

    found = archive(alliance)
    assert {name: len(lines) for name, lines in found.items()} == {
        "enrolment.jsonl": 1,
        "profile.jsonl": 0,
        "statements.jsonl": 2,
        "agreements.jsonl": 1,
        "submissions.jsonl": 2,
        "chunks.jsonl": 2,
        "rows.jsonl": 1,
        "records.jsonl": 3,
        "flags.jsonl": 1,
        "answers.jsonl": 2,
        "openings.jsonl": 1,
        "matters.jsonl": 1,
        "certificates.jsonl": 1,
        "receipts.jsonl": len(found["receipts.jsonl"]),
    }
    assert {line["contract_ref"] for line in found["records.jsonl"]} == {
        b64(reference_of(name)) for name in ("c1", "c2", "c3")
    }
    assert found["answers.jsonl"][0]["answer"] == {"a": 1}
    assert found["matters.jsonl"][0]["request"] == {"r": 1}
    assert found["certificates.jsonl"][0]["certificate"] == {"c": 1}
    assert all(NORTH in json.dumps(line, ensure_ascii=False) for line in found["receipts.jsonl"])

    assert stage(alliance).stage is ExitStage.ERASED
    assert set(counts(alliance, NORTH).values()) == {0}
    assert counts(alliance, "South") == before
    assert 0 not in [rows for table, rows in before.items() if table != "submission_bodies"]
    with alliance.hub.database.reading() as session:
        rows = session.scalars(select(RecordRow).where(RecordRow.member == NORTH)).all()
    assert [row.pseudonym for row in rows] == [None] * 3
    (first,) = certificates(alliance)
    assert not first.final
    assert {note.what for note in first.remains} == set(map(str, Remains))

    cut_twice(alliance)
    go_on(alliance, job)

    last = certificates(alliance)[-1]
    assert (last.number, last.final, last.remains) == (2, True, ())
    assert {each.table: each.rows for each in last.erased} == ERASED
    assert stage(alliance).closed_at == alliance.clock()
    with alliance.hub.database.reading() as session:
        assert session.scalar(select(func.count()).where(RecordRow.member == NORTH)) == 0
        assert session.scalar(select(func.count()).select_from(ExportPart)) == 0
        assert session.get_one(Organisation, NORTH).closed_at is not None
        assert session.get_one(Job, job).state == JobState.DONE


def test_a_suspended_leaver_still_says_that_a_debt_is_paid(alliance: Alliance) -> None:
    """And after one cut the feed still serves its chunk, though the archive has had its time."""
    north, key_set = alliance.join(NORTH), alliance.hub.key_set
    alliance.submit(north, [sign_chunk(north, key_set, [record_of(key_set, "c1")])])
    job = begin(alliance)
    go_on(alliance, job)
    alliance.state(north, Settlement(contract_ref=b64(reference_of("c1"))))
    alliance.clock.move(days=31)
    alliance.cut_all()
    go_on(alliance, job)

    assert alliance.row_of(north).state is MemberState.SUSPENDED
    assert [each.final for each in certificates(alliance)] == [False]
    with alliance.hub.database.reading() as session:
        assert erasing.is_served(session, NORTH)
        assert session.get_one(Job, job).last_error == "waits-for-cuts"
        with pytest.raises(Conflict, match="erased"):
            leaving.require_copy(session, NORTH, alliance.clock())


def test_whoever_leaves_does_not_come_back(alliance: Alliance) -> None:
    alliance.join(NORTH)
    begin(alliance)

    with alliance.hub.database.transaction() as session:
        with pytest.raises(Conflict):
            service.resume(session, alliance.hub, NORTH, alliance.clock())
        with pytest.raises(Conflict):
            leaving.begin(session, alliance.hub, NORTH, alliance.clock())
        with pytest.raises(NotFound):
            leaving.get_exit(session, "South")


def test_nothing_is_erased_while_something_is_worked_on(alliance: Alliance) -> None:
    alliance.join(NORTH)
    ask(alliance, NORTH)
    with alliance.hub.database.transaction() as session:
        item = session.scalars(select(MatchJobItem)).one()
        session.get_one(Job, item.work).state = JobState.WAITING
    job = begin(alliance)
    go_on(alliance, job)

    assert stage(alliance).stage is ExitStage.EXPORTED
    with alliance.hub.database.transaction() as session:
        assert session.get_one(Job, job).last_error == "work-under-way"
        session.get_one(Job, item.work).state = JobState.FAILED
    go_on(alliance, job)
    assert stage(alliance).stage is ExitStage.ERASED


def test_the_deadline_is_a_clock_until_the_end(alliance: Alliance) -> None:
    alliance.join(NORTH)
    job = begin(alliance)
    began = stage(alliance).began_at
    with alliance.hub.database.reading() as session:
        found = list(clocks.exits(session, began, began + timedelta(days=31)))
    assert [(clock.object, clock.due_at) for clock in found] == [
        (f"member/{NORTH}", began + timedelta(days=30))
    ]

    alliance.clock.move(days=30)
    go_on(alliance, job)

    assert stage(alliance).stage is ExitStage.CLOSED
    with alliance.hub.database.reading() as session:
        assert list(clocks.exits(session, began, began + timedelta(days=400))) == []


def deletion(alliance: Alliance, index: int, **changes: object) -> SignedDeletion:
    facts: dict[str, object] = {
        "alliance": alliance.hub.key_set.alliance, "epoch": 1, "custodian": index, "member": NORTH,
        "period": "2026-11", "position": 9, "size": 3, "root": b64(bytes(32)),
    }  # fmt: skip
    said = Deletion(**{**facts, **changes})  # type: ignore[arg-type]
    return sign_deletion(alliance.ceremony.witnesses[index - 1], said)


def test_custodians_certificates_are_named_once_handed_in(alliance: Alliance) -> None:
    alliance.join(NORTH)
    go_on(alliance, begin(alliance))
    hub, now = alliance.hub, alliance.clock()

    for _ in range(2):  # the same again is nothing
        with hub.database.transaction() as session:
            leaving.hand_in(session, hub, NORTH, [deletion(alliance, 1), deletion(alliance, 2)], now)

    assert [len(each.custodians) for each in certificates(alliance)] == [0, 2]


FALSE = {
    "another member's": {"member": "South"},
    "of another epoch": {"epoch": 2},
    "in another custodian's name": {"custodian": 2},
    "of a custodian that is none": {"custodian": 9},
}


@pytest.mark.parametrize("changes", FALSE.values(), ids=list(FALSE))
def test_a_false_certificate_is_refused(alliance: Alliance, changes: dict[str, object]) -> None:
    alliance.join(NORTH)
    begin(alliance)

    with alliance.hub.database.transaction() as session, pytest.raises(Invalid):
        leaving.hand_in(session, alliance.hub, NORTH, [deletion(alliance, 1, **changes)], alliance.clock())


BEFORE_THE_CUTS = ("exit.written", "exit.stored", "exit.exported", "exit.erased_chunks", "exit.erased")
AFTER_THEM = ("exit.erased_contracts", "exit.all_erased")


def killed_at(alliance: Alliance, job: int, point: str) -> bool:
    """Run the job in a process of its own that dies at `point`; say whether it came there."""
    alliance.clock.move(minutes=3)
    hub, url = alliance.hub, alliance.hub.database.engine.url
    hub.database.close()
    child = os.fork()
    if child == 0:
        os.environ[faults.VARIABLE] = point
        own = Hub(hub.settings, Database(str(url)), hub.keys, hub.signed_key_set, hub.clock)
        jobs.run(own, job)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def test_killed_anywhere_it_loses_nothing_and_doubles_nothing(alliance: Alliance) -> None:
    fill(alliance, NORTH)
    job = begin(alliance)
    for point in BEFORE_THE_CUTS:
        assert killed_at(alliance, job, point), point
    go_on(alliance, job)
    cut_twice(alliance)
    for point in AFTER_THEM:
        assert killed_at(alliance, job, point), point
    go_on(alliance, job)

    first, last = certificates(alliance)
    assert (first.final, last.final, last.number) == (False, True, 2)
    assert {each.table: each.rows for each in last.erased} == ERASED
    with alliance.hub.database.reading() as session:
        assert session.get_one(Job, job).state == JobState.DONE
