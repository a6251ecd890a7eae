"""A small alliance that writes a feed: real keys, real signatures, real ciphertexts, a clock set by hand.

    alliance = Alliance()
    north, south = alliance.enrols("北辰"), alliance.enrols("南山")
    north.submits(north.record(LI, "N-1", outstanding=120_00))
    alliance.passes(days=1)
    alliance.cuts()
    for entry in alliance.entries: ...

It writes what it is told, also what no rule allows: `party.signs(body, sequence=7)` is a statement out of
order, and `alliance.appends(...)` puts it on the feed all the same. It computes no verdict and no state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from privacy import ceremony, knowledge, merkle, paillier, periods, statements
from privacy.ceremony import AssociationCard, CustodianCard, MemberCard, Shares
from privacy.encoding import b64, encode_integer, instant_text, unb64
from privacy.errors import PrivacyError
from privacy.exposure import contribution_of, randomness
from privacy.feed import FeedEntry, Head, SignedHead, sign_head
from privacy.keyset import Policy, SignedKeySet, sign_key_set
from privacy.knowledge import ChunkContext
from privacy.matching import Manifest, MatchRequest, sign_match
from privacy.periods import Period
from privacy.records import Record
from privacy.sealing import SealingKey
from privacy.signing import SigningKey
from privacy.statements import AnyBody, Chunk, Cut, CutSignature, Enrolment, KnowledgeProof, SignedStatement
from privacy.terms import Terms, sign_terms
from privacy.vocabulary import Purpose
from tests.privacy.paillier_keys import SMALL
from tests.terms import terms_of

START = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)
"""Half past midnight on 1 November 2026 where the alliance lives: early in its month, week and day."""

BY_THE_DAY = Policy.for_synthetic_data(Period.DAY)


def secret(*words: str) -> bytes:
    """Return 32 bytes that are the same in every run."""
    return hashlib.sha256("/".join(("tests", *words)).encode()).digest()


@dataclass(frozen=True)
class Borrower:
    """A debtor as the protocol sees it. Here its pseudonym is a plain hash: the state cannot tell."""

    name: str

    @property
    def pseudonym(self) -> str:
        return b64(hashlib.sha512(self.name.encode()).digest()[:32])

    @property
    def standing_seed(self) -> bytes:
        return hashlib.sha512(self.name.encode()).digest()[32:]

    @property
    def standing_key(self) -> str:
        return b64(SigningKey(self.standing_seed).public)


LI, WANG, ZHANG = Borrower("李"), Borrower("王"), Borrower("张")


class Party:
    """An author of the feed: its key and the end of its chain."""

    def __init__(self, alliance: Alliance, author: str) -> None:
        self.alliance = alliance
        self.author = author
        self.key = SigningKey(secret(author, "signing"))
        self.sequence = 0
        self.previous: bytes | None = None

    def signs(self, body: AnyBody, *, key: SigningKey | None = None, **changes: Any) -> SignedStatement:
        """Return the party's next statement, or one that `changes` make into another."""
        usual: dict[str, Any] = {
            "alliance": self.alliance.key_set.alliance,
            "epoch": self.alliance.key_set.epoch,
            "author": self.author,
            "sequence": self.sequence,
            "previous": self.previous,
            "signed_at": self.alliance.now,
        }
        return statements.sign_statement(key or self.key, body, **usual | changes)

    def says(
        self, body: AnyBody, records: Sequence[Record] | None = None, *, key: SigningKey | None = None
    ) -> FeedEntry:
        """Sign the next statement, remember that it was said, and put it on the feed."""
        signed = self.signs(body, key=key)
        return self.alliance.appends(self.said(signed), records)

    def said(self, signed: SignedStatement) -> SignedStatement:
        """Chain the next statement behind `signed`."""
        self.sequence, self.previous = signed.statement.sequence + 1, signed.digest()
        return signed


