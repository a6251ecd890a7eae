"""One matter from enrolment to seal, made of real keys and real proofs: what the verifier is tested with.

Nothing here comes from the member's assembly or the hub: only `privacy` and the forms, so that a bundle is
there before either. The story: 南方小贷 enrols, changes its key, asks about a debtor, and goes to court.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from privacy import merkle, oprf, request_signing
from privacy.ceremony import receive
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
from privacy.checkpoint import (
    Checkpoint,
    Note,
    cosign,
    custodian_name,
    log_origin,
    member_name,
    sign_checkpoint,
)
from privacy.encoding import Json, b64, instant_text, unb64
from privacy.evaluating import EvaluationRequest, sign_evaluation
from privacy.evidence import (
    Anchor,
    IdentityOpening,
    MatterKind,
    MatterRequest,
    SignedMatterRequest,
    sign_matter,
)
from privacy.keyset import KeySet, SignedKeySet
from privacy.logged import LogProof, LogReceipt, entry_leaf
from privacy.matching import Manifest, sign_match
from privacy.signing import SigningKey
from privacy.statements import (
    Acceptance,
    AnyBody,
    Enrolment,
    Rotation,
    Settlement,
    SignedStatement,
    countersign,
    custodian_author,
    sign_statement,
)
from privacy.terms import sign_terms
from tests.privacy.samples import ALLIANCE, SEALING, SOUTH, TERMS, dealt, key, seed, sign_by_all, text

ENROLLED = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
ROTATED = datetime(2026, 10, 15, 2, 0, tzinfo=UTC)
ASKED = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
OPENED = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
CHECKPOINT = datetime(2026, 11, 2, 2, 1, tzinfo=UTC)
SEALED = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)

FIRST_KEY, SECOND_KEY, RECOVERY = key("south/signing"), key("south/signing/2"), key("south/recovery")

IDENTIFIER = "00000019900101001X"
"""Of area 000000, which is never assigned: nobody's."""


@dataclass
class Log:
    """The hub's log: entries under salts, and the proofs of those that a matter shows."""

    entries: list[Json] = field(default_factory=list)
    salts: list[bytes] = field(default_factory=list)

    def record(self, kind: str, at: datetime, **facts: Any) -> bytes:
        """Write an entry and return its leaf."""
        self.entries.append({"kind": kind, "at": instant_text(at), **facts})
        self.salts.append(seed(f"salt/{len(self.salts)}"))
        return self.leaves[-1]

    @property
    def leaves(self) -> list[bytes]:
        """The tree's leaves."""
        return [entry_leaf(entry, salt) for entry, salt in zip(self.entries, self.salts, strict=True)]

    def proof(self, index: int) -> LogProof:
        """Return an entry with the path to the newest root."""
        leaves = self.leaves
        receipt = LogReceipt(entry=self.entries[index], salt=b64(self.salts[index]), leaf=b64(leaves[index]))
        path = tuple(map(b64, merkle.inclusion_path(leaves, index)))
        return LogProof(receipt=receipt, index=index, path=path)


@dataclass(frozen=True)
class Story:
    """What a bundle's evidence is made of."""

    signed_key_set: SignedKeySet
    membership: tuple[SignedStatement, ...]
    opening: IdentityOpening
    request: SignedMatterRequest
    certificates: tuple[SignedCertificate, ...]
    log: Log
    shown: tuple[int, ...]
    """Numbers of the log entries that the bundle shows."""
    note: Note
    anchor: Anchor

    @property
    def key_set(self) -> KeySet:
        return self.signed_key_set.key_set


@cache
def told(matter: str = "south-2026-0001", debtor: str = IDENTIFIER) -> Story:
    """Tell the whole story; the same every time but for the blinding of custodians' proofs."""
    key_set = dealt().key_set
    membership = _membership()
    opening, output = opened(key_set, debtor)
    log = Log()
    leaves = _feed(log, membership)
    log.record("officer_signed_in", ASKED, officer="association/001")
    decided = _asked(log, key_set, output)
    request = _request(key_set, matter, opening, output)
    logged = {
        "member": SOUTH,
        "matter": matter,
        "object": f"matter/{matter}",
        "request": b64(request.request.sha256()),
        "signature": request.signature,
        "key": b64(SECOND_KEY.public),
    }
    log.record("matter", OPENED, **logged)
    anchored = _note(key_set, log, ASKED)
    certificates = _certified(log, key_set, matter, leaves, decided)
    log.record("officer_signed_in", CHECKPOINT, officer="association/002")
    old = anchored.checkpoint.size
    anchor = Anchor(
        note=anchored.text(),
        token=b64(b"token over " + hashlib.sha256(anchored.checkpoint.text().encode()).digest()),
        anchored_at=instant_text(CHECKPOINT),
        consistency=tuple(map(b64, merkle.consistency_path(log.leaves, old))),
    )
    shown = tuple(i for i, entry in enumerate(log.entries) if entry["kind"] != "officer_signed_in")
    return Story(
        sign_by_all(key_set),
        membership,
        opening,
        request,
        certificates,
        log,
        shown,
        _note(key_set, log, CHECKPOINT),
        anchor,
    )


