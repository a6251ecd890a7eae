"""The rules once more, told as naively as possible: no database, no indexes, everything looked up by search.

It shares no code with `custodian.state`. What it cannot see for itself, which statements the narrator
spoiled before anybody asks what they say and which chunks it did not prove, it is told; which cut signatures
agree, it takes from the feed's roots and the digests of the replica that the narrator used.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from privacy import statements
from privacy.encoding import b64, parse_instant, unb64
from privacy.feed import FeedEntry
from privacy.matching import Reason, Status
from privacy.periods import SHANGHAI
from privacy.records import Record
from privacy.statements import verify_terms
from privacy.terms import Terms
from tests.custodian.state.plots import Narrator
from tests.feeds import Alliance, Borrower

Span = list[Any]
"""Who, from which position, until which position or None."""


@dataclass
class MemberFacts:
    name: str
    group: str
    portfolio: int
    enrolment: str
    signing: list[tuple[int, bytes]]
    recovery: str
    accepted: dict[str, int] = field(default_factory=dict)
    suspensions: list[Span] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)

    def suspended(self, position: int) -> bool:
        return any(covers(span, position) for span in self.suspensions)

    def key(self, position: int) -> bytes:
        return [key for since, key in self.signing if since <= position][-1]


@dataclass
class ContractFacts:
    member: MemberFacts
    versions: list[tuple[int, Record, datetime]] = field(default_factory=list)
    ended: int | None = None
    holds: list[Span] = field(default_factory=list)
    forgotten: dict[int, int] = field(default_factory=dict)
    """Where a version was forgotten, by its place among the versions."""

    def version(self, position: int) -> tuple[Record, datetime] | None:
        known = [(record, expires) for at, record, expires in self.versions if at <= position]
        return known[-1] if known else None

    def remembers(self, position: int) -> bool:
        """Whether the version that is newest at a position is not forgotten there."""
        newest = sum(at <= position for at, _, _ in self.versions) - 1
        return self.forgotten.get(newest, position + 1) > position

    def blocks(self, position: int) -> list[int]:
        """Where the holds and suspensions that stand at a position began."""
        return [span[1] for span in self.holds + self.member.suspensions if covers(span, position)]


@dataclass
class CutFacts:
    period: str
    position: int
    stamp: datetime
    signed: dict[str, bool] = field(default_factory=dict)
    effective: int | None = None


def covers(span: Span, position: int) -> bool:
    _, begin, end = span
    return begin <= position and (end is None or position < end)


class Oracle:
    """Reads a whole feed once and then answers about any position of it."""

    def __init__(self, narrator: Narrator) -> None:
        self.alliance: Alliance = narrator.alliance
        self.policy = self.alliance.key_set.policy
        self.unheard, self.unproved = narrator.unheard, narrator.unproved
        self.committed: set[tuple[str, str]] = set()
        self.members: dict[str, MemberFacts] = {}
        self.contracts: dict[tuple[str, str], ContractFacts] = {}
        self.agreements: list[tuple[int, Terms]] = []
        self.cuts: list[CutFacts] = []
        self.digests = dict(narrator.watch.db.execute("SELECT position, state_digest FROM cuts"))
        self.stamps = {entry.position: parse_instant(entry.stamp) for entry in self.alliance.entries}
        self.valid = [
            entry.position not in self.unheard and self.hears(entry) for entry in self.alliance.entries
        ]

    # What each statement does

    def hears(self, entry: FeedEntry) -> bool:
        body, author = entry.statement.statement.body, entry.statement.statement.author
        rule = getattr(self, type(body).__name__.lower())
        return bool(rule(entry, body, author))

    def enrolment(self, entry: FeedEntry, body: Any, author: str) -> bool:
        self.members[body.member] = MemberFacts(
            body.member,
            body.control_group,
            body.declared_portfolio,
            b64(entry.statement.digest()),
            [(entry.position, unb64(body.signing))],
            body.recovery,
        )
        return True

    def acceptance(self, entry: FeedEntry, body: Any, author: str) -> bool:
        (member,) = [each for each in self.members.values() if each.enrolment == body.enrolment]
        first = author not in member.accepted
        member.accepted.setdefault(author, entry.position)
        return first

    def rotation(self, entry: FeedEntry, body: Any, author: str) -> bool:
        member = self.members[author.removeprefix("member/")]
        if body.recovery != member.recovery:
            try:
                statements.verify_statement(entry.statement, unb64(member.recovery))
            except Exception:
                return False
        member.signing.append((entry.position, unb64(body.signing)))
        member.recovery = body.recovery
        return True

    def suspension(self, entry: FeedEntry, body: Any, author: str) -> bool:
        member = self.members[body.member]
        if not member.suspended(entry.position):
            member.suspensions.append(["secretariat", entry.position, None])
        return True

    def resumption(self, entry: FeedEntry, body: Any, author: str) -> bool:
        for span in self.members[body.member].suspensions:
            span[2] = entry.position if span[2] is None else span[2]
        return True

    def agreement(self, entry: FeedEntry, body: Any, author: str) -> bool:
        terms = body.terms
        try:
            verify_terms(self.members[terms.member].key(entry.position), body)
        except Exception:
            return False
        older = [known.version for _, known in self.agreements if known.agreement == terms.agreement]
        if terms.min_contributors < self.policy.min_contributors or terms.version <= max(older, default=0):
            return False
        self.agreements.append((entry.position, terms))
        return True

    def chunk(self, entry: FeedEntry, body: Any, author: str) -> bool:
        member = self.members[author.removeprefix("member/")]
        day = self.stamps[entry.position].astimezone(SHANGHAI).date().isoformat()
        records = entry.records or ()
        if len(member.accepted) < 2 or member.suspended(entry.position):
            return False
        if body.key_set != b64(self.alliance.key_set.digest) or not all(map(self.sound, records)):
            return False
        if member.taken[day] + len(records) > 2 * member.portfolio or entry.position in self.unproved:
            return False
        member.taken[day] += len(records)
        for record in records:
            self.take(entry, member, record, day)
        return True

    def sound(self, record: Record) -> bool:
        n = self.alliance.key_set.public_key.n
        c = int.from_bytes(unb64(record.contribution), "big")
        return record.epoch == 1 and 0 < c < n * n and math.gcd(c, n) == 1

    def take(self, entry: FeedEntry, member: MemberFacts, record: Record, day: str) -> None:
        contract = self.contracts.get((member.name, record.contract_ref), ContractFacts(member))
        newest = contract.version(entry.position)
        if contract.ended is not None or (newest is not None and record.as_of <= newest[0].as_of):
            return
        if record.as_of > day and not self.policy.synthetic:
            return
        signed_at = parse_instant(entry.statement.statement.signed_at)
        expires = signed_at + timedelta(days=self.policy.record_days)
        contract.versions.append((entry.position, record, expires))
        self.contracts[member.name, record.contract_ref] = contract

    def settlement(self, entry: FeedEntry, body: Any, author: str) -> bool:
        contract = self.contracts.get((author.removeprefix("member/"), body.contract_ref))
        if contract is None or contract.ended is not None:
            return False
        contract.ended = entry.position
        return True

    withdrawal = settlement

    def hold(self, entry: FeedEntry, body: Any, author: str) -> bool:
        contract = self.contracts.get((body.member, body.contract_ref))
        if contract is None or contract.ended is not None or self.holding(contract, author):
            return False
        contract.holds.append([author, entry.position, None])
        return True

    def release(self, entry: FeedEntry, body: Any, author: str) -> bool:
        contract = self.contracts.get((body.member, body.contract_ref))
        if contract is None or not self.holding(contract, author):
            return False
        self.holding(contract, author)[0][2] = entry.position
        return True

    def holding(self, contract: ContractFacts, author: str) -> list[Span]:
        return [span for span in contract.holds if span[0] == author and span[2] is None]

    def cut(self, entry: FeedEntry, body: Any, author: str) -> bool:
        local = self.stamps[entry.position].astimezone(SHANGHAI)
        since_midnight = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        if body.period != local.date().isoformat() or body.period in [cut.period for cut in self.cuts]:
            return False
        if not self.policy.synthetic and since_midnight >= timedelta(hours=2.4):
            return False
        self.cuts.append(CutFacts(body.period, entry.position, self.stamps[entry.position]))
        return True

    def cutsignature(self, entry: FeedEntry, body: Any, author: str) -> bool:
        found = [cut for cut in self.cuts if (cut.period, cut.position) == (body.period, body.position)]
        if not found or author in found[0].signed:
            return False
        (cut,) = found
        true = (b64(self.alliance.head(cut.position)), b64(self.digests[cut.position]))
        cut.signed[author] = (body.head, body.state_digest) == true
        if sum(cut.signed.values()) == len(self.alliance.custodians):
            cut.effective = entry.position
            self.forget(entry.position)
        return True

    def cohorts(self, entry: FeedEntry, body: Any, author: str) -> bool:
        over = [cut.period for cut in self.effective_cuts(entry.position)][:-1]
        if body.period not in over or (author, body.period) in self.committed:
            return False
        self.committed.add((author, body.period))
        return True

    # What is forgotten

    def forget(self, here: int) -> None:
        *_, newest = effective = self.effective_cuts(here)
        if newest.effective != here or len(effective) < 2:
            return
        for contract in self.contracts.values():
            for place in range(len(contract.versions)):
                if self.ended(contract, place, effective[-2].position, here):
                    contract.forgotten.setdefault(place, here)

    def ended(self, contract: ContractFacts, place: int, then: int, here: int) -> bool:
        """Whether a version had ended at a cut, as seen from where the next one takes effect."""
        at, _, expires = contract.versions[place]
        if at > then:
            return False
        superseded = any(newer <= then for newer, _, _ in contract.versions[place + 1 :])
        settled = contract.ended is not None and contract.ended <= then
        expired = self.stamps[min([then, *contract.blocks(then)])] > expires
        cuts = [each.position for each in self.effective_cuts(then)]
        out = any(sum(since < each for each in cuts) >= 6 for since in contract.blocks(here))
        return superseded or settled or expired or out

    def forgotten(self) -> Counter[tuple[str, bytes]]:
        """The leaves that are left of what was forgotten, with their members."""
        return Counter(
            (contract.member.name, record.leaf())
            for contract in self.contracts.values()
            for place, (_, record, _) in enumerate(contract.versions)
            if place in contract.forgotten
        )

    # What holds at a position

    def effective_cuts(self, position: int) -> list[CutFacts]:
        return [cut for cut in self.cuts if cut.effective is not None and cut.effective <= position]

    def live(self, contract: ContractFacts, position: int) -> Record | None:
        version = contract.version(position)
        if version is None or (contract.ended is not None and contract.ended <= position):
            return None
        if not contract.remembers(position):
            return None
        record, expires = version
        blocked_since = min(contract.blocks(position), default=None)
        if blocked_since is None:
            return record if self.stamps[position] <= expires else None
        since = [cut for cut in self.effective_cuts(position) if cut.position > blocked_since]
        return record if self.stamps[blocked_since] <= expires and len(since) < 6 else None

    def count_live(self, name: str, position: int) -> int:
        own = [contract for (member, _), contract in self.contracts.items() if member == name]
        return sum(self.live(contract, position) is not None for contract in own)

    def refuses(self, name: str, key: bytes, position: int, head: int) -> bool:
        """Whether a custodian at `head` refuses a member's manifest at a position, whatever it asks."""
        member = self.members[name]
        terms = [known for at, known in self.agreements if at <= position and known.member == name]
        accepted = [at for at in member.accepted.values() if at <= head]
        return len(accepted) < 2 or member.suspended(head) or member.key(head) != key or not terms

    def judges(self, name: str, borrower: Borrower, position: int) -> tuple[Status | Reason, Counter[int]]:
        """What a member hears about a borrower, and the ciphertexts of the cohort when it opens."""
        cut = self.effective_cuts(position)[-1]
        group = self.members[name].group
        terms = [known for at, known in self.agreements if at <= position and known.member == name]
        minimum = max(self.policy.min_contributors, terms[-1].min_contributors)

        def of_borrower(record: Record | None) -> bool:
            return record is not None and record.pseudonym == borrower.pseudonym

        own = [contract for (member, _), contract in self.contracts.items() if member == name]
        cohort = [
            contract
            for contract in self.contracts.values()
            if contract.member.group != group and of_borrower(self.live(contract, cut.position))
        ]
        if not any(of_borrower(self.live(contract, position)) for contract in own):
            return Reason.NO_STANDING, Counter()
        if not cohort:
            return Status.NONE, Counter()
        if len({contract.member.group for contract in cohort}) < minimum:
            return Reason.TOO_FEW_CONTRIBUTORS, Counter()
        if any(self.blocks(contract, cut.position, position) for contract in cohort):
            return Reason.CHANGED, Counter()
        records = [self.live(contract, cut.position) for contract in cohort]
        return Status.OPEN, Counter(int.from_bytes(unb64(r.contribution), "big") for r in records if r)

    def blocks(self, contract: ContractFacts, cut: int, position: int) -> bool:
        """Whether a contract ended, was held or suspended at any position from the cut to here."""
        ended = contract.ended is not None and contract.ended <= position
        return ended or any(contract.blocks(each) for each in range(cut, position + 1))
