"""Lenders that have joined and signed an agreement, each act in a transaction of its own, as in life."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import msgspec
import pytest

from alliance_hub.agreements import service as agreements
from alliance_hub.db import Database
from alliance_hub.feed import service as feed
from alliance_hub.feed.models import FeedRow
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.membership import service as membership
from alliance_hub.membership.models import Member
from alliance_hub.permissions import Sender
from alliance_hub.records import service as records
from alliance_hub.records import tasks as _tasks  # registers what it handles
from alliance_hub.records.models import Submission
from privacy.encoding import b64
from privacy.keyset import Policy, SignedKeySet, sign_key_set
from privacy.statements import Acceptance, AnyBody, CutSignature
from privacy.terms import sign_terms
from tests.alliance_hub.builders import Ceremony, Clock, Platform, custodian, offer, platform, terms_for
from tests.alliance_hub.records.builders import Body, SignedChunk

assert _tasks


@dataclass
class Alliance:
    """A hub with its members, told what to do in one sentence each."""

    hub: Hub
    clock: Clock
    ceremony: Ceremony

    def __post_init__(self) -> None:
        self.custodians = [custodian(index, self.ceremony, self.clock) for index in (1, 2, 3)]
        self.joined = 0

    def join(self, name: str, *, portfolio: int = 100, agreed: bool = True) -> Platform:
        """Let a lender introduce itself, be admitted and accepted by two custodians, and sign."""
        member = platform(name, self.clock)
        member.portfolio = portfolio
        with self.hub.database.transaction() as session:
            membership.apply(session, self.hub, member.say(member.enrolment()), self.clock())
            digest = membership.admit(session, self.hub, name, self.clock()).enrolment_digest
        assert digest is not None
        member.sequence, member.previous = 1, digest
        for index, witness in enumerate(self.custodians[:2], 1):
            signed = witness.said(witness.say(Acceptance(enrolment=b64(digest))))
            with self.hub.database.transaction() as session:
                sender = Sender.for_custodian(index)
                feed.receive(session, self.hub, signed, sender=sender, now=self.clock())
        if agreed:
            self.agree(member)
        return member

    def agree(self, member: Platform) -> None:
        """Let a lender sign an agreement of one year from now."""
        self.joined += 1
        terms = terms_for(member.name, self.clock(), agreement=f"data-{self.joined:04d}", min_contributors=3)
        with self.hub.database.transaction() as session:
            offer(session, self.hub, terms, self.clock())
            row = membership.get(session, member.name)
            signature = sign_terms(member.key, terms)
            agreements.sign(session, self.hub, row, terms.agreement, 1, signature, self.clock())

    def row_of(self, member: Platform) -> Member:
        with self.hub.database.reading() as session:
            return membership.get(session, member.name)

    def receive(self, member: Platform, body: Body, *, digest: str | None = None) -> Submission:
        """Hand in a body."""
        row = self.row_of(member)
        with self.hub.database.transaction() as session:
            return records.receive(
                session,
                self.hub,
                row,
                body.pieces(),
                digest or body.digest,
                body.reference,
                self.clock(),
            )

    def submit(
        self, member: Platform, chunks: Sequence[SignedChunk], *, reference: str = "reference-1"
    ) -> Submission:
        """Hand in chunks, process them, and return what became of them."""
        submission = self.receive(member, Body(self.hub, reference, chunks))
        jobs.run(self.hub, submission.job)
        return self.look(member, submission)

    def look(self, member: Platform, submission: Submission) -> Submission:
        """Return a submission as its member sees it now."""
        with self.hub.database.reading() as session:
            return records.get_submission(session, membership.get(session, member.name), submission.id)

    def rows(self, submission: Submission) -> list[tuple[int, int, str, str | None]]:
        """Return the rows that were not accepted: chunk, place, outcome, reason."""
        with self.hub.database.reading() as session:
            found = records.list_rows(session, submission, -1, 10_000)
            return [(row.chunk, row.place, str(row.outcome), row.reason) for row in found]

    def state(self, member: Platform, body: AnyBody) -> FeedRow:
        """Append a statement of a lender's own."""
        signed = member.say(body)
        with self.hub.database.transaction() as session:
            sender = Sender.for_member(member.name, membership.get(session, member.name).state)
            row = feed.receive(session, self.hub, signed, sender=sender, now=self.clock())
        member.said(signed)
        return row

    def cut_all(self) -> int:
        """Cut, let every custodian sign, and return the cut's position."""
        with self.hub.database.transaction() as session:
            feed.cut(session, self.hub, self.clock())
            cut = feed.newest_cut(session)
        assert cut is not None
        body = CutSignature(
            period=cut.period, position=cut.position, head=b64(cut.head), state_digest=b64(bytes(32))
        )
        for index, witness in enumerate(self.custodians, 1):
            signed = witness.said(witness.say(body))
            with self.hub.database.transaction() as session:
                sender = Sender.for_custodian(index)
                feed.receive(session, self.hub, signed, sender=sender, now=self.clock())
        return cut.position

    def live(self, member: Platform, at_position: int | None = None) -> int:
        """Return how many live records the hub counts."""
        with self.hub.database.reading() as session:
            return records.live_count(session, membership.get(session, member.name), at_position)

    def holders(self, *pseudonyms: bytes) -> list[records.Holder]:
        """Return who holds these debtors."""
        with self.hub.database.reading() as session:
            return records.holders(session, pseudonyms)

    @property
    def position(self) -> int:
        with self.hub.database.reading() as session:
            return feed.head(session).position


@pytest.fixture
def alliance(hub: Hub, clock: Clock, ceremony: Ceremony) -> Alliance:
    """An alliance on SQLite."""
    return Alliance(hub, clock, ceremony)


@pytest.fixture
def either_alliance(
    hub_on: Callable[[Database], Hub], either_database: Database, clock: Clock, ceremony: Ceremony
) -> Alliance:
    """An alliance on each kind of database, for what the bulk paths do differently."""
    return Alliance(hub_on(either_database), clock, ceremony)


@pytest.fixture(scope="session")
def real_ceremony(ceremony: Ceremony) -> Ceremony:
    """The same keys under the policy for real people; a true one would need larger keys and minutes."""
    key_set = msgspec.structs.replace(ceremony.key_set, policy=Policy.for_real_data())
    signatures = tuple(sign_key_set(key, key_set) for key in ceremony.witnesses)
    return replace(ceremony, signed=SignedKeySet(key_set=key_set, signatures=signatures))


@pytest.fixture
def real(database: Database, hub: Hub, clock: Clock, real_ceremony: Ceremony) -> Alliance:
    """An alliance for real people: days of the future are refused, records expire after 45 days."""
    opened = Hub(hub.settings, database, real_ceremony.hub_keys, real_ceremony.signed, clock)
    return Alliance(opened, clock, real_ceremony)
