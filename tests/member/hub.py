"""A hub as a member meets it: one member's chain, submissions, agreements and matches, in memory.

It judges no more than a member can notice: signatures, order, roots, repeats. What it shall refuse, and what
others hold, the test tells it.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from privacy import knowledge, merkle, signing, statements
from privacy.encoding import b64, canonical, instant_text, unb64
from privacy.keyset import SignedKeySet
from privacy.knowledge import ChunkContext
from privacy.logged import LogReceipt
from privacy.messages import parse_json
from privacy.records import Record, SubmittedRecord
from privacy.signing import SigningKey
from privacy.statements import Chunk, Enrolment, SignedStatement, verify_statement
from privacy.terms import Terms
from tests.feeds import secret
from tests.member.logs import Log
from tests.member.matches import Matches
from tests.member.moments import Clock
from tests.member.server import Problem, Received, Server
from tests.terms import TEXT


@dataclass
class Submission:
    """A submission as it came, and what became of it."""

    id: str
    reference: str
    body: bytes
    chunks: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    polls: int = 0


class Hub(Server):
    """The hub of the test alliance."""

    def __init__(self, signed: SignedKeySet, addresses: dict[int, str], clock: Clock) -> None:
        super().__init__(clock)
        self.signed = signed
        self.addresses = addresses
        self.key = SigningKey(secret(statements.HUB, "signing"))
        self.name = ""
        self.enrolment: Enrolment | None = None
        self.state = "active"
        self.acceptances: list[int] = []
        self.sequence, self.previous = 1, b64(secret("the enrolment's digest"))
        self.statements: dict[bytes, dict[str, Any]] = {}
        self.said: list[SignedStatement] = []
        self.submissions: dict[str, Submission] = {}
        self.refuses: dict[str, str] = {}
        """`contract_ref` of records to be refused, and why."""
        self.refuses_chunks = ""
        """Why every chunk is refused; empty: none is."""
        self.records: dict[str, Record] = {}
        self.private: dict[str, SubmittedRecord] = {}
        self.offers: dict[tuple[str, int], tuple[Terms, str]] = {}
        self.mode = "synthetic"
        self.signed_state = "active"
        """How far an agreement is once the member has signed it."""
        self.text = TEXT
        self.tried: list[dict[str, Any]] = []
        """What dry runs asked."""
        self.denies: dict[str, str] = {}
        """The clause that denies a category, in dry runs."""
        self.period: str | None = "2026-11"
        self.matches = Matches(self)
        self.log = Log(signed.key_set, clock)
        self.routes = {
            ("GET", "/v1/alliance"): self.alliance,
            ("POST", "/v1/enrolments"): self.enrol,
            ("GET", "/v1/account"): self.account,
            ("GET", "/v1/agreements"): self.agreements,
            ("GET", "/v1/agreements/texts/([^/]+)"): self.show_text,
            ("POST", "/v1/agreements/signatures"): self.sign_agreement,
            ("POST", "/v1/agreements/terminations"): self.terminate_agreement,
            ("POST", "/v1/decisions"): self.decide,
            ("POST", "/v1/statements"): self.state_,
            ("POST", "/v1/submissions"): self.submit,
            ("GET", "/v1/submissions/([^/]+)"): self.show_submission,
            ("GET", "/v1/submissions/([^/]+)/rows"): self.show_rows,
            **self.matches.routes,
            **self.log.routes,
        }

    def forgets(self) -> None:
        """Know nobody any more, as before the first enrolment."""
        self.name, self.enrolment = "", None
        self.keys.clear()

    @property
    def bodies(self) -> list[bytes]:
        """The bodies of all submissions that were posted, repeats included."""
        return [each.body for each in self.received if each.path == "/v1/submissions"]

    def _verify(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        if target == "/v1/enrolments":
            enrolment = parse_json(SignedStatement, body).statement.body
            assert isinstance(enrolment, Enrolment)
            self.knows(unb64(enrolment.signing))
        if target != "/v1/alliance":
            super()._verify(method, target, headers, body)

    def alliance(self, received: Received) -> Any:
        return {
            "mode": self.mode,
            "key_set": self.signed,
            "custodians": [{"index": i, "address": url} for i, url in self.addresses.items()],
            "feed": {"position": len(self.said)},
            "period": self.period,
        }

    def enrol(self, received: Received) -> Any:
        signed = parse_json(SignedStatement, received.body)
        body = signed.statement.body
        assert isinstance(body, Enrolment)
        verify_statement(signed, unb64(body.signing))
        if self.enrolment not in (None, body):
            raise Problem(409, "name-taken", "this name is enrolled with other keys")
        self.name, self.enrolment = body.member, body
        keys = (unb64(key) for key in (body.signing, body.recovery, body.sealing))
        return {
            "member": body.member,
            "state": self.state,
            "fingerprint": signing.fingerprint(body.member, *keys),
        }

    def account(self, received: Received) -> Any:
        return {
            "member": self.name,
            "state": self.state,
            "next_sequence": self.sequence,
            "previous": self.previous,
            "declared_portfolio": 100,
            "acceptances": self.acceptances,
            "agreements": [],
            "feed": {"position": 7, "head": b64(bytes(32)), "stamp": None},
            "cut": None,
            "live_records": len(self.records),
            "regulatory_mode": "synthetic",
        }

    def agreements(self, received: Received) -> Any:
        shown = [{"terms": terms, "state": state, "signed_at": None} for terms, state in self.offers.values()]
        return {"agreements": shown}

    def sign_agreement(self, received: Received) -> Any:
        asked = json.loads(received.body)
        assert set(asked) == {"agreement", "version", "signature"}
        terms, _ = self.offers[(asked["agreement"], asked["version"])]
        assert self.enrolment
        public = unb64(self.enrolment.signing)
        signing.verify_document(public, "agreement", terms.document(), asked["signature"])
        state = self.signed_state
        self.offers[(terms.agreement, terms.version)] = (terms, state)
        position = 9 if state == "active" else None
        return {
            "agreement": terms.agreement,
            "version": terms.version,
            "state": state,
            "position": position,
        }

    def show_text(self, received: Received) -> Any:
        (digest,) = received.groups
        if digest not in {terms.text for terms, _ in self.offers.values()}:
            raise Problem(404, "not-found")
        return {"text": self.text}

    def terminate_agreement(self, received: Received) -> Any:
        name = json.loads(received.body)["agreement"]
        for key, (terms, state) in self.offers.items():
            if key[0] == name and state == "active":
                self.offers[key] = (terms, "terminating")
                ends_at = self.clock() + timedelta(days=terms.notice_days)
                return {"agreement": name, "ends_at": instant_text(ends_at)}
        raise Problem(409, "agreement-state", "nothing of this agreement is in effect")

    def decide(self, received: Received) -> Any:
        asked = json.loads(received.body)
        self.tried.append(asked)
        decisions = [
            {
                "category": category,
                "allowed": category not in self.denies,
                "agreement": asked["agreement"],
                "version": 1,
                "clause": self.denies.get(category, f"purposes.{asked['purpose']}"),
                "reason": "because",
                "since": None,
                "retry_at": None,
                "entry": None,
            }
            for category in asked["categories"]
        ]
        return {"mode": self.mode, "at": instant_text(self.clock()), "decisions": decisions}

    def state_(self, received: Received) -> Any:
        signed = parse_json(SignedStatement, received.body)
        known = self.statements.get(signed.digest())
        if known is not None:
            return known
        ref = getattr(signed.statement.body, "contract_ref", "")
        if ref in self.refuses:
            raise Problem(404, self.refuses[ref], "this member has submitted no such contract")
        self._append(signed)
        self.statements[signed.digest()] = {
            "position": len(self.said),
            "stamp": instant_text(self.clock()),
            "receipt": self.receipt({"kind": "statement"}),
        }
        return self.statements[signed.digest()]

    def _append(self, signed: SignedStatement) -> None:
        statement = signed.statement
        if (statement.sequence, statement.previous) != (self.sequence, self.previous):
            raise Problem(409, "sequence", next_sequence=self.sequence, previous=self.previous)
        assert self.enrolment
        verify_statement(signed, unb64(self.enrolment.signing))
        self.sequence, self.previous = self.sequence + 1, b64(signed.digest())
        self.said.append(signed)

    def receipt(self, entry: dict[str, Any]) -> LogReceipt:
        """Return a log receipt for an entry (protocol section 9), which is in the log from now on."""
        salt, entry = os.urandom(32), {"at": instant_text(self.clock()), **entry}
        leaf = merkle.leaf_hash(hashlib.sha256(salt + canonical(entry)).digest())
        return self.log.enter(LogReceipt(entry=entry, salt=b64(salt), leaf=b64(leaf)))

    def submit(self, received: Received) -> Any:
        header, *lines = received.body.splitlines()
        head = json.loads(header)
        assert head["reference"] == {k.lower(): v for k, v in received.headers.items()}["idempotency-key"]
        assert head["recipient"] == "hub"
        assert head["key_set"] == b64(self.signed.key_set.digest)
        known = self.submissions.get(head["reference"])
        if known is None:
            known = Submission(f"id-{len(self.submissions)}", head["reference"], received.body)
            self.submissions[known.reference] = known
            rows = 0
            while lines:
                statement = msgspec.json.decode(lines.pop(0))["statement"]
                signed = msgspec.convert(statement, SignedStatement)
                body = signed.statement.body
                assert isinstance(body, Chunk)
                size = body.size
                rows += size
                chunk = [parse_json(SubmittedRecord, line) for line in lines[:size]]
                lines = lines[size:]
                self._judge(known, signed, chunk)
            assert (rows, len(known.chunks)) == (head["rows"], head["chunks"])
        elif known.body != received.body:
            raise Problem(409, "reference")
        return {"id": known.id, "reference": known.reference, "state": "received"}

    def _judge(self, submission: Submission, signed: SignedStatement, chunk: list[SubmittedRecord]) -> None:
        body = signed.statement.body
        assert isinstance(body, Chunk)
        assert body.root == b64(merkle.root(each.record.leaf() for each in chunk))
        self._prove(body, chunk)
        for each in chunk:
            assert each.record.private_digest == b64(each.private.digest(unb64(each.salt)))
        reason = self._fault(submission, signed, chunk)
        if not reason:
            self._append(signed)
            self.records |= {each.record.contract_ref: each.record for each in chunk}
            self.private |= {each.record.contract_ref: each for each in chunk}
        submission.chunks.append(
            {
                "sequence": signed.statement.sequence,
                "state": "refused" if reason else "appended",
                "position": None if reason else len(self.said),
                "reason": reason or None,
            }
        )

    def _prove(self, body: Chunk, chunk: list[SubmittedRecord]) -> None:
        """Check the proof of plaintext knowledge; a member that sends a bad one fails its test."""
        assert body.proof is not None
        key_set = self.signed.key_set
        context = ChunkContext(member=self.name, key_set=key_set.digest, root=unb64(body.root))
        ciphertexts = [int.from_bytes(unb64(each.record.contribution), "big") for each in chunk]
        knowledge.verify(key_set.public_key, context, ciphertexts, body.proof)

    def _fault(self, submission: Submission, signed: SignedStatement, chunk: list[SubmittedRecord]) -> str:
        statement = signed.statement
        if (statement.sequence, statement.previous) != (self.sequence, self.previous):
            return "sequence"
        if self.refuses_chunks:
            return self.refuses_chunks
        number, refused = len(submission.chunks), False
        for index, each in enumerate(chunk):
            ref = each.record.contract_ref
            known = self.records.get(ref)
            same = known is not None and known == each.record
            if ref in self.refuses or same:
                refused |= not same
                submission.rows.append(
                    {
                        "chunk": number,
                        "index": index,
                        "contract_ref": ref,
                        "outcome": "unchanged" if same else "refused",
                        "reason": None if same else self.refuses[ref],
                    }
                )
        return "rows" if refused else ""

    def show_submission(self, received: Received) -> Any:
        found = self._submission(received)
        found.polls += 1
        state = "done" if found.polls > 1 else "processing"
        return {"id": found.id, "state": state, "chunks": found.chunks if state == "done" else []}

    def show_rows(self, received: Received) -> Any:
        after = int(received.query.get("after", -1))
        # Small pages, so that a reader that stops after the first is found out.
        rows = self._submission(received).rows[after + 1 : after + 3]
        return {"rows": rows, "next": after + 2 if len(rows) == 2 else None}

    def _submission(self, received: Received) -> Submission:
        (wanted,) = received.groups
        return next(each for each in self.submissions.values() if each.id == wanted)
