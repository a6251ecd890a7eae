"""The evidence bundle of one matter: everything that a court needs, in one file, sealed by the member.

Documents go in byte for byte; around them stand what the hub certified, the log that bears it out, the
identity opening, two reports and a seal that binds every byte. For the same inputs and time it is the same
file to the last byte; only an outside authority's time stamps differ. See docs/bundle.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from member.errors import Refused
from member.files.atomic import replacing
from member.matters import bag, keeping, pades
from member.matters.bag import Content, Document
from member.matters.certificate import Certificate, own_certificate
from member.matters.folder import Prepared
from member.matters.keeping import Kept
from member.matters.report import report
from member.matters.report.facts import Facts
from member.matters.stamping import Authority, stamp
from member.member import Member
from paper.blocks import Language
from paper.sheet import render
from privacy.encoding import Json, b64, canonical, instant_text, parse_instant
from privacy.evidence import IdentityOpening, MatterEvidence, Seal, SignedSeal, sign_seal, trust_in
from privacy.messages import Message
from privacy.periods import day_of
from verifier.alliance_verify import verify_file

_SOFTWARE = "Alliance Hub 1"
_LANGUAGES = {"zh": Language.CHINESE, "en": Language.ENGLISH}


def assemble(
    member: Member,
    prepared: Prepared,
    evidence: MatterEvidence,
    papers: Mapping[int, bytes],
    target: Path,
    *,
    at: datetime,
    authority: Authority | None = None,
    certificate: Certificate | None = None,
) -> SignedSeal:
    """Write a matter's bundle to `target`, whole or not at all, and return its seal.

    `papers` are the certificates as the hub sets them, by number; `at` is the time that all of it bears.
    Without a certificate the reports are signed with one that the member makes itself. Raises Refused for
    parts that do not belong together, a document that was changed, or whatever a court's verifier would not
    accept; and what the authority's stamp raises.
    """
    kept = keeping.get(member.vault, prepared.case.matter)
    opening = _opening(kept)
    _require_fitting(prepared, evidence, kept, at)
    signer = certificate or own_certificate(member.vault, at=at)
    facts = Facts(
        prepared=prepared,
        evidence=evidence,
        opening=opening,
        key_set=member.key_set,
        at=at,
        certificate=signer,
        stamped=authority is not None,
    )
    files = bag.bag({**_payload(facts, papers, authority), **_evidence(member, facts)}, _info(facts))
    tagmanifest = bag.tag_manifest(files)
    stamped = None if authority is None else stamp(authority, tagmanifest)
    seal = _seal(member, facts, tagmanifest, stamped)
    files[bag.SEAL] = seal.canonical()
    if stamped is not None:
        files[bag.TIME_STAMP] = stamped
    _write(member, target, prepared.case.matter, files)
    return seal


def seal_digest(seal: SignedSeal) -> bytes:
    """Return SHA-256 of a bundle's seal.json: by it the hub, lawyers and courts name the bundle."""
    return hashlib.sha256(seal.canonical()).digest()


def _opening(kept: Kept) -> IdentityOpening:
    if kept.opening is None or kept.request is None:
        raise Refused(
            "the matter is not open at the hub yet: run alliance-member matters open", rule="matter"
        )
    return kept.opening


def _require_fitting(prepared: Prepared, evidence: MatterEvidence, kept: Kept, at: datetime) -> None:
    """Raise Refused unless case, evidence and opening are of one matter, debtor and set of contracts."""
    case, request = prepared.case, evidence.request.request
    if evidence.request != kept.request or case.matter != request.matter:
        raise Refused("the evidence is of another matter: fetch it again", rule="matter")
    if tuple(loan.contract_ref for loan in case.loans) != request.contracts:
        raise Refused(
            "the case names other contracts than the matter was opened for: mend the case, or open another",
            rule="contract",
        )
    if f"v1|{case.debtor.identifier_kind}|{case.debtor.identifier}" != kept.input:
        raise Refused("the case's first respondent is not the debtor of this matter", rule="debtor")
    steps = [parse_instant(step.at) for step in prepared.custody]
    if any(step > at for step in steps):
        raise Refused("the custody log reaches into the future: set this machine's clock", rule="clock")


