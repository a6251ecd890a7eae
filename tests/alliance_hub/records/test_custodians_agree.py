"""What the hub appends, custodians take; what it counts, they count; what they forget, it forgets.

A random story is played at a real hub, and its feed is read by a custodian's own rules.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from alliance_hub.db import Database
from alliance_hub.errors import Conflict, Forbidden, HubError
from alliance_hub.feed import service as feed
from alliance_hub.feed.cuts import FORGET
from alliance_hub.hub import Hub
from alliance_hub.jobs import service as jobs
from alliance_hub.jobs.models import Job
from alliance_hub.membership import service as membership
from alliance_hub.permissions import Sender
from alliance_hub.records import service as records
from alliance_hub.records.models import RecordRow
from custodian import state
from privacy.encoding import b64
from privacy.feed import FeedEntry
from privacy.keyset import Policy, SignedKeySet, sign_key_set
from privacy.messages import parse_json
from privacy.periods import Period, day_of
from privacy.statements import AnyBody, Hold, Release, Settlement, Withdrawal
from tests.alliance_hub.builders import Ceremony, Clock, Platform
from tests.alliance_hub.records.builders import record_of, reference_of, sign_chunk
from tests.alliance_hub.records.conftest import Alliance

STEPS = 100
CONTRACTS = [f"c{number}" for number in range(20)]


@dataclass
class Story:
    """What happens, and the custodian that reads along."""

    alliance: Alliance
    dice: random.Random
    custodian: sqlite3.Connection = field(default_factory=lambda: state.open_state(":memory:"))
    members: list[Platform] = field(default_factory=list)
    submissions: int = 0
    unchanged: int = 0
    done: set[str] = field(default_factory=set)

    def submit(self) -> None:
        """Hand in some contracts of today, or of some days ago, and sometimes the same twice."""
        member, key_set = self.dice.choice(self.members), self.alliance.hub.key_set
        as_of = day_of(self.alliance.clock()) - timedelta(days=self.dice.randrange(3))
        names = self.dice.sample(CONTRACTS, self.dice.randrange(1, 4))
        rows = [
            record_of(key_set, f"{member.name}-{name}", self.dice.choice(["Lin", "Wu"]), as_of=as_of)
            if self.dice.random() < 0.3
            else record_of(key_set, f"{member.name}-{name}", f"of {name}", as_of=as_of)
            for name in names
        ]
        before = member.sequence, member.previous
        self.submissions += 1
        submission = self.alliance.submit(
            member, [sign_chunk(member, key_set, rows)], reference=f"reference-{self.submissions}"
        )
        self.unchanged += submission.unchanged
        self.done |= {"unchanged"} if submission.unchanged else set()
        self.done.add(submission.chunks[0].reason or "appended")
        if submission.chunks[0].state == "refused":
            member.sequence, member.previous = before

    def state(self) -> None:
        """Say something of a contract, also what is not so."""
        member = self.dice.choice(self.members)
        form = self.dice.choice([Settlement, Withdrawal, Hold, Release])
        ref = b64(reference_of(f"{member.name}-{self.dice.choice(CONTRACTS)}"))
        named = form in (Hold, Release)
        body: AnyBody = form(**({"member": member.name} if named else {}), contract_ref=ref)
        try:
            self.alliance.state(member, body)
            self.done.add(form.__name__)
        except HubError as error:
            self.done.add(error.slug)

    def cut(self) -> None:
        """Begin a period, if one may begin."""
        try:
            with self.alliance.hub.database.transaction() as session:
                feed.cut(session, self.alliance.hub, self.alliance.clock())
            self.done.add("cut")
        except Conflict:
            pass

    def pass_time(self) -> None:
        """Let hours or weeks go by."""
        self.alliance.clock.move(hours=self.dice.choice([1, 12, 24, 24 * 20]))

    def read(self) -> None:
        """Let the custodian read on: everything has its effect, and only unchanged rows are ignored."""
        here = state.head(self.custodian).position
        with self.alliance.hub.database.reading() as session:
            lines = list(feed.stream_after(session, here, 1_000))
        for line in lines:
            entry = parse_json(FeedEntry, msgspec.json.encode(msgspec.json.decode(line)["entry"]))
            outcome = state.apply(self.custodian, self.alliance.hub.key_set, entry)
            assert (outcome.valid, outcome.reason) == (True, None)
            self.unchanged -= outcome.ignored
        assert self.unchanged == 0

    def compare(self) -> None:
        """Both count the same, at the head and at the newest cut."""
        for member in self.members:
            account = state.account(self.custodian, member.name)
            assert self.alliance.live(member) == account["live_records"]
            with self.alliance.hub.database.reading() as session:
                cut = feed.newest_cut(session)
                assert (cut is None) == (account["cut"] is None)
            if cut is not None and not self.revived_or_released():
                assert self.alliance.live(member, cut.position) == account["cut"]["live_records"]

    def revived_or_released(self) -> bool:
        """What `live_count` says of the past leaves out what came back, and what was released since."""
        return "Release" in self.done or self.alliance.clock() - self.begun > timedelta(days=45)

    def __post_init__(self) -> None:
        self.begun = self.alliance.clock()
        self.members = [self.alliance.join(name, portfolio=30) for name in ("North Bank", "South Bank")]


@pytest.mark.parametrize("seed", [3])
def test_a_random_story(real: Alliance, seed: int) -> None:
    dice = random.Random(seed)
    story = Story(real, dice)
    acts: list[Callable[[], None]] = [story.submit] * 4 + [story.state] * 3 + [story.cut, story.pass_time]
    for _ in range(STEPS):
        dice.choice(acts)()
        story.read()
        story.compare()
    # A story in which nothing happens shows nothing.
    assert {"appended", "rows", "unchanged", "cut", "Hold"} <= story.done
    assert story.done & {"Settlement", "Withdrawal"}


@dataclass
class LongStory(Story):
    """A story of many short periods, whose cuts take effect: things are blocked, and forgotten."""

    def submit(self) -> None:
        """Hand in some contracts; one that is suspended hears no, and its chain stays where it was."""
        before = [(member, member.sequence, member.previous) for member in self.members]
        try:
            super().submit()
        except Forbidden:
            for member, sequence, previous in before:
                member.sequence, member.previous = sequence, previous

    def cut(self) -> None:
        """Begin a period, and let all custodians sign what this one computes."""
        super().cut()
        self.read()
        for index, witness in enumerate(self.alliance.custodians, 1):
            body = state.cut_to_sign(self.custodian, index)
            if body is not None:
                signed = witness.said(witness.say(body))
                sender = Sender.for_custodian(index)
                with self.alliance.hub.database.transaction() as session:
                    feed.receive(session, self.alliance.hub, signed, sender=sender, now=self.alliance.clock())

    def suspend_or_resume(self) -> None:
        """Let the secretariat change its mind about the first member."""
        with self.alliance.hub.database.transaction() as session:
            name = self.members[0].name
            suspended = membership.get(session, name).suspended_at is not None
            act = membership.resume if suspended else membership.suspend
            act(session, self.alliance.hub, name, self.alliance.clock())
            self.done.add(act.__name__)

    def hold_as_secretariat(self) -> None:
        """Let the secretariat hold some contract, or end its hold."""
        member = self.dice.choice(self.members)
        ref = reference_of(f"{member.name}-{self.dice.choice(CONTRACTS)}")
        act = self.dice.choice([records.hold_as_secretariat, records.release_as_secretariat])
        try:
            with self.alliance.hub.database.transaction() as session:
                act(session, self.alliance.hub, member.name, ref, self.alliance.clock())
        except HubError as error:
            self.done.add(error.slug)

    def pass_time(self) -> None:
        """Let a day go by: a period."""
        self.alliance.clock.move(hours=24)

    def forget(self) -> None:
        """Let the hub forget whatever waits, late or soon; what custodians have forgotten is then gone."""
        with self.alliance.hub.database.reading() as session:
            waiting = session.scalars(select(Job.id).where(Job.kind == FORGET, Job.state == "waiting")).all()
        for job in waiting:
            jobs.run(self.alliance.hub, job)
        theirs = self.custodian.execute(
            "SELECT members.name, contract_ref FROM contracts JOIN records ON records.id = contracts.newest"
            " JOIN members ON members.id = contracts.member WHERE records.pseudonym IS NULL"
        )
        with self.alliance.hub.database.reading() as session:
            gone = select(RecordRow.member, RecordRow.contract_ref).where(RecordRow.pseudonym.is_(None))
            ours = {(name, b64(ref)) for name, ref in session.execute(gone)}
        forgotten = set(theirs.fetchall())
        assert forgotten <= ours
        self.done |= {"forgotten"} if forgotten else set()

    def compare(self) -> None:
        """Both count the same at the head."""
        for member in self.members:
            account = state.account(self.custodian, member.name)
            assert self.alliance.live(member) == account["live_records"]


@pytest.fixture
def quick(database: Database, hub: Hub, clock: Clock, ceremony: Ceremony) -> Alliance:
    """An alliance whose periods are days, and whose records expire after nine of them."""
    policy = msgspec.structs.replace(Policy.for_synthetic_data(Period.DAY), record_days=9)
    key_set = msgspec.structs.replace(ceremony.key_set, policy=policy)
    signatures = tuple(sign_key_set(key, key_set) for key in ceremony.witnesses)
    held = replace(ceremony, signed=SignedKeySet(key_set=key_set, signatures=signatures))
    return Alliance(Hub(hub.settings, database, held.hub_keys, held.signed, clock), clock, held)


@pytest.mark.parametrize("seed", [5])
def test_a_long_story(quick: Alliance, seed: int) -> None:
    dice = random.Random(seed)
    story = LongStory(quick, dice)
    acts: list[Callable[[], None]] = [story.submit] * 4 + [story.state, story.hold_as_secretariat] * 2
    for day in range(17):
        story.pass_time()
        for _ in range(2):
            dice.choice(acts)()
        if day in (3, 11):  # long enough for custodians to forget what the member held
            story.suspend_or_resume()
        story.cut()
        story.read()
        story.compare()
        if dice.random() < 0.5:
            story.forget()
            story.compare()
    assert {"appended", "cut", "Hold", "suspend", "resume", "forgotten"} <= story.done
