"""The hub's side of matters as a member meets it: requests, certificates, evidence over its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from member import Member
from privacy import statements
from privacy.certificates import (
    AgreementSaid,
    AnySaid,
    Certificate,
    CourtOrder,
    Decided,
    DecisionSaid,
    Ended,
    ExistenceSaid,
    Noticed,
    NoticeSaid,
    Recorded,
    RecordSaid,
    SettlementSaid,
    SignedCertificate,
    sign_certificate,
)
from privacy.encoding import b64, instant_text, unb64
from privacy.evidence import MatterEvidence, SignedMatterRequest, verify_matter
from privacy.logged import LogProof, LogReceipt
from privacy.messages import parse_json
from privacy.signing import SigningKey
from privacy.statements import Acceptance, Enrolment, SignedStatement, countersign, custodian_author
from privacy.terms import sign_terms
from tests.feeds import secret
from tests.member.conftest import Alliance
from tests.member.server import Problem, Received

PAPER = b"%PDF-1.7 certificate "


@dataclass
class Court:
    """Answers for matters at an alliance's hub. `pending`: how often it asks to come back for evidence."""

    alliance: Alliance
    member: Member
    requests: dict[str, SignedMatterRequest] = field(default_factory=dict)
    receipts: dict[str, LogReceipt] = field(default_factory=dict)
    certificates: dict[str, list[SignedCertificate]] = field(default_factory=dict)
    reported: list[dict[str, Any]] = field(default_factory=list)
    shown: list[LogReceipt] = field(default_factory=list)
    pending: int = 0
    refuses: Problem | None = None
    evidence_changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hub = self.alliance.hub
        self.membership = self._membership()
        matter = "/v1/matters/([^/]+)"
        self.hub.routes |= {
            ("POST", "/v1/matters"): self.open,
            ("GET", "/v1/matters"): self.list_all,
            ("GET", matter): self.show,
            ("POST", f"{matter}/certificates"): self.certify,
            ("GET", f"{matter}/certificates/([0-9]+)/paper"): self.paper,
            ("GET", f"{matter}/evidence"): self.evidence,
            ("POST", f"{matter}/(bundles|deliveries|close)"): self.report,
        }

    def open(self, received: Received) -> Any:
        if self.refuses is not None:
            raise self.refuses
        signed = parse_json(SignedMatterRequest, received.body)
        request = signed.request
        verify_matter(signed, self.member.keys.signing.public)
        if request.matter in self.requests:
            if self.requests[request.matter] != signed:
                raise Problem(409, "reference-taken")
            return self._opened(request.matter)
        self.requests[request.matter] = signed
        entry = {
            "kind": "matter",
            "member": request.member,
            "matter": request.matter,
            "object": f"matter/{request.matter}",
            "request": b64(request.sha256()),
            "signature": signed.signature,
            "key": b64(self.member.keys.signing.public),
        }
        self.receipts[request.matter] = self.hub.receipt(entry)
        return self._opened(request.matter)

    def list_all(self, received: Received) -> Any:
        # Pages of two, so that a reader that stops after the first is found out.
        after = int(received.query.get("after", 0))
        page = list(self.requests)[after : after + 2]
        return {
            "matters": [self._opened(matter) for matter in page],
            "next": after + 2 if len(page) == 2 else None,
        }

    def show(self, received: Received) -> Any:
        (matter,) = received.groups
        shown = [
            {"number": each.certificate.number, "kind": _kind(each.certificate.said), "issued_at": "x"}
            for each in self.certificates.get(matter, [])
        ]
        return self._opened(matter) | {"certificates": shown, "bundles": []}

    def certify(self, received: Received) -> Any:
        (matter,) = received.groups
        asked = msgspec.json.decode(received.body)
        assert asked["recipient"] == "hub"
        known = self.certificates.setdefault(matter, [])
        have = {_kind(each.certificate.said) for each in known}
        waiting = []
        for kind in asked["kinds"]:
            if kind == "existence" and asked["order"] is None:
                waiting.append(kind)
            elif kind not in have:
                known.append(self._sign(matter, len(known) + 1, self._said(kind, matter, asked["order"])))
        return {"certificates": known, "waiting": waiting}

    def paper(self, received: Received) -> bytes:
        return PAPER + received.groups[1].encode()

    def evidence(self, received: Received) -> Any:
        if self.pending:
            self.pending -= 1
            at = instant_text(self.alliance.clock() + timedelta(seconds=3))
            raise Problem(503, "checkpoint-pending", "ask again", retry_at=at)
        (matter,) = received.groups
        note = self.hub.log.paper.counted(at=self.alliance.clock(), by=(1, 3))
        found = MatterEvidence(
            request=self.requests[matter],
            membership=self.membership,
            certificates=tuple(self.certificates.get(matter, [])),
            proofs=tuple(self._proof(each) for each in self._named(matter)),
            checkpoint=note.text(),
            anchor=None,
        )
        return msgspec.structs.replace(found, **self.evidence_changes)

    def report(self, received: Received) -> LogReceipt:
        matter, what = received.groups
        body = msgspec.json.decode(received.body)
        assert body["recipient"] == "hub"
        self.reported.append({"matter": matter, "what": what, **body})
        return self.hub.receipt({"kind": "bundle", "matter": matter})

    def _opened(self, matter: str) -> dict[str, Any]:
        request = self.requests[matter].request
        return {
            "matter": matter,
            "state": "open",
            "kind": request.kind,
            "opened_at": request.opened_at,
            "until": request.until,
            "law_firm": request.law_firm,
            "lawyers": list(request.lawyers),
            "receipt": self.receipts[matter],
        }

    def _named(self, matter: str) -> list[LogReceipt]:
        """Return the entries that a matter's evidence shows: its opening, certificates, what they rest on."""
        named = {each.leaf for each in self.certificates.get(matter, [])}
        return [
            self.receipts[matter],
            *(each for each in self.shown if each.leaf in named or each.entry["kind"] != "certificate"),
        ]

    def _proof(self, receipt: LogReceipt) -> LogProof:
        paper = self.hub.log.paper
        index, path = paper.inclusion(unb64(receipt.leaf), paper.size)
        return LogProof(receipt=receipt, index=index, path=tuple(map(b64, path)))

    def _sign(self, matter: str, number: int, said: AnySaid) -> SignedCertificate:
        certificate = Certificate(
            alliance=self.alliance.key_set.alliance,
            epoch=1,
            matter=matter,
            number=number,
            issued_at=instant_text(self.alliance.clock()),
            supersedes=None,
            said=said,
        )
        entry = {
            "kind": "certificate",
            "matter": matter,
            "number": number,
            "said": _kind(said),
            "certificate": b64(certificate.sha256()),
        }
        receipt = self.hub.receipt(entry)
        self.shown.append(receipt)
        return sign_certificate(self.hub.key, certificate, leaf=unb64(receipt.leaf))

    def _said(self, kind: str, matter: str, order: Any) -> AnySaid:
        return getattr(self, f"_{kind}")(self.requests[matter], order)  # type: ignore[no-any-return]

    def _agreement(self, signed: SignedMatterRequest, order: Any) -> AgreementSaid:
        (terms, state), *_ = self.hub.offers.values()
        return AgreementSaid(
            terms=terms,
            member_signature=sign_terms(self.member.keys.signing, terms),
            position=5,
            stamp=instant_text(self.alliance.clock()),
            state=state,
            leaf=self._stated("secretariat", "agreement", 5, 3, secret("agreement")),
        )

    def _record(self, signed: SignedMatterRequest, order: Any) -> RecordSaid:
        leaf = self._stated(self._author, "chunk", 8, 5, secret("chunk"))
        stamp = instant_text(self.alliance.clock())
        common = {
            "as_of": "2026-11-01",
            "state": "live",
            "record": b64(secret("r")),
            "chunk": b64(secret("c")),
        }
        records = [
            Recorded(contract_ref=ref, position=8, stamp=stamp, leaf=leaf, **common)
            for ref in signed.request.contracts
        ]
        return RecordSaid(records=tuple(records))

    def _notice(self, signed: SignedMatterRequest, order: Any) -> NoticeSaid:
        leaf = self._stated(self._author, "chunk", 10, 7, secret("another chunk"))
        at = instant_text(self.alliance.clock())
        ref, consent = signed.request.contracts[0], b64(secret("consent"))
        noticed = Noticed(contract_ref=ref, consent=consent, notice=None, position=10, stamp=at, leaf=leaf)
        return NoticeSaid(notices=(noticed,))

    def _settlement(self, signed: SignedMatterRequest, order: Any) -> SettlementSaid:
        return SettlementSaid(ended=tuple[Ended, ...]())

    def _decision(self, signed: SignedMatterRequest, order: Any) -> DecisionSaid:
        return DecisionSaid(decisions=tuple[Decided, ...]())

    def _existence(self, signed: SignedMatterRequest, order: Any) -> ExistenceSaid:
        return ExistenceSaid(order=msgspec.convert(order, CourtOrder), held_elsewhere=True, position=9)

    @property
    def _author(self) -> str:
        return statements.member_author(self.member.name)

    def _stated(self, author: str, kind: str, position: int, sequence: int, digest: bytes) -> str:
        facts = {"author": author, "sequence": sequence, "type": kind, "position": position}
        receipt = self.hub.receipt({"kind": "statement", "digest": b64(digest), **facts})
        self.shown.append(receipt)
        return receipt.leaf

    def _membership(self) -> tuple[SignedStatement, ...]:
        body = self.hub.enrolment
        assert isinstance(body, Enrolment)
        secretariat = SigningKey(secret(statements.SECRETARIAT, "signing"))
        own = self._statement(body, self.member.keys.signing, self._author, 0)
        enrolment = countersign(own, secretariat)
        accepted = [
            self._statement(
                Acceptance(enrolment=b64(enrolment.digest())),
                SigningKey(secret(custodian_author(index), "signing")),
                custodian_author(index),
                4,
            )
            for index in (1, 2)
        ]
        return enrolment, *accepted

    def _statement(self, body: Any, key: SigningKey, author: str, sequence: int) -> SignedStatement:
        return statements.sign_statement(
            key,
            body,
            alliance=self.alliance.key_set.alliance,
            epoch=1,
            author=author,
            sequence=sequence,
            previous=secret("previous") if sequence else None,
            signed_at=self.alliance.clock() - timedelta(days=30),
        )


def _kind(said: AnySaid) -> str:
    return str(said.__struct_config__.tag)
