"""What the hub appends, a custodian's own rules find valid: nothing that was accepted here is void there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from alliance_hub.agreements import service as agreements
from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub
from alliance_hub.membership import service as membership
from alliance_hub.membership.rules import MemberState
from alliance_hub.permissions import Sender
from custodian.state.cuts import cut_to_sign
from custodian.state.delivery import check_heartbeat
from custodian.state.feed import apply
from custodian.state.schema import open_state
from privacy.encoding import b64
from privacy.feed import FeedEntry
from privacy.messages import parse
from privacy.signing import SigningKey
from privacy.statements import Cohorts, Rotation
from privacy.terms import sign_terms
from tests.alliance_hub.builders import Clock, Platform, Speaker, offer, seed, terms_for
from tests.alliance_hub.conftest import Join


@pytest.fixture
def state(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A custodian's state before the feed."""
    state = open_state(tmp_path / "state.sqlite")
    yield state
    state.close()


Follow = Callable[[], list[str]]


@pytest.fixture
def follow(session: Session, hub: Hub, state: sqlite3.Connection, clock: Clock) -> Follow:
    """Let the custodian pull what it has not seen; return the verdicts on what is void."""
    seen = 0

    def pulled() -> list[str]:
        nonlocal seen
        voids = []
        for line in feed.stream_after(session, seen, 1_000):
            entry = parse(FeedEntry, json.loads(line)["entry"])
            outcome = apply(state, hub.key_set, entry)
            seen = entry.position
            if not outcome.valid:
                voids.append(f"{entry.statement.statement.author}: {outcome.reason}")
        check_heartbeat(state, hub.key_set, feed.heartbeat(session, hub, clock()))
        return voids

    return pulled


def test_a_members_life_is_valid_from_enrolment_to_the_cut(
    session: Session,
    hub: Hub,
    clock: Clock,
    join: Join,
    custodians: list[Speaker],
    state: sqlite3.Connection,
    follow: Follow,
) -> None:
    north, terms = join("北辰小贷"), terms_for("北辰小贷", clock())
    offer(session, hub, terms, clock())
    member = membership.get(session, north.name)
    agreements.sign(session, hub, member, "data-0001", 1, sign_terms(north.key, terms), clock())
    rotate(session, hub, clock, north, SigningKey(seed("second")), by=north.key)
    rotate(session, hub, clock, north, SigningKey(seed("third")), by=north.recovery)
    membership.suspend(session, hub, north.name, clock.move(hours=1))
    membership.resume(session, hub, north.name, clock.move(hours=1))
    feed.cut(session, hub, clock.move(hours=1))
    assert follow() == []

    for index, witness in enumerate(custodians, 1):
        body = cut_to_sign(state, index)
        assert body is not None
        signed = witness.said(witness.say(body))
        feed.receive(session, hub, signed, sender=Sender.for_custodian(index), now=clock())
    assert follow() == []

    effective = feed.newest_effective_cut(session)
    assert effective is not None
    (theirs,) = state.execute("SELECT effective_at FROM cuts").fetchone()
    assert theirs == effective.effective_position

    # The next period begins, and custodians commit to whom they opened in the one that is over.
    feed.cut(session, hub, clock.move(days=30))
    assert follow() == []
    for index, witness in enumerate(custodians, 1):
        again = cut_to_sign(state, index)
        assert again is not None
        signed = witness.said(witness.say(again))
        feed.receive(session, hub, signed, sender=Sender.for_custodian(index), now=clock())
    opened = custodians[1].say(Cohorts(period=effective.period, root=b64(seed("root")), size=1))
    feed.receive(session, hub, opened, sender=Sender.for_custodian(2), now=clock())
    assert follow() == []
    assert state.execute("SELECT custodian, period FROM cohorts").fetchall() == [(2, effective.period)]


def rotate(
    session: Session, hub: Hub, clock: Clock, member: Platform, fresh: SigningKey, *, by: SigningKey
) -> None:
    """Give a member a fresh signing key under the signature of its signing or its recovery key."""
    recovery = SigningKey(seed("next recovery")) if by is member.recovery else member.recovery
    body = Rotation(
        signing=b64(fresh.public), recovery=b64(recovery.public), sealing=b64(member.sealing.public)
    )
    signed = member.said(member.say(body, key=by))
    sender = Sender.for_member(member.name, MemberState.ACTIVE)
    feed.receive(session, hub, signed, sender=sender, now=clock())
    member.key, member.recovery = fresh, recovery