class Member(Party):
    """A lender with its keys, contracts and questions."""

    def __init__(self, alliance: Alliance, name: str, control_group: str, portfolio: int) -> None:
        super().__init__(alliance, statements.member_author(name))
        self.name = name
        self.control_group = control_group
        self.portfolio = portfolio
        self.recovery = SigningKey(secret(name, "recovery"))
        self.sealing = SealingKey(secret(name, "sealing"))
        self.enrolment = b""
        self.openings: dict[str, tuple[int, int]] = {}
        """(M, r) of every contribution that it sealed itself: another's it can show, and not open."""

    @property
    def card(self) -> MemberCard:
        """The member's card, as a custodian's operator gets to see it."""
        keys = (b64(key.public) for key in (self.key, self.recovery, self.sealing))
        return MemberCard(self.name, *keys)

    def enrolment_body(self, **changes: Any) -> Enrolment:
        """Return the statement with which the member introduces itself."""
        usual: dict[str, Any] = {
            "member": self.name,
            "signing": b64(self.key.public),
            "recovery": b64(self.recovery.public),
            "sealing": b64(self.sealing.public),
            "control_group": self.control_group,
            "declared_portfolio": self.portfolio,
        }
        return Enrolment(**usual | changes)

    def enrols(self) -> FeedEntry:
        """Introduce itself, countersigned by the secretariat."""
        signed = statements.countersign(self.signs(self.enrolment_body()), self.alliance.secretariat.key)
        self.enrolment = signed.digest()
        return self.alliance.appends(self.said(signed))

    def ref(self, number: str) -> str:
        """Return the opaque reference of contract `number`."""
        return b64(secret(self.name, number))

    def record(
        self,
        borrower: Borrower,
        number: str,
        *,
        as_of: date | None = None,
        outstanding: int = 100_00,
        **changes: Any,
    ) -> Record:
        """Return the record of one running contract, `outstanding` in fen."""
        day = as_of or self.alliance.today
        totals = contribution_of(outstanding, 0, None, day, in_court=False, judged=False)
        usual: dict[str, Any] = {
            "pseudonym": borrower.pseudonym,
            "epoch": self.alliance.key_set.epoch,
            "standing_key": borrower.standing_key,
            "contract_ref": self.ref(number),
            "as_of": day.isoformat(),
            "contribution": self.seals(totals.pack(), number, day),
            "private_digest": b64(secret(self.name, number, "private")),
        }
        return Record(**usual | changes)

    def seals(self, plaintext: int, number: str, day: date) -> str:
        """Return the ciphertext of a packed exposure."""
        key_set = self.alliance.key_set
        r = randomness(
            secret(self.name, "contributions"),
            epoch=key_set.epoch,
            contract_ref=self.ref(number),
            as_of=day.isoformat(),
            plaintext=plaintext,
            bits=key_set.public_key.bits,
        )
        sealed = encode_integer(sealer().seal(plaintext, r), 2 * key_set.public_key.bits // 8)
        self.openings[sealed] = plaintext, r
        return sealed

    def chunk(self, records: Iterable[Record], **changes: Any) -> Chunk:
        """Return the header of a chunk over `records`, with a proof as good as the member can make it."""
        records = list(records)
        root = merkle.root(record.leaf() for record in records)
        usual: dict[str, Any] = {
            "key_set": b64(self.alliance.key_set.digest),
            "root": b64(root),
            "size": len(records),
        }
        if "proof" not in changes:
            usual["proof"] = self.proves(records, root)
        return Chunk(**usual | changes)

    def proves(self, records: Iterable[Record], root: bytes) -> KnowledgeProof | None:
        """Prove to know what the contributions hold, as well as the member can.

        For what it has not sealed itself it makes something up; without a ciphertext there is no proof.
        """
        key_set = self.alliance.key_set
        contributions = [record.contribution for record in records]
        try:
            return knowledge.prove(
                key_set.public_key,
                ChunkContext(self.name, key_set.digest, root),
                [int.from_bytes(unb64(each), "big") for each in contributions],
                [self.openings.get(each, (1, 1)) for each in contributions],
            )
        except PrivacyError:
            return None

    def submits(self, *records: Record) -> FeedEntry:
        """Submit records in one chunk."""
        return self.says(self.chunk(records), records)

    def settles(self, number: str) -> FeedEntry:
        """Say that a contract is paid."""
        return self.says(statements.Settlement(contract_ref=self.ref(number)))

    def withdraws(self, number: str) -> FeedEntry:
        """Take a contract back."""
        return self.says(statements.Withdrawal(contract_ref=self.ref(number)))

    def holds(self, number: str) -> FeedEntry:
        """Put an own contract on hold."""
        return self.says(statements.Hold(member=self.name, contract_ref=self.ref(number)))

    def releases(self, number: str) -> FeedEntry:
        """End the own hold."""
        return self.says(statements.Release(member=self.name, contract_ref=self.ref(number)))

    def rotation(self, word: str, *, recovery: bool = False) -> statements.Rotation:
        """Return a rotation to new keys, the recovery key among them when asked."""
        return statements.Rotation(
            signing=b64(SigningKey(secret(self.name, "signing", word)).public),
            recovery=b64(SigningKey(secret(self.name, "recovery", word)).public)
            if recovery
            else b64(self.recovery.public),
            sealing=b64(SealingKey(secret(self.name, "sealing", word)).public),
        )

    def rotates(self, word: str, *, by: SigningKey | None = None, recovery: bool = False) -> FeedEntry:
        """Replace its keys, and use the new ones from now on."""
        entry = self.says(self.rotation(word, recovery=recovery), key=by)
        self.key = SigningKey(secret(self.name, "signing", word))
        self.sealing = SealingKey(secret(self.name, "sealing", word))
        if recovery:
            self.recovery = SigningKey(secret(self.name, "recovery", word))
        return entry

    def terms(self, **changes: Any) -> Terms:
        """Return the terms of a first agreement: post-loan management, a year from now."""
        minimum = self.alliance.key_set.policy.min_contributors
        return terms_of(self.name, self.alliance.now, **{"min_contributors": minimum, **changes})

    def agrees(self, **changes: Any) -> FeedEntry:
        """Sign terms, and have the secretariat state them."""
        terms = self.terms(**changes)
        body = statements.Agreement(terms=terms, member_signature=sign_terms(self.key, terms))
        return self.alliance.secretariat.says(body)

    def asks(self, *borrowers: Borrower, period: str | None = None, **changes: Any) -> MatchRequest:
        """Sign a manifest about borrowers, with their standing keys."""
        usual: dict[str, Any] = {
            "alliance": self.alliance.key_set.alliance,
            "epoch": self.alliance.key_set.epoch,
            "key_set": b64(self.alliance.key_set.digest),
            "request_id": "request-0001",
            "member": self.name,
            "agreement": f"{self.name}-1",
            "purpose": Purpose.POST_LOAN_MANAGEMENT.value,
            "case": "",
            "period": period or self.alliance.period,
            "requested_at": instant_text(self.alliance.now),
            "unpacked": False,
            "subjects": tuple(borrower.pseudonym for borrower in borrowers),
        }
        seeds = [borrower.standing_seed for borrower in borrowers]
        return sign_match(self.key, Manifest(**usual | changes), seeds)


class Alliance:
    """The parties, the clock, and the feed that the hub writes."""

    def __init__(self, policy: Policy = BY_THE_DAY, *, custodians: int = 3, threshold: int = 2) -> None:
        self.signed_key_set, self.shares = made(policy, custodians, threshold)
        self.key_set = self.signed_key_set.key_set
        self.hub = Party(self, statements.HUB)
        self.secretariat = Party(self, statements.SECRETARIAT)
        self.custodians = {
            index: Party(self, statements.custodian_author(index)) for index in range(1, custodians + 1)
        }
        self.entries: list[FeedEntry] = []
        self.leaves: list[bytes] = []
        self.now = START

    @property
    def today(self) -> date:
        """The calendar day where the alliance lives."""
        return periods.day_of(self.now)

    @property
    def period(self) -> str:
        """The name of the running period."""
        return periods.name_of(self.key_set.policy.period, self.now)

    def passes(self, **time: float) -> None:
        """Let time pass: `days=`, `hours=`, ..."""
        self.now += timedelta(**time)

    def enrols(
        self,
        name: str,
        *,
        control_group: str | None = None,
        portfolio: int = 1_000,
        accepted_by: Iterable[int] | None = None,
    ) -> Member:
        """Enrol a member and have custodians accept it, by default so many that it is active."""
        member = Member(self, name, control_group or name, portfolio)
        member.enrols()
        for index in range(1, self.key_set.threshold + 1) if accepted_by is None else accepted_by:
            self.accepts(index, member)
        return member

    def accepts(self, custodian: int, member: Member) -> FeedEntry:
        """Have a custodian accept a member."""
        return self.custodians[custodian].says(statements.Acceptance(enrolment=b64(member.enrolment)))

    def suspends(self, member: Member) -> FeedEntry:
        """Have the secretariat suspend a member."""
        return self.secretariat.says(statements.Suspension(member=member.name))

    def resumes(self, member: Member) -> FeedEntry:
        """Have the secretariat let a member work again."""
        return self.secretariat.says(statements.Resumption(member=member.name))

    def holds(self, member: Member, number: str) -> FeedEntry:
        """Have the secretariat put a member's contract on hold."""
        return self.secretariat.says(statements.Hold(member=member.name, contract_ref=member.ref(number)))

    def releases(self, member: Member, number: str) -> FeedEntry:
        """Have the secretariat end its hold."""
        return self.secretariat.says(statements.Release(member=member.name, contract_ref=member.ref(number)))

    def cuts(self, period: str | None = None) -> FeedEntry:
        """Begin a period."""
        return self.hub.says(Cut(period=period or self.period))

    def signs_cut(self, body: CutSignature, by: Iterable[int] | None = None) -> list[FeedEntry]:
        """Have custodians, by default all, sign what one of them found at a cut."""
        return [self.custodians[index].says(body) for index in by or self.custodians]

    def appends(
        self,
        signed: SignedStatement,
        records: Sequence[Record] | None = None,
        *,
        stamp: datetime | None = None,
    ) -> FeedEntry:
        """Put a statement on the feed, whatever it says."""
        position = len(self.entries) + 1
        entry = FeedEntry(
            position=position,
            stamp=instant_text(stamp or self.now),
            salt=b64(secret("salt", str(position))),
            statement=signed,
            records=None if records is None else tuple(records),
        )
        self.entries.append(entry)
        self.leaves.append(entry.leaf())
        return entry

    def head(self, position: int | None = None) -> bytes:
        """Return the feed's root at a position, by default the last."""
        return merkle.root(self.leaves[:position])

    def heartbeat(
        self, position: int | None = None, *, key: SigningKey | None = None, **changes: Any
    ) -> SignedHead:
        """Return the hub's signature under its feed."""
        usual: dict[str, Any] = {
            "alliance": self.key_set.alliance,
            "epoch": self.key_set.epoch,
            "position": len(self.entries) if position is None else position,
            "head": b64(self.head(position)),
            "at": instant_text(self.now),
        }
        return sign_head(key or self.hub.key, Head(**usual | changes), custodian=None)

    def as_delivered(self) -> list[FeedEntry]:
        """Return the feed as it comes over the wire: written as JSON and strictly read again."""
        return [msgspec.json.decode(msgspec.json.encode(entry), type=FeedEntry) for entry in self.entries]


@lru_cache
def made(policy: Policy, custodians: int, threshold: int) -> tuple[SignedKeySet, dict[int, Shares]]:
    """Hold a ceremony with fixed primes; return the signed key set and every custodian's shares."""
    witnesses = {
        index: SigningKey(secret(statements.custodian_author(index), "signing"))
        for index in range(1, custodians + 1)
    }
    boxes = {index: SealingKey(secret("custodian", str(index), "sealing")) for index in witnesses}
    cards = [
        CustodianCard(f"公证处{index}", b64(key.public), b64(boxes[index].public))
        for index, key in witnesses.items()
    ]
    hub, secretariat = (
        SigningKey(secret(name, "signing")) for name in (statements.HUB, statements.SECRETARIAT)
    )
    dealt = ceremony.deal(
        cards,
        AssociationCard("测试联盟", b64(hub.public), b64(secretariat.public)),
        threshold=threshold,
        policy=policy if policy.synthetic else BY_THE_DAY,
        safe_primes=lambda bits: SMALL,
    )
    shares = {
        index: ceremony.receive(boxes[index], sealed, dealt.key_set, witness=witnesses[index].public)
        for index, sealed in dealt.sealed.items()
    }
    # Put in afterwards, because no ceremony makes keys for real data as short as a test wants them.
    key_set = msgspec.structs.replace(dealt.key_set, policy=policy)
    signatures = tuple(sign_key_set(key, key_set) for key in witnesses.values())
    return SignedKeySet(key_set=key_set, signatures=signatures), shares


@lru_cache
def sealer() -> paillier.Sealer:
    """Return the table of powers with which all contributions are sealed: the modulus is always the same."""
    return paillier.Sealer(paillier.PublicKey(SMALL[0] * SMALL[1], epoch=1))