def contract_ref(number: int) -> str:
    """Return the keyed hash of a contract's number."""
    return text(f"contract/{number}")


def _said(body: AnyBody, by: SigningKey, author: str, sequence: int, at: datetime) -> SignedStatement:
    return sign_statement(
        by,
        body,
        alliance=ALLIANCE,
        epoch=1,
        author=author,
        sequence=sequence,
        previous=seed("previous") if sequence else None,
        signed_at=at,
    )


def _membership() -> tuple[SignedStatement, ...]:
    author = f"member/{SOUTH}"
    body = Enrolment(
        member=SOUTH,
        signing=b64(FIRST_KEY.public),
        recovery=b64(RECOVERY.public),
        sealing=text("sealing"),
        control_group="南方集团",
        declared_portfolio=250_000,
    )
    enrolment = countersign(_said(body, FIRST_KEY, author, 0, ENROLLED), key("secretariat"))
    accepted = [
        _said(
            Acceptance(enrolment=b64(enrolment.digest())),
            key(f"witness/{i}"),
            custodian_author(i),
            4,
            ENROLLED + timedelta(hours=i),
        )
        for i in (2, 3)
    ]
    renewed = Rotation(
        signing=b64(SECOND_KEY.public), recovery=b64(RECOVERY.public), sealing=text("sealing/2")
    )
    return enrolment, *accepted, _said(renewed, FIRST_KEY, author, 7, ROTATED)


def opened(key_set: KeySet, debtor: str) -> tuple[IdentityOpening, bytes]:
    """Evaluate an identifier in a batch of one, by custodians 1 and 3."""
    data = f"v1|RESIDENT_ID|{debtor}".encode()
    blinded = oprf.blind(data)
    answers, elements = [], []
    for index in (1, 3):
        shares = receive(
            SEALING[index], dealt().sealed[index], key_set, witness=key(f"witness/{index}").public
        )
        evaluation = oprf.evaluate(unb64(shares.oprf), [blinded.element])
        asked = EvaluationRequest(
            recipient=f"custodian/{index}",
            epoch=1,
            key_set=b64(key_set.digest),
            request_id="request-0001",
            elements=(b64(blinded.element),),
        )
        answers.append(sign_evaluation(key(f"witness/{index}"), asked, evaluation, custodian=index))
        elements.append((index, evaluation.elements[0]))
    opening = IdentityOpening(
        alliance=ALLIANCE,
        epoch=1,
        key_set=b64(key_set.digest),
        suite=oprf.SUITE,
        input=data.decode(),
        blind=b64(blinded.blind),
        element=b64(blinded.element),
        evaluations=tuple(answers),
    )
    return opening, oprf.combine_and_finalize(data, blinded.blind, elements)


def _feed(log: Log, membership: tuple[SignedStatement, ...]) -> dict[str, bytes]:
    """Log what stands on the feed, and return the leaves of what certificates rest on."""

    def stated(author: str, kind: str, position: int, sequence: int, digest: str, at: datetime) -> bytes:
        facts = {"author": author, "sequence": sequence, "type": kind, "position": position, "digest": digest}
        return log.record("statement", at, **facts)

    settled = settlement_statement()
    south = f"member/{SOUTH}"
    stated(south, "enrolment", 1, 0, b64(membership[0].digest()), ENROLLED)
    return {
        "agreement": stated("secretariat", "agreement", 5, 3, text("agreement"), ENROLLED),
        "chunk": stated(south, "chunk", 8, 5, text("chunk"), ROTATED),
        "settlement": stated(south, "settlement", 9, 9, b64(settled.digest()), ASKED),
    }


def settlement_statement() -> SignedStatement:
    """Return the member's word that its second contract is paid."""
    return _said(Settlement(contract_ref=contract_ref(2)), SECOND_KEY, f"member/{SOUTH}", 9, ASKED)


def _asked(log: Log, key_set: KeySet, output: bytes) -> Decided:
    """Ask about two debtors, of whom this one is the second."""
    manifest = Manifest(
        alliance=ALLIANCE,
        epoch=1,
        key_set=b64(key_set.digest),
        request_id="south-2026-11-0001",
        member=SOUTH,
        agreement=TERMS.agreement,
        purpose="litigation",
        case="",
        period="2026-11",
        requested_at=instant_text(ASKED),
        unpacked=False,
        subjects=(text("another pseudonym"), b64(output[:32])),
    )
    request = sign_match(SECOND_KEY, manifest, [seed("another standing"), output[32:]])
    facts: dict[str, Any] = {
        "manifest": b64(manifest.sha256()),
        "subjects": 2,
        "purpose": manifest.purpose,
        "agreement": manifest.agreement,
        "version": 1,
        "clause": "purposes",
        "allowed": True,
    }
    base, signature = _request_signature(SECOND_KEY)
    more = {"unpacked": False, "position": 9, "signature_base": base, "signature": signature}
    leaf = log.record("match", ASKED, member=SOUTH, **facts, **more)
    standing = request.standing[1]
    return Decided(position=1, standing=standing, asked_at=instant_text(ASKED), leaf=b64(leaf), **facts)


