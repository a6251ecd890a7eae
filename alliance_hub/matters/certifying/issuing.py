"""Issue certificates: what the registers say now, signed, numbered and logged in one transaction.

Asked again, a standing certificate is handed out as it was; a new number is issued only where the register
says something else, or where the last one was superseded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from sqlalchemy.orm import Session

from alliance_hub.feed import service as feed
from alliance_hub.matters import reading
from alliance_hub.matters.certifying import agreement, decision, flag, notice, record, settlement
from alliance_hub.matters.certifying.facts import Case, Fact
from alliance_hub.matters.kinds import CertificateKind, Why
from alliance_hub.matters.models import MatterCertificate
from alliance_hub.transparency import service as transparency
from privacy.certificates import Certificate, SignedCertificate, sign_certificate
from privacy.encoding import Json, b64, instant_text, unb64
from privacy.logged import LogReceipt

CERTIFIERS: Mapping[CertificateKind, Callable[[Session, Case], list[Fact]]] = {
    CertificateKind.AGREEMENT: agreement.certify,
    CertificateKind.DECISION: decision.certify,
    CertificateKind.RECORD: record.certify,
    CertificateKind.FLAG: flag.certify,
    CertificateKind.SETTLEMENT: settlement.certify,
    CertificateKind.NOTICE: notice.certify,
}
"""Who reads what is certified; the existence of a match needs an order besides."""


def issue(session: Session, case: Case, kinds: Iterable[CertificateKind]) -> list[SignedCertificate]:
    """Return a certificate for all that is on record of these kinds; of what is not, there is none."""
    return [
        issue_fact(session, case, kind, fact)
        for kind in CertificateKind
        if kind in CERTIFIERS and kind in set(kinds)
        for fact in CERTIFIERS[kind](session, case)
    ]


def issue_fact(session: Session, case: Case, kind: CertificateKind, fact: Fact) -> SignedCertificate:
    """Return the certificate that says a fact: the one that stands, else a fresh one."""
    known = reading.certificates_of(session, case.row)
    last = _last(known, kind, fact.subject)
    if last is not None and last.superseded_at is None:
        signed = reading.certificate_of(last)
        if signed.certificate.said == fact.said:
            return signed
    certificate = Certificate(
        alliance=case.hub.key_set.alliance,
        epoch=case.hub.key_set.epoch,
        matter=case.row.reference,
        number=1 + len(known),
        issued_at=instant_text(case.now),
        supersedes=None if last is None else last.number,
        said=fact.said,
    )
    return _keep(session, case, kind, fact.subject, certificate, last)


def _keep(
    session: Session,
    case: Case,
    kind: CertificateKind,
    subject: str,
    certificate: Certificate,
    last: MatterCertificate | None,
) -> SignedCertificate:
    receipt = _log(session, case, kind, certificate)
    signed = sign_certificate(case.hub.keys.hub, certificate, leaf=unb64(receipt.leaf))
    row = MatterCertificate(
        matter=case.row.id,
        number=certificate.number,
        kind=kind,
        subject=subject,
        issued_at=case.now,
        position=feed.head(session).position,
        document=msgspec.json.encode(signed),
        log_leaf=unb64(receipt.leaf),
        superseded_at=None,
        why=None,
    )
    session.add(row)
    if last is not None and last.superseded_at is None:
        last.superseded_at, last.why = case.now, Why.CORRECTED
    session.flush()
    return signed


def _log(session: Session, case: Case, kind: CertificateKind, certificate: Certificate) -> LogReceipt:
    facts: Json = {
        "member": case.row.member,
        "matter": case.row.reference,
        "object": case.row.object,
        "number": certificate.number,
        "said": str(kind),
        "certificate": b64(certificate.sha256()),
    }
    return transparency.record_entry(session, "certificate", facts, now=case.now)


def _last(
    known: Sequence[MatterCertificate], kind: CertificateKind, subject: str
) -> MatterCertificate | None:
    same = (each for each in reversed(known) if (each.kind, each.subject) == (kind, subject))
    return next(same, None)
