"""The evidence holds all that it names, under one checkpoint that counts; until there is one it waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from alliance_hub.errors import Conflict, Unavailable
from alliance_hub.matters import bundles
from alliance_hub.matters import service as matters
from alliance_hub.matters.kinds import CertificateKind
from alliance_hub.transparency.models import LogRow
from privacy.certificates import verify_certificate
from privacy.checkpoint import read_note, verify_counted
from privacy.encoding import b64, unb64
from privacy.evidence import MatterEvidence, verify_matter
from privacy.logged import verify_logged
from privacy.signing import SigningKey
from privacy.statements import (
    Acceptance,
    Enrolment,
    Rotation,
    Settlement,
    verify_countersignature,
    verify_statement,
)
from tests.alliance_hub.builders import seed
from tests.alliance_hub.matching.story import flag_of
from tests.alliance_hub.matters.court import CONTRACT, Court, hand_in, kinds_of
from tests.alliance_hub.matters.stage import Stage
from tests.alliance_hub.records.builders import NOVEMBER, reference_of


def leaves(value: object) -> set[str]:
    """Return everything that is called `leaf` in a document, wherever it stands."""
    if isinstance(value, dict):
        own = {value["leaf"]} if isinstance(value.get("leaf"), str) else set()
        return own.union(*map(leaves, value.values()))
    if isinstance(value, list):
        return set[str]().union(*map(leaves, value))
    return set()


def checked(court: Court, evidence: MatterEvidence) -> MatterEvidence:
    """Check evidence as a verifier does, as far as the hub answers for it."""
    key_set = court.hub.key_set
    note = read_note(evidence.checkpoint)
    verify_counted(note, key_set)
    verify_matter(evidence.request, court.north.key.public)
    for proof in evidence.proofs:
        verify_logged(proof, size=note.checkpoint.size, root=note.checkpoint.root)
    for certificate in evidence.certificates:
        verify_certificate(certificate, key_set.hub_key)
    shown = {proof.receipt.leaf for proof in evidence.proofs}
    assert leaves([each.document() for each in evidence.certificates]) <= shown
    assert len(shown) == len(evidence.proofs)
    return evidence


def everything_is_ready(court: Court) -> None:
    hand_in(court, as_of=NOVEMBER - timedelta(days=20), flag=flag_of("North"))
    court.story.ask(court.north, "Mao", "Lin")
    court.open()
    court.certify()


@pytest.fixture
def ready(stage: Stage) -> Court:
    """Everything on record is certified."""
    return stage.after(everything_is_ready)


def test_the_evidence_holds_all_that_it_names(ready: Court) -> None:
    ready.cosign(1, 3)

    evidence = checked(ready, ready.evidence())

    assert kinds_of(evidence.certificates) == [
        "agreement",
        "agreement",
        "decision",
        "record",
        "flag",
        "notice",
    ]
    kinds = [proof.receipt.entry["kind"] for proof in evidence.proofs]
    assert kinds.count("matter") == 1
    assert kinds.count("certificate") == 6
    assert evidence.anchor is None


def test_the_members_key_is_known_from_the_custodians(ready: Court) -> None:
    fresh = SigningKey(seed("fresh"))
    north = ready.north
    body = Rotation(
        signing=b64(fresh.public), recovery=b64(north.recovery.public), sealing=b64(north.sealing.public)
    )
    ready.story.alliance.state(north, body)
    ready.cosign(1, 2)

    membership = ready.evidence().membership

    enrolment, *acceptances, rotation = membership
    assert isinstance(enrolment.statement.body, Enrolment)
    verify_countersignature(enrolment, ready.hub.key_set.secretariat_key)
    verify_statement(enrolment, unb64(enrolment.statement.body.signing))
    digest = b64(enrolment.digest())
    assert [each.statement.author for each in acceptances] == ["custodian/1", "custodian/2"]
    for index, each in enumerate(acceptances, 1):
        verify_statement(each, ready.hub.key_set.witness(index))
        assert each.statement.body == Acceptance(enrolment=digest)
    assert rotation.statement.body == body


def pending(court: Court) -> None:
    with pytest.raises(Unavailable) as waits:
        court.evidence()
    assert waits.value.slug == "checkpoint-pending"
    assert waits.value.retry_at is not None
    assert waits.value.retry_at > court.clock()


def test_it_waits_for_the_tree_and_for_t_custodians(ready: Court) -> None:
    pending(ready)
    ready.cosign()
    pending(ready)
    ready.cosign(2)
    pending(ready)
    ready.cosign(3)
    checked(ready, ready.evidence())


def test_it_waits_for_a_checkpoint_that_reaches_the_last_entry(ready: Court) -> None:
    ready.cosign(1, 2)
    hand_in(ready)
    ready.certify()
    ready.cosign()
    pending(ready)
    ready.clock.move(minutes=10)
    ready.cosign(1, 2)
    evidence = checked(ready, ready.evidence())
    assert "flag" not in kinds_of(evidence.certificates)


def test_what_is_superseded_is_left_out(ready: Court) -> None:
    ready.story.alliance.state(ready.north, Settlement(contract_ref=b64(reference_of(CONTRACT))))
    ready.cosign(1, 2)
    found = kinds_of(ready.evidence().certificates)
    assert found == ["agreement", "agreement", "decision", "notice"]


def test_without_a_certificate_that_stands_there_is_nothing_to_give(court: Court) -> None:
    court.open()
    with pytest.raises(Conflict) as refused:
        court.evidence()
    assert refused.value.slug == "not-certified"


def test_an_entry_that_was_erased_is_told(ready: Court) -> None:
    ready.cosign(1, 2)
    with ready.hub.database.transaction() as session:
        row = session.scalars(select(LogRow).where(LogRow.kind == "match")).one()
        row.entry = row.salt = None
    with pytest.raises(Conflict) as refused:
        ready.evidence()
    assert refused.value.slug == "entry-erased"


def test_a_bundle_holds_the_certificates_that_were_handed_out_last(ready: Court) -> None:
    ready.cosign(1, 2)
    numbers = [each.certificate.number for each in ready.evidence().certificates]
    with ready.hub.database.transaction() as session:
        row = ready.row(session)
        now = ready.clock()
        first = bundles.report(session, row, seed("seal"), now, now)
        assert bundles.report(session, row, seed("seal"), now, now) == first
        later = bundles.deliver(session, row, seed("seal"), now, now)
        assert bundles.deliver(session, row, seed("seal"), now, now) == later
    assert (first.entry["kind"], first.entry["seal"]) == ("bundle", b64(seed("seal")))
    assert (later.entry["kind"], later.entry["matter"]) == ("bundle_delivered", "matter-0001")
    (bundle,) = ready.detail().bundles
    assert list(bundle.certificates) == numbers


def test_the_later_certificate_of_a_kind_alone_is_given(ready: Court) -> None:
    hand_in(ready, flag=flag_of("North"), outstanding=1)
    ready.certify(CertificateKind.RECORD)
    ready.cosign(1, 2)
    records = [each for each in ready.evidence().certificates if kinds_of([each]) == ["record"]]
    assert [each.certificate.number for each in records] == [7]


def test_neither_anothers_matter_nor_one_that_is_none(ready: Court) -> None:
    with ready.hub.database.reading() as session:
        for member, reference in (("South", "matter-0001"), ("North", "matter-0002")):
            with pytest.raises(Exception, match="you have no matter with this reference"):
                matters.get_own(session, member, reference)