def _request_signature(by: SigningKey) -> tuple[str, str]:
    """Return what the member's tool signs when it posts a match (RFC 9421)."""
    request = request_signing.Request("POST", "https://hub.example/v1/matches")
    digest = request_signing.content_digest([b"{}"])
    headers = request_signing.sign(request, digest=digest, key=by, now=ASKED)
    sent = request_signing.Request("POST", "https://hub.example/v1/matches", headers)
    found = request_signing.verify(sent, digest=digest, find_key=lambda _: by.public, now=ASKED)
    return found.base, found.signature


def _request(key_set: KeySet, matter: str, opening: IdentityOpening, output: bytes) -> SignedMatterRequest:
    request = MatterRequest(
        alliance=ALLIANCE,
        epoch=1,
        key_set=b64(key_set.digest),
        matter=matter,
        member=SOUTH,
        kind=MatterKind.LITIGATION,
        pseudonym=b64(output[:32]),
        standing_key=b64(SigningKey(output[32:]).public),
        contracts=(contract_ref(1), contract_ref(2)),
        opening=b64(opening.sha256()),
        law_firm="示范律师事务所",
        lawyers=("L001",),
        opened_at=instant_text(OPENED),
        until=instant_text(OPENED + timedelta(days=365)),
    )
    return sign_matter(SECOND_KEY, request)


def _certified(
    log: Log, key_set: KeySet, matter: str, leaves: dict[str, bytes], decided: Decided
) -> tuple[SignedCertificate, ...]:
    """Let the hub certify one fact of every kind."""
    signed = []
    for number, said in enumerate(_facts(leaves, decided), 1):
        certificate = Certificate(
            alliance=ALLIANCE,
            epoch=1,
            matter=matter,
            number=number,
            issued_at=instant_text(OPENED),
            supersedes=None,
            said=said,
        )
        leaf = log.record(
            "certificate",
            OPENED,
            matter=matter,
            number=number,
            said=said.document()["kind"],
            certificate=b64(certificate.sha256()),
        )
        signed.append(sign_certificate(key("hub"), certificate, leaf=leaf))
    return tuple(signed)


def _facts(leaves: dict[str, bytes], decided: Decided) -> list[AnySaid]:
    chunk: dict[str, Any] = {"position": 8, "stamp": instant_text(ROTATED), "leaf": b64(leaves["chunk"])}
    first = {"contract_ref": contract_ref(1), **chunk}
    return [
        AgreementSaid(
            terms=TERMS,
            member_signature=sign_terms(FIRST_KEY, TERMS),
            position=5,
            stamp=instant_text(ENROLLED),
            state="active",
            leaf=b64(leaves["agreement"]),
        ),
        DecisionSaid(decisions=(decided,)),
        RecordSaid(
            records=(
                Recorded(
                    as_of="2026-10-14", state="live", record=text("record"), chunk=text("root"), **first
                ),
            )
        ),
        FlagSaid(flags=(Flagged(flag=text("flag"), version=1, category="absconded", **first),)),
        SettlementSaid(
            ended=(
                Ended(
                    contract_ref=contract_ref(2),
                    state="settled",
                    position=9,
                    stamp=instant_text(ASKED),
                    statement=settlement_statement(),
                    leaf=b64(leaves["settlement"]),
                ),
            )
        ),
        NoticeSaid(notices=(Noticed(consent=text("consent"), notice=text("notice"), **first),)),
        ExistenceSaid(
            order=CourtOrder(
                court="示范市人民法院",
                number="（2026）示01调令1号",
                ordered_on="2026-11-01",
                digest=text("order"),
            ),
            held_elsewhere=True,
            position=9,
        ),
    ]


def note_over(key_set: KeySet, checkpoint: Checkpoint, at: datetime, *cosigners: int) -> Note:
    """Return a checkpoint signed by the hub and cosigned by custodians and one member."""
    origin = checkpoint.origin
    lines = [sign_checkpoint(key("hub"), checkpoint)]
    for index in cosigners:
        lines.append(cosign(key(f"witness/{index}"), custodian_name(origin, index), checkpoint, at=at))
    lines.append(cosign(SECOND_KEY, member_name(origin, SECOND_KEY.public), checkpoint, at=at))
    return Note(checkpoint, tuple(lines))


def _note(key_set: KeySet, log: Log, at: datetime) -> Note:
    checkpoint = Checkpoint(log_origin(key_set), len(log.entries), merkle.root(log.leaves))
    return note_over(key_set, checkpoint, at, 1, 2)


def sm3_of(data: bytes) -> str:
    """Return the SM3 of some bytes, by OpenSSL."""
    return hashlib.new("sm3", data).hexdigest()


def sha256_text(data: bytes) -> str:
    """Return the SHA-256 of some bytes as base64url."""
    return b64(hashlib.sha256(data).digest())
