"""A certificate as paper: A4, Chinese first, English beside it, the hub's watermark across every page.

Only certificates bear a watermark: documents of a bundle stay byte for byte what they were. The paper is a
view: what is signed is the certificate itself, whose digest stands on it.
"""

from __future__ import annotations

from alliance_hub.errors import Unavailable
from alliance_hub.matters.kinds import CertificateKind
from alliance_hub.matters.wording import SCOPES, TITLES, blocks, moment
from paper.blocks import Block, Facts, Heading, Language, Paragraph, Sheet, Tone
from paper.errors import NoFont
from paper.sheet import render as set_on_paper
from privacy.certificates import Certificate, SignedCertificate
from privacy.encoding import b64, parse_instant

MADE_UP = "演示数据，均为虚构 · Made-up data"

_NOT_PROVED = (
    "本证明由联盟中心依登记出具，只表明所列事项在何时登记以及此后未被改动；不证明债务成立，"
    "不证明会员所持文件真实。是否已被后续证明替代，请向出具本证明的会员或其律师查询。"
)
_NOT_PROVED_IN_ENGLISH = (
    "The hub certifies what is on record: when it was recorded, and that it has not been changed since. It "
    "proves neither the debt nor that a document is true. Ask the member or its lawyer whether a later "
    "certificate supersedes this one."
)
_CHECK = (
    "核验：证据包中的 certificates.json 载有本证明及中心签名；日志叶值在 log.json 中附有包含证明，"
    "可用核验程序 alliance-verify 离线核验。"
)
_CHECK_IN_ENGLISH = (
    "To check: certificates.json in the evidence bundle holds this certificate with the hub's signature, "
    "log.json the proof of each log entry; alliance-verify checks both offline."
)


def render(signed: SignedCertificate, *, synthetic: bool) -> bytes:
    """Return a certificate as a PDF, the same bytes each time; raises Unavailable without a font."""
    try:
        return set_on_paper(sheet_of(signed, synthetic=synthetic))
    except NoFont as error:
        raise Unavailable(f"the hub cannot set paper now: {error}", slug="no-font") from error


def sheet_of(signed: SignedCertificate, *, synthetic: bool) -> Sheet:
    """Return what the paper says."""
    certificate = signed.certificate
    kind = CertificateKind(certificate.said.document()["kind"])
    chinese, english = TITLES[kind]
    return Sheet(
        title=chinese,
        subtitle=f"Certificate no. {certificate.number} · {english}",
        blocks=tuple(_blocks(signed, kind)),
        foot=f"{certificate.alliance} · {certificate.matter} · 第 {certificate.number} 号",
        language=Language.CHINESE,
        banner=MADE_UP if synthetic else "",
        watermark=f"联盟中心证明 {certificate.matter} 第 {certificate.number} 号",
        author=certificate.alliance,
        at=parse_instant(certificate.issued_at),
    )


def _blocks(signed: SignedCertificate, kind: CertificateKind) -> list[Block]:
    certificate = signed.certificate
    chinese, english = SCOPES[kind]
    return [
        Facts(_facts(certificate)),
        Paragraph(chinese, Tone.NOTICE),
        Paragraph(english, Tone.SMALL),
        Heading("证明事项 What is certified"),
        *blocks(certificate.said),
        Heading("出具与核验 How it is signed and checked"),
        Facts(
            (
                ("证明摘要 SHA-256", b64(certificate.sha256())),
                ("日志叶值 Log entry", signed.leaf),
                ("中心签名 Signature", signed.signature),
            ),
            code=True,
        ),
        Paragraph(_NOT_PROVED),
        Paragraph(_NOT_PROVED_IN_ENGLISH, Tone.SMALL),
        Paragraph(_CHECK),
        Paragraph(_CHECK_IN_ENGLISH, Tone.SMALL),
    ]


def _facts(certificate: Certificate) -> tuple[tuple[str, str], ...]:
    rows = [
        ("联盟 Alliance", f"{certificate.alliance}（密钥期 epoch {certificate.epoch}）"),
        ("案件 Matter", certificate.matter),
        ("证明编号 Number", f"第 {certificate.number} 号"),
        ("出具时间 Issued", f"{moment(certificate.issued_at)}（北京时间 UTC+8）"),
    ]
    if certificate.supersedes is not None:
        rows.append(("替代 Supersedes", f"第 {certificate.supersedes} 号 (no. {certificate.supersedes})"))
    return tuple(rows)
