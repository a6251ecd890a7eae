"""A certificate on paper: says what it says, in a form that is always the same, and waits for a font."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from alliance_hub.errors import Unavailable
from alliance_hub.matters import paper
from alliance_hub.matters.kinds import CertificateKind
from paper.errors import NoFont
from privacy.certificates import (
    AgreementSaid,
    AnySaid,
    Certificate,
    CourtOrder,
    Decided,
    DecisionSaid,
    Ended,
    ExistenceSaid,
    Flagged,
    FlagSaid,
    Noticed,
    NoticeSaid,
    Recorded,
    RecordSaid,
    SettlementSaid,
    SignedCertificate,
    sign_certificate,
)
from privacy.encoding import b64
from privacy.signing import SigningKey
from privacy.statements import Settlement, sign_statement
from tests.alliance_hub.builders import seed
from tests.terms import terms_of

AT = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
REF, LEAF = b64(seed("contract")), b64(seed("leaf"))
STAMP: dict[str, Any] = {"position": 7, "stamp": "2026-11-02T01:00:00Z", "leaf": LEAF}
STATEMENT = sign_statement(
    SigningKey(seed("north")),
    Settlement(contract_ref=REF),
    alliance="测试联盟",
    epoch=1,
    author="member/North",
    sequence=3,
    previous=None,
    signed_at=AT,
)
SAID: dict[CertificateKind, AnySaid] = {
    CertificateKind.AGREEMENT: AgreementSaid(
        terms=terms_of("North", AT), member_signature=b64(seed("s") * 2), state="active", **STAMP
    ),
    CertificateKind.DECISION: DecisionSaid(
        decisions=(
            Decided(
                manifest=b64(seed("manifest")),
                position=1,
                subjects=300,
                standing=b64(seed("standing") * 2),
                asked_at="2026-11-02T01:00:00Z",
                purpose="post_loan_management",
                agreement="data-0001",
                version=1,
                clause="purposes.post_loan_management",
                allowed=True,
                leaf=LEAF,
            ),
        )
    ),
    CertificateKind.RECORD: RecordSaid(
        records=(
            Recorded(contract_ref=REF, as_of="2026-10-31", state="live", record=REF, chunk=REF, **STAMP),
        )
    ),
    CertificateKind.FLAG: FlagSaid(
        flags=(Flagged(contract_ref=REF, flag=REF, version=1, category="absconded", **STAMP),)
    ),
    CertificateKind.SETTLEMENT: SettlementSaid(
        ended=(Ended(contract_ref=REF, state="settled", statement=STATEMENT, **STAMP),)
    ),
    CertificateKind.NOTICE: NoticeSaid(
        notices=(Noticed(contract_ref=REF, consent=b64(seed("consent")), notice=None, **STAMP),)
    ),
    CertificateKind.EXISTENCE: ExistenceSaid(
        order=CourtOrder(
            court="测试市人民法院", number="(2026)测01民初1号", ordered_on="2026-10-31", digest=REF
        ),
        held_elsewhere=True,
        position=9,
    ),
}


def certificate(kind: CertificateKind) -> SignedCertificate:
    said = Certificate(
        alliance="测试联盟",
        epoch=1,
        matter="matter-0001",
        number=4,
        issued_at="2026-11-02T01:30:00Z",
        supersedes=2,
        said=SAID[kind],
    )
    return sign_certificate(SigningKey(seed("hub")), said, leaf=seed("entry"))


def text_of(kind: CertificateKind) -> str:
    """Return all that the paper says, as the values it is set from."""
    return repr(paper.sheet_of(certificate(kind), synthetic=True))


def test_every_kind_has_its_paper() -> None:
    assert SAID.keys() == set(CertificateKind)


@pytest.mark.parametrize("kind", [CertificateKind.RECORD, CertificateKind.DECISION])
def test_the_same_certificate_gives_the_same_bytes(kind: CertificateKind) -> None:
    first = paper.render(certificate(kind), synthetic=False)
    assert first.startswith(b"%PDF-")
    assert paper.render(certificate(kind), synthetic=False) == first


@pytest.mark.parametrize("kind", CertificateKind)
def test_what_identifies_it_stands_on_it(kind: CertificateKind) -> None:
    signed, text = certificate(kind), text_of(kind)
    for each in (signed.leaf, signed.signature, b64(signed.certificate.sha256()), "matter-0001", "第 4 号"):
        assert each in text
    # 01:30 in UTC is 09:30 in Beijing.
    assert "2026-11-02 09:30:00" in text
    assert "第 2 号 (no. 2)" in text


FACTS: dict[CertificateKind, tuple[str, ...]] = {
    CertificateKind.AGREEMENT: ("测试小额贷款有限公司", "贷后管理", "第 1 版", LEAF),
    CertificateKind.DECISION: ("no. 2 of 300", "许可 allowed", b64(seed("manifest")), LEAF),
    CertificateKind.RECORD: (REF, "2026-10-31", "有效", "2026-11-02 09:00:00", LEAF),
    CertificateKind.FLAG: ("逃匿失联", REF, LEAF),
    CertificateKind.SETTLEMENT: ("已结清", REF, LEAF),
    CertificateKind.NOTICE: (b64(seed("consent")), "无 none", REF),
    CertificateKind.EXISTENCE: ("测试市人民法院", "(2026)测01民初1号", "有 yes", REF),
}


@pytest.mark.parametrize("kind", CertificateKind)
def test_its_facts_stand_on_it(kind: CertificateKind) -> None:
    text = text_of(kind)
    assert [each for each in FACTS[kind] if each not in text] == []


def test_made_up_data_are_called_so() -> None:
    signed = certificate(CertificateKind.RECORD)
    assert "虚构" in paper.sheet_of(signed, synthetic=True).banner
    assert paper.sheet_of(signed, synthetic=False).banner == ""


def test_without_a_font_the_hub_says_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> bytes:
        raise NoFont("install fonts-wqy-microhei")

    monkeypatch.setattr(paper, "set_on_paper", missing)
    with pytest.raises(Unavailable, match="fonts-wqy-microhei"):
        paper.render(certificate(CertificateKind.RECORD), synthetic=False)
