"""What is certified stands in the registers, rests on log entries, and is said once until it changes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from alliance_hub.errors import Conflict, Invalid
from alliance_hub.feed.models import FeedRow
from alliance_hub.matters.kinds import CertificateKind
from alliance_hub.transparency import service as transparency
from alliance_hub.transparency.models import LogRow
from privacy.certificates import (
    AgreementSaid,
    DecisionSaid,
    FlagSaid,
    NoticeSaid,
    RecordSaid,
    SettlementSaid,
    SignedCertificate,
    verify_certificate,
)
from privacy.encoding import b64, instant_text, unb64
from privacy.matching import standing_message
from privacy.signing import verify
from privacy.statements import Agreement as AgreementStatement
from privacy.statements import Settlement, verify_statement, verify_terms
from tests.alliance_hub.builders import seed
from tests.alliance_hub.matching.story import flag_of
from tests.alliance_hub.matters.court import CONTRACT, COURT_ORDER, EVERYTHING, Court, hand_in, kinds_of
from tests.alliance_hub.records.builders import (
    OCTOBER,
    record_of,
    reference_of,
    standing_key_of,
)

REF = b64(reference_of(CONTRACT))


def entry(court: Court, leaf: str) -> dict[str, Any]:
    """Return the log entry that a certificate names."""
    with court.hub.database.reading() as session:
        return transparency.get_receipt(session, unb64(leaf)).entry


def feed_row(court: Court, position: int) -> FeedRow:
    with court.hub.database.reading() as session:
        return session.get_one(FeedRow, position)


def only(certificates: tuple[SignedCertificate, ...]) -> SignedCertificate:
    (certificate,) = certificates
    return certificate


def test_every_certificate_is_signed_numbered_and_logged(court: Court) -> None:
    court.story.ask(court.north, "Lin")
    court.open()

    certificates = court.certify()

    assert kinds_of(certificates) == ["agreement", "agreement", "decision", "record", "notice"]
    assert [each.certificate.number for each in certificates] == [1, 2, 3, 4, 5]
    for signed in certificates:
        verify_certificate(signed, court.hub.key_set.hub_key)
        logged = entry(court, signed.leaf)
        assert logged["kind"] == "certificate"
        assert (logged["member"], logged["matter"]) == ("North", "matter-0001")
        assert logged["certificate"] == b64(signed.certificate.sha256())
        assert logged["number"] == signed.certificate.number
        assert logged["said"] == signed.certificate.said.document()["kind"]
        assert signed.certificate.supersedes is None
        assert signed.certificate.issued_at == instant_text(court.clock())


def test_asked_again_a_standing_certificate_is_the_same(court: Court) -> None:
    court.open()
    first = court.certify()
    court.clock.move(days=2)
    assert court.certify() == first


def test_of_what_is_not_on_record_there_is_none(court: Court) -> None:
    court.open()
    assert court.certify(CertificateKind.FLAG, CertificateKind.SETTLEMENT, CertificateKind.DECISION) == ()


def test_the_record_names_where_the_chunk_stands(court: Court) -> None:
    court.open()
    said = only(court.certify(CertificateKind.RECORD)).certificate.said
    assert isinstance(said, RecordSaid)
    (record,) = said.records
    row = feed_row(court, record.position)
    assert (record.contract_ref, record.as_of, record.state) == (REF, OCTOBER.isoformat(), "live")
    assert row.author == "member/North"
    assert (record.chunk, record.stamp) == (b64(row.digest), instant_text(row.stamp))
    assert record.record == b64(record_of(court.hub.key_set, CONTRACT).record.leaf())
    logged = entry(court, record.leaf)
    assert (logged["kind"], logged["type"], logged["digest"]) == ("statement", "chunk", record.chunk)


def test_the_decision_shows_the_debtor_among_many_and_nobody_else(court: Court) -> None:
    answer = court.story.ask(court.north, "Mao", "Lin")
    court.open()

    signed = only(court.certify(CertificateKind.DECISION))

    said = signed.certificate.said
    assert isinstance(said, DecisionSaid)
    (decided,) = said.decisions
    assert (decided.manifest, decided.position, decided.subjects) == (answer.answer.manifest, 1, 2)
    message = standing_message(unb64(answer.answer.manifest), 1)
    verify(standing_key_of("Lin").public, message, unb64(decided.standing))
    assert (decided.agreement, decided.version, decided.allowed) == ("North", 1, True)
    logged = entry(court, decided.leaf)
    assert (logged["kind"], logged["manifest"], logged["at"]) == ("match", decided.manifest, decided.asked_at)
    assert (logged["clause"], logged["purpose"]) == (decided.clause, decided.purpose)
    assert b64(seed("pseudonym", "Mao")).encode() not in signed.canonical()


def test_neither_a_denied_question_nor_one_about_others_nor_anothers(court: Court) -> None:
    story = court.story
    story.ask(court.north, "Mao")
    story.ask(story.members["South"], "Lin")
    with pytest.raises(Exception, match="does not name the purpose"):
        story.ask(court.north, "Lin", request_id="request-0002", purpose="litigation")
    court.open()
    assert court.certify(CertificateKind.DECISION) == ()


def test_a_question_without_the_debtors_standing_signature_tells_nothing(court: Court) -> None:
    request = court.story.request(court.north, "Lin")
    moved = court.story.request(court.north, "Mao")
    with_mao = type(request)(manifest=request.manifest, signature=request.signature, standing=moved.standing)
    court.story.match(court.north, with_mao)
    court.open()
    assert court.certify(CertificateKind.DECISION) == ()


def test_the_agreement_is_certified_in_each_version_that_counted(court: Court) -> None:
    court.open()
    certificates = court.certify(CertificateKind.AGREEMENT)
    found = [each.certificate.said for each in certificates]
    # "North" allowed the record, "court" the matter.
    assert [said.terms.agreement for said in found if isinstance(said, AgreementSaid)] == ["North", "court"]
    for said in found:
        assert isinstance(said, AgreementSaid)
        stated = AgreementStatement(terms=said.terms, member_signature=said.member_signature)
        verify_terms(court.north.key.public, stated)
        logged = entry(court, said.leaf)
        assert (logged["type"], logged["position"]) == ("agreement", said.position)
        assert said.state == "active"


def test_a_flag_is_certified_without_its_narrative(court: Court) -> None:
    hand_in(court, flag=flag_of("North"))
    court.open()
    signed = only(court.certify(CertificateKind.FLAG))
    said = signed.certificate.said
    assert isinstance(said, FlagSaid)
    (flag,) = said.flags
    assert (flag.contract_ref, flag.flag, flag.category) == (REF, flag_of("North").id, "absconded")
    assert entry(court, flag.leaf)["position"] == flag.position
    assert flag_of("North").sealed.encode() not in signed.canonical()


def test_a_settlement_is_certified_with_the_members_statement(court: Court) -> None:
    court.open()
    row = court.story.alliance.state(court.north, Settlement(contract_ref=REF))
    said = only(court.certify(CertificateKind.SETTLEMENT)).certificate.said
    assert isinstance(said, SettlementSaid)
    (ended,) = said.ended
    assert (ended.contract_ref, ended.state, ended.position) == (REF, "settled", row.position)
    verify_statement(ended.statement, court.north.key.public)
    assert entry(court, ended.leaf)["digest"] == b64(ended.statement.digest())


def test_consent_and_notice_are_certified_by_digest(court: Court) -> None:
    court.open()
    said = only(court.certify(CertificateKind.NOTICE)).certificate.said
    assert isinstance(said, NoticeSaid)
    (noticed,) = said.notices
    assert (noticed.contract_ref, noticed.consent) == (REF, b64(seed("consent", CONTRACT)))
    assert noticed.notice is None


def test_only_the_matters_own_contracts(court: Court) -> None:
    hand_in(court, "North/second", debtor="Lin")
    court.open()
    said = only(court.certify(CertificateKind.RECORD)).certificate.said
    assert isinstance(said, RecordSaid)
    assert [record.contract_ref for record in said.records] == [REF]


def test_a_later_number_supersedes_when_the_register_says_something_else(court: Court) -> None:
    court.open()
    first = only(court.certify(CertificateKind.RECORD))
    hand_in(court)

    second = only(court.certify(CertificateKind.RECORD))

    assert (first.certificate.number, second.certificate.number) == (1, 2)
    assert second.certificate.supersedes == 1
    assert court.certify(CertificateKind.RECORD) == (second,)


def test_more_questions_make_a_further_certificate(court: Court) -> None:
    court.story.ask(court.north, "Lin")
    court.open()
    court.certify(CertificateKind.DECISION)
    assert court.why() == {}
    court.story.ask(court.north, "Lin", request_id="request-0002")
    # What was certified is still true, ...
    assert court.why() == {}
    said = only(court.certify(CertificateKind.DECISION)).certificate.said
    # ... and a later number says more.
    assert isinstance(said, DecisionSaid)
    assert len(said.decisions) == 2
    assert court.why() == {"decision": "corrected"}


def test_nothing_is_certified_in_a_matter_that_is_over(court: Court) -> None:
    court.open()
    court.clock.move(days=91)
    with pytest.raises(Conflict) as refused:
        court.certify()
    assert refused.value.slug == "matter-over"


@pytest.mark.parametrize(
    ("kinds", "order"), [((CertificateKind.EXISTENCE,), None), (EVERYTHING, COURT_ORDER)]
)
def test_an_order_belongs_to_existence(court: Court, kinds: Any, order: Any) -> None:
    court.open()
    with pytest.raises(Invalid) as refused:
        court.ask(*kinds, order=order)
    assert refused.value.field == "order"


def test_two_matters_about_one_debtor_number_for_themselves(court: Court) -> None:
    court.open()
    court.open(matter="matter-0002")
    court.certify(CertificateKind.RECORD)
    found = court.ask(CertificateKind.RECORD, matter="matter-0002").certificates
    assert (only(found).certificate.matter, only(found).certificate.number) == ("matter-0002", 1)


def test_no_entry_holds_pseudonym_or_contract(court: Court) -> None:
    court.story.ask(court.north, "Lin")
    court.open()
    court.certify()
    with court.hub.database.reading() as session:
        entries = session.scalars(select(LogRow.entry).where(LogRow.kind.in_(("matter", "certificate"))))
        together = b"".join(each or b"" for each in entries)
    assert together
    assert b64(seed("pseudonym", "Lin")).encode() not in together
    assert REF.encode() not in together