def _payload(facts: Facts, papers: Mapping[int, bytes], authority: Authority | None) -> dict[str, Content]:
    """Return documents, reports, the form and the certificates on paper."""
    prepared, files = facts.prepared, dict[str, Content]()
    for item in prepared.items:
        files[item.path] = Document(prepared.documents[item.path], item.size, item.sha_256)
    for name, language in _LANGUAGES.items():
        sheet = render(report(facts, language))
        files[f"data/report.{name}.pdf"] = pades.sign(
            sheet, facts.certificate, at=facts.at, authority=authority
        )
    if prepared.application is not None:
        files["data/application.pdf"] = prepared.application
    for signed in facts.evidence.certificates:
        number, kind = signed.certificate.number, facts.kind_of(signed)
        if number in papers:
            files[f"data/certificates/{number:02d}-{kind}.pdf"] = papers[number]
    return files


def _evidence(member: Member, facts: Facts) -> dict[str, Content]:
    """Return what programs read: canonical JSON, without a newline at its end."""
    found, prepared = facts.evidence, facts.prepared
    files: dict[str, Content] = {
        "matter.json": found.request.canonical(),
        "membership.json": _list(found.membership),
        "certificates.json": _list(found.certificates),
        "log.json": _list(found.proofs),
        "checkpoint.txt": found.checkpoint.encode(),
        "key-set.json": member.settings.key_set.canonical(),
        "opening.json": facts.opening.canonical(),
        "items.json": _list(prepared.items),
        "custody.json": _list(prepared.custody),
        "case.json": prepared.case.canonical(),
    }
    if found.anchor is not None:
        files["anchor.json"] = found.anchor.canonical()
    return {f"evidence/{name}": content for name, content in files.items()}


def _list(messages: Sequence[Message]) -> bytes:
    documents: list[Json] = [message.document() for message in messages]
    return canonical(documents)


def _info(facts: Facts) -> dict[str, str]:
    case = facts.prepared.case
    return {
        "Source-Organization": case.member,
        "Bagging-Date": day_of(facts.at).isoformat(),
        "External-Identifier": case.matter,
        "Bag-Software-Agent": _SOFTWARE,
        "Internal-Sender-Description": "Evidence bundle; begin with data/report.zh.pdf or data/report.en.pdf",
    }


def _seal(member: Member, facts: Facts, tagmanifest: bytes, stamped: bytes | None) -> SignedSeal:
    seal = Seal(
        version=1,
        alliance=member.key_set.alliance,
        epoch=member.key_set.epoch,
        matter=facts.prepared.case.matter,
        member=member.name,
        sealed_at=instant_text(facts.at),
        tagmanifest=_sha256(tagmanifest),
        timestamp=None if stamped is None else _sha256(stamped),
    )
    return sign_seal(member.keys.signing, seal)


def _sha256(data: bytes) -> str:
    return b64(hashlib.sha256(data).digest())


def _write(member: Member, target: Path, matter: str, files: Mapping[str, Content]) -> None:
    total = sum(map(bag.size_of, files.values()))
    with (
        member.report.step(f"Writing {target.name}", total) as advance,
        replacing(target) as beside,
        beside.open("wb") as stream,
    ):
        bag.write(stream, matter, files, advance)
        stream.flush()
        _require_accepted(member, beside)


def _require_accepted(member: Member, path: Path) -> None:
    """Have the court's own verifier judge a bundle before it leaves the house; raises Refused."""
    trust: Json = json.loads(trust_in(member.key_set).canonical())
    failed = verify_file(str(path), trust).failed
    if failed is not None:
        raise Refused(
            "a court's verifier would not accept this bundle, so it was not written. "
            f"{failed.title.said('en')}: {failed.detail.said('en')}",
            rule="verify",
        )
