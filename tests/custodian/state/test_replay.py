"""The same feed gives every custodian the same state; and the state says what the rules say.

Random feeds, valid and void statements mixed, are replayed one by one, in batches, and by custodians that
stop and start again; and every judgement is compared with an oracle that knows no database.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from io import BytesIO
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custodian import state
from custodian.errors import Refused, Stale
from custodian.state import Outcome
from privacy.feed import FeedEntry
from privacy.keyset import KeySet
from privacy.statements import Cut
from tests.custodian.state.oracle import Oracle
from tests.custodian.state.plots import BORROWERS, Narrator, Plot, plots
from tests.custodian.state.test_checkpoint import signatures_under
from tests.feeds import Member

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def applied(db: sqlite3.Connection, key_set: KeySet, batch: Iterable[FeedEntry]) -> list[Outcome]:
    """Apply entries in one transaction."""
    with db:
        return [state.apply(db, key_set, entry) for entry in batch]


def split(entries: list[FeedEntry], sizes: list[int]) -> Iterator[list[FeedEntry]]:
    """Cut a feed into batches of these sizes, again and again."""
    start = 0
    for size in cycle(sizes):
        if start >= len(entries):
            return
        yield entries[start : start + size]
        start += size


def all_of(db: sqlite3.Connection) -> tuple[bytes, list[str]]:
    """Everything that two custodians could disagree about: the digest, and every row of every table."""
    return state.state_digest(db), list(db.iterdump())


@given(plots, st.lists(st.integers(5, 40), min_size=1, max_size=3))
@settings(slow, max_examples=8)
def test_the_same_feed_gives_every_custodian_the_same_state(plot: Plot, sizes: list[int]) -> None:
    narrator = Narrator(plot)
    key_set, entries = narrator.alliance.key_set, narrator.alliance.as_delivered()
    one, two = state.open_state(":memory:"), state.open_state(":memory:")

    at_once = applied(one, key_set, entries)
    one_by_one = [outcome for entry in entries for outcome in applied(two, key_set, [entry])]
    with TemporaryDirectory() as folder:
        with_restarts = []
        for batch in split(entries, sizes):
            with closing(state.open_state(Path(folder, "state.db"))) as db:
                with_restarts += applied(db, key_set, batch)
        with closing(state.open_state(Path(folder, "state.db"))) as three:
            assert all_of(one) == all_of(two) == all_of(three) == all_of(narrator.watch.db)
    assert at_once == one_by_one == with_restarts


@given(plots)
@settings(slow, max_examples=15)
def test_the_state_says_what_the_rules_say(plot: Plot) -> None:
    narrator = Narrator(plot)
    oracle, db, head = Oracle(narrator), narrator.watch.db, len(narrator.alliance.entries)

    reasons = [row[0] for row in db.execute("SELECT reason FROM entries ORDER BY position")]
    assert [reason is None for reason in reasons] == oracle.valid, reasons
    assert forgotten(db) == oracle.forgotten()
    for member in narrator.members:
        assert state.account(db, member.name)["live_records"] == oracle.count_live(member.name, head)
        for position in positions_of_interest(oracle):
            compare(db, oracle, member, position)


@given(plots)
@settings(slow, max_examples=6)
def test_it_said_so_at_every_cut(plot: Plot) -> None:
    narrator = Narrator(plot)
    oracle, db = Oracle(narrator), state.open_state(":memory:")
    entries = narrator.alliance.entries
    for position in positions_of_interest(oracle):
        applied(db, narrator.alliance.key_set, entries[state.head(db).position : position])
        for member in narrator.members:
            assert state.account(db, member.name)["live_records"] == oracle.count_live(member.name, position)
            compare(db, oracle, member, position)


def forgotten(db: sqlite3.Connection) -> Counter[tuple[str, bytes]]:
    """The leaves of the records without a body, with their members; checks that others have theirs."""
    rows = db.execute(
        "SELECT members.name, records.leaf, records.pseudonym IS NULL AND records.standing_key IS NULL"
        " AND records.private_digest IS NULL, contributions.ciphertext IS NULL FROM records"
        " JOIN contracts ON contracts.id = records.contract JOIN members ON members.id = contracts.member"
        " LEFT JOIN contributions ON contributions.record = records.id"
    ).fetchall()
    assert all(bodiless == unopened for _, _, bodiless, unopened in rows)
    gone = Counter((name, leaf) for name, leaf, bodiless, _ in rows if bodiless)
    certified = db.execute(
        "SELECT name, sum(size) FROM deletions JOIN members ON id = member GROUP BY name"
    ).fetchall()
    assert dict(certified) == dict(Counter(name for name, _ in gone.elements()))
    return gone


@given(plots)
@settings(slow, max_examples=6)
def test_who_starts_from_a_checkpoint_comes_to_the_same_state(plot: Plot) -> None:
    narrator = Narrator(plot)
    key_set, entries = narrator.alliance.key_set, narrator.alliance.entries
    whole = state.open_state(":memory:")
    checkpoints: dict[int, BytesIO] = {}
    for entry in entries:
        (outcome,) = applied(whole, key_set, [entry])
        if outcome.valid and isinstance(entry.statement.statement.body, Cut):
            checkpoints[entry.position] = BytesIO()
            state.checkpoint.write(whole, checkpoints[entry.position])

    for position, file in checkpoints.items():
        signatures = signatures_under(narrator.alliance, position)
        signed = "SELECT count(*) FROM cut_signatures WHERE cut = ? AND matching"
        if whole.execute(signed, (position,)).fetchone() == (key_set.count,):
            begun = state.open_state(":memory:")
            file.seek(0)
            state.checkpoint.read(file, begun, key_set, signatures)
            applied(begun, key_set, entries[position:])
            assert held(begun) == held(whole)


def held(db: sqlite3.Connection) -> list[object]:
    """Everything that two custodians must agree about, wherever they started."""
    bodies = "SELECT id, pseudonym, standing_key, private_digest FROM records ORDER BY id"
    contributions = "SELECT * FROM contributions ORDER BY record"
    return [state.state_digest(db), *db.execute(bodies), *db.execute(contributions)]


def positions_of_interest(oracle: Oracle) -> list[int]:
    """The head, and where the last cuts stand and take effect, with their neighbours."""
    head = len(oracle.alliance.entries)
    marks = {head}.union(*({cut.position, cut.effective or head} for cut in oracle.cuts))
    near = {mark + step for mark in marks for step in (-1, 0, 1)}
    return sorted(near & set(range(1, head + 1)))[-9:]


def compare(db: sqlite3.Connection, oracle: Oracle, asker: Member, position: int) -> None:
    """Have a member ask about everybody at a position, and compare with the oracle."""
    cuts, key_set, head = oracle.effective_cuts(position), oracle.alliance.key_set, state.head(db).position
    asked = asker.asks(*BORROWERS, period=cuts[-1].period if cuts else "none")
    refused = oracle.refuses(asker.name, asker.key.public, position, head)
    stale = cuts[-1:] != oracle.effective_cuts(head)[-1:]
    if refused or stale or not cuts:
        with pytest.raises(Refused if refused or not stale else Stale):
            state.judge(db, key_set, asked, position)
        return
    judgement = state.judge(db, key_set, asked, position)
    words = [verdict.reason or verdict.status for verdict in judgement.verdicts]
    expected = [oracle.judges(asker.name, borrower, position) for borrower in BORROWERS]
    assert words == [word for word, _ in expected]
    assert [Counter(each) for each in judgement.contributions] == [each for _, each in expected if each]
    assert (judgement.period, judgement.cut_at) == (cuts[-1].period, cuts[-1].stamp)
